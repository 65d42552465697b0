//! Jobs under faults: each step is done once, whatever is lost, late or killed.

use std::collections::BTreeMap;
use std::sync::Arc;

use carillon_domain::base::ids::LeadId;
use carillon_domain::base::ids::{CampaignId, ImportId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::importing::LeadDraft;
use carillon_domain::records::campaign::{CampaignSpec, Command};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::{FileOrder, Lead, LeadState, Origin};
use carillon_domain::reporting::invariants;
use carillon_domain::transaction::{Transaction, Write};
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_runtime::services::lifecycle;
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use carillon_system_tests::storm::Storm;
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::{Value, json};

/// What a restarted lead may take of the table, with all that comes with it.
const RESTART_REQUESTS: f64 = 0.15;
const RESTART_WRITE_UNITS: f64 = 6.0;
const RESTART_READ_UNITS: f64 = 2.0;

/// A draft with so many exhausted leads.
async fn exhausted(harness: &Harness, count: usize, spec: CampaignSpec) -> CampaignId {
    let (context, ws) = (&harness.context, &harness.keys.workspace);
    let id = people::draft_campaign(context, &harness.keys, spec).await;
    let now = context.now();
    let import = ImportId::new(now, context.random.draw());
    let lead = |(row, (number, zone)): (u64, (String, chrono_tz::Tz))| {
        let mut draft = LeadDraft::new(number.parse().expect("a number"), []);
        draft.timezone = Some(zone);
        let origin = Origin { import: import.clone(), row };
        let lead_id = LeadId::derive(&id, &draft.primary.number);
        let lead = draft.into_lead(lead_id, FileOrder { at: now, row }, Some(origin), now);
        Lead { state: LeadState::Exhausted, attempts: 3, is_attempted: true, ..lead }
    };
    let leads: Vec<Lead> = (1..).zip(people::people(count, BERLIN)).map(lead).collect();
    let zones = leads.iter().flat_map(Lead::zones).collect();
    context.store.add_zones(ws, &id, &zones).await.expect("a table");
    for batch in leads.chunks(carillon_store::CREATE_BATCH) {
        context.store.create_leads(ws, batch).await.expect("a table");
    }
    let mut counters = Counters::default();
    let count = i64::try_from(count).expect("small");
    for counter in [Counter::Leads, Counter::Exhausted, Counter::Attempted] {
        counters.add(counter, count);
    }
    let counted = Write::Count { campaign: id.clone(), lead: leads[0].id.clone(), counters };
    context.store.commit(ws, &Transaction::of(counted)).await.expect("a table");
    id
}

async fn bulk(api: &Api, campaign: &CampaignId, form: Value) -> String {
    let job = api.post(&format!("/campaigns/{campaign}/leads/bulk"), form).await.ok(202);
    format!("/jobs/{}", job.id())
}

/// How often each lead has a result.
async fn results(api: &Api, job: &str) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for result in api.all(&format!("{job}/results?limit=100")).await {
        assert_eq!(result["outcome"], "done", "{result}");
        *seen.entry(result["lead_id"].as_str().expect("an id").to_owned()).or_default() += 1;
    }
    seen
}

async fn counters_are_right(harness: &Harness, campaign: &CampaignId) {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let leads = store.all_leads(ws, campaign).await.expect("a table");
    let counters = store.counters(ws, campaign).await.expect("a table");
    assert_eq!(invariants::counters_agree(&counters, &leads), Ok(()), "{counters:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_are_restarted_while_the_campaign_runs_and_nobody_is_called_twice() {
    const LEADS: usize = 10_000;
    let options = Options { hop_ms: 80, is_step_by_step: true, ..Options::at(MONDAY_AT_NINE) };
    let mut harness = Harness::start(options).await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    people::lift_rate(&context, &keys).await;
    people::set_slots(&context, &keys, 50).await;
    let spec = CampaignSpec { concurrent_limit: 50, ..people::spec(&keys) };
    let campaign = exhausted(&harness, LEADS, spec).await;
    people::add_leads(&context, &keys, &campaign, &people::population(2, 60, BERLIN)).await;
    lifecycle::apply(&context, &keys.workspace, &campaign, Command::Start).await.expect("a draft");
    harness.run_to(MONDAY_AT_NINE.plus_ms(10_000)).await;
    assert!(harness.network.calls().len() > 20, "it runs");

    let job = bulk(&api, &campaign, json!({"action": "restart", "filter": {"status": "exhausted"}})).await;
    let end = context.now().plus_ms(3 * MINUTE_MS);
    harness.run_to(end).await;
    let over = api.get(&job).await.ok(200);
    assert_eq!((&over["status"], &over["counts"]["refused"]), (&json!("completed"), &json!(0)), "{over}");
    let seen = results(&api, &job).await;
    assert!(seen.values().all(|times| *times == 1), "one result each");
    // Who was exhausted by a call meanwhile may be among them.
    assert!((LEADS..LEADS + 60).contains(&seen.len()), "{}", seen.len());
    assert_eq!(over["counts"]["done"], seen.len());
    counters_are_right(&harness, &campaign).await;
    let mut ends: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut calls = harness.network.calls();
    calls.sort_by_key(|call| call.placed_at);
    assert!(calls.len() > 150, "those that were restarted are called: {}", calls.len());
    for call in calls {
        let before = ends.insert(call.to.clone(), call.ended_at);
        assert!(before.is_none_or(|ended_at| ended_at <= call.placed_at), "two calls to {}", call.to);
    }

    let spent = harness.spent["worker"].usage;
    let each = |units: f64| units / seen.len() as f64;
    let (requests, writes, reads) =
        (each(spent.requests as f64), each(spent.write_units), each(spent.read_units));
    eprintln!("a restarted lead: {requests:.3} requests, {writes:.2} write units, {reads:.2} read units");
    assert!(requests <= RESTART_REQUESTS && writes <= RESTART_WRITE_UNITS && reads <= RESTART_READ_UNITS);
}

/// Does the jobs of a system in which every other write goes wrong, until nothing is left to do.
async fn weather(harness: &Harness, api: &Api) {
    let stormy = api.under(Arc::new(Storm::after(2)));
    for _ in 0..400 {
        while stormy.do_job(harness.context.now()).await {}
        // What was lost, the tick asks for again.
        harness.context.clock.advance_to(harness.context.now().plus_ms(MINUTE_MS));
        carillon_tick::handle(&harness.context).await.expect("the tick is spared");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_breaks_off_or_whose_reply_is_lost_is_done_once() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let api = Api::of(&harness);
    let campaign = exhausted(&harness, 1_000, people::spec(&harness.keys)).await;
    let job = bulk(&api, &campaign, json!({"action": "restart", "filter": {}})).await;
    weather(&harness, &api).await;
    let over = api.get(&job).await.ok(200);
    assert_eq!(over["status"], "completed", "{over}");
    assert_eq!(over["counts"], json!({"done": 1_000, "refused": 0, "total": 1_000}));
    let seen = results(&api, &job).await;
    assert!(seen.len() == 1_000 && seen.values().all(|times| *times == 1), "one result each");
    counters_are_right(&harness, &campaign).await;
    let leads = harness.context.store.all_leads(&harness.keys.workspace, &campaign).await.expect("a table");
    assert!(leads.iter().all(|lead| lead.version == 2 && lead.state == LeadState::Pending), "changed once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_goes_on_through_faults_until_nothing_is_left() {
    const LEADS: usize = 2_000;
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (api, store) = (Api::of(&harness), &harness.context.store);
    let ws = &harness.keys.workspace;
    let campaign = exhausted(&harness, LEADS, people::spec(&harness.keys)).await;
    let path = format!("/campaigns/{campaign}");
    let answer = api.delete(&path).await;
    let job = answer.header("location").trim_start_matches("/api/v1").to_owned();
    answer.ok(202);
    api.get(&path).await.problem(404, "not_found");
    api.get(&format!("{path}/leads")).await.problem(404, "not_found");
    api.post(&format!("{job}/cancel"), Value::Null).await.problem(409, "not_cancellable");
    weather(&harness, &api).await;
    let over = api.get(&job).await.ok(200);
    assert_eq!(over["status"], "completed", "{over}");
    assert_eq!(over["counts"], json!({"done": LEADS, "refused": 0, "total": LEADS}));
    assert_eq!(store.all_leads(ws, &campaign).await.expect("a table"), []);
    assert!(store.counters(ws, &campaign).await.expect("a table").is_empty());
    assert_eq!(store.closed_campaign(ws, &campaign).await.expect("a table"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_whose_message_is_lost_is_asked_for_again_and_one_that_always_fails_is_given_up() {
    #[derive(Debug)]
    struct NoLeads;
    impl Interceptor for NoLeads {
        fn before(&self, call: &TableCall<'_>) -> Verdict {
            let is_of_leads = call.operation == "Query" && call.request.to_string().contains("#leads#");
            if is_of_leads { Verdict::Throttle } else { Verdict::Pass }
        }
    }
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let api = Api::of(&harness);
    let campaign = exhausted(&harness, 10, people::spec(&harness.keys)).await;
    let job = bulk(&api, &campaign, json!({"action": "restart", "filter": {}})).await;
    let carillon_adapters::queue::Queue::Local(queue) = &harness.context.queues.jobs else {
        panic!("these tests keep local queues")
    };
    let lost = queue.receive(1, MINUTE_MS).expect("a queue");
    queue.delete(&lost[0].receipt).expect("a queue");
    let failing = api.under(Arc::new(NoLeads));
    for _ in 0..60 {
        harness.context.clock.advance_to(harness.context.now().plus_ms(MINUTE_MS));
        carillon_tick::handle(&harness.context).await.expect("a table");
        failing.do_job(harness.context.now()).await;
    }
    let failed = api.get(&job).await.ok(200);
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("table")), "{failed}");
    carillon_tick::handle(&harness.context).await.expect("a table");
    assert!(!failing.do_job(harness.context.now()).await, "nobody asks for it any more");
}
