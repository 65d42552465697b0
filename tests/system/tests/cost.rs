//! What an imported row and a dial cost, in requests and capacity units, against the budget.

use carillon_domain::base::time::DAY_MS;
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::spent::Spent;
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;

/// Rows that one request creates.
const ROWS_PER_REQUEST: f64 = 25.0;
/// Requests per dial: fences, number record, counters, webhook and transcript.
const DIAL_REQUESTS: f64 = 12.0;
const DIAL_WRITE_UNITS: f64 = 28.0;
/// Write units per event, after the dial.
const EVENT_WRITE_UNITS: f64 = 0.2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dial_stays_within_its_budget() {
    let options = Options { hop_ms: 60, stream: Some(Delivery::Plain), ..Options::at(MONDAY_AT_NINE) };
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    let spec =
        carillon_domain::records::campaign::CampaignSpec { concurrent_limit: 50, ..people::spec(&keys) };
    let everybody = people::people(400, Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, spec, &everybody).await;
    let ended = harness.run_until(MONDAY_AT_NINE.plus_ms(DAY_MS), checks::has_ended(&campaign)).await;
    assert!(ended);
    harness.tell_all().await;

    let calls = harness.network.calls().len() as f64;
    eprintln!(
        "{calls} calls\n\n{:<28}{:>10}{:>10}{:>10}{:>10}",
        "", "runs", "requests", "read u.", "write u."
    );
    let row = |name: &str, spent: Spent| {
        eprintln!(
            "{name:<28}{:>10.2}{:>10.2}{:>10.2}{:>10.2}",
            spent.runs as f64 / calls,
            spent.usage.requests as f64 / calls,
            spent.usage.read_units / calls,
            spent.usage.write_units / calls,
        );
    };
    let spent = |name: &str| harness.spent.get(name).copied().unwrap_or_default();
    for name in ["planner", "dialer", "webhooks", "stream"] {
        row(&format!("{name}, per call"), spent(name));
    }
    let (dialer, webhooks, planner) = (spent("dialer"), spent("webhooks"), spent("planner"));
    let requests = (dialer.usage.requests + webhooks.usage.requests) as f64 / calls;
    // A claim is part of the plan that makes it; the rest of a plan serves all that it claims.
    let claims = planner.usage.write_units / calls;
    let write_units = (dialer.usage.write_units + webhooks.usage.write_units) / calls + claims;
    eprintln!(
        "\nper dial: {requests:.2} requests (budget {DIAL_REQUESTS}), {write_units:.2} write units (budget {DIAL_WRITE_UNITS})"
    );
    assert!(requests <= DIAL_REQUESTS, "{requests}");
    assert!(write_units <= DIAL_WRITE_UNITS, "{write_units}");
    // What follows later, of which no call has to wait: the numbers of its events.
    let events = harness.events().len() as f64 / calls;
    let numbering = spent("stream").usage.write_units / calls;
    eprintln!(
        "{events:.2} events a dial, numbered with {numbering:.2} write units (budget {EVENT_WRITE_UNITS} each): {:.2} all in all",
        write_units + numbering
    );
    assert!(numbering <= EVENT_WRITE_UNITS * events, "{numbering}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_row_stays_within_its_budget() {
    const ROWS: usize = 5_000;
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let campaign = people::draft_campaign(&context, &keys, people::spec(&keys)).await;
    let key = format!("drops/{}/{campaign}/people.csv", keys.workspace);
    let mut text = "phone,name,timezone\n".to_owned();
    for (number, zone) in people::people(ROWS, Tz::Europe__Berlin) {
        text.push_str(&format!("{number},Somebody,{zone}\n"));
    }
    context.files.write(&key, text.into_bytes()).await.expect("a file");
    people::tell_of_file(&context, &key).await;
    harness.step().await;

    let spent = harness.spent["importer"].usage;
    let created = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table").len();
    assert_eq!(created, ROWS);
    let requests = spent.requests as f64 / ROWS as f64;
    eprintln!(
        "per imported row: {requests:.4} requests (budget {:.4} and 10 a chunk of 500), {:.2} write units",
        1.0 / ROWS_PER_REQUEST,
        spent.write_units / ROWS as f64
    );
    assert!(requests <= 1.0 / ROWS_PER_REQUEST + 10.0 / 500.0, "{requests}");
    // One for the lead and one for its place in the due index.
    assert!(spent.write_units / ROWS as f64 <= 2.1);
}
