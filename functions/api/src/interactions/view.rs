//! What a client is shown of a call or a text.

use carillon_domain::base::call::{Role, Turn};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{CallerNumberId, CampaignId, InteractionId, LeadId};
use carillon_domain::base::outcome::{AttemptOutcome, ToldBy};
use carillon_domain::base::phone::E164;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::records::analysis::{Evaluation, GoalResult};
use carillon_domain::records::interaction::{Direction, Interaction, InteractionStatus, StartedBy};
use carillon_domain::records::refusal::DialRefusal;
use carillon_runtime::services::interactions::Found;
use serde::Serialize;
use utoipa::ToSchema;

use super::analysis::AnalysisView;
use crate::money::usd;
use crate::reasons::Message;

/// The record of one attempt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Interaction)]
pub(crate) struct InteractionView {
    /// Its id.
    id: InteractionId,
    /// The campaign.
    campaign_id: CampaignId,
    /// The lead.
    lead_id: LeadId,
    /// The lead's name.
    name: Option<String>,
    /// What kind it is.
    kind: Channel,
    /// Who called whom.
    direction: Direction,
    /// How it came about.
    started_by: StartedBy,
    /// Whether its lead is there to try things out: it is in no statistics.
    is_test: bool,
    /// Where it stands.
    status: InteractionStatus,
    /// How it ended, once it has.
    outcome: Option<AttemptOutcome>,
    /// What was recorded at first, where better knowledge came later; null if nothing else was.
    first_outcome: Option<AttemptOutcome>,
    /// How its end became known: by the provider's event, by asking the provider because none came, by its answer to
    /// the dial, or to nobody before it grew too old.
    told_by: Option<ToldBy>,
    /// How it ended, in the provider's words.
    end_reason: Option<String>,
    /// Why the call was not placed.
    refusal: Option<RefusalView>,
    /// Whether it is a call of ours that left us and has ended: those are counted as placed.
    is_placed: bool,
    /// The person's number; null until a call that was asked for is dialled.
    phone: Option<E164>,
    /// Our number.
    caller_number_id: Option<CallerNumberId>,
    /// What the assistant was to do besides.
    additional_instructions: Option<String>,
    /// What a text says.
    text: Option<String>,
    /// When it was asked for or dialled, or came in.
    started_at: Timestamp,
    /// When somebody, or a machine, picked up; null if nobody did, or the provider does not say.
    answered_at: Option<Timestamp>,
    /// When its end became known.
    ended_at: Option<Timestamp>,
    /// How long the parties were connected, in seconds.
    duration_secs: u32,
    /// What the provider charged, in US dollars, if it says.
    cost_usd: Option<f64>,
    /// Whether there is a transcript.
    has_transcript: bool,
    /// How often somebody said something in it.
    message_count: u32,
    /// Whether the provider keeps a recording: `GET /interactions/{id}/recording` gives a link to it.
    has_recording: bool,
    /// Whether the person ended the call.
    interrupted: Option<bool>,
    /// Whether the call achieved the campaign's goal; null unless that is known, of which `analysis` says more.
    goal_result: Option<GoalResult>,
    /// How well the person fits the campaign's criteria; null unless that is known.
    evaluation: Option<Evaluation>,
}

/// Why a call was not placed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DialRefusal)]
struct RefusalView {
    code: ReasonCode,
    /// The same for people.
    message: String,
    /// Until when, if that is known.
    until: Option<Timestamp>,
}

/// The record of one attempt, with what was said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InteractionDetails {
    #[serde(flatten)]
    interaction: InteractionView,
    /// What was said.
    transcript: Vec<TurnView>,
    /// What was found in it; null while it is up.
    analysis: Option<AnalysisView>,
}

/// One turn of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Turn)]
struct TurnView {
    /// Who speaks: `agent` or `user`.
    role: Role,
    /// What was said; empty where nothing was, such as while a tool was used.
    message: String,
    /// Seconds from the moment at which the call was answered (`answered_at`), not from the first ring; whole ones.
    at_secs: u32,
    /// The same as a moment; null if it is not known when the call was answered.
    time: Option<Timestamp>,
    /// Who wrote it down.
    #[schema(example = "voice_ai")]
    source: &'static str,
}

impl InteractionDetails {
    pub(super) fn of(found: Found, turns: Vec<Turn>, analysis: Option<AnalysisView>) -> Self {
        let answered_at = found.interaction.answered_at;
        let transcript = turns.into_iter().map(|turn| TurnView::of(turn, answered_at)).collect();
        Self { interaction: found.into(), transcript, analysis }
    }
}

impl TurnView {
    fn of(turn: Turn, answered_at: Option<Timestamp>) -> Self {
        Self {
            role: turn.role,
            message: turn.message,
            at_secs: turn.at_secs,
            time: answered_at.map(|at| at.plus_ms(i64::from(turn.at_secs) * SECOND_MS)),
            source: "voice_ai",
        }
    }
}

impl From<&DialRefusal> for RefusalView {
    fn from(refusal: &DialRefusal) -> Self {
        Self { code: refusal.code(), message: refusal.message(), until: refusal.until() }
    }
}

impl From<Found> for InteractionView {
    fn from(Found { interaction, name, analysis }: Found) -> Self {
        let goal_result = analysis.as_ref().and_then(|analysis| analysis.goal.value());
        let evaluation = analysis.as_ref().and_then(|analysis| analysis.evaluation.value());
        let is_placed = interaction.is_placed();
        let Interaction { id, campaign, lead, number, caller_number, .. } = interaction;
        Self {
            id,
            campaign_id: campaign,
            lead_id: lead,
            name,
            kind: interaction.channel,
            direction: interaction.direction,
            started_by: interaction.started_by,
            is_test: interaction.is_test,
            status: interaction.status,
            outcome: interaction.outcome,
            first_outcome: interaction.first_outcome,
            told_by: interaction.told_by,
            end_reason: interaction.end_reason,
            refusal: interaction.refusal.as_ref().map(RefusalView::from),
            is_placed,
            phone: number,
            caller_number_id: caller_number,
            additional_instructions: interaction.instructions,
            text: interaction.text,
            started_at: interaction.started_at,
            answered_at: interaction.answered_at,
            ended_at: interaction.ended_at,
            duration_secs: interaction.duration_secs,
            cost_usd: interaction.cost_micros.map(|micros| usd(micros.cast_signed())),
            has_transcript: interaction.has_transcript,
            message_count: interaction.message_count,
            has_recording: interaction.has_recording,
            interrupted: interaction.interrupted,
            goal_result,
            evaluation,
        }
    }
}
