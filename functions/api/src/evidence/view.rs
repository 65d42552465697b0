//! What a client is shown of evidence.

use carillon_domain::base::ids::{InteractionId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::{Zone, ZoneSource};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::evidence::{CapUse, Evidence, RefusalRecord};
use carillon_domain::records::interaction::{Interaction, InteractionStatus};
use carillon_domain::records::lead::Consent;
use carillon_store::EvidenceEntry;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema::{EvidenceKind, InteractionStatusName, RefusalCode, ZoneSourceName};

/// A dial or a refusal to dial, and what it rested on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvidenceEntry)]
pub(crate) struct EvidenceView {
    /// What it is of.
    #[schema(value_type = EvidenceKind)]
    pub(super) kind: &'static str,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub(super) at: Timestamp,
    /// When it was recorded; a dial is once it has ended. Entries are sorted by this.
    #[schema(value_type = String, format = DateTime)]
    pub(super) recorded_at: Timestamp,
    /// The lead.
    #[schema(value_type = String)]
    pub(super) lead_id: LeadId,
    /// The number that was dialled, or would have been.
    #[schema(value_type = Option<String>)]
    pub(super) phone: Option<E164>,
    /// The record of the attempt; a refusal may have none.
    #[schema(value_type = Option<String>)]
    pub(super) interaction_id: Option<InteractionId>,
    /// How a dial ended.
    #[schema(value_type = Option<InteractionStatusName>)]
    pub(super) status: Option<InteractionStatus>,
    /// Why a dial was refused, for programs.
    #[schema(value_type = Option<RefusalCode>)]
    pub(super) code: Option<String>,
    /// Why a dial was refused.
    pub(super) reason: Option<String>,
    /// Until when a dial was refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) until: Option<Timestamp>,
    /// What it rested on.
    pub(super) evidence: Option<EvidenceDetails>,
}

/// The state of things when it was decided whether to dial.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceDetails {
    /// The rules that held, with their versions.
    #[schema(example = json!(["us-federal@2025-04-11"]))]
    pub(super) rules: Vec<String>,
    /// Where and under which clock the number may be called.
    #[schema(value_type = String, example = "Europe/Berlin@DE")]
    pub(super) zone: Zone,
    /// How that is known.
    #[schema(value_type = ZoneSourceName)]
    pub(super) zone_source: ZoneSource,
    /// Until when the rules allowed calls there; null if they did not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) open_until: Option<Timestamp>,
    /// How much of each cap was used.
    pub(super) caps: Vec<CapUseView>,
    /// The do-not-call lists that were looked at, besides the one that always counts.
    #[schema(value_type = Vec<String>)]
    pub(super) lists: Vec<ListName>,
    /// That the person had agreed.
    pub(super) consent: Option<ConsentProof>,
}

/// How much of a cap was used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CapUse)]
pub(crate) struct CapUseView {
    /// The rule, or `budget` or `gap`.
    pub(super) cap: String,
    /// Attempts within its time.
    pub(super) used: u32,
    /// Attempts that it allows.
    pub(super) max: u32,
    /// Its time, in minutes.
    pub(super) per_minutes: u32,
}

/// That a person agreed to be called, as it was known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentProof {
    /// Where it was given.
    pub(super) source: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(super) at: Timestamp,
    /// How.
    pub(super) channel: Option<String>,
    /// What proves it.
    pub(super) proof: Option<String>,
}

impl From<EvidenceEntry> for EvidenceView {
    fn from(entry: EvidenceEntry) -> Self {
        match entry {
            EvidenceEntry::Dial(dial) => dial.into(),
            EvidenceEntry::Refusal(refusal) => refusal.into(),
        }
    }
}

impl From<Interaction> for EvidenceView {
    fn from(dial: Interaction) -> Self {
        Self {
            kind: "dial",
            at: dial.started_at,
            recorded_at: dial.ended_at.unwrap_or(dial.started_at),
            lead_id: dial.lead,
            phone: dial.number,
            interaction_id: Some(dial.id),
            status: Some(dial.status),
            code: None,
            reason: None,
            until: None,
            evidence: dial.evidence.map(EvidenceDetails::from),
        }
    }
}

impl From<RefusalRecord> for EvidenceView {
    fn from(refusal: RefusalRecord) -> Self {
        Self {
            kind: "refusal",
            at: refusal.at,
            recorded_at: refusal.at,
            lead_id: refusal.lead,
            phone: Some(refusal.number),
            interaction_id: refusal.attempt.as_ref().map(InteractionId::of),
            status: None,
            code: Some(refusal.code),
            reason: Some(refusal.reason),
            until: refusal.until,
            evidence: Some(refusal.evidence.into()),
        }
    }
}

impl From<Evidence> for EvidenceDetails {
    fn from(evidence: Evidence) -> Self {
        Self {
            rules: evidence.rules,
            zone: evidence.zone,
            zone_source: evidence.zone_source,
            open_until: evidence.open_until,
            caps: evidence.caps.into_iter().map(CapUseView::from).collect(),
            lists: evidence.lists,
            consent: evidence.consent.map(ConsentProof::from),
        }
    }
}

impl From<CapUse> for CapUseView {
    fn from(cap: CapUse) -> Self {
        Self { cap: cap.cap, used: cap.used, max: cap.max, per_minutes: cap.per_minutes }
    }
}

impl From<Consent> for ConsentProof {
    fn from(consent: Consent) -> Self {
        Self { source: consent.source, at: consent.at, channel: consent.channel, proof: consent.proof }
    }
}
