//! What was found in a call that is over, or why nothing was.

use serde::{Deserialize, Serialize};

use crate::base::ids::{CampaignId, InteractionId, LeadId};
use crate::base::is_default::is_default;
use crate::base::time::Timestamp;

/// Whether a call achieved what its campaign is for: all of it, a part of it, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GoalResult {
    Failure,
    PartialSuccess,
    Success,
}

impl GoalResult {
    pub const ALL: [Self; 3] = [Self::Failure, Self::PartialSuccess, Self::Success];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::PartialSuccess => "partial_success",
            Self::Success => "success",
        }
    }
}

/// How well a person fits the client's own criteria; `n/a` where what was said does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Evaluation {
    Good,
    PartiallyGood,
    Bad,
    #[serde(rename = "n/a")]
    NotKnown,
}

/// Why nothing could be found though it was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnalysisFault {
    /// The model did not answer, however often it was asked.
    Unavailable,
    /// Its provider refuses us: the key, the model's name or the address is wrong.
    Misconfigured,
    /// The model would not answer.
    Declined,
    /// Its answer was cut off.
    CutOff,
    /// Its answer contradicts the transcript, itself or the form that was asked for, and did so again once it was told:
    /// somebody has to read the call.
    NeedsReview,
}

/// What was looked for, and what came of it. Nothing found, nothing to find it in and a failure look different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Finding<V> {
    Ok {
        value: V,
        /// The turns on which it rests, by their numbers from 1.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reasoning: Option<String>,
    },
    /// No person spoke: a machine did, nobody, or there is no transcript.
    NoConversation,
    /// The campaign does not ask for it.
    Skipped,
    Failed {
        fault: AnalysisFault,
        reason: String,
    },
}

/// Whether something was found (`ok`), or why there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    Ok,
    NoConversation,
    Skipped,
    Failed,
}

impl<V> Finding<V> {
    pub const fn state(&self) -> FindingState {
        match self {
            Self::Ok { .. } => FindingState::Ok,
            Self::NoConversation => FindingState::NoConversation,
            Self::Skipped => FindingState::Skipped,
            Self::Failed { .. } => FindingState::Failed,
        }
    }
}

impl<V: Copy> Finding<V> {
    /// What was found, if anything was.
    pub const fn value(&self) -> Option<V> {
        match self {
            Self::Ok { value, .. } => Some(*value),
            Self::NoConversation | Self::Skipped | Self::Failed { .. } => None,
        }
    }
}

/// What was found in one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// The call.
    pub id: InteractionId,
    /// How often it was written.
    pub version: u64,
    pub campaign: CampaignId,
    pub lead: LeadId,
    /// Whether its lead is one for testing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_test: bool,
    /// When the call began.
    pub started_at: Timestamp,
    /// Whether a person spoke.
    pub person_spoke: Finding<bool>,
    /// Whether the call achieved the goal.
    pub goal: Finding<GoalResult>,
    /// How well the person fits the criteria.
    pub evaluation: Finding<Evaluation>,
    /// Names the wording of goal and criteria that it was judged by.
    pub wording: String,
    /// What the models cost, in millionths of a US dollar, over all times that it was judged.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cost_micros: u64,
    pub judged_at: Timestamp,
}

/// What a lead shows of its latest call that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedCall {
    pub interaction: InteractionId,
    /// When the call began.
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_result: Option<GoalResult>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
}

impl Analysis {
    /// What its lead shows of it; none where nobody spoke or nothing was asked for.
    pub fn judged_call(&self) -> Option<JudgedCall> {
        let (goal_result, evaluation) = (self.goal.value(), self.evaluation.value());
        (goal_result.is_some() || evaluation.is_some()).then(|| JudgedCall {
            interaction: self.id.clone(),
            started_at: self.started_at,
            goal_result,
            evaluation,
        })
    }
}
