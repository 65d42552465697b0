//! What follows a miss.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::call::{Consequence, Outcome};
use crate::base::interaction_status::Qualification;
use crate::base::outcome::{AttemptOutcome, MessageOutcome};
use crate::base::time::{MINUTE_MS, Timestamp};
use crate::base::timing::MIN_DELAY_MINUTES;

/// Most attempts that a campaign may allow for one lead.
pub const MAX_ATTEMPTS: u32 = 20;
/// Longest delay before a retry, in minutes: thirty days.
pub const MAX_DELAY_MINUTES: u32 = 30 * 24 * 60;
/// Most retries of failed calls that a campaign may allow for one lead.
pub const MAX_FAILED_RETRIES: u32 = 100;
/// How often a lead's request is found wrong before that is held to be its own fault.
pub const MAX_REJECTED: u32 = 3;
/// First delay after a request that was found wrong, in minutes; it doubles each time.
const REJECTED_MINUTES: i64 = 1;
/// Longest delay after a request that was found wrong, in minutes.
const MAX_REJECTED_MINUTES: i64 = 30;

/// Kinds of misses that a campaign may retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Miss {
    /// Nobody answered, or the call was declined.
    NoAnswer,
    Busy,
    Voicemail,
    /// The call broke off, or nobody knows what became of it.
    Error,
    /// Somebody answered, but no conversation came about.
    Incomplete,
}

impl Miss {
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Voicemail => "voicemail",
            Self::Error => "error",
            Self::Incomplete => "incomplete",
        }
    }

    /// The kind of miss that an outcome is, if it is one.
    pub const fn of(outcome: AttemptOutcome) -> Option<Self> {
        let outcome = match outcome {
            AttemptOutcome::Call(outcome) => outcome,
            AttemptOutcome::Message(MessageOutcome::Unconfirmed | MessageOutcome::Undelivered) => {
                return Some(Self::Error);
            }
            AttemptOutcome::Message(_) => return None,
        };
        match outcome {
            Outcome::NoAnswer | Outcome::Declined => Some(Self::NoAnswer),
            Outcome::Busy => Some(Self::Busy),
            Outcome::Voicemail => Some(Self::Voicemail),
            Outcome::Error | Outcome::Unheard => Some(Self::Error),
            Outcome::Incomplete => Some(Self::Incomplete),
            Outcome::Completed
            | Outcome::Failed
            | Outcome::InvalidNumber
            | Outcome::Blocked
            | Outcome::RequestRejected
            | Outcome::AccountRefused => None,
        }
    }
}

/// When and how often a lead is tried again.
///
/// A call that `failed` is not the person's doing, and has a policy of its own in it. One that the provider
/// finds wrong (`request_rejected`, `text_rejected`) uses up no attempt either: three in a row, of several leads, pause the campaign;
/// if it is one lead's alone, and others get through, that lead is `failed` at the third.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// Attempts for each lead, the first included.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 20, default = 3))]
    pub max_attempts: u32,
    /// Minutes from the end of an attempt to the next.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 43200, default = 30))]
    pub delay_minutes: u32,
    /// The misses that are tried again; `incomplete` is not unless named.
    pub on: BTreeSet<Miss>,
    /// Minutes after a kind of miss, where it has delays of its own: after the first attempt, the
    /// second, and so on; the last one goes for all that follow.
    #[cfg_attr(feature = "openapi", schema(example = json!({"busy": [5, 60]})))]
    pub delays: BTreeMap<Miss, Vec<u32>>,
    /// What follows a call that failed.
    pub failed: FailurePolicy,
}

/// When and how often a lead is tried again whose call failed: there was no route, the network was congested, or
/// it never left us. Such a call uses up no attempt, and one that never left us no cap and no budget either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FailurePolicy {
    /// Failed calls of a lead that are tried again; the next one settles it as `failed`.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100, default = 10))]
    pub max_retries: u32,
    /// Minutes after the first failed call, the second, and so on; the last one goes for all that follow.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100, example = json!([1, 2, 4, 8, 16, 30])))]
    pub delays: Vec<u32>,
}

impl Default for FailurePolicy {
    fn default() -> Self {
        Self { max_retries: 10, delays: vec![1, 2, 4, 8, 16, 30] }
    }
}

impl FailurePolicy {
    /// What becomes of a lead whose call failed, after so many that failed before.
    fn after(&self, failed: u32, now: Timestamp) -> Next {
        if failed >= self.max_retries {
            return Next::Failed;
        }
        let place = usize::try_from(failed).unwrap_or(usize::MAX);
        let minutes = self.delays.get(place).or(self.delays.last()).copied().unwrap_or(MIN_DELAY_MINUTES);
        Next::Retry { due_at: now.plus_ms(i64::from(minutes) * MINUTE_MS), counted: false }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            delay_minutes: 30,
            on: [Miss::NoAnswer, Miss::Busy, Miss::Voicemail, Miss::Error].into(),
            delays: BTreeMap::new(),
            failed: FailurePolicy::default(),
        }
    }
}

/// What becomes of a lead after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Completed,
    Retry {
        due_at: Timestamp,
        counted: bool,
    },
    /// The person wants to be called back.
    Callback {
        at: Timestamp,
    },
    /// Another step of the campaign's cadence begins.
    Step {
        step: u8,
        due_at: Timestamp,
    },
    /// No attempts are left, or this miss is not retried.
    Exhausted,
    Failed,
    /// The person does not want to be called.
    DoNotCall,
}

/// An attempt that ended, as far as the policy cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub outcome: AttemptOutcome,
    /// What the assistant noted of the person.
    pub qualification: Option<Qualification>,
    /// Attempts that counted, this one included.
    pub attempts: u32,
    /// Earlier attempts that were taken back for what this outcome stands for: that failed, or were found wrong.
    pub taken_back: u32,
    /// Whether others of the campaign get through, so that a wrong request is the lead's own fault.
    pub others_get_through: bool,
    /// Whether the person can be reached under another number.
    pub has_other_number: bool,
}

impl RetryPolicy {
    pub fn after(&self, ended: Ended, now: Timestamp) -> Next {
        let Ended { outcome, qualification, attempts, taken_back, others_get_through, has_other_number } =
            ended;
        // Enough was said, however the talk ended.
        if outcome.is_contact() && qualification.is_some() {
            return Next::Completed;
        }
        match outcome.consequence() {
            Consequence::Reached => Next::Completed,
            Consequence::Permanent if !has_other_number => Next::Failed,
            Consequence::Permanent if attempts >= self.max_attempts => Next::Exhausted,
            Consequence::Permanent => {
                Next::Retry { due_at: now.plus_ms(i64::from(MIN_DELAY_MINUTES) * MINUTE_MS), counted: true }
            }
            Consequence::AccountFault => Next::Retry { due_at: now, counted: false },
            Consequence::TakenBack if outcome.is_rejection() => {
                after_rejection(taken_back, others_get_through, now)
            }
            Consequence::TakenBack => self.failed.after(taken_back, now),
            Consequence::Missed => self.after_miss(outcome, attempts, now),
        }
    }

    fn after_miss(&self, outcome: AttemptOutcome, attempts: u32, now: Timestamp) -> Next {
        match Miss::of(outcome).filter(|miss| self.on.contains(miss)) {
            Some(miss) if attempts < self.max_attempts => {
                let delay_ms = i64::from(self.delay_minutes_after(miss, attempts)) * MINUTE_MS;
                Next::Retry { due_at: now.plus_ms(delay_ms), counted: true }
            }
            // Somebody answered: that is contact enough, unless the campaign retries it.
            None if outcome == Outcome::Incomplete.into() => Next::Completed,
            Some(_) | None => Next::Exhausted,
        }
    }

    /// Minutes from this miss, the `attempts`-th attempt, to the next.
    pub fn delay_minutes_after(&self, miss: Miss, attempts: u32) -> u32 {
        let own = self.delays.get(&miss).map_or(&[][..], Vec::as_slice);
        let place = usize::try_from(attempts).unwrap_or(usize::MAX).saturating_sub(1);
        own.get(place).or(own.last()).copied().unwrap_or(self.delay_minutes)
    }
}

/// What becomes of a lead whose request was found wrong, after so many times before. While nobody gets through it
/// may be everybody's fault, and is held against no lead.
fn after_rejection(rejected: u32, others_get_through: bool, now: Timestamp) -> Next {
    if others_get_through && rejected + 1 >= MAX_REJECTED {
        return Next::Failed;
    }
    let minutes = (REJECTED_MINUTES << rejected.min(5)).min(MAX_REJECTED_MINUTES);
    Next::Retry { due_at: now.plus_ms(minutes * MINUTE_MS), counted: false }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_252_200_000);

    fn ended(outcome: Outcome, attempts: u32, taken_back: u32) -> Ended {
        let outcome = outcome.into();
        let qualification = None;
        Ended {
            outcome,
            qualification,
            attempts,
            taken_back,
            others_get_through: true,
            has_other_number: false,
        }
    }

    #[test]
    fn a_miss_waits_and_the_last_one_exhausts() {
        let policy = RetryPolicy::default();
        let later = Next::Retry { due_at: NOW.plus_ms(30 * MINUTE_MS), counted: true };
        assert_eq!(policy.after(ended(Outcome::NoAnswer, 1, 0), NOW), later);
        assert_eq!(policy.after(ended(Outcome::Busy, 2, 0), NOW), later);
        assert_eq!(policy.after(ended(Outcome::Voicemail, 3, 0), NOW), Next::Exhausted);
    }

    #[test]
    fn an_incomplete_call_is_contact_unless_the_campaign_retries_it() {
        let mut policy = RetryPolicy::default();
        assert_eq!(policy.after(ended(Outcome::Incomplete, 1, 0), NOW), Next::Completed);
        policy.on.insert(Miss::Incomplete);
        assert!(matches!(
            policy.after(ended(Outcome::Incomplete, 1, 0), NOW),
            Next::Retry { counted: true, .. }
        ));
    }

    #[test]
    fn a_number_that_always_fails_is_given_up() {
        let policy = RetryPolicy::default();
        assert!(matches!(
            policy.after(ended(Outcome::Failed, 1, 0), NOW),
            Next::Retry { counted: false, .. }
        ));
        assert_eq!(policy.after(ended(Outcome::Failed, 1, 10), NOW), Next::Failed);
        assert_eq!(policy.after(ended(Outcome::InvalidNumber, 1, 0), NOW), Next::Failed);
    }

    #[test]
    fn failed_calls_back_off_as_the_campaign_says_and_use_up_no_attempt() {
        let failed = FailurePolicy { max_retries: 3, delays: vec![5, 60] };
        let policy = RetryPolicy { max_attempts: 1, failed, ..RetryPolicy::default() };
        let next = |failed| policy.after(ended(Outcome::Failed, 1, failed), NOW);
        let minutes = [0, 1, 2].map(|failed| match next(failed) {
            Next::Retry { due_at, counted: false } => due_at.since_ms(NOW) / MINUTE_MS,
            other => panic!("{other:?}"),
        });
        assert_eq!((minutes, next(3)), ([5, 60, 60], Next::Failed));
    }

    #[test]
    fn a_lead_whose_request_is_found_wrong_again_and_again_is_given_up() {
        let policy = RetryPolicy::default();
        let rejected = |taken_back| policy.after(ended(Outcome::RequestRejected, 1, taken_back), NOW);
        assert!(matches!(rejected(MAX_REJECTED - 2), Next::Retry { counted: false, .. }));
        assert_eq!(rejected(MAX_REJECTED - 1), Next::Failed);
        let alone = Ended { others_get_through: false, ..ended(Outcome::RequestRejected, 1, 50) };
        let due_at = NOW.plus_ms(MAX_REJECTED_MINUTES * MINUTE_MS);
        assert_eq!(
            policy.after(alone, NOW),
            Next::Retry { due_at, counted: false },
            "perhaps everybody's fault"
        );
    }

    #[test]
    fn a_dead_number_gives_way_to_the_next_one() {
        let policy = RetryPolicy::default();
        let dead = |attempts| Ended { has_other_number: true, ..ended(Outcome::InvalidNumber, attempts, 0) };
        assert!(matches!(policy.after(dead(1), NOW), Next::Retry { counted: true, .. }));
        assert_eq!(policy.after(dead(3), NOW), Next::Exhausted);
    }

    #[test]
    fn each_kind_of_miss_may_have_delays_of_its_own() {
        let policy = RetryPolicy { delays: [(Miss::Busy, vec![5, 60])].into(), ..RetryPolicy::default() };
        let minutes = |miss| [1, 2, 3].map(|attempts| policy.delay_minutes_after(miss, attempts));
        assert_eq!(minutes(Miss::Busy), [5, 60, 60]);
        assert_eq!(minutes(Miss::NoAnswer), [30, 30, 30]);
    }

    proptest! {
        #[test]
        fn no_policy_ever_exceeds_its_attempts(max in 1_u32..=20, attempts in 1_u32..40, which in 0..13_usize) {
            let policy = RetryPolicy { max_attempts: max, ..RetryPolicy::default() };
            if let Next::Retry { counted: true, due_at } = policy.after(ended(Outcome::ALL[which], attempts, 0), NOW) {
                prop_assert!(attempts < max);
                prop_assert!(due_at.since_ms(NOW) >= i64::from(MIN_DELAY_MINUTES) * MINUTE_MS);
            }
        }
    }
}
