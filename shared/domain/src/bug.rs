//! Bugs that the simulation plants in a decision, to show that it would find them. Without the feature
//! `planted-bugs` there are none.

#[cfg(feature = "planted-bugs")]
use std::cell::Cell;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    BulkRestartsWhoTalks,
    ListsDialledNumberOnly,
    LostRaceTakenForLostReply,
    LostReplyTakenForLostRace,
    RateWithoutMargin,
    RestartsWhoTalks,
    RunBeginsTwice,
    StartsAfterItsSlot,
    StartsWhenever,
}

#[cfg(feature = "planted-bugs")]
thread_local! {
    static PLANTED: Cell<Option<Switch>> = const { Cell::new(None) };
}

/// Plants a bug for this thread, in place of any other.
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: Option<Switch>) {
    PLANTED.set(bug);
}

/// Whether this bug is planted.
#[cfg(feature = "planted-bugs")]
pub fn planted(bug: Switch) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether this bug is planted: never.
#[cfg(not(feature = "planted-bugs"))]
pub const fn planted(_: Switch) -> bool {
    false
}
