//! `/campaigns/{id}/stats`: where it stands, in numbers.

mod attempts;
mod breakdown;

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::analysis::GoalResult;
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::LeadState;
use carillon_runtime::context::Context;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use breakdown::*;

use super::load;
use crate::auth::Principal;
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::money::usd;
use attempts::AttemptStats;

/// Where a campaign stands, in numbers. Rates go from 0 to 1, and are null where there is nothing
/// to divide by.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CampaignStats {
    /// Leads.
    total: i64,
    /// Leads that were never called.
    pending: i64,
    /// Leads with whom a call or a text of ours is up; a call that they made leaves them where they were.
    processing: i64,
    /// Leads that wait for a retry.
    retry_scheduled: i64,
    /// Leads that are to be called back.
    callback_scheduled: i64,
    /// Leads that rest until somebody resumes them.
    suspended: i64,
    /// Leads that were reached.
    completed: i64,
    /// Leads whose attempts are used up.
    exhausted: i64,
    /// Leads that will not be called.
    skipped: i64,
    /// Leads that can't be called.
    failed: i64,
    /// Leads with at least one attempt that counted.
    attempted: i64,
    /// Leads for which nothing more will be done: completed, exhausted, skipped, failed.
    settled: i64,
    /// Leads that are there to try things out: no other number here counts them, their attempts or what these cost.
    test_leads: i64,
    /// What attempts with them cost, in US dollars.
    test_cost_usd: f64,
    /// Slots that are held: calls that are up, and those about to be placed.
    in_flight: i64,
    /// Settled leads (`settled`) to all leads (`total`).
    completion_rate: Option<f64>,
    /// Leads that were reached (`completed`) to those that were attempted (`attempted`).
    success_rate: Option<f64>,
    /// Calls that were judged by the goal, by what they achieved.
    goal_results: BTreeMap<GoalResult, i64>,
    /// Calls that achieved all of the goal to those that were judged.
    goal_success_rate: Option<f64>,
    /// What reading calls cost, in US dollars; no other cost here counts it.
    analysis_cost_usd: f64,
    #[serde(flatten)]
    attempts: AttemptStats,
    /// The same by channel.
    channels: BTreeMap<Channel, AttemptStats>,
}

/// Shows where a campaign stands, in numbers.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/stats", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignStats)))]
pub(crate) async fn get_campaign_stats(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignStats>, Problem> {
    load(&context, &principal.workspace, &id).await?;
    let (mut active_attempts, _) = context.store.in_flight(&principal.workspace).await?;
    // A call of theirs leaves its lead where it stands until it ends.
    active_attempts.retain(|active_attempt| active_attempt.campaign == id && !active_attempt.is_inbound());
    let mut counters = context.store.counters(&principal.workspace, &id).await?;
    let slots_held = active_attempts.iter().filter(|active_attempt| active_attempt.holds_slot()).count();
    let processing =
        take_out_of_progress(&context, &principal.workspace, &active_attempts, &mut counters).await?;
    Ok(Json(CampaignStats::of(&counters, processing, slots_held)))
}

/// Counters change when a call ends; until then its lead still counts as what it was before. Says with
/// how many leads a call is up: one that was reached meanwhile is counted as that already.
async fn take_out_of_progress(
    context: &Context,
    ws: &WorkspaceId,
    active_attempts: &[ActiveAttempt],
    counters: &mut Counters,
) -> Result<usize, Problem> {
    let up: BTreeSet<_> = active_attempts
        .iter()
        .filter(|active_attempt| is_up(active_attempt))
        .map(|active_attempt| active_attempt.lead.clone())
        .collect();
    let mut processing = 0;
    for lead in context.store.leads(ws, &Vec::from_iter(up)).await? {
        // Tests are not counted.
        if let (LeadState::InProgress { before, .. }, false) = (&lead.state, lead.is_test) {
            processing += 1;
            if let Some(counter) = Counter::of_state(before) {
                counters.add(counter, -1);
            }
        }
    }
    Ok(processing)
}

const fn is_up(active_attempt: &ActiveAttempt) -> bool {
    matches!(active_attempt.state, ActiveAttemptState::Dialling { .. })
}

impl CampaignStats {
    fn of(counters: &Counters, processing: usize, in_flight: usize) -> Self {
        // Two reads one after the other may be one call apart; no count is shown below zero.
        let count = |counter| counters.get(counter).max(0);
        let processing = to_i64(processing);
        let total = count(Counter::Leads);
        let retry_scheduled = count(Counter::RetryScheduled);
        let callback_scheduled = count(Counter::CallbackScheduled);
        let suspended = count(Counter::Suspended);
        let settled = counters.settled().max(0);
        Self {
            total,
            pending: (total - processing - retry_scheduled - callback_scheduled - suspended - settled).max(0),
            processing,
            retry_scheduled,
            callback_scheduled,
            suspended,
            completed: count(Counter::Completed),
            exhausted: count(Counter::Exhausted),
            skipped: count(Counter::Skipped),
            failed: count(Counter::Failed),
            attempted: count(Counter::Attempted),
            settled,
            test_leads: count(Counter::TestLeads),
            test_cost_usd: usd(count(Counter::TestCostMicros)),
            in_flight: to_i64(in_flight),
            completion_rate: counters.completion_rate(),
            success_rate: counters.success_rate(),
            goal_results: GoalResult::ALL.map(|result| (result, count(Counter::Judged(result)))).into(),
            goal_success_rate: counters.goal_success_rate(),
            analysis_cost_usd: usd(count(Counter::AnalysisCostMicros)),
            attempts: AttemptStats::of(counters),
            channels: [Channel::Call, Channel::Sms]
                .map(|channel| (channel, AttemptStats::of(&counters.of_channel(channel))))
                .into(),
        }
    }
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
