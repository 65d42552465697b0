//! How texts of a campaign go: from its own counters, or assumed.

use crate::base::outcome::MessageOutcome;
use crate::base::rng::SplitMix64;
use crate::records::counters::{Counter, Counters};

/// Fewest texts that must have ended before a campaign's own experience counts.
pub const MIN_TEXTS: u64 = 50;
const OUTCOMES: usize = MessageOutcome::ALL.len();

/// How texts of a campaign end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextStatistics {
    /// Parts of the outcomes, in the order of [`MessageOutcome::ALL`]; none if all are delivered.
    shares: Option<[f64; OUTCOMES]>,
    /// The texts of the campaign's own that it is made from; 0 if it is assumed.
    pub texts: u64,
}

impl TextStatistics {
    /// That of a campaign: its own once [`MIN_TEXTS`] texts have ended, else all are taken to be delivered. Of a refused
    /// sender, after which a campaign pauses, nothing is told.
    pub fn of(counters: &Counters) -> Self {
        let counts = MessageOutcome::ALL.map(|outcome| match outcome {
            MessageOutcome::SenderRefused | MessageOutcome::Received => 0,
            _ => u64::try_from(counters.get(Counter::Messages(outcome))).unwrap_or_default(),
        });
        let texts: u64 = counts.iter().sum();
        if texts < MIN_TEXTS {
            return Self::default();
        }
        Self { shares: Some(counts.map(|count| count as f64 / texts as f64)), texts }
    }

    /// How one ends.
    pub(super) fn draw(&self, random: &mut SplitMix64) -> MessageOutcome {
        let Some(shares) = self.shares else { return MessageOutcome::Delivered };
        let mut left = random.next_part();
        for (outcome, share) in MessageOutcome::ALL.into_iter().zip(shares) {
            left -= share;
            if left < 0.0 {
                return outcome;
            }
        }
        // The parts add up to a little less than 1.
        MessageOutcome::Delivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_that_has_texted_enough_has_an_experience_of_its_own() {
        let mut counters = Counters::default();
        counters.add(Counter::Messages(MessageOutcome::Delivered), 30);
        counters.add(Counter::Messages(MessageOutcome::Received), 100);
        counters.add(Counter::Messages(MessageOutcome::SenderRefused), 100);
        assert_eq!(TextStatistics::of(&counters), TextStatistics::default());
        counters.add(Counter::Messages(MessageOutcome::Undelivered), 10);
        counters.add(Counter::Messages(MessageOutcome::Replied), 60);
        let own = TextStatistics::of(&counters);
        assert_eq!(own.texts, 100);
        let mut random = SplitMix64::new(7);
        let drawn: Vec<_> = (0..10_000).map(|_| own.draw(&mut random)).collect();
        for (outcome, share) in [
            (MessageOutcome::Delivered, 0.3),
            (MessageOutcome::Undelivered, 0.1),
            (MessageOutcome::Replied, 0.6),
        ] {
            let part = drawn.iter().filter(|one| **one == outcome).count() as f64 / 10_000.0;
            assert!((part - share).abs() < 0.02, "{outcome:?}: {part}");
        }
    }
}
