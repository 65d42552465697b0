//! How calls of a campaign go: from its own counters, or assumed.

use serde::{Serialize, Serializer};

use crate::base::call::Outcome;
use crate::base::channel::Channel;
use crate::base::rng::SplitMix64;
use crate::records::counters::{Counter, Counters};

/// Fewest calls that must have ended before a campaign's own experience counts.
pub const MIN_CALLS: u64 = 50;
/// Assumed length of a conversation, in seconds.
pub const ASSUMED_TALK_SECS: f64 = 90.0;
/// Assumed length of ringing before somebody picks up or declines, in seconds.
pub const ASSUMED_RINGING_SECS: f64 = 15.0;
/// How long a call takes of which the network says at once that it fails, in seconds.
pub const SIGNAL_SECS: f64 = 5.0;
/// Assumed price of a minute of conversation, in millionths of a US dollar.
pub const ASSUMED_COST_MICROS_PER_MINUTE: u64 = 100_000;
/// Assumed parts of the outcomes; they add up to 1.
pub const ASSUMED_SHARES: [(Outcome, f64); 8] = [
    (Outcome::Completed, 0.30),
    (Outcome::Incomplete, 0.05),
    (Outcome::Voicemail, 0.20),
    (Outcome::NoAnswer, 0.32),
    (Outcome::Busy, 0.05),
    (Outcome::Declined, 0.04),
    (Outcome::InvalidNumber, 0.03),
    (Outcome::Failed, 0.01),
];
/// As many calls the assumptions are taken to be worth: how far the truth may be from them.
const ASSUMED_WORTH: u64 = 100;
/// More calls than this do not make an experience surer.
const MAX_WORTH: u64 = 1_000;
const OUTCOMES: usize = Outcome::ALL.len();

/// How calls of a campaign end and how long they last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallStatistics {
    /// Parts of the outcomes, in the order of [`Outcome::ALL`]; those of refused accounts, after which
    /// a campaign pauses, are left out.
    #[serde(serialize_with = "by_outcome")]
    pub(super) shares: [f64; OUTCOMES],
    /// Mean length of the calls that are answered, in seconds.
    pub talk_secs: f64,
    /// Mean length of ringing before somebody picks up or declines, in seconds.
    pub ringing_secs: f64,
    /// Whether conversations differ in length: exponentially about their mean.
    pub is_spread: bool,
    /// Price of a minute of conversation, in millionths of a US dollar.
    pub cost_micros_per_minute: u64,
    /// The calls of the campaign's own that it is made from; 0 if all of it is assumed.
    pub calls: u64,
}

/// One call as it was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drawn {
    pub(super) outcome: Outcome,
    pub(super) ringing_ms: i64,
    pub(super) talk_ms: i64,
}

impl Default for CallStatistics {
    fn default() -> Self {
        Self {
            shares: normal(&ASSUMED_SHARES),
            talk_secs: ASSUMED_TALK_SECS,
            ringing_secs: ASSUMED_RINGING_SECS,
            is_spread: true,
            cost_micros_per_minute: ASSUMED_COST_MICROS_PER_MINUTE,
            calls: 0,
        }
    }
}

impl CallStatistics {
    /// That of a campaign's calls, whatever its texts: its own once [`MIN_CALLS`] of them have ended, else all of it assumed. How
    /// long calls ring is not counted, so that is always assumed.
    pub fn of(counters: &Counters) -> Self {
        let counters = counters.of_channel(Channel::Call);
        let count = |counter| u64::try_from(counters.get(counter)).unwrap_or_default();
        let ended = Outcome::ALL.map(|outcome| (outcome, count(Counter::Ended(outcome))));
        let counts = ended.into_iter().filter(|(outcome, _)| *outcome != Outcome::AccountRefused);
        let calls = counts.clone().map(|(_, count)| count).sum();
        if calls < MIN_CALLS {
            return Self::default();
        }
        let mut own = Self { calls, ..Self::with(counts.map(|(outcome, count)| (outcome, count as f64))) };
        let answered: u64 =
            ended.iter().filter(|(outcome, _)| outcome.is_answered()).map(|(_, count)| count).sum();
        let talked_secs = count(Counter::TalkSecs) + count(Counter::OtherSecs);
        if answered > 0 && talked_secs > 0 {
            own.talk_secs = talked_secs as f64 / answered as f64;
            if count(Counter::CostMicros) > 0 {
                own.cost_micros_per_minute = count(Counter::CostMicros) * 60 / talked_secs;
            }
        }
        own
    }

    /// Assumed in all but how calls end: by these parts, whatever their sum.
    pub fn with(parts: impl IntoIterator<Item = (Outcome, f64)>) -> Self {
        let parts: Vec<_> = parts.into_iter().collect();
        Self { shares: normal(&parts), ..Self::default() }
    }

    /// The part of the calls that ends so.
    pub fn share(&self, outcome: Outcome) -> f64 {
        let place = Outcome::ALL.iter().position(|other| *other == outcome);
        place.and_then(|place| self.shares.get(place)).copied().unwrap_or_default()
    }

    /// Draws a call that may ring for `timeout_secs`.
    pub(super) fn draw(&self, timeout_secs: u16, random: &mut SplitMix64) -> Drawn {
        let outcome = self.draw_outcome(random);
        let ringing_secs = match outcome {
            Outcome::Completed | Outcome::Incomplete | Outcome::Voicemail | Outcome::Declined => {
                self.ringing_secs.min(f64::from(timeout_secs))
            }
            Outcome::NoAnswer | Outcome::Unheard => f64::from(timeout_secs),
            Outcome::Busy
            | Outcome::InvalidNumber
            | Outcome::Blocked
            | Outcome::Failed
            | Outcome::Error
            | Outcome::RequestRejected
            | Outcome::AccountRefused => SIGNAL_SECS,
        };
        let talk_secs = match (outcome.is_answered(), self.is_spread) {
            (false, _) => 0.0,
            (true, false) => self.talk_secs,
            (true, true) => random.next_length(self.talk_secs),
        };
        Drawn { outcome, ringing_ms: ms(ringing_secs), talk_ms: ms(talk_secs) }
    }

    /// Another experience that as many calls might have led to: how little is known.
    pub(super) fn resampled(&self, random: &mut SplitMix64) -> Self {
        let worth = if self.calls == 0 { ASSUMED_WORTH } else { self.calls.min(MAX_WORTH) };
        let mut counts = Outcome::ALL.map(|outcome| (outcome, 0.0));
        for _ in 0..worth {
            let drawn = self.draw_outcome(random);
            for (_, count) in counts.iter_mut().filter(|(outcome, _)| *outcome == drawn) {
                *count += 1.0;
            }
        }
        let lengths = (0..worth).map(|_| if self.is_spread { random.next_length(1.0) } else { 1.0 });
        let talk_secs = self.talk_secs * lengths.sum::<f64>() / worth as f64;
        Self { shares: normal(&counts), talk_secs, ..self.clone() }
    }

    fn draw_outcome(&self, random: &mut SplitMix64) -> Outcome {
        let mut left = random.next_part();
        for (outcome, share) in Outcome::ALL.into_iter().zip(self.shares).rev() {
            left -= share;
            if left < 0.0 {
                return outcome;
            }
        }
        // The parts add up to a little less than 1.
        Outcome::NoAnswer
    }
}

/// The parts in the order of the outcomes, with a sum of 1; nobody answers if there are none.
fn normal(parts: &[(Outcome, f64)]) -> [f64; OUTCOMES] {
    let part = |outcome: Outcome| {
        let own = parts.iter().filter(|(other, _)| *other == outcome);
        own.map(|(_, part)| part.max(0.0)).sum::<f64>()
    };
    let sum: f64 = Outcome::ALL.into_iter().map(part).sum();
    Outcome::ALL
        .map(|outcome| if sum > 0.0 { part(outcome) / sum } else { f64::from(outcome == Outcome::NoAnswer) })
}

/// The parts that there are, by the names of the outcomes.
fn by_outcome<S: Serializer>(shares: &[f64; OUTCOMES], serializer: S) -> Result<S::Ok, S::Error> {
    let parts = Outcome::ALL.into_iter().zip(shares);
    serializer.collect_map(parts.filter(|(_, share)| **share > 0.0))
}

fn ms(secs: f64) -> i64 {
    (secs * 1_000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_that_has_called_enough_has_an_experience_of_its_own() {
        let mut counters = Counters::default();
        counters.add(Counter::Ended(Outcome::Completed), 30);
        counters.add(Counter::Ended(Outcome::Voicemail), 10);
        counters.add(Counter::Ended(Outcome::NoAnswer), 9);
        counters.add(Counter::Ended(Outcome::AccountRefused), 100);
        counters.add(Counter::TalkSecs, 3_900);
        counters.add(Counter::OtherSecs, 100);
        // What its texts cost is no price of talking.
        counters.add(Counter::CostMicros, 8_900_000);
        counters.add(Counter::MessageCostMicros, 900_000);
        assert_eq!(CallStatistics::of(&counters), CallStatistics::default());
        counters.add(Counter::Ended(Outcome::NoAnswer), 51);
        let own = CallStatistics::of(&counters);
        assert_eq!((own.calls, own.talk_secs, own.cost_micros_per_minute), (100, 100.0, 120_000));
        assert_eq!((own.share(Outcome::Completed), own.share(Outcome::AccountRefused)), (0.3, 0.0));
    }

    #[test]
    fn outcomes_are_drawn_by_their_parts() {
        let (assumed, mut random) = (CallStatistics::default(), SplitMix64::new(7));
        let mut counts = ASSUMED_SHARES.map(|(outcome, _)| (outcome, 0.0));
        for _ in 0..100_000 {
            let drawn = assumed.draw_outcome(&mut random);
            for (_, count) in counts.iter_mut().filter(|(outcome, _)| *outcome == drawn) {
                *count += 1.0;
            }
        }
        for ((outcome, share), (_, count)) in ASSUMED_SHARES.into_iter().zip(counts) {
            assert!((count / 100_000.0 - share).abs() < 0.01, "{outcome:?}: {count}");
        }
    }
}
