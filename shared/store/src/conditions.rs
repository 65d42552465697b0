//! The conditions of the store's writes, by name.

use carillon_domain::transaction::Stage;

use crate::item::{number, text};
use crate::table::Condition;

impl Condition {
    /// The stored entity is one version older than this.
    pub(crate) fn one_older(version: u64) -> Self {
        Self::Equals("version", number(version.saturating_sub(1)))
    }

    /// The same; a first version stands where nothing is stored.
    pub(crate) fn first_or_one_older(version: u64) -> Self {
        if version == 1 { Self::NoItem } else { Self::one_older(version) }
    }

    /// The stored entity is this version.
    pub(crate) fn is_version(version: u64) -> Self {
        Self::Equals("version", number(version))
    }

    /// Nothing is stored, or something with this `id`.
    pub(crate) fn none_but(id: &str) -> Self {
        Self::NoItem.or(Self::Equals("id", text(id)))
    }

    /// What is stored is this attempt's.
    pub(crate) fn of_attempt(attempt: &str) -> Self {
        Self::Equals("attempt", text(attempt))
    }

    /// The stored active attempt is this one, and so far.
    pub(crate) fn of_attempt_at(attempt: &str, stage: Stage) -> Self {
        let stage = match stage {
            Stage::Claimed => "claimed",
            Stage::Dialling => "dialling",
        };
        Self::of_attempt(attempt).and(Self::Equals("state.name", text(stage)))
    }

    /// No later planner has begun.
    pub(crate) fn at_epoch(epoch: u64) -> Self {
        Self::Equals("epoch", number(epoch))
    }

    /// The set of this attribute holds the text, or has room for it.
    pub(crate) fn has_room_for(text: &str, set: &'static str, most: usize) -> Self {
        Self::Absent(set).or(Self::FewerThan(set, most)).or(Self::Contains(set, text.to_owned()))
    }
}
