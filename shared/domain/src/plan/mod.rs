//! Planning a workspace: who is dialled next, when, and from which number.
//!
//! A plan is made in steps, each pure: [`due_turn`] says what changes in a campaign's life,
//! [`upkeep`] looks after what is in flight, [`openings`] says what to look for in the due index,
//! [`choose`] turns what was found into claims, [`wake_at`] says when to look again; a [`Round`] is
//! made of passes. A claim leaves nothing to choose: its slot, its number and its caller number
//! are fixed, and the epoch refuses a planner that was overtaken.

mod breakers;
mod choose;
mod held;
mod marks;
mod openings;
mod room;
mod round;
mod scene;
#[cfg(test)]
mod tests;
mod turns;
mod upkeep;
mod wake;

pub use breakers::watch_breakers;
pub(crate) use choose::choose_beside;
pub use choose::{Candidates, Claim, Plan, Revision, choose};
pub(crate) use held::Held;
pub use marks::{INDEX_LAG_MS, Mark, Marks};
pub(crate) use openings::openings_beside;
pub use openings::{Opening, Openings, openings};
pub use room::{NoRoom, room_for};
pub use round::Round;
pub use scene::{CampaignScene, Failures, Scene};
pub use turns::{Walk, due_turn, due_walk, looks_finished, may_complete};
pub use upkeep::{Upkeep, release, upkeep};
pub use wake::{LOOK_AGAIN_MS, wake_at};
pub(crate) use wake::{turns_at, usable_at};

use crate::time::SECOND_MS;

/// Most claims in one pass, and so in one transaction.
pub const MAX_CLAIMS: usize = 20;
/// How long a claim without a rate may wait for its dialer, in milliseconds.
pub const UNPACED_WINDOW_MS: i64 = 10 * SECOND_MS;
/// A claim that nobody dialled after this long is sent to the dialers again, in milliseconds. One that
/// is held to a rate is released by then: its window is shorter.
pub const RESEND_AFTER_MS: i64 = 3 * SECOND_MS;
