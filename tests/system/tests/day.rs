//! A campaign over a virtual day, judged by the network's own log.

use std::collections::HashMap;

use carillon_domain::base::time::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::provider_simulator::audit;
use carillon_local::provider_simulator::people::Mix;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;
use jiff::civil::Weekday;
use serde_json::json;

/// Around the context, so that something is open most of the day.
const ZONES: [Tz; 8] = [
    Tz::Asia__Tokyo,
    Tz::Asia__Kolkata,
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::America__Sao_Paulo,
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::Pacific__Auckland,
];
const PEOPLE_PER_ZONE: usize = 15;
const CONCURRENT_LIMIT: usize = 5;
const RATE_PER_MINUTE: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_keeps_every_limit() {
    let begin: Timestamp = "2026-11-22T22:00:00Z".parse().expect("a time");
    let mut harness = Harness::start(Options { hop_ms: 60, ..Options::at(begin) }).await;
    let everybody: Vec<(String, Tz)> = people::people(ZONES.len() * PEOPLE_PER_ZONE, Tz::UTC)
        .into_iter()
        .zip(ZONES.into_iter().cycle())
        .map(|((number, _), zone)| (number, zone))
        .collect();
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let spec = people::spec(&keys);
    let campaign = people::start_campaign(&context, &keys, spec, &everybody).await;
    let done = harness.run_until(begin.plus_ms(2 * DAY_MS), checks::has_ended(&campaign)).await;
    assert!(done, "the campaign completes within two days");

    let calls = harness.network.calls();
    assert!(calls.len() > everybody.len(), "everybody is called, some again");
    assert!(audit::max_concurrent(&calls) <= CONCURRENT_LIMIT);
    assert!(audit::max_in_any_window(&calls, MINUTE_MS) <= RATE_PER_MINUTE);
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new());
    assert_eq!(audit::dialled_again_after_answer(&calls), Vec::<String>::new());
    let zones: HashMap<String, Tz> = everybody.into_iter().collect();
    for call in &calls {
        assert!(is_in_office_hours(call.placed_at, zones[&call.to]), "{call:?}");
    }
    checks::record_is_true(&harness, &campaign).await;
}

/// Monday to Friday, 9:00 to 18:00 there, by another time zone library than the domain's.
fn is_in_office_hours(at: Timestamp, zone: Tz) -> bool {
    let there = jiff::Timestamp::from_millisecond(at.as_millis())
        .expect("a time of this century")
        .in_tz(zone.name())
        .expect("a zone of both libraries");
    let is_workday = !matches!(there.weekday(), Weekday::Saturday | Weekday::Sunday);
    is_workday && (9..18).contains(&there.hour())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_a_minute_are_ten_in_62_seconds() {
    let options = Options { hop_ms: 60, plan_ms: 40, ..Options::at(MONDAY_AT_NINE) };
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::set_slots(&context, &keys, 50).await;
    let spec = CampaignSpec { concurrent_limit: 50, ..people::spec(&keys) };
    let everybody = people::people(100, Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, spec, &everybody).await;
    harness.run_until(MONDAY_AT_NINE.plus_ms(9 * MINUTE_MS), checks::has_ended(&campaign)).await;
    let mut placed: Vec<_> = harness.network.calls().iter().map(|call| call.placed_at).collect();
    placed.sort();
    assert!(placed.len() > 8 * RATE_PER_MINUTE, "{}", placed.len());
    for calls in placed.windows(RATE_PER_MINUTE + 1) {
        let minute_ms = calls[RATE_PER_MINUTE].since_ms(calls[0]);
        // Each is placed within its slot's second.
        assert!((MINUTE_MS..=63 * SECOND_MS).contains(&minute_ms), "{minute_ms} ms");
    }
    let tens = i64::try_from((placed.len() - 1) / RATE_PER_MINUTE).expect("few");
    let took_ms = placed[usize::try_from(tens).expect("few") * RATE_PER_MINUTE].since_ms(placed[0]);
    assert!(took_ms <= tens * 125 * SECOND_MS / 2, "{tens} times ten in {took_ms} ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_number_is_called_at_the_hours_where_it_is() {
    let mut options = Options { hop_ms: 60, ..Options::at(MONDAY_AT_NINE) };
    options.network.mix = Mix { no_answer: 1_000, ..Mix::TALKERS };
    let mut harness = Harness::start(options).await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &[]).await;
    let lead = json!({"phone": "+4930239000001", "secondary_phones": ["+12125550123"]});
    api.post(&format!("/campaigns/{campaign}/leads"), lead).await.ok(201);
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(3 * DAY_MS), checks::has_ended(&campaign)).await);
    let calls = harness.network.calls();
    let called: Vec<&str> = calls.iter().map(|call| call.to.as_str()).collect();
    assert_eq!(called, ["+4930239000001", "+12125550123", "+4930239000001"]);
    for (call, zone) in calls.iter().zip([Tz::Europe__Berlin, Tz::America__New_York, Tz::Europe__Berlin]) {
        assert!(is_in_office_hours(call.placed_at, zone), "{call:?}");
    }
    let leads = api.all(&format!("/campaigns/{campaign}/leads")).await;
    for (phone, call) in [(0, 2), (1, 1)] {
        let phone = &leads[0]["phones"][phone];
        assert_eq!(
            (&phone["status"], &phone["last_attempt"]["outcome"]),
            (&json!("no_answer"), &json!("no_answer"))
        );
        let at: Timestamp = serde_json::from_value(phone["last_attempt"]["at"].clone()).expect("a moment");
        assert!(calls[call].placed_at.since_ms(at) < 5_000, "{phone}");
    }
    let evidence = api.get(&format!("/campaigns/{campaign}/evidence")).await.ok(200);
    let zone = |n: usize| evidence["items"][n]["evidence"]["zone"].clone();
    assert_eq!(
        [zone(0), zone(1), zone(2)],
        ["Europe/Berlin@DE", "America/New_York@US-NY", "Europe/Berlin@DE"]
    );
}
