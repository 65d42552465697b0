//! What the local system does on this machine, on its own clock, over a table in a file: rows of a dropped file
//! that become leads, then calls, the simulated network included, whose people talk faster than people do.
//!
//! `cargo run --release -p carillon-system-tests --bin throughput [seconds] [slots] [campaigns]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use carillon_domain::base::ids::CampaignId;
use carillon_domain::records::campaign::{CampaignSpec, Command};
use carillon_local::provider_simulator::people::Mix;
use carillon_local::{LocalSettings, LocalSystem};
use carillon_runtime::services::lifecycle;
use carillon_system_tests::context::Keys;
use carillon_system_tests::harness::MONDAY_AT_NINE;
use carillon_system_tests::local_run::{import, keys};
use carillon_system_tests::people;
use carillon_system_tests::process::{cpu_ms, resident_bytes};
use carillon_system_tests::refill::{quantile, waits_ms};
use carillon_system_tests::scratch::Scratch;

const SECONDS: u64 = 300;
const SLOTS: u32 = 1_000;
const CAMPAIGNS: u32 = 1;
/// How many times as fast as people the simulated ones are: a call holds its slot for some 3 seconds.
const HASTE: NonZeroU32 = NonZeroU32::new(22).expect("not zero");
/// More calls a second than will be made: there is always somebody left to call.
const ROWS_PER_SECOND: u64 = 400;
/// How often figures are told, in seconds.
const TELL_EVERY_SECS: u64 = 30;

#[tokio::main]
async fn main() {
    let mut given = std::env::args().skip(1).filter_map(|word| word.parse::<u32>().ok());
    let seconds = given.next().map_or(SECONDS, u64::from);
    let slots = given.next().unwrap_or(SLOTS);
    let campaigns = given.next().unwrap_or(CAMPAIGNS);
    let folder = Scratch::new();
    let settings = LocalSettings {
        data_dir: folder.path().to_owned(),
        port: 0,
        network_port: 0,
        // The network is never full, so that nobody backs off.
        mix: Mix { transient: 0, ..Mix::default() },
        haste: HASTE,
        begin_at: Some(MONDAY_AT_NINE),
        ..LocalSettings::default()
    };
    let system = LocalSystem::start(settings).await.expect("a system");
    let keys = keys(&system).await;
    people::lift_rate(&system.context, &keys).await;
    people::set_slots(&system.context, &keys, slots).await;
    let rows = seconds * ROWS_PER_SECOND / u64::from(campaigns);
    let mut ids = Vec::new();
    for part in 0..campaigns {
        let spec = CampaignSpec { concurrent_limit: slots, ..people::spec(&keys) };
        let id = people::draft_campaign(&system.context, &keys, spec).await;
        let first = u64::from(part) * rows;
        import(&system, &keys, &id, first..first + rows, folder.path()).await;
        ids.push(id);
    }
    dial(&system, &keys, &ids, seconds, slots).await;
}

/// Calls for so long, and tells of it.
async fn dial(system: &LocalSystem, keys: &Keys, campaigns: &[CampaignId], seconds: u64, slots: u32) {
    let context = &system.context;
    for campaign in campaigns {
        lifecycle::apply(context, &keys.workspace, campaign, Command::Start).await.expect("a draft starts");
    }
    let before = system.table.meter().snapshot();
    let (begun, cpu) = (Instant::now(), cpu_ms());
    let (mut calls_before, mut cpu_before) = (0, cpu);
    println!("{:>8}{:>10}{:>12}{:>16}{:>12}", "second", "calls", "a second", "processor ms", "resident MB");
    for part in 1..=seconds.div_ceil(TELL_EVERY_SECS) {
        let at = begun + Duration::from_secs(seconds.min(part * TELL_EVERY_SECS));
        tokio::time::sleep_until(at.into()).await;
        let (calls, cpu_now) = (system.network.calls().len(), cpu_ms());
        let since = seconds.min(part * TELL_EVERY_SECS) - (part - 1) * TELL_EVERY_SECS;
        println!(
            "{:>8}{calls:>10}{:>12.1}{:>16.2}{:>12}",
            begun.elapsed().as_secs(),
            (calls - calls_before) as f64 / since as f64,
            (cpu_now - cpu_before) as f64 / (calls - calls_before).max(1) as f64,
            resident_bytes() >> 20,
        );
        (calls_before, cpu_before) = (calls, cpu_now);
    }
    let asked = system.table.meter().snapshot().total() - before.total();
    println!("{:.1} requests to the table for each call", asked.requests as f64 / calls_before.max(1) as f64);
    let calls = system.network.calls();
    let waits = waits_ms(&calls, slots);
    println!(
        "{slots} slots, {} campaigns: {:.1} calls a second, {:.2} ms of processor each; slot to next dial: p50 {} ms, p99 {} ms",
        campaigns.len(),
        calls.len() as f64 / begun.elapsed().as_secs_f64(),
        (cpu_ms() - cpu) as f64 / calls.len().max(1) as f64,
        quantile(&waits, 0.5),
        quantile(&waits, 0.99),
    );
}
