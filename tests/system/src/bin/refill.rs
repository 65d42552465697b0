//! How busy the slots are, against an ideal refill on the same seed: the same calls, each placed
//! the moment a slot is known to be free.
//!
//! `cargo run -p carillon-system-tests --bin refill [people]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use carillon_domain::base::time::HOUR_MS;
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_local::provider_simulator::faults::WebhookFaults;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};

const SLOTS: u32 = 50;
/// People, unless the command line says otherwise: enough that the beginning does not matter.
const PEOPLE: usize = 2_000;
/// How long a message takes through a queue into its function, in milliseconds.
const HOP_MS: i64 = 80;

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(PEOPLE);
    let lossy = WebhookFaults { lose_permille: 10, ..WebhookFaults::default() };
    println!("{SLOTS} slots, {count} people, {HOP_MS} ms from a message to its function\n");
    println!("{:<34}{:>8}{:>12}{:>10}", "", "calls", "busy slots", "of ideal");
    for (name, faults, is_tick_only) in [
        ("hints (ours)", WebhookFaults::default(), false),
        ("hints, 1 % of webhooks lost", lossy, false),
        ("tick only, for comparison", WebhookFaults::default(), true),
    ] {
        let calls = run(count, faults, is_tick_only).await;
        let share = busy_share(&calls);
        println!(
            "{name:<34}{:>8}{:>11.1} %{:>8.1} %",
            calls.len(),
            share * 100.0,
            share / ideal_share(&calls) * 100.0
        );
    }
}

async fn run(count: usize, faults: WebhookFaults, is_tick_only: bool) -> Vec<CallRecord> {
    let mut options = Options { hop_ms: HOP_MS, is_tick_only, ..Options::at(MONDAY_AT_NINE) };
    options.network.faults = faults;
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    let retry = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let spec = CampaignSpec { concurrent_limit: SLOTS, retry, ..people::spec(&keys) };
    let everybody = people::people(count, chrono_tz::Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, spec, &everybody).await;
    harness.run_until(MONDAY_AT_NINE.plus_ms(9 * HOUR_MS), checks::has_ended(&campaign)).await;
    harness.network.calls()
}

/// How long a call holds its slot: until the provider tells, or could have told.
fn hold_ms(call: &CallRecord) -> i64 {
    call.known_at.unwrap_or(call.ended_at).since_ms(call.placed_at)
}

/// The share of slot time that is used while there is somebody left to call.
fn busy_share(calls: &[CallRecord]) -> f64 {
    let (Some(first), Some(last)) =
        (calls.iter().map(|call| call.placed_at).min(), calls.iter().map(|call| call.placed_at).max())
    else {
        return 0.0;
    };
    let used: i64 = calls.iter().map(|call| hold_ms(call).min(last.since_ms(call.placed_at))).sum();
    used as f64 / (last.since_ms(first) * i64::from(SLOTS)) as f64
}

/// The same for the ideal refill.
fn ideal_share(calls: &[CallRecord]) -> f64 {
    let mut free_at: BinaryHeap<Reverse<i64>> = (0..SLOTS).map(|_| Reverse(0)).collect();
    let mut placed = Vec::with_capacity(calls.len());
    for call in calls {
        let Some(Reverse(at)) = free_at.pop() else { return 0.0 };
        placed.push((at, hold_ms(call)));
        free_at.push(Reverse(at + hold_ms(call)));
    }
    let last = placed.iter().map(|(at, _)| *at).max().unwrap_or_default();
    let used: i64 = placed.iter().map(|(at, hold)| hold.min(&(last - at)).to_owned()).sum();
    used as f64 / (last * i64::from(SLOTS)) as f64
}
