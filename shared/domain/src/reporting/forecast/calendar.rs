//! When the calls that are up will end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::base::channel::Channel;
use crate::base::outcome::AttemptOutcome;
use crate::base::time::Timestamp;

/// The end of a call, or of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub(super) at: Timestamp,
    /// The lead and how it ends; none for a call that was up before the forecast began.
    pub(super) lead: Option<(u32, AttemptOutcome)>,
    pub(super) campaign: u16,
    pub(super) caller: u16,
}

impl End {
    /// Whether it gives a slot back.
    pub(super) fn frees_slot(&self) -> bool {
        self.lead.is_none_or(|(_, outcome)| outcome.channel() == Channel::Call)
    }
}

/// The calls that are up.
#[derive(Debug, Default)]
pub(super) struct Calendar(BinaryHeap<Reverse<End>>);

impl Calendar {
    pub(super) fn push(&mut self, end: End) {
        self.0.push(Reverse(end));
    }

    /// When the first of them ends.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.0.peek().map(|Reverse(end)| end.at)
    }

    /// Takes out the first that has ended.
    pub(super) fn pop(&mut self, now: Timestamp) -> Option<End> {
        self.first().filter(|at| *at <= now)?;
        self.0.pop().map(|Reverse(end)| end)
    }
}
