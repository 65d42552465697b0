//! How the moments of an attempt hang together: what rates, caps, hours and plans all rely on.

use super::time::{MINUTE_MS, SECOND_MS};

/// How long a claim without a rate may wait for its dialer, in milliseconds.
pub const UNPACED_WINDOW_MS: i64 = 10 * SECOND_MS;
/// A call starts this soon after its dial was committed, or not at all; in milliseconds.
pub const START_WITHIN_MS: i64 = 5 * SECOND_MS;
/// How long a dial may be on its way to the provider, in milliseconds.
pub const MAX_WAY_MS: i64 = SECOND_MS / 2;
/// Shortest delay before a retry, in minutes. The planner relies on it: what it found
/// empty stays empty that long.
pub const MIN_DELAY_MINUTES: u32 = 1;
/// The soonest that a call-back or a next step falls due, in milliseconds: what a planner found empty stays
/// so for as long.
pub(crate) const SOONEST_MS: i64 = MIN_DELAY_MINUTES as i64 * MINUTE_MS;
