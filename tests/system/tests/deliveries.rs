//! Events on their way to customers: signed, once each, until they are taken; and what becomes of endpoints that do not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_store::ENDPOINTS_REMEMBERED_MS;
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::receiver::{Receiver, Taken};
use carillon_system_tests::{checks, people};
use serde_json::{Value, json};

/// An endpoint of which the stream function knows.
struct Endpoint {
    path: String,
    secret: String,
    receiver: Receiver,
}

impl Endpoint {
    async fn create(api: &Api, event_types: &[&str]) -> Self {
        let receiver = Receiver::start().await;
        let form = json!({"url": receiver.url, "event_types": event_types});
        let created = api.post("/webhook-endpoints", form).await.ok(201);
        api.tell_changes().await;
        api.advance_ms(ENDPOINTS_REMEMBERED_MS);
        let secret = created["secret"].as_str().expect("a secret").to_owned();
        Self { path: format!("/webhook-endpoints/{}", created.id()), secret, receiver }
    }

    async fn status(&self, api: &Api) -> String {
        api.get(&self.path).await.ok(200)["status"].as_str().expect("a status").to_owned()
    }

    async fn deliveries(&self, api: &Api, query: &str) -> Vec<Value> {
        api.all(&format!("{}/deliveries?limit=7{query}", self.path)).await
    }
}

/// Something happens, and is told.
async fn happen(api: &Api) -> String {
    let campaign = api.campaign().await;
    api.tell_changes().await;
    campaign
}

/// Lets so much time go by in a hundred steps, of a second at least, with a tick and a courier at each.
async fn pass(api: &Api, millis: i64) {
    let end = api.context.now().plus_ms(millis);
    api.deliver().await;
    while api.context.now() < end {
        api.advance_ms((millis / 100).max(SECOND_MS));
        carillon_tick::handle(&api.context).await.expect("a table");
        api.deliver().await;
    }
}

fn types(taken: &[Taken]) -> Vec<String> {
    taken.iter().map(|one| one.json()["type"].as_str().expect("a type").to_owned()).collect()
}

#[tokio::test]
async fn an_event_comes_to_every_endpoint_that_wants_it_signed_for_each() {
    let api = Api::start_telling().await;
    let all = Endpoint::create(&api, &[]).await;
    let leads = Endpoint::create(&api, &["lead.created"]).await;
    all.receiver.take();
    let campaign = happen(&api).await;
    api.lead(&campaign, "030 901820").await;
    api.tell_changes().await;
    api.deliver().await;
    let (to_all, to_leads) = (all.receiver.take(), leads.receiver.take());
    let kinds: BTreeSet<_> = types(&to_all).into_iter().collect();
    assert!(
        kinds.is_superset(&BTreeSet::from(["campaign.created".into(), "lead.created".into()])),
        "{kinds:?}"
    );
    assert_eq!(types(&to_leads), ["lead.created"]);
    let body = to_leads[0].json();
    assert_eq!(body["data"]["phone"], "+4930901820");
    assert_eq!(body["timestamp"], json!(api.context.now()));
    assert_eq!(body["workspace_id"], json!(api.keys.workspace));
    assert_eq!(to_leads[0].timestamp, api.context.now().as_secs());
    for (taken, own, other) in [(&to_all, &all, &leads), (&to_leads, &leads, &all)] {
        assert!(
            taken.iter().all(|one| one.is_signed_with(&own.secret) && !one.is_signed_with(&other.secret))
        );
    }
    let log = leads.deliveries(&api, "").await;
    assert_eq!(log.len(), 1);
    assert_eq!((&log[0]["status"], &log[0]["tries"][0]["status"]), (&json!("delivered"), &json!(200)));
    assert_eq!((&log[0]["id"], &log[0]["tries"][0]["answer"]), (&json!(to_leads[0].id), &json!("an answer")));
    let whole = api.get(&format!("{}/deliveries/{}", leads.path, log[0].id())).await.ok(200);
    assert_eq!(whole["body"], json!(to_leads[0].body));
}

#[tokio::test]
async fn what_is_not_taken_comes_again_under_its_id_and_signed_anew() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["campaign.created"]).await;
    endpoint.receiver.answer(500);
    happen(&api).await;
    api.deliver().await;
    assert_eq!(endpoint.receiver.take().len(), 1);
    pass(&api, 4 * SECOND_MS).await;
    assert!(endpoint.receiver.take().is_empty(), "five seconds, give or take a tenth");
    pass(&api, 3 * SECOND_MS).await;
    let second = endpoint.receiver.take();
    pass(&api, 10 * MINUTE_MS).await;
    let third = endpoint.receiver.take();
    endpoint.receiver.answer(204);
    pass(&api, HOUR_MS).await;
    let last = endpoint.receiver.take();
    assert_eq!((second.len(), third.len(), last.len()), (1, 1, 1));
    let ids: BTreeSet<_> = [&second, &third, &last].map(|taken| &taken[0].id).into_iter().collect();
    assert_eq!(ids.len(), 1, "the same delivery");
    assert_ne!(second[0].timestamp, last[0].timestamp);
    assert!([second, third, last].iter().all(|taken| taken[0].is_signed_with(&endpoint.secret)));
    let log = endpoint.deliveries(&api, "").await;
    let statuses: Vec<_> =
        log[0]["tries"].as_array().expect("tries").iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [500, 500, 500, 204].map(|status| json!(status)));
    assert_eq!(api.get(&endpoint.path).await.ok(200)["failing_since"], Value::Null);
    pass(&api, DAY_MS).await;
    assert!(endpoint.receiver.take().is_empty(), "what is taken is not sent again");
}

#[tokio::test]
async fn an_endpoint_that_asks_us_to_wait_is_left_alone_for_so_long() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["campaign.created"]).await;
    endpoint.receiver.answer_after(429, Some(600));
    happen(&api).await;
    pass(&api, 9 * MINUTE_MS).await;
    assert_eq!(endpoint.receiver.take().len(), 1);
    pass(&api, 4 * MINUTE_MS).await;
    assert_eq!(endpoint.receiver.take().len(), 1);
}

#[tokio::test]
async fn a_message_that_is_lost_is_made_up_for_by_the_tick() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["campaign.created"]).await;
    happen(&api).await;
    api.lose_deliveries();
    pass(&api, 3 * MINUTE_MS).await;
    assert_eq!(endpoint.receiver.take().len(), 1);
}

#[tokio::test]
async fn who_fails_for_a_day_is_parked_with_notice_and_gets_what_was_kept_by_a_replay() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["campaign.created"]).await;
    let notices = Endpoint::create(&api, &["webhook_endpoint.parked", "webhook_endpoint.enabled"]).await;
    notices.receiver.take();
    endpoint.receiver.answer(503);
    happen(&api).await;
    pass(&api, 23 * HOUR_MS).await;
    assert_eq!(endpoint.status(&api).await, "enabled");
    pass(&api, 24 * HOUR_MS).await;
    assert_eq!(endpoint.status(&api).await, "parked");
    api.tell_changes().await;
    api.deliver().await;
    let told: Vec<Value> = notices.receiver.take().iter().map(Taken::json).collect();
    let parked = told.iter().find(|event| event["type"] == "webhook_endpoint.parked").expect("a notice");
    assert_eq!(parked["data"]["url"], json!(endpoint.receiver.url));

    // What happens meanwhile is kept and not sent, and so is what was on its way.
    let tried = endpoint.receiver.take().len();
    assert!(tried >= 6, "{tried}");
    happen(&api).await;
    pass(&api, 2 * DAY_MS).await;
    assert!(endpoint.receiver.take().is_empty());
    let log = endpoint.deliveries(&api, "&status=held").await;
    assert_eq!(log.len(), 2);

    endpoint.receiver.answer(200);
    api.command(&format!("{}/enable", endpoint.path)).await.ok(200);
    pass(&api, HOUR_MS).await;
    assert!(endpoint.receiver.take().is_empty(), "only when it is asked for");
    let replay = json!({"from": "2026-11-01T00:00:00Z"});
    let job = api.post(&format!("{}/replay", endpoint.path), replay).await.ok(202);
    api.do_jobs().await;
    let job = api.get(&format!("/jobs/{}", job.id())).await.ok(200);
    assert_eq!((&job["status"], &job["counts"]["done"]), (&json!("completed"), &json!(2)));
    assert_eq!(job["webhook_endpoint_id"], json!(endpoint.path.rsplit('/').next()));
    api.deliver().await;
    let again = endpoint.receiver.take();
    let firsts: BTreeSet<_> = log.iter().map(|delivery| delivery["id"].as_str().map(str::to_owned)).collect();
    assert_eq!(again.iter().map(|one| one.replay_of.clone()).collect::<BTreeSet<_>>(), firsts);
    assert!(again.iter().all(|one| !firsts.contains(&Some(one.id.clone()))));
    let times: Vec<String> = again.iter().map(|one| one.json()["timestamp"].to_string()).collect();
    assert!(times.is_sorted(), "in the order of the events: {times:?}");
}

#[tokio::test]
async fn a_replay_sends_each_once_however_often_its_steps_are_done() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["campaign.created", "lead.created"]).await;
    let campaign = happen(&api).await;
    for n in 0..9 {
        api.lead(&campaign, &format!("030 90182{n}")).await;
    }
    api.tell_changes().await;
    api.deliver().await;
    let first = endpoint.receiver.take();
    assert_eq!(first.len(), 10);
    let all = ["delivered"];
    let path = format!("{}/replay", endpoint.path);
    api.post(&path, json!({"from": "2026-11-01T00:00:00Z", "statuses": all})).await.ok(202);
    // The last reply of the step that makes them is lost: it is done again.
    let lossy = api.under(Arc::new(LosesReplies::of("BatchExecuteStatement")));
    lossy.do_jobs().await;
    api.advance_ms(MINUTE_MS);
    api.do_jobs().await;
    pass(&api, 5 * MINUTE_MS).await;
    let again = endpoint.receiver.take();
    assert_eq!(again.len(), 10, "{:?}", types(&again));
    let repeats: BTreeSet<_> = again.iter().filter_map(|one| one.replay_of.clone()).collect();
    assert_eq!(repeats, first.iter().map(|one| one.id.clone()).collect());

    // Behind a delivery, what comes after it; and what repeats another is not repeated.
    let log = endpoint.deliveries(&api, "").await;
    let firsts: Vec<&Value> = log.iter().filter(|one| one["replay_of"].is_null()).collect();
    let after = firsts[3]["id"].clone();
    api.post(&path, json!({"after": after, "statuses": all})).await.ok(202);
    api.do_jobs().await;
    api.deliver().await;
    assert_eq!(endpoint.receiver.take().len(), 3);

    let one = api.command(&format!("{}/deliveries/{}/replay", endpoint.path, log[0].id())).await.ok(202);
    api.deliver().await;
    let taken = endpoint.receiver.take();
    assert_eq!((taken.len(), &json!(taken[0].id)), (1, &one["id"]));
}

/// Loses the first reply to an operation.
#[derive(Debug)]
struct LosesReplies {
    operation: &'static str,
    is_lost: AtomicBool,
}

impl LosesReplies {
    fn of(operation: &'static str) -> Self {
        Self { operation, is_lost: AtomicBool::new(false) }
    }
}

impl Interceptor for LosesReplies {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let is_it = call.operation == self.operation;
        let is_first = is_it && !self.is_lost.swap(true, Ordering::Relaxed);
        if is_first { Verdict::LoseReply } else { Verdict::Pass }
    }
}

#[tokio::test]
async fn after_410_nothing_is_sent_any_more() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["campaign.created"]).await;
    endpoint.receiver.answer(500);
    happen(&api).await;
    api.deliver().await;
    endpoint.receiver.answer(410);
    api.advance_ms(SECOND_MS);
    happen(&api).await;
    api.deliver().await;
    assert_eq!(endpoint.receiver.take().len(), 2);
    assert_eq!(endpoint.status(&api).await, "gone");
    api.advance_ms(ENDPOINTS_REMEMBERED_MS);
    happen(&api).await;
    pass(&api, DAY_MS).await;
    assert!(endpoint.receiver.take().is_empty());
    let log = endpoint.deliveries(&api, "").await;
    let statuses: Vec<_> = log.iter().map(|one| one["status"].as_str().expect("a status")).collect();
    assert_eq!(statuses, ["failed", "dropped"], "the latest first; the third was never made");
}

#[tokio::test]
async fn what_is_on_its_way_to_an_endpoint_that_is_switched_off_or_deleted_is_dropped() {
    let api = Api::start_telling().await;
    let (off, deleted) = (
        Endpoint::create(&api, &["campaign.created"]).await,
        Endpoint::create(&api, &["campaign.created"]).await,
    );
    happen(&api).await;
    api.command(&format!("{}/disable", off.path)).await.ok(200);
    api.delete(&deleted.path).await.ok(204);
    pass(&api, HOUR_MS).await;
    assert!(off.receiver.take().is_empty() && deleted.receiver.take().is_empty());
    let log = off.deliveries(&api, "").await;
    assert_eq!((log.len(), &log[0]["status"], &log[0]["tries"]), (1, &json!("dropped"), &json!([])));
    api.command(&format!("{}/enable", off.path)).await.ok(200);
    api.post(&format!("{}/replay", off.path), json!({"from": "2026-11-01T00:00:00Z"})).await.ok(202);
    api.do_jobs().await;
    api.deliver().await;
    assert_eq!(off.receiver.take().len(), 1);
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["webhook_endpoint.test"]).await;
    let test = async || {
        let sent = api.command(&format!("{}/test", endpoint.path)).await.ok(202);
        api.deliver().await;
        let taken = endpoint.receiver.take().pop().expect("a test");
        assert_eq!((&json!(taken.id), &taken.json()["type"]), (&sent["id"], &json!("webhook_endpoint.test")));
        taken
    };
    assert!(test().await.is_signed_with(&endpoint.secret));
    let rotated = api.command(&format!("{}/rotate-secret", endpoint.path)).await.ok(200);
    let next = rotated["secret"].as_str().expect("a secret");
    let both = test().await;
    assert!(both.is_signed_with(next) && both.is_signed_with(&endpoint.secret));
    api.advance_ms(DAY_MS);
    let one = test().await;
    assert!(one.is_signed_with(next) && !one.is_signed_with(&endpoint.secret));
    assert_eq!(one.signatures.len(), 1);
}

#[tokio::test]
async fn a_courier_that_loses_its_reply_has_delivered_and_sends_nothing_twice_under_another_id() {
    let api = Api::start_telling().await;
    let endpoint = Endpoint::create(&api, &["campaign.created"]).await;
    happen(&api).await;
    let lossy = api.under(Arc::new(LosesReplies::of("PutItem")));
    lossy.deliver().await;
    pass(&api, HOUR_MS).await;
    let taken = endpoint.receiver.take();
    let ids: BTreeSet<_> = taken.iter().map(|one| &one.id).collect();
    assert_eq!((taken.len(), ids.len()), (1, 1));
    assert_eq!(endpoint.deliveries(&api, "").await[0]["status"], "delivered");
}

#[tokio::test]
async fn a_day_of_calls_comes_once_each_and_with_all_numbers_though_changes_come_again() {
    let mut harness =
        Harness::start(Options { stream: Some(Delivery::Repeated), ..Options::at(MONDAY_AT_NINE) }).await;
    let api = Api::of(&harness);
    let receiver = Receiver::start().await;
    api.post("/webhook-endpoints", json!({"url": receiver.url})).await.ok(201);
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let somebody = people::people(40, chrono_tz::Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &somebody).await;
    let end = MONDAY_AT_NINE.plus_ms(2 * DAY_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await);
    harness.tell_all().await;
    harness.run_to(harness.context.now().plus_ms(MINUTE_MS)).await;
    let mut numbers: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    let (mut ids, taken) = (BTreeSet::new(), receiver.take());
    for one in &taken {
        let event = one.json();
        let of = event["campaign_id"].as_str().unwrap_or("workspace").to_owned();
        assert!(
            numbers.entry(of).or_default().insert(event["sequence"].as_u64().expect("a number")),
            "{event}"
        );
        assert!(ids.insert(one.id.clone()));
    }
    let told: BTreeSet<String> = harness.events().iter().map(HasId::id).collect();
    let came: BTreeSet<String> = taken.iter().map(|one| one.json().id()).collect();
    assert!(told.is_superset(&came) && told.len() - came.len() <= 2, "{} of {}", came.len(), told.len());
    assert!(taken.len() > 200, "{}", taken.len());
    for (of, numbers) in numbers {
        let (first, last) = (numbers.first().expect("one"), numbers.last().expect("one"));
        assert_eq!(last - first + 1, numbers.len() as u64, "{of}: none is missing");
    }
}
