//! Campaigns that text, too.

use super::*;
use crate::base::channel::Channel;
use crate::base::interaction_status::InteractionStatus as S;
use crate::base::outcome::MessageOutcome;
use crate::policy::cadence::{Cadence, Step};
use crate::policy::sms_sender::SmsSender;
use crate::policy::tariff::Tariff;
use crate::records::counters::{Counter, Counters};

const MESSAGE_MICROS: u64 = 50_000;

/// A call, a text if nobody answers, and another call if that does not come through; each is tried once.
fn mixed() -> PlanningSnapshot {
    let step = |channel, delay_minutes, after: &[S]| Step {
        channel,
        delay_minutes,
        after: after.iter().copied().collect(),
    };
    let mut snapshot = snapshot(10);
    let own = &mut snapshot.campaigns[0];
    own.campaign.spec.retry.max_attempts = 1;
    own.campaign.spec.cadence = Cadence::try_from(vec![
        step(Channel::Call, 0, &[]),
        step(Channel::Sms, 5, &[S::NoAnswer]),
        step(Channel::Call, 60, &[S::Undelivered]),
    ])
    .expect("a cadence");
    own.numbers[0].sms = Some(SmsSender { rate_limit_per_minute: None, ..fixtures::sms_sender() });
    snapshot.workspace.tariffs =
        vec![Tariff { channel: Channel::Sms, country: None, micros: MESSAGE_MICROS }];
    snapshot
}

fn crowd(text_statistics: TextStatistics) -> Population {
    Population { text_statistics, ..population(vec![fresh(berlin(), 40)], ended(Outcome::NoAnswer)) }
}

fn all(outcome: MessageOutcome) -> TextStatistics {
    let mut counters = Counters::default();
    counters.add(Counter::Messages(outcome), 60);
    TextStatistics::of(&counters)
}

#[test]
fn a_text_follows_a_call_that_nobody_answers_and_settles_the_lead() {
    let forecast = told(&mixed(), crowd(TextStatistics::default()));
    assert_eq!((forecast.calls, forecast.texts), (40, 40));
    assert_eq!((forecast.zones[0].reached, forecast.cost_micros), (40, 40 * MESSAGE_MICROS));
    assert!(forecast.assumptions.contains(&Assumption::TextsAreDelivered));
}

#[test]
fn texts_go_as_those_before_and_so_does_what_follows_them() {
    let forecast = told(&mixed(), crowd(all(MessageOutcome::Undelivered)));
    assert_eq!((forecast.calls, forecast.texts), (80, 40));
    assert_eq!(forecast.zones[0].exhausted, 40);
    assert!(forecast.assumptions.contains(&Assumption::TextsGoOn { texts: 60 }));
    let replied = told(&mixed(), crowd(all(MessageOutcome::Replied)));
    assert_eq!((replied.calls, replied.zones[0].reached), (40, 40));
}
