//! `/campaigns/{id}/stats`: where it stands, in numbers.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use carillon_domain::base::call::Outcome;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::LeadState;
use carillon_runtime::context::Context;
use serde::Serialize;
use utoipa::ToSchema;

use super::load;
use crate::auth::Principal;
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::money::usd;

/// Where a campaign stands, in numbers. Rates go from 0 to 1, and are null where there is nothing
/// to divide by.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CampaignStats {
    /// Leads.
    total: i64,
    /// Leads that were never called.
    pending: i64,
    /// Leads with whom a call of ours is up; one that they made leaves them where they were.
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
    /// Calls of ours that have ended, without those that never left us: that the provider refused, that came
    /// too late, or that it has never heard of. One of which nobody could tell (`unheard`) is counted.
    calls_placed: i64,
    /// Those of them that a person answered: no machine, no silence of a moment.
    calls_answered: i64,
    /// Slots that are held: calls that are up, and those about to be placed.
    in_flight: i64,
    /// Settled leads to all leads.
    completion_rate: Option<f64>,
    /// Leads that were reached to those that were attempted.
    success_rate: Option<f64>,
    /// Calls that a person answered to placed ones.
    answer_rate: Option<f64>,
    /// Mean duration of the calls that a person answered, in seconds.
    average_duration_secs: Option<f64>,
    /// What the provider charged, in US dollars, as far as it says.
    total_cost_usd: f64,
    /// Ended calls by outcome, whoever called, and whether they left us or not.
    outcomes: BTreeMap<Outcome, i64>,
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
    // A call of theirs holds no slot, and leaves its lead where it stands until it ends.
    active_attempts.retain(|active_attempt| active_attempt.campaign == id && active_attempt.holds_slot());
    let mut counters = context.store.counters(&principal.workspace, &id).await?;
    let processing =
        take_out_of_progress(&context, &principal.workspace, &active_attempts, &mut counters).await?;
    Ok(Json(CampaignStats::of(&counters, processing, active_attempts.len())))
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
        if let LeadState::InProgress { before, .. } = &lead.state {
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
        let ended = |outcome: &Outcome| count(Counter::Ended(*outcome));
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
            calls_placed: count(Counter::Placed),
            calls_answered: count(Counter::Answered),
            in_flight: to_i64(in_flight),
            completion_rate: counters.completion_rate(),
            success_rate: counters.success_rate(),
            answer_rate: counters.answer_rate(),
            average_duration_secs: counters.mean_talk_secs(),
            total_cost_usd: usd(count(Counter::CostMicros)),
            outcomes: Outcome::ALL
                .iter()
                .filter(|outcome| ended(outcome) > 0)
                .map(|o| (*o, ended(o)))
                .collect(),
        }
    }
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
