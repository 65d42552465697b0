//! Mixed campaigns of both voice providers while the world behind the webhooks is unreliable: webhooks are lost, doubled and
//! overtaken, and each provider is out of order twice.

use std::collections::BTreeMap;

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::channel::Channel;
use carillon_domain::base::time::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::policy::cadence::{Cadence, Step};
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::interaction::InteractionStatus as S;
use carillon_local::provider_simulator::audit;
use carillon_local::webhook_faults::WebhookFaults;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;

/// People, half of them for each voice provider, unless `CARILLON_MIXED_PEOPLE` says otherwise.
const PEOPLE: usize = 600;
const SLOTS: u32 = 100;
const FAULTS: WebhookFaults = WebhookFaults {
    lose_permille: 50,
    double_permille: 50,
    delay_permille: 0,
    delay_max_ms: 0,
    disorder_permille: 100,
};
/// How soon after it was sent an opt-out is acknowledged at the latest: it may come twice, never late.
const OPT_OUT_MS: i64 = 5 * SECOND_MS;

fn step(channel: Channel, delay_minutes: u32, after: &[S]) -> Step {
    Step { channel, delay_minutes, after: after.iter().copied().collect() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_campaigns_come_to_their_ends_and_their_records_are_true() {
    let count = std::env::var("CARILLON_MIXED_PEOPLE").ok().and_then(|count| count.parse().ok());
    let count = count.unwrap_or(PEOPLE);
    let mut options = Options { hop_ms: 60, plan_ms: 40, ..Options::at(MONDAY_AT_NINE) };
    (options.network.faults, options.messages.faults) = (FAULTS, FAULTS);
    let at = |minute: i64| MONDAY_AT_NINE.plus_ms(minute * MINUTE_MS);
    options.network.elevenlabs.outages = vec![at(3)..at(9), at(25)..at(33)];
    options.network.retell.outages = vec![at(5)..at(11), at(30)..at(36)];
    options.messages.outages = vec![at(8)..at(15), at(40)..at(44)];
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let at_retell = harness.add_retell().await;
    people::lift_rate(&context, &keys).await;
    people::lift_rate(&context, &at_retell).await;
    people::set_slots(&context, &keys, SLOTS).await;
    let cadence = vec![
        step(Channel::Call, 0, &[]),
        step(Channel::Sms, 5, &[S::NoAnswer, S::Voicemail, S::Busy]),
        step(Channel::Call, 60, &[S::NoReply, S::Undelivered]),
    ];
    let mut spec = CampaignSpec {
        cadence: Cadence::try_from(cadence).expect("a cadence"),
        concurrent_limit: SLOTS,
        ..people::texting(&keys)
    };
    spec.retry.max_attempts = 2;
    spec.retry.delay_minutes = 10;
    let everybody = people::people(count, Tz::Europe__Berlin);
    let (some, others) = everybody.split_at(count / 2);
    let spec_at_retell = CampaignSpec { assistant_id: at_retell.assistant.clone(), ..spec.clone() };
    let campaigns = [
        people::start_campaign(&context, &keys, spec, some).await,
        people::start_campaign(&context, &at_retell, spec_at_retell, others).await,
    ];
    let end = MONDAY_AT_NINE.plus_ms(5 * DAY_MS);
    for campaign in &campaigns {
        assert!(harness.run_until(end, checks::has_ended(campaign)).await, "everybody is settled in a week");
    }

    checks::records_are_true(&harness, &campaigns).await;
    checks::texts_are_true(&harness, &campaigns).await;
    let of = |provider| harness.network.calls().iter().filter(|call| call.provider == provider).count();
    let by_provider = VoiceProvider::ALL.map(of);
    assert!(by_provider.iter().all(|calls| *calls > count / 2), "{by_provider:?}");
    let (calls, messages) = (harness.network.calls(), harness.messages.messages());
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new());
    let (texts, opt_outs): (Vec<_>, BTreeMap<&str, Timestamp>) = (
        messages.iter().filter(|one| one.attempt.is_some()).collect(),
        messages
            .iter()
            .filter(|one| one.is_inbound && one.text == "STOP")
            .map(|one| (one.from.as_str(), one.at))
            .collect(),
    );
    eprintln!(
        "{count} people: {} calls {by_provider:?}, {} texts, {} opt-outs",
        calls.len(),
        texts.len(),
        opt_outs.len()
    );
    assert!(texts.len() > count / 6 && !opt_outs.is_empty());
    let after_opt_out = |to: &str, at: Timestamp| {
        opt_outs.get(to).is_some_and(|stopped_at| at.since_ms(*stopped_at) > OPT_OUT_MS)
    };
    assert!(!calls.iter().any(|call| after_opt_out(&call.to, call.placed_at)));
    assert!(!texts.iter().any(|text| after_opt_out(&text.to, text.at)));
    for number in opt_outs.keys() {
        let answers = messages.iter().filter(|one| one.is_answer && one.to == *number).count();
        assert_eq!(answers, 1, "one confirmation for {number}");
    }
}
