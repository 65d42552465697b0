//! A subscriber that knows nothing but the event log: what it makes of it is what the table holds.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::types::AttributeValue;
use carillon_domain::base::ids::TopUpId;
use carillon_domain::base::time::{DAY_MS, MINUTE_MS};
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::campaign::{CampaignSpec, Command};
use carillon_domain::records::counters::Counter;
use carillon_domain::records::credits::TopUp;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::reporting::events::{Change, Event};
use carillon_local::TABLE;
use carillon_local::wiring::PARKED;
use carillon_runtime::services::lifecycle;
use carillon_store::{Store, Unnumbered};
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;
use serde_json::Value;
use tokio::task::JoinSet;

/// What a subscriber keeps: of each lead and each call the latest word.
#[derive(Default)]
struct Subscriber {
    latest: BTreeMap<String, Value>,
    campaign: Value,
    spent_micros: i64,
    topped_up_micros: i64,
}

impl Subscriber {
    fn hear(&mut self, event: &Value) {
        let (name, data) = (event["type"].as_str().expect("a name"), &event["data"]);
        match name.split_once('.').expect("two words") {
            ("lead" | "attempt" | "interaction", _) => {
                let id = data["id"].as_str().expect("an id").to_owned();
                let before = self.latest.insert(id, data.clone());
                let version = |data: &Value| data["version"].as_u64().expect("a version");
                assert!(before.is_none_or(|before| version(&before) < version(data)), "in order: {event}");
            }
            ("campaign", _) => self.campaign = data.clone(),
            ("credits", "charged") => self.spent_micros += data["micros"].as_i64().expect("a number"),
            ("credits", "topped_up") => self.topped_up_micros += data["micros"].as_i64().expect("a number"),
            ("import", _) => {}
            _ => panic!("{name} is not on the list"),
        }
    }

    fn of(&self, prefix: &str) -> impl Iterator<Item = &Value> {
        self.latest.iter().filter(move |(id, _)| id.starts_with(prefix)).map(|(_, data)| data)
    }

    /// A campaign's counters by name, counted anew.
    fn counters(&self) -> BTreeMap<String, i64> {
        let mut counters = BTreeMap::new();
        let mut add = |name: &str, by: i64| *counters.entry(name.to_owned()).or_default() += by;
        for lead in self.of("lead_") {
            add("leads", 1);
            add("attempted", i64::from(lead["is_attempted"] == true));
            match lead["status"].as_str().expect("a status") {
                "pending" | "in_progress" => {}
                status => add(status, 1),
            }
        }
        for call in self.of("int_") {
            let Some(outcome) = call["outcome"].as_str() else { continue };
            add(&format!("ended_{outcome}"), 1);
            let is_answered = call["is_placed"] == true && ["completed", "incomplete"].contains(&outcome);
            add("placed", i64::from(call["is_placed"] == true));
            add("answered", i64::from(is_answered));
            let is_connected = is_answered || outcome == "voicemail" || call["duration_secs"] != 0;
            add("connected", i64::from(call["is_placed"] == true && is_connected));
            let secs = if is_answered { "talk_secs" } else { "other_secs" };
            add(secs, call["duration_secs"].as_i64().expect("a number"));
            add("cost_micros", call["cost_micros"].as_i64().unwrap_or_default());
        }
        counters.retain(|_, count| *count != 0);
        counters
    }
}

/// A campaign of a file, with a ledger, to its end.
async fn run(delivery: Delivery) -> (Harness, carillon_domain::base::ids::CampaignId) {
    let options = Options { hop_ms: 60, stream: Some(delivery), ..Options::at(MONDAY_AT_NINE) };
    let mut harness = Harness::start(options).await;
    let (calm, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&calm, &keys).await;
    let (store, ws) = (&calm.store, &keys.workspace);
    let workspace = store.workspace(ws).await.expect("a table").expect("a workspace");
    let metered = Workspace { version: workspace.version + 1, low_credits_micros: Some(1), ..workspace };
    assert!(store.update_workspace(&metered).await.expect("a table"));
    let top_up = TopUp {
        id: TopUpId::new(calm.now(), [4; 10]),
        at: calm.now(),
        micros: 900_000_000,
        note: Some("to begin with".to_owned()),
    };
    assert!(store.book_top_up(ws, &top_up).await.expect("a table"));
    let retry = RetryPolicy::default();
    let spec = CampaignSpec { concurrent_limit: 10, retry, ..people::spec(&keys) };
    let campaign = people::draft_campaign(&calm, &keys, spec).await;
    let key = format!("drops/{ws}/{campaign}/people.csv");
    let mut text = "phone,name,timezone\n".to_owned();
    for (number, zone) in people::people(80, Tz::Europe__Berlin) {
        text.push_str(&format!("{number},Somebody,{zone}\n"));
    }
    text.push_str("nobody,Nobody,Europe/Berlin\n");
    calm.files.write(&key, text.into_bytes()).await.expect("a file");
    people::tell_of_file(&calm, &key).await;
    harness.step().await;
    lifecycle::apply(&calm, ws, &campaign, Command::Start).await.expect("a draft starts");
    poison(&harness).await;
    let ended = harness.run_until(MONDAY_AT_NINE.plus_ms(5 * DAY_MS), checks::has_ended(&campaign)).await;
    assert!(ended);
    harness.tell_all().await;
    (harness, campaign)
}

/// Somebody wrote an item past all rules: a top-up without an amount.
async fn poison(harness: &Harness) {
    let id = TopUpId::new(harness.context.now(), [6; 10]).to_string();
    let text = |text: String| AttributeValue::S(text);
    let put = harness.table.client().put_item().table_name(TABLE);
    put.item("pk", text(format!("{}#credits", harness.keys.workspace)))
        .item("sk", text(id.clone()))
        .item("id", text(id))
        .send()
        .await
        .expect("a table");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hears_the_events_knows_every_lead_and_every_counter() {
    let (harness, campaign) = run(Delivery::Repeated).await;
    let events = harness.events();

    // Each once, and counted without a gap: those of the campaign, and those of the workspace.
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), events.len());
    let mut counted: BTreeMap<Option<&str>, Vec<u64>> = BTreeMap::new();
    for event in &events {
        let sequence = event["sequence"].as_u64().expect("a number");
        counted.entry(event["campaign_id"].as_str()).or_default().push(sequence);
    }
    assert_eq!(counted.keys().copied().collect::<Vec<_>>(), [None, Some(campaign.as_str())]);
    for numbers in counted.values() {
        assert_eq!(*numbers, Vec::from_iter(1..=numbers.len() as u64));
    }

    let mut subscriber = Subscriber::default();
    events.iter().for_each(|event| subscriber.hear(event));
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let leads = store.all_leads(ws, &campaign).await.expect("a table");
    assert_eq!(subscriber.of("lead_").count(), leads.len());
    for lead in &leads {
        let heard = &subscriber.latest[lead.id.as_str()];
        assert_eq!(
            (heard["status"].as_str(), heard["version"].as_u64(), heard["attempts"].as_u64()),
            (Some(lead.state.name()), Some(lead.version), Some(lead.attempts.into()))
        );
    }
    let stored = store.counters(ws, &campaign).await.expect("a table");
    let stored = Counter::all().map(|counter| (counter.name().to_owned(), stored.get(counter)));
    assert_eq!(subscriber.counters(), stored.filter(|(_, count)| *count != 0).collect());
    assert_eq!(subscriber.campaign["status"], "completed");
    let credits = store.credits(ws).await.expect("a table");
    assert!(credits.spent_micros > 0);
    assert_eq!(
        (subscriber.spent_micros, subscriber.topped_up_micros),
        (credits.spent_micros, credits.topped_up_micros)
    );

    // Each kind of what happened was heard of.
    let names: BTreeSet<_> = events.iter().map(|event| event["type"].as_str().expect("a name")).collect();
    for name in [
        "campaign.created",
        "campaign.started",
        "campaign.completed",
        "lead.created",
        "lead.settled",
        "attempt.started",
        "attempt.ended",
        "import.created",
        "import.completed",
        "credits.charged",
    ] {
        assert!(names.contains(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cant_be_told_of_is_parked_with_its_reason_and_told_of_once_it_is_mended() {
    let mut harness =
        Harness::start(Options { stream: Some(Delivery::Plain), ..Options::at(MONDAY_AT_NINE) }).await;
    poison(&harness).await;
    harness.tell_all().await;
    assert_eq!(harness.events(), Vec::<Value>::new());
    let parked = harness.parked();
    assert_eq!(parked.len(), 1);
    let mut message: Value = serde_json::from_str(&parked[0]).expect("JSON");
    assert!(message["reason"].as_str().is_some_and(|reason| reason.contains("at")), "{message}");
    let again = async |message: &Value| {
        let mut record = SqsMessage::default();
        (record.message_id, record.body) = (Some("1".to_owned()), Some(message.to_string()));
        let mut event = SqsEvent::default();
        event.records = vec![record];
        carillon_stream::replay(&harness.context, event).await.batch_item_failures.len()
    };
    assert_eq!(again(&message).await, 1, "it stays until its queue gives it up: {}", PARKED.max_receives);
    let image = &mut message["record"]["dynamodb"]["NewImage"];
    image["micros"] = serde_json::json!({"N": "5"});
    image["at"] = serde_json::json!({"S": harness.context.now()});
    for _ in 0..2 {
        assert_eq!(again(&message).await, 0);
    }
    let events = harness.events();
    assert_eq!((events.len(), &events[0]["type"]), (1, &"credits.topped_up".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_given_once_however_many_ask_for_it() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let now = harness.context.now();
    let top_up = |n: u8| TopUp { id: TopUpId::new(now, [n; 10]), at: now, micros: 1, note: None };
    let events: Vec<Event> = (0..170).flat_map(|n| Change::TopUp(top_up(n)).events()).collect();
    let mut asking = JoinSet::new();
    for first in [0, 20, 40, 60, 80, 100] {
        let (store, ws, events) =
            (harness.context.store.clone(), harness.keys.workspace.clone(), events.clone());
        asking.spawn(async move {
            let mine: Vec<_> = events[first..first + 70].iter().map(Unnumbered::from).collect();
            let numbers = store.number_events(&ws, None, &mine, now.plus_ms(1)).await.expect("a table");
            mine.iter().map(|one| one.event.id.clone()).zip(numbers).collect::<Vec<_>>()
        });
    }
    let mut given = BTreeMap::new();
    for (id, number) in asking.join_all().await.concat() {
        assert_eq!(*given.entry(id).or_insert(number), number, "always the same");
    }
    let numbers: BTreeSet<_> = given.values().copied().collect();
    assert_eq!(numbers, (1..=170).collect());
    // A day and many events later they are found all the same.
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let later = now.plus_ms(DAY_MS);
    let late = TopUp { id: TopUpId::new(later, [200; 10]), at: later, micros: 1, note: None };
    let late = Change::TopUp(late).events();
    let both = [&events[0], &late[0]].map(Unnumbered::from);
    assert_eq!(store.number_events(ws, None, &both[1..], later).await.expect("a table"), [171]);
    let again = store.number_events(ws, None, &both, later).await.expect("a table");
    assert_eq!(again, [given[&events[0].id], 171]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_numbered_what_happened_just_before_reads_nothing_again() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (store, ws, now) = (&harness.context.store, &harness.keys.workspace, harness.context.now());
    let top_up = |n: u16| {
        let mut random = [0; 10];
        random[..2].copy_from_slice(&n.to_be_bytes());
        TopUp { id: TopUpId::new(now, random), at: now, micros: 1, note: None }
    };
    let events: Vec<Event> = (0..2_000).flat_map(|n| Change::TopUp(top_up(n)).events()).collect();
    let queries = || harness.table.meter().snapshot().of("Query").requests;
    let mut read = Vec::new();
    for (batch, first) in events.chunks(100).zip((1..).step_by(100)) {
        let before = queries();
        let batch: Vec<_> = batch.iter().map(Unnumbered::from).collect();
        let numbers = store.number_events(ws, None, &batch, now.plus_ms(1)).await.expect("a table");
        assert_eq!(numbers, (first..first + 100).collect::<Vec<u64>>());
        read.push(queries() - before);
    }
    assert_eq!(read[0], 1, "whether there are pages");
    assert!(read[1..].iter().all(|queries| *queries == 0), "{read:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_somebody_slow_has_begun_hides_none_before_it() {
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let (store, ws, now) = (&harness.context.store, &harness.keys.workspace, harness.context.now());
    let top_up = |n: u8| TopUp { id: TopUpId::new(now, [n; 10]), at: now, micros: 1, note: None };
    let events: Vec<Event> = (0..31).flat_map(|n| Change::TopUp(top_up(n)).events()).collect();
    let all: Vec<_> = events.iter().map(Unnumbered::from).collect();
    // A whole page, and the next one by somebody who looked at the clock long before.
    store.number_events(ws, None, &all[..30], now.plus_ms(1)).await.expect("a table");
    let slow = now.plus_ms(-MINUTE_MS);
    assert_eq!(store.number_events(ws, None, &all[30..], slow).await.expect("a table"), [31]);
    let cold = Store::new(harness.table.client(), TABLE);
    let again = cold.number_events(ws, None, &all[..1], now.plus_ms(MINUTE_MS)).await.expect("a table");
    assert_eq!(again, [1], "it has its number");
}
