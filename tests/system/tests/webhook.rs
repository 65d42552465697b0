//! Webhooks from outside: what is signed right is taken, anything else changes nothing.

use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::webhook::{post, post_to, sign};
use carillon_system_tests::{checks, people};
use serde_json::json;

/// A call that is up, whose webhooks never come by themselves; and the provider's news of its end.
pub(crate) async fn call_in_progress() -> (Harness, String, carillon_domain::base::ids::CampaignId) {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.faults.lose_permille = 1_000;
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let one = people::people(1, chrono_tz::Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &one).await;
    while harness.network.calls().is_empty() {
        harness.step().await;
    }
    let call = harness.network.calls().remove(0);
    let attempt = call.attempt.expect("ours");
    let body = json!({"type": "post_call_transcription", "event_timestamp": context.now().as_secs(), "data": {
        "agent_id": "agent_1", "conversation_id": call.call, "status": "done", "user_id": attempt,
        "transcript": [
            {"role": "agent", "message": "Hi Ann. Does Tuesday suit you?", "time_in_call_secs": 0},
            {"role": "user", "message": "Yes, Tuesday is fine.", "time_in_call_secs": 5},
        ],
        "metadata": {"call_duration_secs": 12, "termination_reason": "end_call tool was called.",
            "phone_call": {"type": "twilio", "call_result": "answered"}},
        "analysis": null,
    }});
    (harness, body.to_string(), campaign)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_made_webhook_is_taken() {
    let (mut harness, body, campaign) = call_in_progress().await;
    let (secret, now) = ("wsec_local", harness.context.now());
    let (status, answer) = post(&harness, Some(sign(secret, now, &body)), body.clone()).await;
    assert_eq!(status, 200, "{answer}");
    // The same again changes nothing, and is no error.
    assert_eq!(post(&harness, Some(sign(secret, now, &body)), body).await.0, 200);

    let ws = harness.keys.workspace.clone();
    let leads = harness.context.store.all_leads(&ws, &campaign).await.expect("a table");
    assert_eq!(leads[0].state.name(), "completed");
    let last = leads[0].last.clone().expect("an attempt");
    let id = carillon_domain::base::ids::InteractionId::of(&last.attempt);
    let transcript = harness.context.store.transcript(&ws, &id).await.expect("a table");
    assert_eq!(transcript[1].message, "Yes, Tuesday is fine.");
    let end = now.plus_ms(HOUR_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_says_how_an_end_became_known_and_what_was_thought_before() {
    let (mut harness, body, campaign) = call_in_progress().await;
    let api = Api::of(&harness);
    let path = format!("/campaigns/{campaign}/interactions?show=all");
    let shown = async || {
        let records = api.all(&path).await;
        ["outcome", "told_by", "first_outcome"].map(|field| records[0][field].clone())
    };
    assert_eq!(shown().await, [json!(null), json!(null), json!(null)]);
    // Nothing comes, so the provider is asked.
    harness.run_until(harness.context.now().plus_ms(HOUR_MS), checks::has_ended(&campaign)).await;
    let [found, told_by, before] = shown().await;
    assert_eq!((&told_by, before), (&json!("inquiry"), json!(null)));
    // Its event comes after all, and knows more.
    let now = harness.context.now();
    assert_eq!(post(&harness, Some(sign("wsec_local", now, &body)), body).await.0, 200);
    let expected = if found == "completed" {
        [found, told_by, json!(null)]
    } else {
        [json!("completed"), json!("event"), found]
    };
    assert_eq!(shown().await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_not_read_has_the_provider_asked_at_once() {
    let (mut harness, body, campaign) = call_in_progress().await;
    let now = harness.context.now();
    let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let body = json!({"type": "post_call_transcription_otel", "data": {
        "conversation_id": told["data"]["conversation_id"], "otlp_traces": {}}})
    .to_string();
    let (ws, store) = (harness.keys.workspace.clone(), harness.context.store.clone());
    let attempt = told["data"]["user_id"].as_str().expect("ours").parse().expect("an id");
    let id = carillon_domain::base::ids::InteractionId::of(&attempt);
    let number =
        store.interaction(&ws, &id).await.expect("a table").expect("a record").number.expect("dialled");
    assert_eq!(post(&harness, Some(sign("wsec_local", now, &body)), body).await.0, 200);
    let live = store.active_attempt(&ws, &number).await.expect("a table").expect("it is up");
    assert!(live.look_at() <= now, "its lease is over: it is asked about now");
    let end = now.plus_ms(HOUR_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_without_its_time_is_taken_and_what_names_nothing_is_no_error() {
    let (harness, body, campaign) = call_in_progress().await;
    let now = harness.context.now();
    let mut told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    told.as_object_mut().expect("an event").remove("event_timestamp");
    let odd = json!({"type": "weather_report", "data": {"sky": "blue"}});
    for body in [odd.to_string(), told.to_string()] {
        assert_eq!(post(&harness, Some(sign("wsec_local", now, &body)), body).await.0, 200);
    }
    let leads = harness.context.store.all_leads(&harness.keys.workspace, &campaign).await.expect("a table");
    assert_eq!(leads[0].state.name(), "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whom_nobody_knows_is_listed_once_for_each_call() {
    let (harness, _, _) = call_in_progress().await;
    let now = harness.context.now();
    // It does not say when it happened: then each delivery is of another moment.
    let body = json!({"type": "post_call_transcription", "data": {
        "conversation_id": "conv_stranger", "status": "done",
        "transcript": [{"role": "user", "message": "Never call me.", "time_in_call_secs": 1}],
        "metadata": {"call_duration_secs": 12, "phone_call": {"direction": "inbound", "call_sid": "CAstranger",
            "agent_number": "+493023125099", "external_number": "+4930231250077"}},
        "analysis": {"data_collection_results": {"do_not_call": {"value": "ja"}}},
    }})
    .to_string();
    let api = carillon_system_tests::api::Api::of(&harness);
    let path = "/do-not-call/do_not_call/numbers/+4930231250077";
    let tell = async |at| post(&harness, Some(sign("wsec_local", at, &body)), body.clone()).await.0;
    assert_eq!(tell(now).await, 200);
    assert_eq!(api.get(path).await.ok(200)["source"], "call");
    api.delete(&format!("{path}?reason=mistake")).await.ok(204);
    assert_eq!(tell(now.plus_ms(MINUTE_MS)).await, 200);
    api.get(path).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anything_else_is_refused_and_changes_nothing() {
    let (harness, body, _) = call_in_progress().await;
    let (secret, now) = ("wsec_local", harness.context.now());
    let right = sign(secret, now, &body);
    let changed = body.replacen("Tuesday", "Wednesday", 1);
    let stale = sign(secret, now.plus_ms(-31 * 60 * SECOND_MS), &body);
    let ahead = sign(secret, now.plus_ms(10 * 60 * SECOND_MS), &body);
    let cases = [
        ("changed", Some(right.clone()), changed),
        ("one space more", Some(right.clone()), format!("{body} ")),
        ("stale", Some(stale), body.clone()),
        ("from the future", Some(ahead), body.clone()),
        ("no header", None, body.clone()),
        ("another secret", Some(sign("wsec_other", now, &body)), body.clone()),
        ("no time", Some("t=abc,v0=00".to_owned()), body.clone()),
        ("upper case", Some(right.to_uppercase()), body.clone()),
    ];
    let before = harness.table.meter().snapshot().total().write_units;
    for (name, signature, body) in cases {
        let (status, problem) = post(&harness, signature, body).await;
        assert_eq!(status, 401, "{name}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{name}");
    }
    let path = format!("/api/v1/webhooks/nobody/{}", harness.keys.workspace);
    let (status, problem) = post_to(&harness, &path, Some(right), body).await;
    assert_eq!(status, 404);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("elevenlabs")), "{problem}");
    assert_eq!(harness.table.meter().snapshot().total().write_units, before);
}

/// An event in the form of a trace, with what the person said and what was collected, in Python's notation.
fn trace(call: &serde_json::Value, attempt: &serde_json::Value, collected: &str) -> String {
    let attribute =
        |key: &str, value: &serde_json::Value| json!({"key": key, "value": {"stringValue": value}});
    let root = [
        attribute("elevenlabs.user_id", attempt),
        attribute("elevenlabs.termination_reason", &json!("Call ended by remote party")),
        attribute("elevenlabs.analysis.data_collection_results.item_01", &json!(collected)),
        json!({"key": "elevenlabs.session.duration_ms", "value": {"intValue": "9000"}}),
    ];
    let said = [attribute("elevenlabs.user.text", &json!("Never call me again."))];
    let spans = json!([
        {"name": "elevenlabs.conversation", "startTimeUnixNano": "1795420800000000000", "attributes": root},
        {"name": "elevenlabs.recv.user_transcript", "startTimeUnixNano": "1795420803000000000", "attributes": said},
    ]);
    json!({"type": "post_call_transcription_otel", "data": {"conversation_id": call, "agent_id": "agent_1",
        "otlp_traces": {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}}})
    .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_ends_its_call_where_the_provider_does_not_tell_and_an_opt_out_in_it_counts() {
    let (harness, body, campaign) = call_in_progress().await;
    let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    // Asked, the simulated provider says that the call is up.
    let collected = "{'data_collection_id': 'item_01', 'name': 'do_not_call', 'value': True}";
    let body = trace(&told["data"]["conversation_id"], &told["data"]["user_id"], collected);
    for _ in 0..2 {
        let signature = sign("wsec_local", harness.context.now(), &body);
        assert_eq!(post(&harness, Some(signature), body.clone()).await.0, 200);
    }
    let (ws, store) = (&harness.keys.workspace, &harness.context.store);
    let lead = store.all_leads(ws, &campaign).await.expect("a table").remove(0);
    assert_eq!(lead.state.name(), "skipped");
    let last = lead.last.expect("an attempt");
    let id = carillon_domain::base::ids::InteractionId::of(&last.attempt);
    let record = store.interaction(ws, &id).await.expect("a table").expect("a record");
    assert_eq!((record.duration_secs, record.message_count, record.interrupted), (9, 1, Some(true)));
    let said = store.transcript(ws, &id).await.expect("a table").remove(0);
    assert_eq!((said.message.as_str(), said.at_secs), ("Never call me again.", 3));
    let api = carillon_system_tests::api::Api::of(&harness);
    let number = record.number.expect("dialled");
    api.get(&format!("/do-not-call/do_not_call/numbers/{number}")).await.ok(200);
    assert!(unread(&api).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_of_which_no_transcript_is_kept_stands() {
    let (harness, body, campaign) = call_in_progress().await;
    let mut told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let data = told["data"].as_object_mut().expect("an event");
    data.remove("transcript");
    data["metadata"].as_object_mut().expect("metadata").remove("call_duration_secs");
    let body = told.to_string();
    let now = harness.context.now();
    assert_eq!(post(&harness, Some(sign("wsec_local", now, &body)), body).await.0, 200);
    let (ws, store) = (&harness.keys.workspace, &harness.context.store);
    let lead = store.all_leads(ws, &campaign).await.expect("a table").remove(0);
    assert_eq!(lead.state.name(), "completed");
    let id = carillon_domain::base::ids::InteractionId::of(&lead.last.expect("an attempt").attempt);
    let api = carillon_system_tests::api::Api::of(&harness);
    let shown = api.get(&format!("/interactions/{id}")).await.ok(200);
    assert_eq!((&shown["outcome"], &shown["has_transcript"]), (&json!("completed"), &json!(false)));
    assert_eq!(shown["transcript"], json!([]));
}

/// What waits for a person.
async fn unread(api: &carillon_system_tests::api::Api) -> Vec<serde_json::Value> {
    api.all("/unread-events").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_read_is_kept_for_a_person_and_does_not_come_back() {
    let (harness, _, _) = call_in_progress().await;
    let api = carillon_system_tests::api::Api::of(&harness);
    let now = harness.context.now();
    let tell = async |body: &str| {
        let answer = post(&harness, Some(sign("wsec_local", now, body)), body.to_owned()).await;
        assert_eq!(answer.0, 200, "{body}: {}", answer.1);
    };
    let odd = json!({"type": "weather_report", "data": {"sky": "never call me again"}}).to_string();
    let never_heard_of =
        json!({"type": "call_rated", "data": {"conversation_id": "conv_unheard"}}).to_string();
    let elsewhere = json!({"type": "call_rated", "data": {"conversation_id": "../../agents"}}).to_string();
    let withheld = json!({"type": "post_call_transcription", "data": {
        "conversation_id": "conv_withheld", "status": "done",
        "metadata": {"call_duration_secs": 12, "phone_call": {"direction": "inbound"}},
        "analysis": {"data_collection_results": {"do_not_call": {"value": "ja"}}}}})
    .to_string();
    for body in [&odd, &never_heard_of, &elsewhere, &withheld, "stop calling me", &odd] {
        tell(body).await;
    }
    let mut found: Vec<_> = unread(&api).await;
    found.sort_by_key(|event| event["cause"].to_string());
    let causes: Vec<_> = found.iter().map(|event| event["cause"].as_str().expect("a cause")).collect();
    assert_eq!(causes, ["no_number", "not_an_event", "not_told", "not_told", "unknown_type"]);
    assert_eq!((&found[0]["call_id"], &found[0]["words"]), (&json!("conv_withheld"), &json!("ja")));
    assert_eq!(found[1]["body"], "stop calling me");
    assert_eq!((&found[4]["kind"], &found[4]["body"]), (&json!("weather_report"), &json!(odd)));
    let path = format!("/unread-events/{}", found[4]["id"].as_str().expect("an id"));
    api.delete(&format!("{path}?reason=looked")).await.ok(204);
    api.delete(&format!("{path}?reason=looked")).await.problem(404, "not_found");
    tell(&odd).await;
    assert_eq!(unread(&api).await.len(), 4, "somebody has looked at it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_over_is_asked_about_too_when_its_news_can_not_be_read() {
    let (mut harness, body, campaign) = call_in_progress().await;
    let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let now = harness.context.now();
    let call = told["data"]["conversation_id"].clone();
    // The call is over for us, and the provider tells of it again in another form.
    assert_eq!(post(&harness, Some(sign("wsec_local", now, &body)), body).await.0, 200);
    harness.run_to(now.plus_ms(HOUR_MS)).await;
    let now = harness.context.now();
    let otel = json!({"type": "post_call_transcription_otel", "data": {"conversation_id": call}}).to_string();
    assert_eq!(post(&harness, Some(sign("wsec_local", now, &otel)), otel).await.0, 200);
    let api = carillon_system_tests::api::Api::of(&harness);
    assert!(unread(&api).await.is_empty(), "the provider told");
    let leads = harness.context.store.all_leads(&harness.keys.workspace, &campaign).await.expect("a table");
    assert!(leads[0].state.is_settled());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opt_out_told_late_by_a_call_from_before_a_removal_is_open_instead_of_listed_again() {
    let (harness, body, _) = call_in_progress().await;
    let mut told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let api = carillon_system_tests::api::Api::of(&harness);
    let attempt: carillon_domain::base::ids::AttemptId =
        told["data"]["user_id"].as_str().expect("ours").parse().expect("an id");
    let id = carillon_domain::base::ids::InteractionId::of(&attempt);
    let record = harness.context.store.interaction(&harness.keys.workspace, &id).await.expect("a table");
    let number = record.expect("a record").number.expect("dialled");
    let now = harness.context.now();
    assert_eq!(post(&harness, Some(sign("wsec_local", now, &body)), body).await.0, 200);
    // Somebody puts them on the list and, an hour later, takes them off: they asked to be called again.
    api.post("/do-not-call/do_not_call/numbers", json!({ "number": number })).await.ok(201);
    harness.context.clock.advance_to(now.plus_ms(HOUR_MS));
    let path = format!("/do-not-call/do_not_call/numbers/{number}");
    api.delete(&format!("{path}?reason=asked%20to%20be%20called")).await.ok(204);
    let late = harness.context.now();
    told["data"]["analysis"] = json!({"data_collection_results": {"do_not_call": {"value": "ja"}}});
    let body = told.to_string();
    for _ in 0..2 {
        assert_eq!(post(&harness, Some(sign("wsec_local", late, &body)), body.clone()).await.0, 200);
        api.get(&path).await.problem(404, "not_found");
    }
    let open = api.get(&format!("/do-not-call/unclear_wishes/numbers/{number}")).await.ok(200);
    assert_eq!(open["reason"], "ja");
    let history = api.get(&format!("{path}/history")).await.ok(200);
    let removed = &history["items"][0]["removed"];
    assert_eq!(removed["reason"], "asked to be called");
    assert!(removed["by"]["id"].is_string(), "{history}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_read_anew_once_it_can_be() {
    use carillon_domain::base::call::VoiceProvider;
    use carillon_domain::records::unread_event::{Unread, UnreadCause, UnreadEvent};

    let (harness, body, campaign) = call_in_progress().await;
    let api = carillon_system_tests::api::Api::of(&harness);
    let (ws, store) = (&harness.keys.workspace, &harness.context.store);
    // As it was kept by an older Carillon, which did not know its kind; longer than what is shown of it.
    let mut told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    told["data"]["transcript"][0]["message"] = json!("Hi Ann. ".repeat(2_000));
    let body = told.to_string();
    let keep = async |body: &[u8], whole: &[u8]| {
        let unread = Unread::bare(UnreadCause::UnknownType);
        let event = UnreadEvent::new(body, VoiceProvider::ElevenLabs, unread, harness.context.now());
        store.keep_unread_event(ws, &event, whole).await.expect("a table");
        format!("/unread-events/{}/replay", event.id)
    };
    let readable = keep(body.as_bytes(), body.as_bytes()).await;
    let not_utf8 = keep(b"\xffstop calling me", b"\xffstop calling me").await;
    let cut = keep(&[b'x'; 9_000], &[b'x'; 8_999]).await;

    let read = json!({"is_read": true, "cause": null});
    assert_eq!(api.command(&readable).await.ok(200), read);
    api.command(&readable).await.problem(404, "not_found");
    let lead = store.all_leads(ws, &campaign).await.expect("a table").remove(0);
    assert_eq!(lead.state.name(), "completed");
    let id = carillon_domain::base::ids::InteractionId::of(&lead.last.expect("an attempt").attempt);
    let transcript = store.transcript(ws, &id).await.expect("a table");
    assert_eq!(transcript[0].message.len(), 16_000, "all of it was kept");

    let still = json!({"is_read": false, "cause": "not_an_event"});
    assert_eq!(api.command(&not_utf8).await.ok(200), still);
    api.command(&cut).await.problem(409, "event_cut");
    let waiting = unread(&api).await;
    let mut causes: Vec<_> = waiting.iter().map(|event| event["cause"].as_str().expect("a cause")).collect();
    causes.sort_unstable();
    assert_eq!(causes, ["not_an_event", "unknown_type"], "it says why it waits now");
}
