//! What a forecast takes for granted, and what it does not know exactly.

use serde::Serialize;

use crate::base::ids::CampaignId;
use crate::records::campaign::StatusName;

/// What a forecast takes for granted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ForecastAssumption))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Assumption {
    /// How calls go is assumed: too few have ended.
    CallsAreAssumed,
    CallsGoOn {
        /// Calls that have ended.
        calls: u64,
    },
    Lengths {
        talk_secs: f64,
        ringing_secs: f64,
    },
    /// The spread is that of several runs.
    Spread {
        runs: u64,
    },
    /// The campaign starts now, though it does not run.
    StartsNow {
        status: StatusName,
    },
    /// Other campaigns, whose leads are not given, make no calls.
    OthersAreIdle {
        campaigns: usize,
    },
    /// Calls that are up end like conversations.
    LiveCallsEnd,
    /// Each text is delivered, and nobody replies: too few have ended.
    TextsAreDelivered,
    TextsGoOn {
        /// Texts that have ended.
        texts: u64,
    },
    /// Later runs are not looked at.
    OneRun,
    /// Caps count the latest calls of the forecast alone.
    CapsStartEmpty {
        /// As many of each person.
        calls: usize,
    },
    /// Breakers stay closed, people have one number each, and nobody asks to be called back.
    NothingUnusual,
}

/// What was not counted exactly, or has to be known besides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ForecastNote))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Note {
    /// More leads wait for a moment of their own than are looked at one by one.
    RoughTimes { looked_at: u64 },
    /// Do-not-call lists are longer than what is read; who is on them is taken from samples.
    LongLists { read: usize },
    /// Something is taken from some of the leads.
    Sampled { of: SampledLeads, looked_at: usize, leads: u64 },
    /// More campaigns call beside it than are looked at.
    CampaignsLeftOut { looked_at: usize, campaign_ids: Vec<CampaignId> },
    /// Retries that are scheduled keep their time; other delays hold for later misses.
    ScheduledRetriesStay,
    /// Limits, rates and numbers only make calls faster or slower.
    OnlyPaceChanges,
}

/// Leads of which a sample was looked at: first submissions and call-backs (`urgent`), `retries`, and those
/// never called (`fresh`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SampledLeads {
    Urgent,
    Retries,
    Fresh,
}
