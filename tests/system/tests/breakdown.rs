//! The sums of a campaign by day, hour, caller number and channel, over the stream and the API.

use std::collections::BTreeSet;

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{DAY_MS, SECOND_MS};
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::TABLE;
use carillon_store::FOLD_EVENTS;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// What stands in a row and in the sums of the campaign alike.
const COUNTS: [&str; 5] =
    ["calls_placed", "calls_connected", "calls_answered", "talk_secs", "total_cost_usd"];

/// A campaign of people in Berlin and New York, to its end.
async fn run(delivery: Delivery) -> (Harness, CampaignId) {
    let options = Options { hop_ms: 60, stream: Some(delivery), ..Options::at(MONDAY_AT_NINE) };
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    people::set_slots(&context, &keys, 20).await;
    let mut everybody = people::people(60, Tz::Europe__Berlin);
    everybody.extend(people::people(140, Tz::America__New_York).split_off(60));
    let spec = CampaignSpec { concurrent_limit: 20, ..people::spec(&keys) };
    let campaign = people::start_campaign(&context, &keys, spec, &everybody).await;
    let end = MONDAY_AT_NINE.plus_ms(5 * DAY_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await, "everybody is called");
    harness.tell_all().await;
    (harness, campaign)
}

fn keys(breakdown: &Value) -> Vec<&str> {
    let rows = breakdown["rows"].as_array().expect("rows");
    rows.iter().map(|row| row["key"].as_str().expect("a key")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_breakdown_equals_the_record_however_changes_are_told() {
    let (harness, campaign) = run(Delivery::Repeated).await;
    checks::breakdown_is_true(&harness, &campaign).await;
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let numbered = harness.events().len() as u64;
    assert!(numbered > 4 * FOLD_EVENTS, "most of it is folded: {numbered}");

    let api = Api::of(&harness);
    let path = format!("/campaigns/{campaign}/stats");
    let stats = api.get(&path).await.ok(200);
    assert!(stats["calls_placed"].as_i64() > Some(200), "{stats}");
    for by in ["day", "hour", "caller_number", "channel"] {
        let breakdown = api.get(&format!("{path}/breakdown?by={by}")).await.ok(200);
        for count in COUNTS {
            let rows = breakdown["rows"].as_array().expect("rows").iter();
            let sum: f64 = rows.map(|row| row[count].as_f64().expect("a number")).sum();
            let whole = stats[count].as_f64().expect("a number");
            assert!((sum - whole).abs() < 1e-6, "{count} by {by}: {sum} of {whole}");
        }
        match by {
            // Nobody is called outside the hours of their own clock.
            "hour" => {
                let hours: BTreeSet<_> = keys(&breakdown).into_iter().collect();
                assert!(hours.contains("09"), "{hours:?}");
                assert!(hours.iter().all(|hour| ("09".."18").contains(hour)), "{hours:?}");
            }
            "day" => assert_eq!(keys(&breakdown)[0], "2026-11-23"),
            "caller_number" => assert_eq!(keys(&breakdown), [harness.keys.caller_number.as_str()]),
            _ => assert_eq!(breakdown["rows"][0], {
                let mut calls = stats["channels"]["call"].clone();
                calls["key"] = json!("call");
                calls
            }),
        }
    }

    // What is folded again, by several at once, is what it was.
    let fold = || store.fold_breakdown(ws, &campaign, Tz::Europe__Berlin);
    let (one, other) = tokio::join!(fold(), fold());
    one.and(other).expect("a table");
    checks::breakdown_is_true(&harness, &campaign).await;

    // With the campaign its sums go.
    assert!(stored_days(&harness, &campaign).await > 1);
    api.delete(&format!("/campaigns/{campaign}?confirm=true")).await.ok(202);
    api.do_jobs().await;
    assert_eq!(stored_days(&harness, &campaign).await, 0);
    api.get(&format!("{path}/breakdown?by=day")).await.problem(404, "not_found");
}

/// Items of the campaign's sums.
async fn stored_days(harness: &Harness, campaign: &CampaignId) -> i32 {
    let query = harness.table.client().query().table_name(TABLE).key_condition_expression("pk = :pk");
    let pk = format!("{}#{campaign}#breakdown", harness.keys.workspace);
    let pk = aws_sdk_dynamodb::types::AttributeValue::S(pk);
    query.expression_attribute_values(":pk", pk).send().await.expect("a table").count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_costs_the_same_whatever_came_before() {
    let mut harness =
        Harness::start(Options { stream: Some(Delivery::Plain), ..Options::at(MONDAY_AT_NINE) }).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let campaign = people::draft_campaign(&context, &keys, people::spec(&keys)).await;
    let api = Api::of(&harness);
    let mut most = 0.0_f64;
    for first in 0..6 {
        let some: Vec<_> =
            people::people(900, Tz::Europe__Berlin).into_iter().skip(first * 150).take(150).collect();
        people::add_leads(&context, &keys, &campaign, &some).await;
        context.clock.advance_to(context.now().plus_ms(SECOND_MS));
        harness.tell_all().await;
        let before = harness.table.meter().snapshot().total().read_units;
        api.get(&format!("/campaigns/{campaign}/stats/breakdown?by=hour")).await.ok(200);
        most = most.max(harness.table.meter().snapshot().total().read_units - before);
    }
    eprintln!("at most {most} read units an answer");
    // The campaign, how far it is folded, the days, and the pages that wait.
    assert!(most <= 6.0, "{most}");
}

#[tokio::test]
async fn what_can_not_be_added_up_is_refused_by_name() {
    let api = Api::start().await;
    let path = format!("{}/stats/breakdown", api.campaign().await);
    for (query, field, told) in [
        ("?by=week", "by", "caller_number"),
        ("?by=day&from=2026-1-3", "from", "`2026-1-3` is not a date"),
        ("?by=day&from=2026-11-24", "from", "behind the last day, 2026-11-23"),
        ("?by=day&from=2026-08-01&to=2026-11-01", "from", "give 2026-08-02 or later"),
        ("?by=day&until=2026-11-01", "until", "until"),
    ] {
        let problem = api.get(&format!("{path}{query}")).await.problem(400, "invalid_query");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(told)), "{problem}");
    }
    assert_eq!(api.get(&path).await.ok(200)["by"], "day");
    let empty = api.get(&format!("{path}?by=day&from=2026-08-02&to=2026-11-01")).await.ok(200);
    assert_eq!(empty["rows"], json!([]));
    let empty = api.get(&format!("{path}?by=hour")).await.ok(200);
    assert_eq!((&empty["from"], &empty["to"]), (&json!("2026-10-25"), &json!("2026-11-23")));
}
