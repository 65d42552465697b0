//! The leads of a campaign, as a forecast takes them: by the group, not one by one.

use std::collections::BTreeMap;

use super::{CallStatistics, TextStatistics};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::records::lead::{DueClass, SkipReason};

/// The leads of a campaign.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Population {
    /// Those that wait to be called.
    pub groups: Vec<Group>,
    pub settled: u64,
    /// How many wait that are known to be skipped, by reason: `do_not_call`, `no_consent`...; they are
    /// in no group.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// How calls with them go.
    pub call_statistics: CallStatistics,
    /// How texts to them go.
    pub text_statistics: TextStatistics,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Where they may be called.
    pub zone: Zone,
    /// The class in which they wait.
    pub class: DueClass,
    /// Attempts of each that have counted.
    pub attempts: u32,
    /// When they fall due, in any order.
    pub due: Vec<Due>,
    /// The number of one of them, for campaigns that call from a number near the person.
    pub sample: Option<E164>,
}

/// How many leads fall due at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    pub leads: u64,
}

impl Population {
    /// How many wait to be called.
    pub fn leads(&self) -> u64 {
        self.groups.iter().map(Group::leads).sum()
    }

    /// One in `by` of them, spread as evenly as they are.
    pub(super) fn scaled(&self, by: u64) -> Self {
        let mut seen = 0;
        let mut groups = self.groups.clone();
        for due in groups.iter_mut().flat_map(|group| &mut group.due) {
            let before = seen / by;
            seen += due.leads;
            due.leads = seen / by - before;
        }
        Self { groups, ..self.clone() }
    }
}

impl Group {
    pub fn leads(&self) -> u64 {
        self.due.iter().map(|due| due.leads).sum()
    }
}
