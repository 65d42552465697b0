//! How often a person may be called: the law's caps, the workspace's contact budget and the
//! campaign's minimum gap are one kind of thing.

use serde::{Deserialize, Serialize};

use crate::base::time::{MAX_SKEW_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::base::timing::{MAX_WAY_MS, START_WITHIN_MS};

/// Most attempts that a cap may allow: as many as a number's record remembers.
pub const MAX_CAP: u32 = 32;
/// Longest time that a cap may look back, in minutes: ninety days.
pub const MAX_CAP_MINUTES: u32 = 90 * 24 * 60;
/// How much longer than its time a cap holds, in milliseconds. An attempt is remembered by the second
/// in which its dial was committed, by a clock that may be off; its call may be placed as much later as
/// a call may start after its dial, and the next one at once.
pub const CAP_MARGIN_MS: i64 = SECOND_MS + START_WITHIN_MS + MAX_WAY_MS + 2 * MAX_SKEW_MS;

/// Where a cap comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum CapSource {
    /// A rule of the law, by id and version.
    Rule(String),
    Budget,
    /// The campaign's minimum gap between two calls.
    Gap,
}

/// At most so many attempts to one person, in any time of this length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// Most attempts: 1 to [`MAX_CAP`].
    pub max: u32,
    /// The time that counts, in minutes: 1 to [`MAX_CAP_MINUTES`].
    pub per_minutes: u32,
    pub source: CapSource,
}

/// A cap that allows no attempt now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capped {
    pub cap: Cap,
    /// When it allows the next one.
    pub until: Timestamp,
}

impl CapSource {
    /// The rule, or `budget` or `gap`.
    pub fn name(&self) -> String {
        match self {
            Self::Rule(name) => name.clone(),
            Self::Budget => "budget".to_owned(),
            Self::Gap => "gap".to_owned(),
        }
    }
}

impl Cap {
    /// At most one attempt in so many minutes; none if there are none.
    pub fn gap(minutes: u32) -> Option<Self> {
        (minutes > 0).then_some(Self { max: 1, per_minutes: minutes, source: CapSource::Gap })
    }

    /// The first moment from `now` on that it allows; `attempts` in time order.
    pub fn allows_at(&self, attempts: &[Timestamp], now: Timestamp) -> Timestamp {
        let max = usize::try_from(self.max).unwrap_or(usize::MAX);
        let Some(counts) = attempts.len().checked_sub(max) else { return now };
        // Once this one has left the window, fewer than `max` are in it.
        let oldest = attempts.get(counts).copied().unwrap_or(now);
        now.max(oldest.plus_ms(i64::from(self.per_minutes) * MINUTE_MS + CAP_MARGIN_MS))
    }
}

/// Whether the caps allow an attempt now, after these; else the one that holds longest.
///
/// # Errors
/// [`Capped`] names it, and when it allows the next attempt.
pub fn check(caps: &[Cap], attempts: &[Timestamp], now: Timestamp) -> Result<(), Capped> {
    let holds = caps.iter().filter_map(|cap| {
        let until = cap.allows_at(attempts, now);
        (until > now).then(|| Capped { cap: cap.clone(), until })
    });
    holds.max_by_key(|capped| capped.until).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::NOW;

    fn at(minutes: i64) -> Timestamp {
        NOW.plus_ms(minutes * MINUTE_MS)
    }

    #[test]
    fn the_cap_that_holds_longest_is_named() {
        let law = Cap { max: 2, per_minutes: 60, source: CapSource::Rule("us-fl@1".into()) };
        let gap = Cap { max: 1, per_minutes: 30, source: CapSource::Gap };
        let caps = [law.clone(), gap.clone()];
        assert_eq!(check(&caps, &[], NOW), Ok(()));
        let one = check(&caps, &[at(-10)], NOW).expect_err("the gap holds");
        assert_eq!((one.cap, one.until), (gap, at(20).plus_ms(CAP_MARGIN_MS)));
        let two = check(&caps, &[at(-15), at(-10)], NOW).expect_err("the law holds longer");
        assert_eq!((two.cap, two.until), (law, at(45).plus_ms(CAP_MARGIN_MS)));
        assert_eq!(check(&caps, &[at(-90), at(-61), at(-31)], NOW), Ok(()));
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_the_cap(
            max in 1_u32..5,
            per in 1_u32..500,
            tries in prop::collection::vec((0_i64..200, -MAX_SKEW_MS..=MAX_SKEW_MS, 0..=START_WITHIN_MS + MAX_WAY_MS), 60),
        ) {
            let cap = Cap { max, per_minutes: per, source: CapSource::Budget };
            // `now` is the time by a clock that is off; what counts is when calls are truly placed.
            let (mut attempts, mut placed, mut truly) = (Vec::new(), Vec::new(), NOW);
            for (step, skew_ms, delay_ms) in tries {
                truly = truly.plus_ms(step * SECOND_MS * 7 + 1);
                let mut now = truly.plus_ms(skew_ms);
                if let Err(capped) = check(std::slice::from_ref(&cap), &attempts, now) {
                    // Its word is kept: at that very moment an attempt is allowed.
                    now = capped.until;
                    prop_assert_eq!(check(std::slice::from_ref(&cap), &attempts, now), Ok(()));
                }
                truly = now.plus_ms(-skew_ms);
                attempts.push(Timestamp::from_millis(now.as_secs() * SECOND_MS));
                placed.push(truly.plus_ms(delay_ms));
                truly = truly.plus_ms(delay_ms);
            }
            let max = usize::try_from(max).expect("small");
            for calls in placed.windows(max + 1) {
                prop_assert!(calls[max].since_ms(calls[0]) >= i64::from(per) * MINUTE_MS);
            }
        }
    }
}
