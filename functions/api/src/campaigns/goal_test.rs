//! `/campaigns/{id}/goal-test`: another wording of the goal, tried on calls that have ended.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use carillon_adapters::language_model::Asked;
use carillon_adapters::secrets::Secret;
use carillon_domain::analysis::goal_test::{Comparison, MAX_CALLS, MAX_PER_MINUTE, RecentGoalTests};
use carillon_domain::analysis::judgement;
use carillon_domain::base::call::Turn;
use carillon_domain::base::ids::{CampaignId, InteractionId, WorkspaceId};
use carillon_domain::base::language_model::{LanguageModel, Usage};
use carillon_domain::base::phone::E164;
use carillon_domain::records::analysis::{AnalysisFault, Finding, GoalResult};
use carillon_runtime::context::Context;
use carillon_runtime::services::interactions::{Found, named};
use carillon_store::in_parallel;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::load;
use crate::auth::Principal;
use crate::http::json::Body;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::validation::{FieldErrors, MAX_TEXT_CHARS};
use crate::interactions::GoalView;
use crate::money::usd;

/// How long a model may take for one call: the gateway gives up after 30 s.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a test is noted anew where others begin at the same time.
const TRIES: usize = 8;

/// A wording, and the calls that it is tried on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoalTestForm {
    /// What a call should achieve, in other words. To keep them, change the campaign's `goal`.
    #[schema(min_length = 1, max_length = 4000)]
    goal: String,
    /// Calls of the campaign in which people spoke with each other: `GET /campaigns/{id}/interactions` finds them by number, name,
    /// status or result.
    #[schema(min_items = 1, max_items = 10)]
    interaction_ids: Vec<InteractionId>,
}

/// What a wording says of calls, beside the one that is set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GoalTest {
    calls: Vec<TestedCall>,
    /// How many calls are judged better, the same or worse.
    totals: BTreeMap<Comparison, usize>,
    /// What it cost, in US dollars.
    cost_usd: f64,
}

/// What a wording says of one call.
#[derive(Debug, Serialize, ToSchema)]
struct TestedCall {
    interaction_id: InteractionId,
    /// The lead's name.
    name: Option<String>,
    /// The person's number.
    phone: Option<E164>,
    /// How it was judged by the wording that was set then; null if it was not.
    old: Option<GoalView>,
    /// How it is judged by this one.
    new: GoalView,
    comparison: Comparison,
}

/// Tries another wording of the goal on calls that have ended. Nothing is stored of what comes of it; a workspace has three tests
/// a minute.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/goal-test", tag = "campaigns",
    params(("campaign_id" = String, Path)), request_body = GoalTestForm,
    responses((status = 200, body = GoalTest)))]
pub(crate) async fn test_goal(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    Body(form): Body<GoalTestForm>,
) -> Result<Json<GoalTest>, Problem> {
    let ws = &principal.workspace;
    load(&context, ws, &id).await?;
    form.check()?;
    let Some(access) = crate::workspace::load(&context, ws).await?.language_model else {
        let detail = "the workspace has no language model; `PUT /language-model` sets one";
        return Err(Problem::new(Code::NoLanguageModel, detail));
    };
    let found = form.find(&context, ws, &id).await?;
    admit(&context, ws).await?;
    let key = context.language_model_key(ws, &access).await?;
    let judged = found.iter().map(async |one: &Found| {
        let turns = context.store.transcript(ws, &one.interaction.id).await?;
        Ok(judge(&context, &access.model, key.as_ref(), form.goal.trim(), &turns).await)
    });
    let judged = in_parallel(MAX_CALLS, judged).await?;
    let mut usage = Usage::default();
    let calls: Vec<TestedCall> = found
        .into_iter()
        .zip(judged)
        .map(|(one, (new, used))| {
            usage += used;
            TestedCall::of(one, &new)
        })
        .collect();
    let count = |comparison| calls.iter().filter(|call| call.comparison == comparison).count();
    let totals = Comparison::ALL.map(|comparison| (comparison, count(comparison))).into();
    let cost_usd = usd(access.model.cost_micros(usage).cast_signed());
    Ok(Json(GoalTest { calls, totals, cost_usd }))
}

/// Notes that a test begins, if one may.
async fn admit(context: &Context, ws: &WorkspaceId) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let recent: RecentGoalTests = context.store.recent_goal_tests(ws).await?;
        let next = recent.and_one_at(context.now()).map_err(|next_at| {
            let detail =
                format!("a workspace has {MAX_PER_MINUTE} tests a minute; the next may begin at {next_at}");
            Problem::new(Code::TooManyGoalTests, detail)
        })?;
        if context.store.note_goal_test(ws, &next).await? {
            return Ok(());
        }
    }
    Err(Problem::contended())
}

async fn judge(
    context: &Context,
    model: &LanguageModel,
    key: Option<&Secret>,
    goal: &str,
    turns: &[Turn],
) -> (Finding<GoalResult>, Usage) {
    let question = judgement::question(goal, turns);
    let read = |answer: &Value| judgement::read(answer, turns);
    let asked = context.language_models.ask(model, key, &question, read);
    let Ok(Asked { answer, usage }) = tokio::time::timeout(PATIENCE, asked).await else {
        let reason = format!("the model took longer than {} s", PATIENCE.as_secs());
        return (Finding::Failed { fault: AnalysisFault::Unavailable, reason }, Usage::default());
    };
    let finding = match answer {
        Ok(judgement) => judgement.into(),
        Err(no_answer) => Finding::Failed { fault: no_answer.fault(), reason: no_answer.to_string() },
    };
    (finding, usage)
}

impl GoalTestForm {
    fn check(&self) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("goal", &self.goal, MAX_TEXT_CHARS);
        errors.check_range("interaction_ids", self.interaction_ids.len(), 1..=MAX_CALLS);
        for (place, id) in self.interaction_ids.iter().enumerate() {
            if self.interaction_ids[..place].contains(id) {
                errors.push(format!("interaction_ids[{place}]"), "it stands there before");
            }
        }
        errors.into_result()
    }

    /// The calls, all of which have to be there to be read.
    async fn find(
        &self,
        context: &Context,
        ws: &WorkspaceId,
        id: &CampaignId,
    ) -> Result<Vec<Found>, Problem> {
        let mut errors = FieldErrors::default();
        let mut calls = Vec::new();
        for (place, wanted) in self.interaction_ids.iter().enumerate() {
            let stored = context.store.interaction(ws, wanted).await?;
            let field = format!("interaction_ids[{place}]");
            match stored.filter(|interaction| interaction.campaign == *id) {
                None => errors.push(field, format_args!("there is no interaction {wanted} in this campaign")),
                Some(interaction) if !interaction.has_conversation() => {
                    errors.push(field, "nobody spoke with each other in it, or it has not ended");
                }
                Some(interaction) => calls.push(interaction),
            }
        }
        errors.into_result()?;
        Ok(named(context, ws, calls).await?)
    }
}

impl TestedCall {
    fn of(found: Found, new: &Finding<GoalResult>) -> Self {
        let old = found.analysis.as_ref().map(|analysis| &analysis.goal);
        Self {
            comparison: Comparison::of(old.and_then(Finding::value), new.value()),
            old: old.map(GoalView::from),
            new: new.into(),
            interaction_id: found.interaction.id,
            name: found.name,
            phone: found.interaction.number,
        }
    }
}
