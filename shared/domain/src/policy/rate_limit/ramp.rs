//! Ramping up: a campaign's limit grows step by step.

use crate::base::time::MINUTE_MS;

/// A limit on its way up: 1 at the start, then evenly more, and all of it `ramp_up_minutes` after
/// the start. `running_ms` is how long the campaign has been running, in milliseconds.
pub fn ramped_limit(limit: u32, ramp_up_minutes: u32, running_ms: i64) -> u32 {
    let ramp_ms = i64::from(ramp_up_minutes) * MINUTE_MS;
    if ramp_ms == 0 || running_ms >= ramp_ms || limit <= 1 {
        return limit;
    }
    let grown = i128::from(limit - 1) * i128::from(running_ms.max(0)) / i128::from(ramp_ms);
    u32::try_from(grown).map_or(limit, |grown| grown + 1)
}

/// In how many milliseconds [`ramped_limit`] grows again; none once it is all there.
pub fn ms_to_next_step(limit: u32, ramp_up_minutes: u32, running_ms: i64) -> Option<i64> {
    let reached = ramped_limit(limit, ramp_up_minutes, running_ms);
    if reached >= limit {
        return None;
    }
    let ramp_ms = i128::from(ramp_up_minutes) * i128::from(MINUTE_MS);
    let steps = i128::from(limit - 1);
    let grows_at = (i128::from(reached) * ramp_ms + steps - 1) / steps;
    i64::try_from(grows_at).ok().map(|grows_at| grows_at.saturating_sub(running_ms))
}
