//! What an imported row and a dial cost, in requests and capacity units, against the budget.

use carillon_domain::base::time::DAY_MS;
use carillon_system_tests::api::Api;
use carillon_system_tests::cost::{self, Load};
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::receiver::Receiver;
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;
use serde_json::json;

/// Rows that one request creates.
const ROWS_PER_REQUEST: f64 = 25.0;
/// What a dial may take of the table, all functions together.
const DIAL_REQUESTS: f64 = 18.1;
const DIAL_READ_UNITS: f64 = 35.5;
const DIAL_WRITE_UNITS: f64 = 30.0;
/// What a text may take.
const TEXT_REQUESTS: f64 = 9.0;
const TEXT_WRITE_UNITS: f64 = 22.0;
/// What an event may take on its way to an endpoint.
const DELIVERY_REQUESTS: f64 = 3.5;
const DELIVERY_READ_UNITS: f64 = 3.0;
const DELIVERY_WRITE_UNITS: f64 = 7.0;
/// Write units per event, and per change of a lead that the search index hears of: each waits a second for others.
const EVENT_WRITE_UNITS: f64 = 0.4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dial_stays_within_its_budget() {
    let cost = cost::of_dials(Load { slots: 50, people: 400, campaigns: 1 }).await;
    eprintln!("{cost}");
    let per_dial = cost.all_in();
    assert!(per_dial.requests <= DIAL_REQUESTS, "{per_dial:?}");
    assert!(per_dial.write_units <= DIAL_WRITE_UNITS, "{per_dial:?}");
    assert!(per_dial.read_units <= DIAL_READ_UNITS, "{per_dial:?}");
    let (events, calls) = (cost.events as f64, cost.attempts as f64);
    let telling = cost.of("stream").write_units;
    eprintln!("{:.2} events a dial, told of with {telling:.2} write units", events / calls);
    assert!(telling <= EVENT_WRITE_UNITS * events / calls, "{telling}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_stays_within_its_budget() {
    let cost = cost::of_texts(400).await;
    eprintln!("{cost}");
    let per_text = cost.all_in();
    assert!(per_text.requests <= TEXT_REQUESTS, "{per_text:?}");
    assert!(per_text.write_units <= TEXT_WRITE_UNITS, "{per_text:?}");
}

/// What an event costs on its way to an endpoint that takes it at once, besides being told of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_stays_within_its_budget() {
    let spent_with = async |endpoints: usize| {
        let options = Options { stream: Some(Delivery::Plain), ..Options::at(MONDAY_AT_NINE) };
        let mut harness = Harness::start(options).await;
        let receiver = Receiver::start().await;
        for _ in 0..endpoints {
            Api::of(&harness).post("/webhook-endpoints", json!({"url": receiver.url})).await.ok(201);
        }
        let (context, keys) = (harness.context.clone(), harness.keys.clone());
        people::lift_rate(&context, &keys).await;
        let somebody = people::people(60, Tz::Europe__Berlin);
        let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &somebody).await;
        let end = MONDAY_AT_NINE.plus_ms(DAY_MS);
        assert!(harness.run_until(end, checks::has_ended(&campaign)).await);
        let of = |name: &str| harness.spent.get(name).map(|spent| spent.usage).unwrap_or_default();
        (receiver.take().len(), of("stream"), of("courier"))
    };
    let (none, alone, idle) = spent_with(0).await;
    let (count, with, courier) = spent_with(1).await;
    assert!(none == 0 && idle.requests == 0 && count > 300, "{count}");
    let per_delivery = |total: f64| total / count as f64;
    let requests = per_delivery((with.requests + courier.requests) as f64 - alone.requests as f64);
    let read_units = per_delivery(with.read_units + courier.read_units - alone.read_units);
    let write_units = per_delivery(with.write_units + courier.write_units - alone.write_units);
    eprintln!("a delivery: {requests:.2} requests, {read_units:.2} read units, {write_units:.2} write units");
    assert!(requests <= DELIVERY_REQUESTS, "{requests}");
    assert!(read_units <= DELIVERY_READ_UNITS, "{read_units}");
    assert!(write_units <= DELIVERY_WRITE_UNITS, "{write_units}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_row_stays_within_its_budget() {
    let (requests, write_units) =
        cost_of_a_row("phone,name,timezone\n", |number| format!("{number},Somebody")).await;
    assert!(requests <= 1.0 / ROWS_PER_REQUEST + 10.0 / 500.0, "{requests}");
    // One for the lead and one for its place in the due index.
    assert!(write_units <= 2.1, "{write_units}");
}

/// The lead and the pointer of its second number are one transaction, which counts twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_row_of_two_numbers_stays_within_its_budget() {
    let row = |number: &str| format!("{number},{},Somebody", number.replace("+4930231", "+4930232"));
    let (requests, write_units) = cost_of_a_row("phone,phone_2,name,timezone\n", row).await;
    // A transaction takes half as many as a batch does.
    assert!(requests <= 1.2 / ROWS_PER_REQUEST + 10.0 / 500.0, "{requests}");
    assert!(write_units <= 6.1, "{write_units}");
}

/// Requests and write units of a row, where so many are imported.
async fn cost_of_a_row(header: &str, row: impl Fn(&str) -> String) -> (f64, f64) {
    const ROWS: usize = 5_000;
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let campaign = people::draft_campaign(&context, &keys, people::spec(&keys)).await;
    let key = format!("drops/{}/{campaign}/people.csv", keys.workspace);
    let mut text = header.to_owned();
    for (number, zone) in people::people(ROWS, Tz::Europe__Berlin) {
        text.push_str(&format!("{},{zone}\n", row(&number)));
    }
    context.files.write(&key, text.into_bytes()).await.expect("a file");
    people::tell_of_file(&context, &key).await;
    harness.step().await;

    let spent = harness.spent["importer"].usage;
    let created = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table").len();
    assert_eq!(created, ROWS);
    let (requests, write_units) = (spent.requests as f64 / ROWS as f64, spent.write_units / ROWS as f64);
    eprintln!(
        "per imported row of `{}`: {requests:.4} requests (budget {:.4} and 10 a chunk of 500), {write_units:.2} write units",
        header.trim_end(),
        1.0 / ROWS_PER_REQUEST,
    );
    (requests, write_units)
}
