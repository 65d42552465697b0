//! How busy the slots are, against an ideal refill on the same seed: the same calls, each placed
//! the moment a slot is known to be free.
//!
//! `cargo run --release -p carillon-system-tests --bin refill [people for each slot]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use carillon_domain::base::time::HOUR_MS;
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_local::webhook_faults::WebhookFaults;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::refill::{busy_share, ideal_share, quantile, waits_ms};
use carillon_system_tests::{checks, people};

/// People for each slot, unless the command line says otherwise. The ideal begins as we do, so that few are enough.
const PEOPLE_PER_SLOT: usize = 5;
/// How long a message takes through a queue into its function, in milliseconds.
const HOP_MS: i64 = 60;
/// How long a planner is at work, in milliseconds: some eight requests to the table.
const PLAN_MS: i64 = 40;

/// What is measured.
#[derive(Clone, Copy)]
struct Load {
    slots: u32,
    /// That share the slots, all in one workspace.
    campaigns: usize,
    /// Webhooks of a thousand that are lost.
    lose_permille: u16,
    /// Whether only the tick plans.
    is_tick_only: bool,
}

const LOADS: [Load; 5] = [
    Load { slots: 50, campaigns: 1, lose_permille: 0, is_tick_only: false },
    Load { slots: 50, campaigns: 1, lose_permille: 10, is_tick_only: false },
    Load { slots: 50, campaigns: 1, lose_permille: 0, is_tick_only: true },
    Load { slots: 1_000, campaigns: 1, lose_permille: 0, is_tick_only: false },
    Load { slots: 1_000, campaigns: 20, lose_permille: 0, is_tick_only: false },
];

#[tokio::main]
async fn main() {
    let per_slot = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(PEOPLE_PER_SLOT);
    println!("{HOP_MS} ms from a message to its function, {PLAN_MS} ms for a plan\n");
    println!(
        "{:>6}{:>11}{:>7}{:>11}{:>8}{:>11}{:>9}{:>9}",
        "slots", "campaigns", "lost", "plans", "calls", "of ideal", "p50 ms", "p99 ms"
    );
    for load in LOADS {
        let calls = run(load, load.slots as usize * per_slot).await;
        let share = busy_share(&calls, load.slots) / ideal_share(&calls, load.slots);
        let waits = waits_ms(&calls, load.slots);
        let plans = if load.is_tick_only { "by tick" } else { "by hints" };
        println!(
            "{:>6}{:>11}{:>5} \u{2030}{plans:>11}{:>8}{:>9.1} %{:>9}{:>9}",
            load.slots,
            load.campaigns,
            load.lose_permille,
            calls.len(),
            share * 100.0,
            quantile(&waits, 0.5),
            quantile(&waits, 0.99),
        );
    }
}

async fn run(load: Load, count: usize) -> Vec<CallRecord> {
    let mut options = Options {
        hop_ms: HOP_MS,
        plan_ms: PLAN_MS,
        is_tick_only: load.is_tick_only,
        ..Options::at(MONDAY_AT_NINE)
    };
    // What the network is too busy for is tried again minutes later, when nobody else is left.
    options.network.mix.transient = 0;
    options.network.faults = WebhookFaults { lose_permille: load.lose_permille, ..WebhookFaults::default() };
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    people::set_slots(&context, &keys, load.slots).await;
    let retry = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let spec = CampaignSpec { concurrent_limit: load.slots, retry, ..people::spec(&keys) };
    let everybody = people::people(count, chrono_tz::Tz::Europe__Berlin);
    let mut campaigns = Vec::new();
    for some in everybody.chunks(count.div_ceil(load.campaigns)) {
        campaigns.push(people::start_campaign(&context, &keys, spec.clone(), some).await);
    }
    for campaign in &campaigns {
        harness.run_until(MONDAY_AT_NINE.plus_ms(9 * HOUR_MS), checks::has_ended(campaign)).await;
    }
    harness.network.calls()
}
