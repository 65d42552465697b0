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
    person_spoke: Option<FoundValue<bool>>,
    /// Whether the call achieved the goal.
    goal: Option<FoundValue<GoalResult>>,
    /// How well the person fits the campaign's criteria.
    evaluation: Option<FoundValue<Evaluation>>,
    /// Names the wording of goal and criteria that it was judged by: another wording, another name.
    wording: Option<String>,
    /// What reading it cost, in US dollars, over all times that it was read.
    cost_usd: Option<f64>,
    judged_at: Option<Timestamp>,
}

/// Something that was looked for, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundValue<V> {
    /// Null unless `state` is `ok`.
    value: Option<V>,
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

impl<V: Copy> From<&Finding<V>> for FoundValue<V> {
    fn from(finding: &Finding<V>) -> Self {
        let (mut evidence_turns, mut why) = (Vec::new(), None);
        let (mut failed_by, mut message) = (None, None);
        match finding {
            Finding::Ok { evidence, reasoning, .. } => {
                evidence_turns.clone_from(evidence);
                why.clone_from(reasoning);
            }
            Finding::Failed { fault, reason } => {
                failed_by = Some(*fault);
                message = Some(reason.clone());
            }
            Finding::NoConversation | Finding::Skipped => {}
        }
        Self {
            value: finding.value(),
            state: finding.state(),
            evidence: evidence_turns,
            reasoning: why,
            fault: failed_by,
            message,
        }
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
