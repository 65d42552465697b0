//! Calls and texts as a sheet, under the names that the API gives their fields.

use super::column::{columns, name_of, text};
use super::{Holds, Row};
use crate::base::call::{Role, Turn};
use crate::records::analysis::Analysis;
use crate::records::credits::Usd;
use crate::records::interaction::Interaction;

columns! {
    /// A column of results.
    ResultColumn {
        Id = "id",
        LeadId = "lead_id",
        Name = "name",
        Phone = "phone",
        Kind = "kind",
        Direction = "direction",
        StartedBy = "started_by",
        IsTest = "is_test",
        Status = "status",
        Outcome = "outcome",
        FirstOutcome = "first_outcome",
        ToldBy = "told_by",
        EndReason = "end_reason",
        Refusal = "refusal",
        IsPlaced = "is_placed",
        CallerNumberId = "caller_number_id",
        AdditionalInstructions = "additional_instructions",
        /// What a text says.
        Text = "text",
        StartedAt = "started_at",
        AnsweredAt = "answered_at",
        EndedAt = "ended_at",
        DurationSecs = "duration_secs",
        CostUsd = "cost_usd",
        HasTranscript = "has_transcript",
        MessageCount = "message_count",
        HasRecording = "has_recording",
        Interrupted = "interrupted",
        GoalResult = "goal_result",
        Evaluation = "evaluation",
        CampaignId = "campaign_id",
        /// What was said, a line a turn.
        Transcript = "transcript",
    }
    fn holds(self) -> Holds {
        match self {
            Self::Phone => Holds::Numbers,
            Self::DurationSecs | Self::CostUsd | Self::MessageCount => Holds::Quantities,
            _ => Holds::Text,
        }
    }
}

/// A call or a text, with what is told beside its record.
#[derive(Debug, Clone, Copy)]
pub struct ResultFacts<'a> {
    pub interaction: &'a Interaction,
    /// The name of its lead.
    pub name: Option<&'a str>,
    /// What was found in it, if it was read.
    pub analysis: Option<&'a Analysis>,
    /// What was said, where that is asked for.
    pub turns: &'a [Turn],
    /// Whether turns in which nothing was said are left out of the transcript.
    pub hides_blank: bool,
}

impl ResultColumn {
    pub fn row(columns: &[Self], facts: &ResultFacts<'_>) -> Row {
        Row::of(columns.iter().map(|column| column.cell(facts)))
    }

    fn cell(self, facts: &ResultFacts<'_>) -> String {
        let one = facts.interaction;
        match self {
            Self::Id => one.id.to_string(),
            Self::LeadId => one.lead.to_string(),
            Self::Name => text(facts.name),
            Self::Phone => text(one.number.as_ref()),
            Self::Kind => one.channel.name().to_owned(),
            Self::Direction => name_of(one.direction),
            Self::StartedBy => name_of(one.started_by),
            Self::IsTest => one.is_test.to_string(),
            Self::Status => name_of(one.status),
            Self::Outcome => text(one.outcome.map(|outcome| outcome.name())),
            Self::FirstOutcome => text(one.first_outcome.map(|outcome| outcome.name())),
            Self::ToldBy => one.told_by.map(name_of).unwrap_or_default(),
            Self::EndReason => text(one.end_reason.as_ref()),
            Self::Refusal => text(one.refusal.as_ref()),
            Self::IsPlaced => one.is_placed().to_string(),
            Self::CallerNumberId => text(one.caller_number.as_ref()),
            Self::AdditionalInstructions => text(one.instructions.as_ref()),
            Self::Text => text(one.text.as_ref()),
            Self::StartedAt => one.started_at.to_string(),
            Self::AnsweredAt => text(one.answered_at),
            Self::EndedAt => text(one.ended_at),
            Self::DurationSecs => one.duration_secs.to_string(),
            Self::CostUsd => text(one.cost_micros.map(|micros| Usd(micros.cast_signed()))),
            Self::HasTranscript => one.has_transcript.to_string(),
            Self::MessageCount => one.message_count.to_string(),
            Self::HasRecording => one.has_recording.to_string(),
            Self::Interrupted => text(one.interrupted),
            Self::GoalResult => text(facts.analysis.and_then(|found| found.goal.value()).map(name_of)),
            Self::Evaluation => text(facts.analysis.and_then(|found| found.evaluation.value()).map(name_of)),
            Self::CampaignId => one.campaign.to_string(),
            Self::Transcript => facts.transcript(),
        }
    }
}

impl ResultFacts<'_> {
    fn transcript(&self) -> String {
        let shown = self.turns.iter().filter(|turn| !(self.hides_blank && turn.is_blank()));
        let line = |turn: &Turn| {
            let who = match turn.role {
                Role::Agent => "agent",
                Role::User => "user",
            };
            format!("{who} ({} s): {}", turn.at_secs, turn.message)
        };
        shown.map(line).collect::<Vec<_>>().join("\n")
    }
}
