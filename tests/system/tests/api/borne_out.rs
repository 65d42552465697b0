//! A forecast beside what then happens.

use std::collections::BTreeMap;

use carillon_domain::base::call::Outcome;
use carillon_domain::base::time::{DAY_MS, MINUTE_MS, Timestamp};
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::campaign::Command;
use carillon_domain::reporting::forecast::{CallStatistics, Outlook, forecast};
use carillon_runtime::{forecast_input, planning_snapshot, services::lifecycle};
use carillon_system_tests::api::NOON;
use carillon_system_tests::harness::{Harness, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;

const PEOPLE: usize = 150;
/// How far a run may be beside its forecast, in percent.
const TOLERANCE_PERCENT: i64 = 15;

/// How calls end in the simulated network, in thousandths.
const NETWORK: [(Outcome, f64); 8] = [
    (Outcome::Completed, 450.0),
    (Outcome::NoAnswer, 220.0),
    (Outcome::Voicemail, 150.0),
    (Outcome::Incomplete, 80.0),
    (Outcome::Busy, 60.0),
    (Outcome::Declined, 20.0),
    (Outcome::InvalidNumber, 10.0),
    (Outcome::Failed, 10.0),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_takes_as_long_and_calls_as_often_as_foretold() {
    let begin: Timestamp = NOON.parse().expect("a time");
    let mut harness = Harness::start(Options::at(begin)).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let mut spec = people::spec(&keys);
    // The rate is what holds it back, and not how long conversations last.
    spec.concurrent_limit = 50;
    spec.retry = RetryPolicy { delay_minutes: 30, ..spec.retry };
    let id = people::draft_campaign(&context, &keys, spec).await;
    people::add_leads(&context, &keys, &id, &people::people(PEOPLE, Tz::Europe__Berlin)).await;

    let ws = &keys.workspace;
    let state = context.store.plan_state(ws).await.expect("a table").unwrap_or_default();
    let snapshot = planning_snapshot::read(&context, ws, &state, [id.clone()]).await.expect("a table");
    let own = snapshot.campaign(&id).expect("a campaign");
    let mut population = forecast_input::read(&context, ws, own).await.expect("a table").population;
    population.call_statistics = CallStatistics::with(NETWORK);
    let crowds = BTreeMap::from([(id.clone(), population)]);
    let outlook = Outlook { snapshot: &snapshot, campaign: &id, crowds: &crowds, days: 5, seed: 1 };
    let foretold = forecast(&outlook).expect("a forecast");

    lifecycle::apply(&context, ws, &id, Command::Start).await.expect("a draft starts");
    let done = harness.run_until(begin.plus_ms(2 * DAY_MS), checks::has_ended(&id)).await;
    assert!(done, "the campaign completes");
    let calls = i64::try_from(harness.network.calls().len()).expect("small");
    let ended_at =
        context.store.campaign(ws, &id).await.expect("a table").and_then(|campaign| campaign.ended_at);
    let minutes = ended_at.expect("it has ended").since_ms(begin) / MINUTE_MS;
    let finish = foretold.finish.p50.expect("it ends").since_ms(begin) / MINUTE_MS;
    for (happened, told) in [(calls, i64::try_from(foretold.calls).expect("small")), (minutes, finish)] {
        let beside = (happened - told).abs();
        assert!(beside * 100 <= told * TOLERANCE_PERCENT, "{happened} happened, {told} was foretold");
    }
}
