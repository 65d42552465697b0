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
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::PlanHint;
use carillon_store::{Lease, PlanState, Release};

use pass::Look;

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
    for round in 0..MAX_ROUNDS {
        let (learnt, hint_in_ms) = match pass::run(context, ws, state, round > 0).await? {
            Look::Over => return Ok(()),
            Look::Released { hint_in_ms } => return hint(context, ws, hint_in_ms).await,
            Look::Learnt { state, hint_in_ms, collects_until } => {
                // Whoever hints meanwhile finds the lease taken, and shares the next plan.
                context.clock.sleep_until(collects_until).await;
                (state, hint_in_ms)
            }
        };
        match context.store.release_lease(ws, &learnt).await? {
            Release::Done => return hint(context, ws, hint_in_ms).await,
            Release::Again(again) => state = *again,
            Release::Overtaken => return Ok(()),
        }
    }
    context.store.drop_lease(ws, epoch).await?;
    Ok(context.hint(ws, 0).await?)
}

async fn hint(context: &Context, ws: &WorkspaceId, in_ms: Option<i64>) -> Result<(), PlanError> {
    match in_ms {
        None => Ok(()),
        Some(delay_ms) => Ok(context.hint(ws, delay_ms).await?),
    }
}
