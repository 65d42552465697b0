//! The real handlers under faults: a stale index, conflicts, throttles, lost replies, killed
//! functions, messages lost and doubled, webhooks lost, doubled, late and out of order.
//!
//! A short run each time; `CARILLON_FAULT_SEEDS=100` for tens of thousands of calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use carillon_local::provider_simulator::audit::{self, CallRecord};
use carillon_local::provider_simulator::faults::WebhookFaults;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::kill::Kills;
use carillon_system_tests::weather::{Rates, Weather};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;

/// Seeds of a short run.
const SEEDS: u64 = 3;
/// People of each seed's campaign.
const PEOPLE: usize = 80;
/// How long things go wrong, in hours; then everybody must settle.
const STORM_HOURS: i64 = 3;

const RATES: Rates =
    Rates { throttle: 10, conflict: 20, lose_reply: 10, stale: 200, lose: 10, double: 20, kill: 40 };
const WEBHOOKS: WebhookFaults = WebhookFaults {
    lose_permille: 20,
    double_permille: 20,
    delay_permille: 30,
    delay_max_ms: 10 * MINUTE_MS,
    disorder_permille: 30,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_nobody_is_called_twice_and_everybody_settles() {
    let seeds =
        std::env::var("CARILLON_FAULT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    let (mut calls, mut kills) = (0, BTreeMap::<_, Kills>::new());
    for seed in 1..=seeds {
        let run = run(seed).await;
        calls += run.calls.len();
        for (function, of_run) in run.kills {
            kills.entry(function).or_default().add(of_run);
        }
    }
    eprintln!("{calls} calls under faults over {seeds} seeds");
    for (function, kills) in &kills {
        eprintln!("{function:<10}{kills:?}");
    }
    for function in ["planner", "dialer", "webhooks"].into_iter().filter(|_| seeds >= SEEDS) {
        let kills = kills[function];
        assert!(kills.at_first_write > 0 && kills.killed > kills.after_write, "{function}: {kills:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seed_can_be_run_again() {
    let [one, other] = [run(1).await, run(1).await];
    assert_eq!(one.kills, other.kills);
    let course = |run: &Run| -> Vec<_> {
        run.calls.iter().map(|call| (call.placed_at, call.to.clone(), call.result, call.known_at)).collect()
    };
    assert_eq!(course(&one), course(&other));
}

/// What came of a seed.
struct Run {
    calls: Vec<CallRecord>,
    kills: BTreeMap<&'static str, Kills>,
}

async fn run(seed: u64) -> Run {
    let weather = Arc::new(Weather::new(seed, RATES));
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.seed = seed;
    options.network.faults = WEBHOOKS;
    options.weather = Some(weather.clone());
    options.post = Some(weather.clone());
    options.hop_ms = 50;
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.calm.clone(), harness.keys.clone());
    let spec = people::spec(&keys);
    let everybody = people::people(PEOPLE, Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, spec, &everybody).await;

    harness.run_until(MONDAY_AT_NINE.plus_ms(STORM_HOURS * HOUR_MS), checks::has_ended(&campaign)).await;
    weather.still();
    let done = harness.run_until(MONDAY_AT_NINE.plus_ms(7 * DAY_MS), checks::has_ended(&campaign)).await;
    assert!(done, "seed {seed}: everybody settles once faults stop");

    let calls = harness.network.calls();
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new(), "seed {seed}");
    assert_eq!(audit::dialled_while_up(&calls), Vec::<String>::new(), "seed {seed}");
    assert!(audit::max_concurrent(&calls) <= 5, "seed {seed}");
    assert!(audit::max_in_any_window(&calls, MINUTE_MS) <= 10, "seed {seed}");
    checks::record_is_true(&harness, &campaign).await;
    Run { calls, kills: harness.kills }
}
