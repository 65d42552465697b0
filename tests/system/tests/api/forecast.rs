//! What will become of a campaign, before it is started.

use carillon_domain::base::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::importing::LeadDraft;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::lead::{Consent, DueClass, FileOrder};
use carillon_domain::records::number_record::{LatestAttempt, NumberRecord};
use carillon_domain::transaction::{Transaction, Write};
use carillon_store::{DuePlace, DueRange};
use carillon_system_tests::api::{Api, NOON};
use carillon_system_tests::people::{self, add_leads, people, start_campaign};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// One attempt for everybody, two calls a minute.
async fn slow_campaign(api: &Api) -> String {
    let path = api.campaign().await;
    let slow =
        json!({"retry": {"max_attempts": 1}, "rate_limit_per_minute": 2, "time_zone": "Europe/Berlin"});
    api.patch(&path, slow).await.ok(200);
    path
}

fn id(path: &str) -> CampaignId {
    path.trim_start_matches("/campaigns/").parse().expect("an id")
}

async fn add(api: &Api, path: &str, count: usize, zone: Tz) {
    add_leads(&api.context, &api.keys, &id(path), &people(count, zone)).await;
}

async fn told(api: &Api, path: &str, body: Value) -> Value {
    api.post(&format!("{path}/forecast"), body).await.ok(200)
}

fn at(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("a moment, not {value}")).parse().expect("a moment")
}

/// Minutes from now until half of the runs have ended.
fn minutes(api: &Api, forecast: &Value) -> i64 {
    at(&forecast["finish"]["p50"]).since_ms(api.context.now()) / MINUTE_MS
}

#[tokio::test]
async fn each_zone_has_its_own_times() {
    let api = Api::start().await;
    let path = slow_campaign(&api).await;
    let numbers = people(80, Tz::Europe__Berlin).into_iter().map(|(number, _)| number);
    let zones = [Tz::Europe__Berlin, Tz::America__New_York];
    let everybody: Vec<_> = numbers.zip(zones.into_iter().cycle()).collect();
    add_leads(&api.context, &api.keys, &id(&path), &everybody).await;
    let before = api.get(&path).await.ok(200);
    let answer = told(&api, &path, json!({})).await;
    let forecast = &answer["forecast"];
    assert_eq!((&forecast["leads"], &answer["as_is"]), (&json!(80), &json!(null)));
    assert_eq!(at(&forecast["horizon"]), api.context.now().plus_ms(30 * DAY_MS));
    // It is noon in Berlin; in New York calls begin at 09:00, which is 14:00 in UTC.
    let zone = |name: &str| {
        let zones = forecast["zones"].as_array().expect("zones");
        zones.iter().find(|zone| zone["zone"] == name).expect("a zone").clone()
    };
    let (berlin, new_york) = (zone("Europe/Berlin"), zone("America/New_York"));
    let open = "2026-11-23T14:00:00Z".parse::<Timestamp>().expect("a moment");
    for (zone, from) in [(&berlin, api.context.now()), (&new_york, open)] {
        assert_eq!((&zone["leads"], &zone["jurisdiction"]), (&json!(40), &json!("DE")));
        // A call that fails for technical reasons is made again.
        assert!(zone["calls"].as_u64().is_some_and(|calls| (40..44).contains(&calls)), "{zone}");
        assert!((0..=MINUTE_MS).contains(&at(&zone["first_call_at"]).since_ms(from)), "{zone}");
        // Forty calls at two a minute.
        let took_ms = at(&zone["last_call_at"]).since_ms(from);
        assert!((19 * MINUTE_MS..2 * HOUR_MS).contains(&took_ms), "{zone}");
    }
    let [p10, p50, p90] = ["p10", "p50", "p90"].map(|part| at(&forecast["finish"][part]));
    assert!(p10 <= p50 && p50 <= p90 && p50 > open);
    assert!(forecast["cost_usd"].as_f64().is_some_and(|usd| usd > 0.0));
    assert_eq!(forecast["call_statistics"]["calls"], 0);
    assert!(forecast["assumptions"].to_string().contains("which is draft, starts now"));
    assert_eq!(forecast["notes"], json!([]), "so few are read one by one");

    assert_eq!(told(&api, &path, json!({})).await, answer, "the same request has the same answer");
    assert_eq!(api.get(&path).await.ok(200), before, "nothing is saved");
}

#[tokio::test]
async fn what_if_saturdays_were_allowed_or_limits_halved() {
    let api = Api::start().await;
    // Friday, 17:30 in Berlin: 60 calls are made before the weekend.
    api.advance_ms(4 * DAY_MS + 11 * HOUR_MS / 2);
    let path = slow_campaign(&api).await;
    add(&api, &path, 200, Tz::Europe__Berlin).await;
    let saturday = json!({"hours": {"saturday": [{"from": "10:00", "to": "16:00"}]}});
    let answer = told(&api, &path, json!({"changes": saturday})).await;
    let (with, without) = (&answer["forecast"], &answer["as_is"]);
    let finish = |forecast: &Value| at(&forecast["finish"]["p50"]).to_string();
    assert!(finish(with).starts_with("2026-11-28T10:"), "{}", with["finish"]);
    assert!(finish(without).starts_with("2026-11-30T09:"), "{}", without["finish"]);

    let halved = told(&api, &path, json!({"changes": {"rate_limit_per_minute": 1}})).await;
    assert!(minutes(&api, &halved["forecast"]) > minutes(&api, without) + 50);
    let one =
        told(&api, &path, json!({"changes": {"concurrent_limit": 1, "rate_limit_per_minute": null}})).await;
    let five = told(&api, &path, json!({"changes": {"rate_limit_per_minute": null}})).await;
    assert!(minutes(&api, &one["forecast"]) > minutes(&api, &five["forecast"]));
    let soon = told(&api, &path, json!({"days": 1})).await;
    assert_eq!(soon["forecast"]["finish"]["p50"], json!(null));
    let left = soon["forecast"]["beyond_horizon"].as_u64().expect("a count");
    assert!((140..=150).contains(&left), "of 60 calls some are made again: {left}");
}

#[tokio::test]
async fn campaigns_that_run_take_their_share() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.patch(&path, json!({"retry": {"max_attempts": 1}, "concurrent_limit": 50})).await.ok(200);
    add(&api, &path, 60, Tz::Europe__Berlin).await;
    let alone = told(&api, &path, json!({})).await;
    let spec = CampaignSpec { concurrent_limit: 50, ..people::spec(&api.keys) };
    let others: Vec<_> =
        (0..60).map(|n| (format!("+4930232{:06}", 100_000 + n), Tz::Europe__Berlin)).collect();
    start_campaign(&api.context, &api.keys, spec, &others).await;
    let beside = told(&api, &path, json!({})).await;
    // Both call from one number, ten times a minute.
    let (alone, beside) = (minutes(&api, &alone["forecast"]), minutes(&api, &beside["forecast"]));
    assert!((6..12).contains(&alone) && beside >= alone + 5, "{alone} {beside}");
}

#[tokio::test]
async fn who_is_skipped_and_who_can_never_be_called() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let listed = people(2, Tz::Europe__Berlin);
    api.post("/do-not-call/do_not_call/numbers", json!({"number": listed[0].0})).await.ok(201);
    api.put("/do-not-call/partners", json!(null)).await.ok(201);
    api.post("/do-not-call/partners/numbers", json!({"number": listed[1].0})).await.ok(201);
    add(&api, &path, 5, Tz::Europe__Berlin).await;
    let consent = json!({"source": "form", "at": NOON});
    api.post(&format!("{path}/leads"), json!({"phone": "030 901820", "consent": consent})).await.ok(201);
    add_russian(&api, &id(&path)).await;

    let forecast = &told(&api, &path, json!({})).await["forecast"];
    assert_eq!((&forecast["leads"], &forecast["skipped"]), (&json!(6), &json!({"do_not_call": 1})));
    let never = &forecast["never"][0];
    assert_eq!((&never["leads"], &never["jurisdiction"]), (&json!(1), &json!("RU")), "{forecast}");
    assert!(never["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(forecast["never"].as_array().map(Vec::len), Some(1));

    let partners = json!({"changes": {"suppression_lists": ["partners"]}});
    let answer = told(&api, &path, partners).await;
    assert_eq!(answer["forecast"]["skipped"], json!({"do_not_call": 2}));
    assert_eq!(answer["as_is"]["skipped"], json!({"do_not_call": 1}));
    let answer = told(&api, &path, json!({"changes": {"requires_consent": true}})).await;
    assert_eq!(answer["forecast"]["skipped"]["no_consent"], 5, "consent is looked for first");
    assert_eq!(answer["forecast"]["leads"], 2);
}

/// Adds a lead of whom only the country is known: from Kaliningrad to Kamchatka every clock must allow it.
async fn add_russian(api: &Api, campaign: &CampaignId) {
    let (store, ws, now) = (&api.context.store, &api.keys.workspace, api.context.now());
    let number = "+73700000000".parse().expect("a number");
    let lead_id = LeadId::derive(campaign, &number);
    let mut draft = LeadDraft::new(number, []);
    draft.consent = Some(Consent { source: "form".into(), at: now, channel: None, proof: None });
    let lead = draft.into_lead(lead_id, FileOrder { at: now, row: 0 }, None, now);
    assert!(lead.zone.places().len() > 10, "{}", lead.zone);
    store.add_zones(ws, campaign, &[lead.zone.clone()].into()).await.expect("a table");
    store.create_leads(ws, &[lead]).await.expect("a table");
}

#[tokio::test]
async fn who_was_called_often_enough_is_called_later() {
    let api = Api::start().await;
    let path = slow_campaign(&api).await;
    add(&api, &path, 2, Tz::Europe__Berlin).await;
    let number = people(1, Tz::Europe__Berlin)[0].0.parse().expect("a number");
    let now = api.context.now();
    let attempt = AttemptId::new(now, api.context.random.draw());
    let latest = LatestAttempt { attempt, lead: LeadId::derive(&id(&path), &number) };
    let called = NumberRecord::unknown(number).called(latest, now.plus_ms(-HOUR_MS));
    let write = Transaction::of(Write::UpdateNumber(called));
    api.context.store.commit(&api.keys.workspace, &write).await.expect("a table");
    let first = told(&api, &path, json!({"changes": {"min_gap_minutes": 120}})).await;
    let last_call = |forecast: &Value| at(&forecast["zones"][0]["last_call_at"]).since_ms(now);
    assert!(last_call(&first["as_is"]) <= MINUTE_MS);
    assert!((HOUR_MS..HOUR_MS + 11 * MINUTE_MS).contains(&last_call(&first["forecast"])));
}

#[tokio::test]
async fn many_leads_are_counted_by_pages_and_known_from_a_sample() {
    const LEADS: usize = 12_000;
    const LISTED: usize = 40;
    let api = Api::start().await;
    let path = slow_campaign(&api).await;
    for (number, _) in people(LISTED, Tz::Europe__Berlin) {
        api.post("/do-not-call/do_not_call/numbers", json!({"number": number})).await.ok(201);
    }
    add(&api, &path, LEADS, Tz::Europe__Berlin).await;
    let ws = &api.keys.workspace;
    let zone = api.context.store.leads(ws, &[first_lead(&path)]).await.expect("a table")[0].zone.clone();
    let class = DueClass::Fresh;
    let place = DuePlace { campaign: id(&path), class, zone: Some(zone) };
    let page = api.context.store.due_stretch(ws, &place, &DueRange::default(), false).await.expect("a table");
    assert!(!page.rest.is_empty(), "one page does not hold them: {:?}", page.due);

    let answer = told(&api, &path, json!({"changes": {"requires_consent": true}, "days": 3})).await;
    let (without, with) = (&answer["as_is"], &answer["forecast"]);
    assert_eq!(
        (&without["leads"], &without["skipped"]),
        (&json!(LEADS - LISTED), &json!({"do_not_call": LISTED}))
    );
    // Nobody has given consent; those on the list are known one by one.
    assert_eq!(with["skipped"], json!({"do_not_call": LISTED, "no_consent": LEADS - LISTED}));
    assert!(without["notes"].to_string().contains("of 12000 leads"), "{}", without["notes"]);

    let preview = async |changes: Value| api.post(&format!("{path}/preview"), changes).await.ok(200);
    let asked = preview(json!({"requires_consent": true})).await;
    assert_eq!(asked["moves"], json!({"no_consent": LEADS - LISTED}));
    assert_eq!(asked["skipped"], json!({"no_consent": LISTED}), "they were skipped anyway");
    api.put("/do-not-call/partners", json!(null)).await.ok(201);
    for (number, _) in people(LISTED + 3, Tz::Europe__Berlin) {
        api.post("/do-not-call/partners/numbers", json!({"number": number})).await.ok(201);
    }
    let listed = preview(json!({"suppression_lists": ["partners"]})).await;
    assert_eq!(listed["moves"], json!({"stays": LEADS - LISTED - 3, "do_not_call": 3}));
    assert_eq!(listed["skipped"], json!({"do_not_call": LISTED}));
}

fn first_lead(path: &str) -> LeadId {
    let number = people(1, Tz::Europe__Berlin)[0].0.parse().expect("a number");
    LeadId::derive(&id(path), &number)
}

#[tokio::test]
async fn what_cannot_be_foretold_is_refused() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let url = format!("{path}/forecast");
    for (body, field) in [
        (json!({"days": 0}), "days"),
        (json!({"days": 91}), "days"),
        (json!({"day": 3}), "day"),
        (json!({"changes": []}), "changes"),
        (json!({"changes": {"nonsense": 1}}), "changes.nonsense"),
        (json!({"changes": {"retry": {"max_attempts": 0}}}), "changes.retry.max_attempts"),
        (json!({"changes": {"name": null}}), "changes.name"),
    ] {
        assert_eq!(api.post(&url, body.clone()).await.faults(422, "invalid_fields"), [field], "{body}");
    }
    api.post("/campaigns/cmp_01ARYZ6S41TSV4RRFFQ69G5FAV/forecast", json!({})).await.problem(404, "not_found");
    let empty = told(&api, &path, json!({"changes": null})).await;
    assert_eq!((&empty["forecast"]["leads"], &empty["as_is"]), (&json!(0), &json!(null)));

    api.post(&format!("{path}/schedule"), json!({"start_at": "2026-11-24T10:00:00Z"})).await.ok(200);
    api.lead(&path, "030 901820").await;
    let scheduled = told(&api, &path, json!({})).await;
    let first_call = at(&scheduled["forecast"]["zones"][0]["first_call_at"]);
    assert!(
        first_call >= "2026-11-24T10:00:00Z".parse().expect("a moment"),
        "it starts when it is scheduled"
    );
    api.command(&format!("{path}/unschedule")).await.ok(200);
    api.command(&format!("{path}/start")).await.ok(200);
    api.command(&format!("{path}/pause")).await.ok(200);
    told(&api, &path, json!({})).await;
    api.patch(&format!("/assistants/{}", api.keys.assistant), json!({"status": "paused"})).await;
    api.post(&url, json!({})).await.problem(409, "assistant_not_active");
    api.command(&format!("{path}/cancel")).await.ok(200);
    let refused = api.post(&url, json!({})).await.problem(409, "action_not_allowed");
    assert_eq!(refused["allowed_actions"], json!(["duplicate", "delete"]));
}
