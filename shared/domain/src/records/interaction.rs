//! Interactions: the record of each attempt.

use serde::{Deserialize, Serialize};

use crate::base::call::{Outcome, PersonRequest, ProviderRecord, Turn};
use crate::base::channel::Channel;
use crate::base::ids::{AttemptId, CallerNumberId, CampaignId, InteractionId, LeadId};
use crate::base::is_default::is_default;
use crate::base::outcome::{AttemptOutcome, Report, ToldBy};
use crate::base::phone::E164;
use crate::base::time::{SECOND_MS, Timestamp};
use crate::policy::tariff::call_micros;
use crate::records::active_attempt::{ActiveAttempt, DialCause};
use crate::records::evidence::Evidence;
use crate::records::refusal::DialRefusal;

mod filter;

pub use filter::{InteractionFilter, Show};

pub use crate::base::interaction_status::{Disposition, InteractionStatus, Qualification};

/// From so long a talk on the carrier's verdict that it heard a machine is taken for a mistake, in seconds: greetings
/// end before, and a fax is hung up on.
const TALK_WITH_A_PERSON_SECS: u32 = 60;

/// How far the provider's clock, which tells whole seconds, may be from ours, in milliseconds.
const ANSWER_SKEW_MS: i64 = 5 * SECOND_MS;

/// Where fewer turns were said there was no conversation.
const MIN_CONVERSATION_TURNS: u32 = 2;

/// How an interaction came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StartedBy {
    Campaign,
    Manual,
    /// The person came one by one and was called at once.
    FirstSubmission,
    /// The person had asked to be called back.
    Callback,
    Inbound,
}

/// The record of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// Its id; same body as the attempt's.
    pub id: InteractionId,
    pub version: u64,
    pub campaign: CampaignId,
    pub lead: LeadId,
    /// The person's number; none until a requested call is claimed.
    pub number: Option<E164>,
    pub caller_number: Option<CallerNumberId>,
    pub started_by: StartedBy,
    /// Whether its lead is one for testing: it is in no statistics.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_test: bool,
    pub status: InteractionStatus,
    /// How it ended, once it has.
    pub outcome: Option<AttemptOutcome>,
    /// What was recorded at first, where better knowledge came later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_outcome: Option<AttemptOutcome>,
    /// How that became known which is recorded now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_by: Option<ToldBy>,
    /// How it ended, in the provider's words.
    pub end_reason: Option<String>,
    /// Why the call was not placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<DialRefusal>,
    /// Whether it ended before anything left us: the provider refused the dial, or has never heard of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub never_left: bool,
    /// Whether the provider is known to have the text, where it can't be asked about it later.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_accepted: bool,
    /// Whether the carrier heard a machine.
    #[serde(default)]
    pub machine_detected: bool,
    /// Whether that was a fax: the number reaches no person.
    #[serde(default)]
    pub fax_detected: bool,
    /// What the assistant should do besides.
    pub instructions: Option<String>,
    /// What a text says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was asked for or dialled.
    pub started_at: Timestamp,
    /// When somebody, or a machine, picked up, as the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// When its end became known.
    pub ended_at: Option<Timestamp>,
    /// How long the parties were connected, in seconds.
    pub duration_secs: u32,
    /// What it cost, in millionths of a US dollar.
    pub cost_micros: Option<u64>,
    /// Whether a transcript is kept beside it.
    pub has_transcript: bool,
    /// How often somebody said something in it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub message_count: u32,
    /// Whether the provider keeps a recording.
    pub has_recording: bool,
    /// Where the provider has the call, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_record: Option<ProviderRecord>,
    /// Whether the person ended the call.
    pub interrupted: Option<bool>,
    /// What the person asked for, as it was taken up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<PersonRequest>,
    /// What the assistant noted of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<Qualification>,
    #[serde(default, skip_serializing_if = "Direction::is_outbound")]
    pub direction: Direction,
    #[serde(default, skip_serializing_if = "is_default")]
    pub channel: Channel,
    /// What a minute of the call, or the text, costs where the provider does not say, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "is_default")]
    pub price_micros: u64,
    /// What the dial rested on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// Who called whom: we called (`outbound`), or they did (`inbound`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    Outbound,
    Inbound,
}

impl Direction {
    const fn is_outbound(&self) -> bool {
        matches!(self, Self::Outbound)
    }
}

impl Interaction {
    /// Whether it is a call in which people spoke with each other, as far as can be told without reading it: there is something to judge.
    pub fn has_conversation(&self) -> bool {
        let is_with_person =
            matches!(self.outcome, Some(AttemptOutcome::Call(outcome)) if outcome.is_contact());
        is_with_person && self.has_transcript && self.message_count >= MIN_CONVERSATION_TURNS
    }

    /// The attempt that it records.
    pub fn attempt(&self) -> AttemptId {
        self.id.attempt()
    }

    /// The record of a dial that is being committed, or of a call that comes in.
    pub fn dialled(active_attempt: &ActiveAttempt, now: Timestamp) -> Self {
        let started_by = match active_attempt.cause {
            DialCause::Manual => StartedBy::Manual,
            DialCause::Retry | DialCause::Fresh => StartedBy::Campaign,
            DialCause::FirstSubmission => StartedBy::FirstSubmission,
            DialCause::Callback => StartedBy::Callback,
            DialCause::Inbound => StartedBy::Inbound,
        };
        let direction = match active_attempt.cause {
            DialCause::Inbound => Direction::Inbound,
            DialCause::Manual
            | DialCause::FirstSubmission
            | DialCause::Callback
            | DialCause::Retry
            | DialCause::Fresh => Direction::Outbound,
        };
        Self {
            number: Some(active_attempt.number.clone()),
            direction,
            channel: active_attempt.channel,
            caller_number: Some(active_attempt.caller_number.clone()),
            instructions: active_attempt.instructions.clone(),
            price_micros: active_attempt.price_micros,
            is_test: active_attempt.is_test,
            ..Self::opened(&active_attempt.attempt, &active_attempt.lead, started_by, now)
        }
    }

    /// The record of an attempt of which nothing is known but its lead.
    pub fn opened(attempt: &AttemptId, lead: &LeadId, started_by: StartedBy, now: Timestamp) -> Self {
        Self {
            id: InteractionId::of(attempt),
            version: 1,
            campaign: lead.campaign(),
            lead: lead.clone(),
            number: None,
            caller_number: None,
            started_by,
            is_test: false,
            status: InteractionStatus::InProgress,
            outcome: None,
            first_outcome: None,
            told_by: None,
            end_reason: None,
            refusal: None,
            never_left: false,
            is_accepted: false,
            machine_detected: false,
            fax_detected: false,
            instructions: None,
            text: None,
            started_at: now,
            answered_at: None,
            ended_at: None,
            duration_secs: 0,
            cost_micros: None,
            has_transcript: false,
            message_count: 0,
            has_recording: false,
            provider_record: None,
            interrupted: None,
            request: None,
            qualification: None,
            direction: Direction::Outbound,
            channel: Channel::Call,
            price_micros: 0,
            evidence: None,
        }
    }

    /// The record with the provider's account of how it ended.
    ///
    /// A machine that the carrier heard overrules a transcript in which a greeting looks like
    /// a person's words.
    pub fn ended<'a>(&self, report: impl Into<Report<'a>>, now: Timestamp) -> Self {
        let report = report.into();
        let outcome = self.judged(report.outcome, report.duration_secs);
        let request = self.news(&report).or(self.request);
        let qualification = self.qualification.or(report.qualification);
        Self {
            version: self.version + 1,
            status: InteractionStatus::ended(outcome, request, qualification),
            outcome: Some(outcome),
            first_outcome: self.first_outcome.or(self.outcome.filter(|known| *known != outcome)),
            told_by: Some(report.told_by),
            end_reason: Some(report.end_reason.to_owned()).filter(|reason| !reason.is_empty()),
            refusal: None,
            never_left: report.never_left,
            answered_at: self.answer_of(&report, now).or(self.answered_at),
            ended_at: Some(self.ended_at.unwrap_or(now)),
            duration_secs: report.duration_secs,
            cost_micros: self.cost_by(&report, outcome),
            has_transcript: self.has_transcript || !report.transcript.is_empty(),
            message_count: self.message_count.max(messages_in(report.transcript)),
            has_recording: self.has_recording || report.has_recording,
            provider_record: report.provider_record.cloned().or_else(|| self.provider_record.clone()),
            interrupted: report.ended_by_person,
            request,
            qualification,
            ..self.clone()
        }
    }

    /// When it was answered by a report, if that can be: within the call, by clocks that differ a little.
    fn answer_of(&self, report: &Report<'_>, now: Timestamp) -> Option<Timestamp> {
        let earliest = self.started_at.plus_ms(-ANSWER_SKEW_MS);
        let told = report.answered_at.filter(|at| (earliest..=now.plus_ms(ANSWER_SKEW_MS)).contains(at));
        told.map(|at| at.max(self.started_at).min(now))
    }

    /// What it cost once there is this report: what the provider says, now or before, else what it comes to by
    /// its tariff.
    fn cost_by(&self, report: &Report<'_>, outcome: AttemptOutcome) -> Option<u64> {
        let by_tariff = |outcome: AttemptOutcome, secs| match outcome {
            AttemptOutcome::Call(_) => call_micros(self.price_micros, secs),
            AttemptOutcome::Message(text) => {
                if text.has_left_us() {
                    self.price_micros
                } else {
                    0
                }
            }
        };
        let known = self.outcome.map_or(0, |outcome| by_tariff(outcome, self.duration_secs));
        let told = report.cost_micros.or(self.cost_micros.filter(|micros| *micros != known));
        told.or(Some(by_tariff(outcome, report.duration_secs)).filter(|micros| *micros > 0))
            .or(self.cost_micros)
    }

    /// The record once a later word of the same call told a request, what the assistant noted, or that there is a
    /// recording.
    pub fn asked(&self, report: &Report<'_>) -> Self {
        let request = self.news(report).or(self.request);
        let qualification = self.qualification.or(report.qualification);
        let is_told = (request, qualification) != (self.request, self.qualification);
        let ended = self.outcome.filter(|_| is_told);
        let ended = ended.map(|outcome| InteractionStatus::ended(outcome, request, qualification));
        let status = ended.unwrap_or(self.status);
        Self {
            version: self.version + 1,
            status,
            request,
            qualification,
            has_recording: self.has_recording || report.has_recording,
            provider_record: self.provider_record.clone().or_else(|| report.provider_record.cloned()),
            ..self.clone()
        }
    }

    /// Whether a report tells of a recording that was not known.
    pub fn is_recorded_by(&self, report: &Report<'_>) -> bool {
        report.has_recording && !self.has_recording
    }

    /// What a report tells that the assistant noted of the person; the first note of a call counts.
    pub fn noted(&self, report: &Report<'_>) -> Option<Qualification> {
        report.qualification.filter(|_| self.qualification.is_none())
    }

    /// What a report tells of the person's wishes that was not taken up yet.
    pub fn news(&self, report: &Report<'_>) -> Option<PersonRequest> {
        report.request.filter(|request| request.is_news_after(self.request))
    }

    /// The record of a call that was asked for and not placed.
    pub fn refused(&self, refusal: DialRefusal, now: Timestamp) -> Self {
        Self {
            version: self.version + 1,
            status: InteractionStatus::Error,
            refusal: Some(refusal),
            ended_at: Some(now),
            ..self.clone()
        }
    }

    /// What is kept when its campaign is removed: who was called when and from where, how it ended, and
    /// what the dial rested on. None if nobody was called.
    pub fn for_the_record(self) -> Option<Self> {
        self.evidence.is_some().then_some(Self {
            end_reason: None,
            instructions: None,
            text: None,
            has_transcript: false,
            message_count: 0,
            has_recording: false,
            provider_record: None,
            interrupted: None,
            ..self
        })
    }

    /// The outcome once the carrier's verdict is counted in: it is a mistake where the talk was long.
    pub fn judged(&self, reported: impl Into<AttemptOutcome>, talk_secs: u32) -> AttemptOutcome {
        match reported.into() {
            AttemptOutcome::Call(call) if call.is_answered() && talk_secs < TALK_WITH_A_PERSON_SECS => {
                if self.fax_detected {
                    Outcome::InvalidNumber.into()
                } else if self.machine_detected {
                    Outcome::Voicemail.into()
                } else {
                    call.into()
                }
            }
            reported => reported,
        }
    }

    /// Whether a later report says more than what is recorded: whatever is told of the call is more than that
    /// there was none.
    pub fn is_raised_by<'a>(&self, report: impl Into<Report<'a>>) -> bool {
        let report = report.into();
        let reported = self.judged(report.outcome, report.duration_secs);
        let is_more = |recorded| reported > recorded || (self.never_left && !report.never_left);
        reported.channel() == self.channel && self.outcome.is_none_or(is_more)
    }

    /// Whether it is a call of ours that left us and has ended.
    pub fn is_placed(&self) -> bool {
        let is_ours = self.channel == Channel::Call && self.direction == Direction::Outbound;
        is_ours && self.outcome.is_some() && !self.never_left
    }
}

fn messages_in(transcript: &[Turn]) -> u32 {
    let said = transcript.iter().filter(|turn| !turn.is_blank()).count();
    u32::try_from(said).unwrap_or(u32::MAX)
}
