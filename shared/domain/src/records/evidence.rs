//! What a dial, or a refusal to dial, rested on: kept for five years, to be shown to whoever asks.

use serde::{Deserialize, Serialize};

use crate::base::ids::{AttemptId, CampaignId, LeadId};
use crate::base::phone::E164;
use crate::base::time::{DAY_MS, Timestamp};
use crate::base::zone::{Zone, ZoneSource};
use crate::policy::do_not_call::ListName;
use crate::records::lead::Consent;
use crate::records::refusal::Refusal;

/// How long evidence is kept, in milliseconds: five years (47 CFR 64.1200 and §7a UWG ask for as
/// much), and the leap days in them.
pub const KEPT_MS: i64 = (5 * 365 + 2) * DAY_MS;

/// The state of things when it was decided whether to dial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// The rules that held, with their versions.
    #[cfg_attr(feature = "openapi", schema(example = json!(["us-federal@2025-04-11"])))]
    pub rules: Vec<String>,
    /// Where and under which clock the number may be called.
    pub zone: Zone,
    /// The release of IANA's time zones by which its clock was read.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = "2026f"))]
    pub time_zones: String,
    /// How it is known where that is.
    pub zone_source: ZoneSource,
    /// Until when the rules allowed calls there; left out if they did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<Timestamp>,
    /// How much of each cap was used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<CapUse>,
    /// The do-not-call lists that were looked at, besides the common one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ListName>,
    /// That the person had agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Why somebody began the lead anew, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_reason: Option<String>,
}

/// How much of a cap was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CapUse {
    /// The rule, or `budget` or `gap`.
    pub cap: String,
    /// Attempts that were made within its time.
    pub used: u32,
    /// Attempts that it allows within it.
    pub max: u32,
    /// The time that counts, in minutes.
    pub per_minutes: u32,
}

/// A dial that was refused, or a lead that was settled or put off instead of being called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalRecord {
    pub at: Timestamp,
    pub campaign: CampaignId,
    pub lead: LeadId,
    /// The number that would have been dialled.
    pub number: E164,
    /// The attempt, if one had been claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptId>,
    pub refusal: Refusal,
    pub evidence: Evidence,
}
