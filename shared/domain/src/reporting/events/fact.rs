//! The closed list of events, and what each of them tells.

use serde::Serialize;

use crate::base::ids::{
    CallerNumberId, CampaignId, ImportId, InteractionId, LeadId, TopUpId, WebhookEndpointId,
};
use crate::base::outcome::AttemptOutcome;
use crate::base::phone::E164;
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::records::analysis::{Analysis, Evaluation, FindingState, GoalResult};
use crate::records::campaign::{Campaign, CampaignStatus, PauseReason};
use crate::records::credits::TopUp;
use crate::records::import::{Import, ImportStatus};
use crate::records::interaction::{Direction, Disposition, Interaction, InteractionStatus, StartedBy};
use crate::records::lead::{FailReason, LastAttempt, Lead, LeadState, Origin, SkipReason};
use crate::records::refusal::DialRefusal;
use crate::records::webhook_endpoint::{EndpointStatus, WebhookEndpoint};

macro_rules! facts {
    ($($(#[doc = $doc:literal])+ $fact:ident($data:ident) = $name:literal;)*) => {
        /// What happened, and to what.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", content = "data")]
        pub enum Fact {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $fact($data),)*
        }

        impl Fact {
            /// Every event by name, with the name of its data's schema and what it says.
            pub const ALL: &'static [(&'static str, &'static str, &'static str)] =
                &[$(($name, stringify!($data), concat!($($doc, "\n"),+)),)*];

            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$fact(_) => $name,)*
                }
            }
        }
    };
}

facts! {
    /// A campaign is there, as a draft.
    CampaignCreated(CampaignFacts) = "campaign.created";
    /// Its settings changed, a file began or ended, or a run began while it ran.
    CampaignUpdated(CampaignFacts) = "campaign.updated";
    /// It will start by itself: as somebody asked, with its next run, or when fewer campaigns run.
    CampaignScheduled(CampaignFacts) = "campaign.scheduled";
    /// It is a draft again.
    CampaignUnscheduled(CampaignFacts) = "campaign.unscheduled";
    /// It begins to call.
    CampaignStarted(CampaignFacts) = "campaign.started";
    /// It rests; `pause_reason` says why.
    CampaignPaused(CampaignFacts) = "campaign.paused";
    /// It goes on after a pause.
    CampaignResumed(CampaignFacts) = "campaign.resumed";
    /// It had completed, and has somebody to call again.
    CampaignReopened(CampaignFacts) = "campaign.reopened";
    /// Everybody is settled.
    CampaignCompleted(CampaignFacts) = "campaign.completed";
    /// It was stopped for good.
    CampaignCancelled(CampaignFacts) = "campaign.cancelled";
    /// It is gone with its leads, imports and counters; its events come to an end.
    CampaignRemoved(CampaignFacts) = "campaign.removed";
    /// Somebody is to be called.
    LeadCreated(LeadFacts) = "lead.created";
    /// It changed: it is being called, waits for another call, or was edited.
    LeadUpdated(LeadFacts) = "lead.updated";
    /// Nothing more will be done, unless it is begun anew.
    LeadSettled(LeadFacts) = "lead.settled";
    /// It is gone from its campaign; what was called stays in the record.
    LeadRemoved(LeadFacts) = "lead.removed";
    /// A call is on its way, ours or one that came in.
    AttemptStarted(InteractionFacts) = "attempt.started";
    /// It is over. Better knowledge may follow as `interaction.updated`.
    AttemptEnded(InteractionFacts) = "attempt.ended";
    /// Somebody asked for a call by hand.
    InteractionRequested(InteractionFacts) = "interaction.requested";
    /// It was not placed; `refusal_code` says why.
    InteractionRefused(InteractionFacts) = "interaction.refused";
    /// More is known of a call: that a machine answered, or, late, how it ended.
    InteractionUpdated(InteractionFacts) = "interaction.updated";
    /// A file was announced, or has come.
    ImportCreated(ImportFacts) = "import.created";
    /// Some more of its rows are read.
    ImportProgressed(ImportFacts) = "import.progressed";
    /// It is read to the end.
    ImportCompleted(ImportFacts) = "import.completed";
    /// The file can't be read; `error` says why.
    ImportFailed(ImportFacts) = "import.failed";
    /// Somebody has paid in.
    CreditsToppedUp(TopUpFacts) = "credits.topped_up";
    /// A call was booked, what it cost became known better, or it was read by a language model that costs something.
    CreditsCharged(Charge) = "credits.charged";
    /// A call was read by the language model, for the first time or again.
    CallAnalyzed(AnalysisFacts) = "call.analyzed";
    /// Events are sent to it, for the first time or again.
    WebhookEndpointEnabled(WebhookEndpointFacts) = "webhook_endpoint.enabled";
    /// It gets nothing any more: somebody has switched it off, or it has answered 410.
    WebhookEndpointDisabled(WebhookEndpointFacts) = "webhook_endpoint.disabled";
    /// It has failed for a day: what happens is kept for it, and not sent until somebody enables it.
    WebhookEndpointParked(WebhookEndpointFacts) = "webhook_endpoint.parked";
    /// Somebody has asked for a test. It comes to that endpoint alone, and has the number 0.
    WebhookEndpointTest(WebhookEndpointFacts) = "webhook_endpoint.test";
}

/// A campaign after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignFacts {
    pub id: CampaignId,
    pub version: u64,
    pub name: String,
    pub status: &'static str,
    pub pause_reason: Option<PauseReason>,
    /// When it starts by itself.
    pub start_at: Option<Timestamp>,
    /// Its latest run, counted from 1; 0 before the first.
    pub run: u32,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// A lead after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadFacts {
    pub id: LeadId,
    /// Raised by every change; 1 is `lead.created`, also of one that comes again after `lead.removed`.
    pub version: u64,
    pub status: &'static str,
    /// Whether it is there to try things out.
    pub is_test: bool,
    pub skip_reason: Option<SkipReason>,
    pub fail_reason: Option<FailReason>,
    /// What its latest attempt says about it.
    pub disposition: Option<Disposition>,
    /// The number that is dialled first.
    pub phone: Option<E164>,
    /// Attempts that counted, in its step of the campaign's sequence.
    pub attempts: u32,
    /// Whether an attempt counted in its run.
    pub is_attempted: bool,
    /// The campaign's run in which it was last begun anew.
    pub run: u32,
    /// Not called before this moment.
    pub next_attempt_at: Option<Timestamp>,
    pub last_attempt: Option<LastAttemptFacts>,
    /// The row of a file that it came from.
    pub source: Option<Origin>,
}

/// The latest attempt of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastAttemptFacts {
    pub interaction_id: InteractionId,
    pub at: Timestamp,
    /// How it ended, once it has.
    pub outcome: Option<AttemptOutcome>,
}

/// The record of a call after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InteractionFacts {
    pub id: InteractionId,
    pub version: u64,
    pub lead_id: LeadId,
    pub direction: Direction,
    pub started_by: StartedBy,
    /// Whether its lead is there to try things out.
    pub is_test: bool,
    /// The person's number; none until a call by hand is dialled.
    pub phone: Option<E164>,
    pub caller_number_id: Option<CallerNumberId>,
    pub status: InteractionStatus,
    /// How it ended; none if no call was made.
    pub outcome: Option<AttemptOutcome>,
    /// How it ended, in the provider's words.
    pub end_reason: Option<String>,
    /// Why the call was not placed.
    pub refusal_code: Option<ReasonCode>,
    /// Whether it is a call of ours that left us and has ended.
    pub is_placed: bool,
    /// Whether the carrier heard a machine.
    pub machine_detected: bool,
    pub started_at: Timestamp,
    /// When somebody, or a machine, picked up, if the provider says so.
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// How long the parties were connected, in seconds.
    pub duration_secs: u32,
    /// What it cost, in millionths of a US dollar, as far as the provider says.
    pub cost_micros: Option<u64>,
    pub has_transcript: bool,
    /// How often somebody said something in it.
    pub message_count: u32,
    pub has_recording: bool,
}

/// What was found in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnalysisFacts {
    pub interaction_id: InteractionId,
    /// Raised by every reading.
    pub version: u64,
    pub lead_id: LeadId,
    /// Whether its lead is there to try things out.
    pub is_test: bool,
    /// Whether it achieved the goal; null if that is not known, which `goal_state` says more of.
    pub goal_result: Option<GoalResult>,
    pub goal_state: FindingState,
    /// How well the person fits the criteria; null if that is not known, which `evaluation_state` says more of.
    pub evaluation: Option<Evaluation>,
    pub evaluation_state: FindingState,
    /// Names the wording of goal and criteria that it was judged by.
    pub wording: String,
}

/// An import after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportFacts {
    pub id: ImportId,
    pub version: u64,
    pub file_name: String,
    pub status: ImportStatus,
    pub error: Option<String>,
    /// Rows with data that were read.
    pub rows: u64,
    pub created: u64,
    /// Rows whose number was a lead already.
    pub updated: u64,
    pub duplicates: u64,
    /// Rows that can't become leads.
    pub invalid: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TopUpFacts {
    pub id: TopUpId,
    /// In millionths of a US dollar.
    pub micros: i64,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Charge {
    pub interaction_id: InteractionId,
    /// In millionths of a US dollar; negative if less was spent than thought.
    pub micros: i64,
}

/// An endpoint of webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookEndpointFacts {
    pub id: WebhookEndpointId,
    pub version: u64,
    pub url: String,
    pub status: EndpointStatus,
    /// Since when no delivery has succeeded; null if the last one did.
    pub failing_since: Option<Timestamp>,
}

impl From<&Campaign> for CampaignFacts {
    fn from(campaign: &Campaign) -> Self {
        let (pause_reason, start_at) = match campaign.status {
            CampaignStatus::Paused { reason } => (Some(reason), None),
            CampaignStatus::Scheduled { start_at } => (None, Some(start_at)),
            CampaignStatus::Draft
            | CampaignStatus::Running
            | CampaignStatus::Completing
            | CampaignStatus::Completed
            | CampaignStatus::Cancelled => (None, None),
        };
        Self {
            id: campaign.id.clone(),
            version: campaign.version,
            name: campaign.spec.name.clone(),
            status: campaign.status.name(),
            pause_reason,
            start_at,
            run: campaign.run,
            started_at: campaign.started_at,
            ended_at: campaign.ended_at,
        }
    }
}

impl From<&Lead> for LeadFacts {
    fn from(lead: &Lead) -> Self {
        let skip_reason = match lead.state {
            LeadState::Skipped { reason } => Some(reason),
            _ => None,
        };
        Self {
            id: lead.id.clone(),
            version: lead.version,
            status: lead.state.name(),
            is_test: lead.is_test,
            skip_reason,
            fail_reason: lead.fail_reason(),
            disposition: lead.disposition(),
            phone: lead.phones().next().cloned(),
            attempts: lead.attempts,
            is_attempted: lead.is_attempted,
            run: lead.run.max(1),
            next_attempt_at: lead.next_attempt_at(),
            last_attempt: lead.last.as_ref().map(LastAttemptFacts::from),
            source: lead.origin.clone(),
        }
    }
}

impl From<&LastAttempt> for LastAttemptFacts {
    fn from(last: &LastAttempt) -> Self {
        Self { interaction_id: InteractionId::of(&last.attempt), at: last.dialled_at, outcome: last.outcome }
    }
}

impl From<&Interaction> for InteractionFacts {
    fn from(interaction: &Interaction) -> Self {
        Self {
            id: interaction.id.clone(),
            version: interaction.version,
            lead_id: interaction.lead.clone(),
            direction: interaction.direction,
            started_by: interaction.started_by,
            is_test: interaction.is_test,
            phone: interaction.number.clone(),
            caller_number_id: interaction.caller_number.clone(),
            status: interaction.status,
            outcome: interaction.outcome,
            end_reason: interaction.end_reason.clone(),
            refusal_code: interaction.refusal.as_ref().map(DialRefusal::code),
            is_placed: interaction.is_placed(),
            machine_detected: interaction.machine_detected,
            started_at: interaction.started_at,
            answered_at: interaction.answered_at,
            ended_at: interaction.ended_at,
            duration_secs: interaction.duration_secs,
            cost_micros: interaction.cost_micros,
            has_transcript: interaction.has_transcript,
            message_count: interaction.message_count,
            has_recording: interaction.has_recording,
        }
    }
}

impl From<&Analysis> for AnalysisFacts {
    fn from(analysis: &Analysis) -> Self {
        Self {
            interaction_id: analysis.id.clone(),
            version: analysis.version,
            lead_id: analysis.lead.clone(),
            is_test: analysis.is_test,
            goal_result: analysis.goal.value(),
            goal_state: analysis.goal.state(),
            evaluation: analysis.evaluation.value(),
            evaluation_state: analysis.evaluation.state(),
            wording: analysis.wording.clone(),
        }
    }
}

impl From<&Import> for ImportFacts {
    fn from(import: &Import) -> Self {
        Self {
            id: import.id.clone(),
            version: import.version,
            file_name: import.file_name.clone(),
            status: import.status,
            error: import.error.clone(),
            rows: import.progress.rows,
            created: import.progress.created,
            updated: import.progress.updated,
            duplicates: import.progress.duplicates,
            invalid: import.progress.invalid,
        }
    }
}

impl From<&WebhookEndpoint> for WebhookEndpointFacts {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        Self {
            id: endpoint.id.clone(),
            version: endpoint.version,
            url: endpoint.url.clone(),
            status: endpoint.status,
            failing_since: endpoint.failing_since,
        }
    }
}

impl From<&TopUp> for TopUpFacts {
    fn from(top_up: &TopUp) -> Self {
        Self { id: top_up.id.clone(), micros: top_up.micros, note: top_up.note.clone() }
    }
}
