//! Another wording of a goal, tried on calls that were judged by the one that is set.

use serde::{Deserialize, Serialize};

use crate::base::time::{MINUTE_MS, Timestamp};
use crate::records::analysis::GoalResult;

/// Most calls of one test.
pub const MAX_CALLS: usize = 10;
/// Most tests of a workspace in any minute.
pub const MAX_PER_MINUTE: usize = 3;

/// What another wording says of a call beside the one that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = GoalComparison))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    Better,
    Same,
    Worse,
    /// One of the two does not judge it.
    Unknown,
}

impl Comparison {
    pub const ALL: [Self; 4] = [Self::Better, Self::Same, Self::Worse, Self::Unknown];

    pub fn of(old: Option<GoalResult>, new: Option<GoalResult>) -> Self {
        let (Some(old), Some(new)) = (old, new) else { return Self::Unknown };
        match new.cmp(&old) {
            std::cmp::Ordering::Greater => Self::Better,
            std::cmp::Ordering::Equal => Self::Same,
            std::cmp::Ordering::Less => Self::Worse,
        }
    }
}

/// The tests of a workspace in the last minute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentGoalTests {
    pub version: u64,
    pub begun_at: Vec<Timestamp>,
}

impl RecentGoalTests {
    /// With one more that begins now.
    ///
    /// # Errors
    /// When the next one may begin.
    pub fn and_one_at(&self, now: Timestamp) -> Result<Self, Timestamp> {
        let is_recent = |at: &&Timestamp| now.since_ms(**at) < MINUTE_MS;
        let mut begun_at: Vec<_> = self.begun_at.iter().filter(is_recent).copied().collect();
        if let Some(first) = begun_at.iter().min().filter(|_| begun_at.len() >= MAX_PER_MINUTE) {
            return Err(first.plus_ms(MINUTE_MS));
        }
        begun_at.push(now);
        Ok(Self { version: self.version + 1, begun_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::NOW;

    #[test]
    fn three_begin_in_any_minute() {
        let mut tests = RecentGoalTests::default();
        for second in [0, 10, 20] {
            tests = tests.and_one_at(NOW.plus_ms(second * 1_000)).expect("it may");
        }
        assert_eq!(tests.and_one_at(NOW.plus_ms(59_999)), Err(NOW.plus_ms(MINUTE_MS)));
        let next = tests.and_one_at(NOW.plus_ms(MINUTE_MS)).expect("it may");
        assert_eq!((next.begun_at.len(), next.version), (3, 4));
    }

    #[test]
    fn a_verdict_is_better_than_another_by_what_was_achieved() {
        let (success, failure) = (Some(GoalResult::Success), Some(GoalResult::Failure));
        assert_eq!(Comparison::of(failure, Some(GoalResult::PartialSuccess)), Comparison::Better);
        assert_eq!(Comparison::of(success, failure), Comparison::Worse);
        assert_eq!(Comparison::of(success, success), Comparison::Same);
        assert_eq!(Comparison::of(None, success), Comparison::Unknown);
    }
}
