//! Exports under faults: each row stands in the file once, whatever is lost, late or cut short.

use std::collections::BTreeSet;
use std::sync::Arc;

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::MINUTE_MS;
use carillon_system_tests::api::Api;
use carillon_system_tests::people;
use carillon_system_tests::storm::Storm;
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::{Value, json};

use super::{asked, fetched, is_there, parts};

/// A campaign of so many leads.
async fn crowd(api: &Api, count: usize) -> String {
    let id: CampaignId = people::draft_campaign(&api.context, &api.keys, people::spec(&api.keys)).await;
    people::add_leads(&api.context, &api.keys, &id, &people::people(count, BERLIN)).await;
    format!("/campaigns/{id}")
}

/// Each of the numbers stands in the file once, in the order of the list.
async fn holds_everybody(api: &Api, job: &str, count: usize) {
    let over = api.get(job).await.ok(200);
    assert_eq!((&over["status"], &over["file"]["rows"]), (&json!("completed"), &json!(count)), "{over}");
    assert_eq!(over["counts"], json!({"done": count, "refused": 0, "total": count}));
    let text = String::from_utf8(fetched(api, &over).await).expect("a text");
    let told: Vec<String> = text.lines().skip(1).map(|line| line.replace(' ', "")).collect();
    let expected: Vec<String> = people::people(count, BERLIN).into_iter().map(|(number, _)| number).collect();
    assert_eq!(told, expected);
}

fn numbers() -> Value {
    json!({"format": "csv", "columns": ["phone"]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_leads_come_in_bounded_steps_each_by_a_run_of_its_own() {
    const LEADS: usize = 10_000;
    let api = Api::start().await;
    let path = crowd(&api, LEADS).await;
    let job = asked(&api, &format!("{path}/leads/export"), numbers()).await;
    let (mut steps, mut seen, mut largest) = (0, 0, 0);
    // A run that is out of time at once does one step, and sends itself the next.
    while api.do_job(api.context.now()).await {
        steps += 1;
        let done = api.get(&job).await.ok(200)["counts"]["done"].as_u64().expect("a count");
        largest = largest.max(done - seen);
        seen = done;
    }
    assert!(steps >= 10 && largest <= 1_500, "{steps} steps of at most {largest} rows");
    holds_everybody(&api, &job, LEADS).await;
    assert!(parts(&api, &job).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_breaks_off_or_whose_reply_is_lost_gives_each_row_once() {
    const LEADS: usize = 5_000;
    let api = Api::start().await;
    let path = crowd(&api, LEADS).await;
    let job = asked(&api, &format!("{path}/leads/export"), numbers()).await;
    let stormy = api.under(Arc::new(Storm::after(2)));
    for _ in 0..60 {
        while stormy.do_job(api.context.now()).await {}
        // What was lost, the tick asks for again.
        api.advance_ms(MINUTE_MS);
        carillon_tick::handle(&api.context).await.expect("the tick is spared");
    }
    holds_everybody(&api, &job, LEADS).await;
}

#[tokio::test]
async fn one_that_is_cancelled_leaves_nothing_and_writes_no_file() {
    let api = Api::start().await;
    let path = crowd(&api, 2_500).await;
    let job = asked(&api, &format!("{path}/leads/export"), numbers()).await;
    for _ in 0..2 {
        assert!(api.do_job(api.context.now()).await, "one step");
    }
    let left: BTreeSet<String> = parts(&api, &job).await;
    assert_eq!(left.len(), 2);
    for key in &left {
        assert!(is_there(&api.context.files, key).await, "{key}");
    }
    let cancelled = api.command(&format!("{job}/cancel")).await.ok(200);
    assert_eq!((&cancelled["status"], &cancelled["file"]), (&json!("cancelled"), &Value::Null));
    api.do_jobs().await;
    for key in &left {
        assert!(!is_there(&api.context.files, key).await, "{key}");
    }
    assert_eq!(api.get(&job).await.ok(200), cancelled);
}

#[tokio::test]
async fn one_whose_campaign_is_deleted_meanwhile_fails_and_leaves_nothing() {
    let api = Api::start().await;
    let path = crowd(&api, 1_500).await;
    let job = asked(&api, &format!("{path}/leads/export"), numbers()).await;
    assert!(api.do_job(api.context.now()).await, "one step");
    let left = parts(&api, &job).await;
    api.delete(&path).await.ok(202);
    api.do_jobs().await;
    let failed = api.get(&job).await.ok(200);
    assert_eq!((&failed["status"], &failed["error"]), (&json!("failed"), &json!("the campaign is deleted")));
    for key in &left {
        assert!(!is_there(&api.context.files, key).await, "{key}");
    }
}
