//! As `functions/planner`: one planner per workspace at a time.

use carillon_domain::base::time::{MINUTE_MS, SECOND_MS};

use super::round;
use crate::table::{PlanState, Release};
use crate::world::{NoAnswer, World};

/// How long a planner's lease lasts, in milliseconds.
const LEASE_MS: i64 = 15 * SECOND_MS;
/// Most plans in one run.
const MAX_ROUNDS: usize = 20;
/// Delay of the hint that a failed plan sends after itself, in milliseconds.
const AFTER_FAILURE_MS: i64 = 2 * SECOND_MS;

/// Plans a workspace until there is nothing left to do now.
pub(super) async fn plan(world: &World, ws: usize) -> Result<(), NoAnswer> {
    let now = world.now();
    let Some(state) = world.take_lease(ws, now, now.plus_ms(LEASE_MS)).await? else { return Ok(()) };
    let planned = plan_with_lease(world, ws, state).await;
    if planned.is_err() {
        world.hint(ws, LEASE_MS + AFTER_FAILURE_MS).await?;
    }
    planned
}

async fn plan_with_lease(world: &World, ws: usize, mut state: PlanState) -> Result<(), NoAnswer> {
    let epoch = state.epoch;
    for _ in 0..MAX_ROUNDS {
        let Some(mut learnt) = round::run(world, ws, state).await? else { return Ok(()) };
        let hint_in_ms = delayed_hint(world, &mut learnt);
        match world.release_lease(ws, &learnt).await? {
            Release::Done => {
                if let Some(delay_ms) = hint_in_ms {
                    world.hint(ws, delay_ms).await?;
                }
                return Ok(());
            }
            Release::Again(again) => state = *again,
            Release::Overtaken => return Ok(()),
        }
    }
    world.drop_lease(ws, epoch).await?;
    world.hint(ws, 0).await
}

fn delayed_hint(world: &World, learnt: &mut PlanState) -> Option<i64> {
    let now = world.now();
    let wake_at = learnt.wake_at?;
    let is_under_way = learnt.hinted_at > now && learnt.hinted_at <= wake_at.plus_ms(SECOND_MS);
    if is_under_way || wake_at.since_ms(now) > MINUTE_MS {
        return None;
    }
    // Queues count whole seconds: a hint that came early would find itself still under way.
    let delay_secs = wake_at.since_ms(now).max(0).div_euclid(SECOND_MS) + 1;
    learnt.hinted_at = now.plus_ms(delay_secs * SECOND_MS);
    Some(delay_secs * SECOND_MS)
}
