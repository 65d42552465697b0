//! Cost does not grow with the number of leads, plans are shared where much is in flight, and no partition is written
//! much more than others.
//!
//! Writes are counted over a short run; `CARILLON_PEOPLE=3000` for a longer one.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use carillon_adapters::clock::{Clock, Time};
use carillon_domain::base::time::{DAY_MS, SECOND_MS, Timestamp};
use carillon_domain::planning::collects_ms;
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_planner::PlanError;
use carillon_runtime::context::Context;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::keys_written::KeysWritten;
use carillon_system_tests::scale::{cost_beside, table};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// Leads of the smaller and of the larger campaign.
const LEADS: (u32, u32) = (1_000, 50_000);
/// How far the cost of a run may be from that of another, in parts of it.
const TOLERANCE: f64 = 0.05;
/// More than are in flight where nobody waits for a plan.
const SLOTS: u32 = 150;
/// People of the campaign whose writes are counted, in a short run.
const PEOPLE: usize = 400;
/// Most writes to one partition, in parts of all.
const MOST: f64 = 0.01;
/// Partitions that are written more: what a workspace plans by, one partition for each workspace; and one place
/// in the index for each campaign, class and zone, or for each of a few shards, as what is spent has. With the most writes to each for
/// each call made: a fifth more than it takes.
const NAMED: [(&str, f64); 7] = [
    ("plan", 4.6),
    ("credits", 0.3),
    ("active_attempts", 3.8),
    ("index due fresh", 1.7),
    ("index due retry", 0.8),
    ("index ended", 0.18),
    ("index wake", 0.25),
];

#[tokio::test]
async fn a_tick_and_a_plan_cost_the_same_however_many_leads_there_are() {
    let few = cost_beside(LEADS.0).await;
    let many = cost_beside(LEADS.1).await;
    eprintln!("{}", table((LEADS.0, &few), (LEADS.1, &many)));
    for (name, one) in &few {
        let other = &many[name];
        assert!(one.runs >= 25 && one.runs.abs_diff(other.runs) * 20 <= one.runs, "{name}");
        // The time of a processor is printed only: it depends on what else the machine does.
        for ((figure, before), (_, after)) in one.per_run().into_iter().zip(other.per_run()).take(5) {
            let is_near = (after - before).abs() <= before * TOLERANCE;
            assert!(is_near, "{name}: {figure} {before} beside {}, {after} beside {}", LEADS.0, LEADS.1);
        }
    }
}

/// A clock on which whoever waits does so until they are woken.
#[derive(Debug)]
struct HeldClock {
    shows: Clock,
    asleep: UnboundedSender<Timestamp>,
    woken: Notify,
}

impl Time for HeldClock {
    fn now(&self) -> Timestamp {
        self.shows.now()
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.asleep.send(at).expect("a test that listens");
        Box::pin(self.woken.notified())
    }
}

/// Until when the planner waits; it is to wait.
async fn waits_until(
    sleepers: &mut UnboundedReceiver<Timestamp>,
    planner: &mut JoinHandle<Result<(), PlanError>>,
) -> Timestamp {
    tokio::select! {
        until = sleepers.recv() => until.expect("a clock"),
        done = planner => panic!("the planner did not wait: {done:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hints_while_much_is_in_flight_shares_the_next_plan() {
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    people::set_slots(&context, &keys, SLOTS).await;
    let spec = CampaignSpec { concurrent_limit: SLOTS, ..people::spec(&keys) };
    people::start_campaign(&context, &keys, spec, &people::people(2 * SLOTS as usize, BERLIN)).await;
    harness.run_to(MONDAY_AT_NINE.plus_ms(10 * SECOND_MS)).await;
    let ws = &keys.workspace;
    let (in_flight, _) = context.store.in_flight(ws).await.expect("a table");
    assert!(collects_ms(in_flight.len()) > 0, "{} are in flight", in_flight.len());

    let (asleep, mut sleepers) = unbounded_channel();
    let clock = Arc::new(HeldClock { shows: context.clock.clone(), asleep, woken: Notify::new() });
    let context = Context { clock: Clock::Custom(clock.clone()), ..context };
    let mut planner = tokio::spawn({
        let (context, ws) = (context.clone(), ws.clone());
        async move { carillon_planner::plan(&context, &ws).await }
    });
    let until = waits_until(&mut sleepers, &mut planner).await;
    assert_eq!(until, context.now().plus_ms(collects_ms(in_flight.len())));
    assert!(until > context.now());
    let queries = || harness.table.meter().snapshot().of("Query").requests;
    let before = queries();
    for _ in 0..3 {
        carillon_planner::plan(&context, ws).await.expect("it leaves");
    }
    assert_eq!(queries(), before, "the three read nothing");
    clock.woken.notify_one();
    waits_until(&mut sleepers, &mut planner).await;
    assert!(queries() > before, "one plan for the three");
    clock.woken.notify_one();
    planner.await.expect("no panic").expect("a plan");
    assert!(sleepers.try_recv().is_err(), "and no other");
}

/// What a partition holds: its key without ids and shards, and without the zone.
fn family(partition: &str) -> String {
    let (index, key) = match partition.strip_prefix("index ") {
        Some(key) => ("index ", key),
        None => ("", partition),
    };
    let is_kind = |part: &&str| {
        part.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') && !part.is_empty()
    };
    let kinds: Vec<&str> = key.split('#').filter(is_kind).collect();
    let kind = if kinds.is_empty() { "workspace or interaction".to_owned() } else { kinds.join(" ") };
    format!("{index}{kind}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_partition_takes_more_of_the_writes_than_it_may() {
    let written = Arc::new(KeysWritten::default());
    let mut options = Options { hop_ms: 80, ..Options::at(MONDAY_AT_NINE) };
    options.interceptor = Some(written.clone());
    let mut harness = Harness::start(options).await;
    // Leads are created under the same eyes.
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    let retry = RetryPolicy { max_attempts: 2, ..RetryPolicy::default() };
    let spec = CampaignSpec { concurrent_limit: 50, retry, ..people::spec(&keys) };
    let people = std::env::var("CARILLON_PEOPLE").ok().and_then(|people| people.parse().ok());
    let people = people.unwrap_or(PEOPLE);
    let population = people::population(2, people, BERLIN);
    let campaign = people::start_campaign(&context, &keys, spec, &population).await;
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(DAY_MS), checks::has_ended(&campaign)).await);

    let by_partition = written.by_partition();
    let all: u64 = by_partition.values().sum();
    let mut families = BTreeMap::<String, (usize, u64, u64)>::new();
    for (partition, writes) in &by_partition {
        let (partitions, sum, most) = families.entry(family(partition)).or_default();
        (*partitions, *sum, *most) = (*partitions + 1, *sum + writes, (*most).max(*writes));
    }
    let calls = harness.network.calls().len();
    eprintln!("{calls} calls to {people} people: {all} writes\n");
    eprintln!(
        "{:<32}{:>12}{:>10}{:>10}{:>14}{:>10}",
        "", "partitions", "writes", "of all", "the hottest", "a call"
    );
    let share = |writes: u64| writes as f64 / all as f64;
    let per_call = |writes: u64| writes as f64 / calls as f64;
    for (family, (partitions, sum, most)) in &families {
        let (of_all, hottest) = (share(*sum) * 100.0, share(*most) * 100.0);
        let a_call = per_call(*most);
        eprintln!("{family:<32}{partitions:>12}{sum:>10}{of_all:>8.2} %{hottest:>12.2} %{a_call:>10.2}");
    }
    for (family, (_, _, most)) in families {
        match NAMED.iter().find(|(named, _)| *named == family) {
            Some((_, bound)) => assert!(per_call(most) <= *bound, "{family}: {:.2} a call", per_call(most)),
            None => assert!(share(most) <= MOST, "{family}: {:.4}", share(most)),
        }
    }
}
