//! What a client is shown of what was found in a call.

use carillon_domain::analysis::verdict::is_due;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::analysis::{
    Analysis, AnalysisFault, Evaluation, Finding, FindingState, GoalResult,
};
use carillon_domain::records::interaction::{Interaction, InteractionStatus};
use carillon_runtime::context::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::problem::Problem;
use crate::money::usd;

/// Whether a call was read: it was (`done`), will be (`pending`), has nothing to read because no people spoke with each other
/// (`no_conversation`), or is not to be read (`skipped`): its campaign asks for nothing, or the workspace has no language model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReadingState {
    Done,
    Pending,
    NoConversation,
    Skipped,
}

/// What was found in a call that has ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analysis)]
pub(crate) struct AnalysisView {
    state: ReadingState,
    /// Whether a person spoke.
    person_spoke: Option<SpeechView>,
    /// Whether the call achieved the goal.
    goal: Option<GoalView>,
    /// How well the person fits the campaign's criteria.
    evaluation: Option<EvaluationView>,
    /// Names the wording of goal and criteria that it was judged by: another wording, another name.
    wording: Option<String>,
    /// What reading it cost, in US dollars, over all times that it was read.
    cost_usd: Option<f64>,
    judged_at: Option<Timestamp>,
}

/// Whether a person spoke.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SpeechFinding)]
struct SpeechView {
    /// Null unless `state` is `ok`.
    value: Option<bool>,
    #[serde(flatten)]
    grounds: GroundsView,
}

/// Whether a call achieved the goal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GoalFinding)]
pub(crate) struct GoalView {
    /// Null unless `state` is `ok`.
    value: Option<GoalResult>,
    #[serde(flatten)]
    grounds: GroundsView,
}

/// How well a person fits the criteria.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvaluationFinding)]
struct EvaluationView {
    /// Null unless `state` is `ok`.
    value: Option<Evaluation>,
    #[serde(flatten)]
    grounds: GroundsView,
}

/// What came of something that was looked for, and what that rests on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingGrounds)]
struct GroundsView {
    state: FindingState,
    /// The turns on which it rests, by their place in the transcript, from 1.
    evidence: Vec<u32>,
    /// Why the model thinks so.
    reasoning: Option<String>,
    /// Why nothing was found, where `state` is `failed`.
    fault: Option<AnalysisFault>,
    /// The same for people.
    message: Option<String>,
}

impl GroundsView {
    fn of<V>(finding: &Finding<V>) -> Self {
        let nothing = Self {
            state: finding.state(),
            evidence: Vec::new(),
            reasoning: None,
            fault: None,
            message: None,
        };
        match finding {
            Finding::Ok { evidence, reasoning, .. } => {
                Self { evidence: evidence.clone(), reasoning: reasoning.clone(), ..nothing }
            }
            Finding::Failed { fault, reason } => {
                Self { fault: Some(*fault), message: Some(reason.clone()), ..nothing }
            }
            Finding::NoConversation | Finding::Skipped => nothing,
        }
    }
}

impl From<&Finding<bool>> for SpeechView {
    fn from(finding: &Finding<bool>) -> Self {
        Self { value: finding.value(), grounds: GroundsView::of(finding) }
    }
}

impl From<&Finding<GoalResult>> for GoalView {
    fn from(finding: &Finding<GoalResult>) -> Self {
        Self { value: finding.value(), grounds: GroundsView::of(finding) }
    }
}

impl From<&Finding<Evaluation>> for EvaluationView {
    fn from(finding: &Finding<Evaluation>) -> Self {
        Self { value: finding.value(), grounds: GroundsView::of(finding) }
    }
}

impl AnalysisView {
    /// What is shown of a call; nothing of one that is up.
    pub(super) async fn load(
        context: &Context,
        ws: &WorkspaceId,
        interaction: &Interaction,
        analysis: Option<&Analysis>,
    ) -> Result<Option<Self>, Problem> {
        if interaction.status == InteractionStatus::InProgress {
            return Ok(None);
        }
        if let Some(analysis) = analysis {
            return Ok(Some(analysis.into()));
        }
        if !interaction.has_conversation() {
            return Ok(Some(Self::unread(ReadingState::NoConversation)));
        }
        let campaign = context.store.campaign(ws, &interaction.campaign).await?;
        let is_wanted = campaign.is_some_and(|campaign| is_due(interaction, &campaign, None));
        let has_model = crate::workspace::load(context, ws).await?.language_model.is_some();
        let state = if is_wanted && has_model { ReadingState::Pending } else { ReadingState::Skipped };
        Ok(Some(Self::unread(state)))
    }

    const fn unread(state: ReadingState) -> Self {
        Self {
            state,
            person_spoke: None,
            goal: None,
            evaluation: None,
            wording: None,
            cost_usd: None,
            judged_at: None,
        }
    }
}

impl From<&Analysis> for AnalysisView {
    fn from(analysis: &Analysis) -> Self {
        Self {
            state: ReadingState::Done,
            person_spoke: Some((&analysis.person_spoke).into()),
            goal: Some((&analysis.goal).into()),
            evaluation: Some((&analysis.evaluation).into()),
            wording: Some(analysis.wording.clone()),
            cost_usd: Some(usd(analysis.cost_micros.cast_signed())),
            judged_at: Some(analysis.judged_at),
        }
    }
}
