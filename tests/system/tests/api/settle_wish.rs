//! What a person of the workspace makes of a wish that nobody could read.

use carillon_domain::base::ids::LeadId;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::transaction::Transaction;
use carillon_runtime::services::suppression;
use carillon_system_tests::api::Api;
use serde_json::{Value, json};

const LATER: &str = "2026-11-24T14:00:00Z";

/// Two campaigns with one person each time; they ask for something unclear while the first waits for a retry.
async fn resting() -> (Api, [String; 2]) {
    let api = Api::start().await;
    let mut paths = Vec::new();
    for _ in 0..2 {
        let campaign = api.campaign().await;
        let lead = api.lead(&campaign, "030 901820").await;
        paths.push(format!("{campaign}/leads/{lead}"));
    }
    let first = stored(&api, &paths[0]).await;
    let waiting = LeadState::RetryScheduled { due_at: LATER.parse().expect("a time") };
    let after = Lead { version: first.version + 1, state: waiting, ..first.clone() };
    let ws = &api.keys.workspace;
    api.context.store.commit(ws, &Transaction::change_lead(&first, after)).await.expect("a table");
    let listing = Listing { at: api.context.now(), source: "call".into(), reason: Some("on Sundays".into()) };
    let number = first.numbers[0].number.clone();
    suppression::list(&api.context, ws, &ListName::unclear_wishes(), &number, listing, None)
        .await
        .expect("listed");
    for path in &paths {
        assert_eq!(status(&api, path).await, json!(["skipped", "unclear_wish"]));
    }
    (api, paths.try_into().expect("two"))
}

async fn stored(api: &Api, path: &str) -> Lead {
    let id: LeadId = path.rsplit('/').next().expect("an id").parse().expect("an id");
    api.context.store.lead(&api.keys.workspace, &id).await.expect("a table").expect("a lead")
}

async fn status(api: &Api, path: &str) -> Value {
    let lead = api.get(path).await.ok(200);
    json!([lead["status"], lead["status_reason"]])
}

async fn listed_on(api: &Api, number: &str) -> Vec<String> {
    let mut lists = Vec::new();
    for list in ["do_not_call", "unclear_wishes"] {
        if api.get(&format!("/do-not-call/{list}/numbers/{number}")).await.status == 200 {
            lists.push(list.to_owned());
        }
    }
    lists
}

#[tokio::test]
async fn an_opt_out_holds_for_every_lead_of_the_person() {
    let (api, [one, other]) = resting().await;
    let form = json!({"wish": "do_not_call", "reason": "listened to the recording"});
    let lead = api.post(&format!("{one}/settle-wish"), form.clone()).await.ok(200);
    assert_eq!(lead["status_reason"], "do_not_call");
    assert_eq!(status(&api, &other).await, json!(["skipped", "do_not_call"]));
    assert_eq!(listed_on(&api, "+4930901820").await, ["do_not_call"]);
    let entry = api.get("/do-not-call/do_not_call/numbers/+4930901820").await.ok(200);
    assert_eq!(entry["reason"], "listened to the recording");
    api.post(&format!("{one}/settle-wish"), form).await.problem(409, "no_open_wish");
    // Who settled it, how and why.
    let history = api.get("/do-not-call/unclear_wishes/numbers/+4930901820/history").await.ok(200);
    let stay = &history["items"][0];
    assert_eq!(
        (&stay["reason"], &stay["removed"]["reason"]),
        (&json!("on Sundays"), &json!("listened to the recording"))
    );
    assert!(stay["removed"]["by"]["name"].is_string() && stay["removed"]["at"].is_string(), "{stay}");
    let id = one.rsplit('/').next().expect("an id");
    let log = api.all(&format!("/audit?resource={id}")).await;
    let entry = log.iter().find(|entry| entry["operation"] == "settle_wish").expect("an entry");
    assert_eq!(entry["changes"]["wish"]["after"], "do_not_call", "{entry}");
    assert_eq!(entry["reason"], "listened to the recording");
}

#[tokio::test]
async fn the_persons_own_words_go_with_an_opt_out_that_has_no_other_reason() {
    let (api, [one, _]) = resting().await;
    api.post(&format!("{one}/settle-wish"), json!({"wish": "do_not_call"})).await.ok(200);
    let entry = api.get("/do-not-call/do_not_call/numbers/+4930901820").await.ok(200);
    assert_eq!((&entry["reason"], &entry["source"]), (&json!("on Sundays"), &json!("api")));
}

#[tokio::test]
async fn a_call_back_is_made_by_the_lead_that_was_asked_and_the_others_go_on() {
    let (api, [one, other]) = resting().await;
    let lead =
        api.post(&format!("{one}/settle-wish"), json!({"wish": "callback", "at": LATER})).await.ok(200);
    assert_eq!(
        (&lead["status"], &lead["next_attempt_at"]),
        (&json!("callback_scheduled"), &json!("2026-11-24T14:00:00.000Z"))
    );
    // Shown on the person's clock, too.
    let local = json!([{"time_zone": "Europe/Berlin", "time": "2026-11-24T15:00:00+01:00"}]);
    assert_eq!(lead["callback"], json!({"at": "2026-11-24T14:00:00.000Z", "local": local}));
    let explained = api.get(&format!("{one}/explain")).await.ok(200);
    let told = explained["reasons"].to_string();
    assert!(told.contains("2026-11-24T14:00:00.000Z (Tuesday 2026-11-24 15:00 in Europe/Berlin)"), "{told}");
    assert_eq!(status(&api, &other).await, json!(["pending", null]));
    assert!(listed_on(&api, "+4930901820").await.is_empty());
}

#[tokio::test]
async fn who_wants_nothing_goes_on_where_they_stood() {
    let (api, [one, other]) = resting().await;
    // Settled by the other lead of the same person.
    api.post(&format!("{other}/settle-wish"), json!({"wish": "none"})).await.ok(200);
    let lead = api.get(&one).await.ok(200);
    assert_eq!(
        (&lead["status"], &lead["next_attempt_at"]),
        (&json!("retry_scheduled"), &json!("2026-11-24T14:00:00.000Z"))
    );
    assert_eq!(status(&api, &other).await, json!(["pending", null]));
    assert!(listed_on(&api, "+4930901820").await.is_empty());
}

#[tokio::test]
async fn a_number_taken_off_by_hand_still_leaves_the_lead_to_settle() {
    let (api, [one, _]) = resting().await;
    api.delete("/do-not-call/unclear_wishes/numbers/+4930901820?reason=looked").await.ok(204);
    assert_eq!(status(&api, &one).await, json!(["skipped", "unclear_wish"]));
    api.post(&format!("{one}/settle-wish"), json!({"wish": "none"})).await.ok(200);
    assert_eq!(status(&api, &one).await, json!(["retry_scheduled", null]));
}

#[tokio::test]
async fn what_can_not_be_settled_so_is_refused_and_changes_nothing() {
    let (api, [one, _]) = resting().await;
    let path = format!("{one}/settle-wish");
    for (form, field) in [
        (json!({"wish": "callback"}), "at"),
        (json!({"wish": "none", "at": LATER}), "at"),
        (json!({"wish": "callback", "at": "2027-11-24T14:00:00Z"}), "at"),
        (json!({"wish": "later"}), "wish"),
        (json!({"wish": "none", "reason": "x".repeat(301)}), "reason"),
    ] {
        assert_eq!(api.post(&path, form.clone()).await.faults(422, "invalid_fields"), [field], "{form}");
    }
    let tag = api.get(&one).await.headers["etag"].to_str().expect("a tag").to_owned();
    api.patch(&one, json!({"name": "Ida"})).await.ok(200);
    let (form, headers) = (json!({"wish": "none"}), [("if-match", tag.as_str())]);
    let late = api.call_with(axum::http::Method::POST, &path, Some(&form), &headers).await;
    late.problem(412, "precondition_failed");
    let number = json!({"number": "+4930901820"});
    api.post("/do-not-call/do_not_call/numbers", number).await.ok(201);
    api.post(&path, json!({"wish": "callback", "at": LATER})).await.problem(409, "do_not_call");
    assert_eq!(status(&api, &one).await, json!(["skipped", "unclear_wish"]));
    let campaign = api.campaign().await;
    let calm = api.lead(&campaign, "030 901821").await;
    let calm = format!("{campaign}/leads/{calm}/settle-wish");
    api.post(&calm, json!({"wish": "none"})).await.problem(409, "no_open_wish");
    api.post(
        &format!("{campaign}/leads/{}/settle-wish", one.rsplit('/').next().expect("an id")),
        json!({"wish": "none"}),
    )
    .await
    .problem(404, "not_found");
}
