//! What came of attempts, in numbers.

use std::collections::BTreeMap;

use carillon_domain::base::call::Outcome;
use carillon_domain::base::outcome::{AttemptOutcome, MessageOutcome};
use carillon_domain::records::counters::{Counter, Counters, ratio};
use serde::Serialize;
use utoipa::ToSchema;

use crate::money::usd;

/// What came of attempts that have ended. Calls by hand, first submissions and call-backs are among them; calls of
/// theirs are in `outcomes` and the cost alone. Rates go from 0 to 1, and are null where there is nothing to
/// divide by.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct AttemptStats {
    /// Calls of ours that have ended, without those that never left us: that the provider refused, that came
    /// too late, or that it has never heard of. One of which nobody could tell (`unheard`) is counted.
    calls_placed: i64,
    /// Those of them whose line was picked up, by a person or a machine, if only for a moment.
    calls_connected: i64,
    /// Those of them that a person answered: no machine, no silence of a moment.
    calls_answered: i64,
    /// `calls_connected` to `calls_placed`.
    connection_rate: Option<f64>,
    /// `calls_answered` to `calls_placed`.
    answer_rate: Option<f64>,
    /// How long all calls that a person answered were, in seconds.
    talk_secs: i64,
    /// Mean duration of the calls that a person answered, in seconds.
    average_duration_secs: Option<f64>,
    /// Texts that left us.
    texts_sent: i64,
    /// Those of them that are known to have arrived.
    texts_delivered: i64,
    /// Those of them that the person replied to.
    texts_replied: i64,
    /// `texts_delivered` to `texts_sent`.
    delivery_rate: Option<f64>,
    /// What the provider charged, in US dollars; where it does not say, what it comes to by the caller number's
    /// tariff.
    total_cost_usd: f64,
    /// Ended attempts by outcome, whoever called, and whether they left us or not.
    outcomes: BTreeMap<AttemptOutcome, i64>,
}

impl AttemptStats {
    pub(super) fn of(counters: &Counters) -> Self {
        let count = |counter| counters.get(counter).max(0);
        let texts = |is: fn(MessageOutcome) -> bool| -> i64 {
            let outcomes = MessageOutcome::ALL.into_iter().filter(|outcome| is(*outcome));
            outcomes.map(|outcome| count(Counter::Messages(outcome))).sum()
        };
        let texts_sent = texts(MessageOutcome::has_left_us);
        let texts_delivered =
            texts(|outcome| outcome.has_left_us() && AttemptOutcome::from(outcome).is_contact());
        let calls = Outcome::ALL.map(|outcome| (outcome.into(), count(Counter::Ended(outcome))));
        let messages = MessageOutcome::ALL.map(|outcome| (outcome.into(), count(Counter::Messages(outcome))));
        Self {
            calls_placed: count(Counter::Placed),
            calls_connected: count(Counter::Connected),
            calls_answered: count(Counter::Answered),
            connection_rate: counters.connection_rate(),
            answer_rate: counters.answer_rate(),
            talk_secs: count(Counter::TalkSecs),
            average_duration_secs: counters.mean_talk_secs(),
            texts_sent,
            texts_delivered,
            texts_replied: count(Counter::Messages(MessageOutcome::Replied)),
            delivery_rate: ratio(texts_delivered, texts_sent),
            total_cost_usd: usd(count(Counter::CostMicros)),
            outcomes: calls.into_iter().chain(messages).filter(|(_, count)| *count > 0).collect(),
        }
    }
}
