//! Plans a workspace: who is dialled next, when, from which number.
//!
//! One planner per workspace at a time, by lease and epoch. Any number of hints is one plan: who
//! finds the lease taken tells its holder to plan again, and leaves.

mod campaign_transitions;
mod candidates;
mod claims;
mod completion;
mod error;
mod pass;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::SECOND_MS;
use carillon_domain::planning;
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::PlanHint;
use carillon_store::{Lease, PlanState, Release};

pub use error::PlanError;

/// How long a planner's lease lasts, in milliseconds: a dead planner holds nothing up for longer.
pub const LEASE_MS: i64 = 15 * SECOND_MS;
/// Most plans in one run; more than enough to catch up with whoever keeps changing things.
const MAX_ROUNDS: usize = 20;
/// Delay of the hint that a failed plan sends after itself, in milliseconds.
const AFTER_FAILURE_MS: i64 = 2 * SECOND_MS;

/// Handles a batch of hints.
pub async fn handle(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |hint: PlanHint| async move { plan(context, &hint.workspace).await }).await
}

/// Plans a workspace until there is nothing left to do now.
///
/// # Errors
/// [`PlanError`]; the workspace is looked at again soon.
pub async fn plan(context: &Context, ws: &WorkspaceId) -> Result<(), PlanError> {
    let now = context.now();
    let state = match context.store.take_lease(ws, now, now.plus_ms(LEASE_MS)).await? {
        Lease::Taken(state) => *state,
        Lease::Held => return Ok(()),
    };
    let planned = plan_with_lease(context, ws, state).await;
    if planned.is_err() {
        // The lease runs out by itself; this hint comes when it has.
        context.hint(ws, LEASE_MS + AFTER_FAILURE_MS).await?;
    }
    planned
}

async fn plan_with_lease(context: &Context, ws: &WorkspaceId, mut state: PlanState) -> Result<(), PlanError> {
    let epoch = state.epoch;
    for _ in 0..MAX_ROUNDS {
        let Some(mut learnt) = pass::run(context, ws, state).await? else { return Ok(()) };
        let now = context.now();
        let hint_in_ms =
            learnt.wake_at.and_then(|wake_at| planning::delayed_hint_ms(wake_at, learnt.hinted_at, now));
        if let Some(delay_ms) = hint_in_ms {
            learnt.hinted_at = now.plus_ms(delay_ms);
        }
        match context.store.release_lease(ws, &learnt).await? {
            Release::Done => {
                if let Some(delay_ms) = hint_in_ms {
                    context.hint(ws, delay_ms).await?;
                }
                return Ok(());
            }
            Release::Again(again) => state = *again,
            Release::Overtaken => return Ok(()),
        }
    }
    context.store.drop_lease(ws, epoch).await?;
    Ok(context.hint(ws, 0).await?)
}
