//! Planning a workspace: who is dialled next, when, and from which number.
//!
//! A plan is made in steps, each pure: [`due_turn`] says what changes in a campaign's life,
//! [`expiry`] looks after what is in flight, [`due_queries`] says what to look for in the due index,
//! [`choose`] turns what was found into claims, [`wake_at`] says when to look again; a [`Round`] is
//! made of passes. A claim leaves nothing to choose: its slot, its number and its caller number
//! are fixed, and the epoch refuses a planner that was overtaken.

mod breakers;
mod choose;
mod concurrency_limit;
mod due_queries;
mod empty_partitions;
mod lease_expiry;
mod next_wakeup;
mod pass;
mod slot_usage;
mod snapshot;
#[cfg(test)]
mod tests;
mod transitions;

pub use breakers::watch_breakers;
pub(crate) use choose::choose_beside;
pub use choose::{Candidates, Claim, Plan, Revision, choose};
pub use concurrency_limit::{NoCapacity, capacity_for};
pub(crate) use due_queries::openings_beside;
pub use due_queries::{Drained, DueQueries, DueQuery, due_queries};
pub use empty_partitions::{EmptyPartition, EmptyPartitions, INDEX_LAG_MS};
pub use lease_expiry::{Expiry, expiry};
pub use next_wakeup::{LOOK_AGAIN_MS, collects_ms, delayed_hint_ms, rests_until, wake_at};
pub(crate) use next_wakeup::{turns_at, usable_in};
pub use pass::Round;
pub(crate) use slot_usage::SlotUsage;
pub use snapshot::{CampaignSnapshot, Failures, PlanningSnapshot};
pub use transitions::{Walk, due_turn, due_walk, looks_finished, may_complete};

use crate::base::time::SECOND_MS;

/// Most claims in one pass, and so in one transaction of at most 100 writes: a claim may withdraw a request, too.
pub const MAX_CLAIMS: usize = 45;
/// A claim that nobody dialled after this long is sent to the dialers again, in milliseconds. One that
/// is held to a rate is released by then: its window is shorter.
pub const RESEND_AFTER_MS: i64 = 3 * SECOND_MS;
