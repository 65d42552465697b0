//! What webhooks say, the questions among them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::provider_simulator::calls::Exchange;
use crate::provider_simulator::incoming::PersonCalls;
use crate::provider_simulator::person::{Behaviour, Ending};
use crate::provider_simulator::retell::{PROVIDER, signature};
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::tests::webhooks::shape;
use crate::provider_simulator::tests::{Caller, START, at_retell, parsed, rest};
use crate::webhook_faults::WebhookFaults;

/// The webhooks of one call, by event.
fn told(to_number: &str) -> Vec<(String, Value)> {
    let mut exchange = Exchange::new(NetworkSettings::default());
    exchange.place(START, &at_retell(to_number));
    let deliveries = rest(&mut exchange);
    assert!(deliveries.is_sorted_by_key(|delivery| delivery.due_at));
    let event = |body: Value| (body["event"].as_str().expect("an event").to_owned(), body["call"].clone());
    deliveries.iter().map(|delivery| event(parsed(&delivery.body))).collect()
}

#[test]
fn a_call_is_told_of_as_it_starts_as_it_ends_and_once_it_is_analyzed() {
    let told = told("+12015550001");
    let [(_, started), (_, ended), (_, analyzed)] = &told[..] else { panic!("three events: {told:?}") };
    assert_eq!((&started["call_status"], started.get("end_timestamp")), (&json!("ongoing"), None));
    assert_eq!((&ended["call_status"], ended.get("call_analysis")), (&json!("ended"), None));
    assert_eq!(analyzed["call_status"], "ended");
    let mut without = analyzed.clone();
    without.as_object_mut().expect("an object").remove("call_analysis");
    assert_eq!(without, *ended, "the analysis is all that is new");
}

#[test]
fn an_analyzed_call_has_the_documented_shape() {
    let (_, call) = told("+12015550001").pop().expect("a webhook");
    let mut paths = BTreeSet::new();
    shape(&call, "", &mut paths);
    for path in [
        "/call_type",
        "/call_id",
        "/agent_id",
        "/agent_version",
        "/call_status",
        "/from_number",
        "/to_number",
        "/direction",
        "/metadata/attempt_id",
        "/retell_llm_dynamic_variables/attempt_id",
        "/start_timestamp",
        "/end_timestamp",
        "/duration_ms",
        "/transcript",
        "/transcript_object/role",
        "/transcript_object/content",
        "/transcript_object/words/word",
        "/transcript_object/words/start",
        "/transcript_object/words/end",
        "/disconnection_reason",
        "/recording_url",
        "/call_cost/combined_cost",
        "/call_cost/total_duration_seconds",
        "/telephony_identifier/twilio_call_sid",
        "/call_analysis/call_summary",
        "/call_analysis/in_voicemail",
        "/call_analysis/user_sentiment",
        "/call_analysis/call_successful",
    ] {
        assert!(paths.contains(path), "{path} is missing");
    }
}

#[test]
fn one_that_did_not_connect_has_no_times_and_no_words() {
    for (event, call) in told("+12015550002") {
        assert!(["call_ended", "call_analyzed"].contains(&event.as_str()));
        assert_eq!(call["metadata"]["attempt_id"], "att_12015550002", "it names the attempt all the same");
        for absent in
            ["start_timestamp", "end_timestamp", "duration_ms", "transcript", "recording_url", "call_cost"]
        {
            assert!(call.get(absent).is_none(), "{absent}");
        }
    }
}

#[test]
fn flags_lose_each_event_for_itself() {
    let faults = WebhookFaults { lose_permille: 300, ..Default::default() };
    let mut exchange = Exchange::new(NetworkSettings { faults, ..Default::default() });
    for n in 0..200 {
        exchange.place(START, &at_retell(&format!("+1{}5550002", 201 + n)));
    }
    let mut events = std::collections::BTreeMap::<String, usize>::new();
    let mut calls = BTreeSet::new();
    for delivery in rest(&mut exchange) {
        *events.entry(delivery.id.kind.name().to_owned()).or_default() += 1;
        calls.insert(delivery.id.call);
    }
    assert!(events.values().all(|count| (110..=170).contains(count)), "{events:?}");
    assert!((165..200).contains(&calls.len()), "of some both are lost: {}", calls.len());
}

#[tokio::test]
async fn somebody_who_calls_is_asked_about_and_connected_as_the_answer_says() {
    let caller = Caller::fresh().await;
    let call = PersonCalls {
        provider: PROVIDER,
        from: "+12015550001".to_owned(),
        to: "+15017122661".to_owned(),
        phone_number_id: "+15017122661".to_owned(),
        agent_id: "agent_1".to_owned(),
        behaviour: Behaviour::Talks { ring_ms: 0, talk_ms: 20_000, ending: Ending::Person },
    };
    let question = caller.network.question(&call);
    let expected = json!({"event": "call_inbound", "call_inbound": {
        "agent_id": "agent_1", "from_number": "+12015550001", "to_number": "+15017122661",
    }});
    assert_eq!(parsed(&question.body), expected);
    let signature = signature::sign("key_local", START.as_millis(), &question.body);
    assert!(question.headers.contains(&(signature::HEADER, signature)), "{:?}", question.headers);

    let answer = json!({"call_inbound": {
        "metadata": {"attempt_id": "att_in"},
        "dynamic_variables": {"name": "Ann"},
        "agent_override": {"retell_llm": {"begin_message": "Hello {{name}}"}},
    }});
    caller.network.connect(&call, &question.call_sid, &answer).expect("a log in memory");
    let mut told = Vec::new();
    while caller.network.next_event_at().is_some() {
        for webhook in caller.advance() {
            caller.network.tried(&webhook, Some((204, "")));
            told.push(parsed(&webhook.body)["call"].clone());
        }
    }
    let last = told.last().expect("a webhook");
    assert_eq!((&last["direction"], &last["from_number"]), (&json!("inbound"), &json!("+12015550001")));
    assert_eq!(
        (&last["to_number"], &last["metadata"]),
        (&json!("+15017122661"), &json!({"attempt_id": "att_in"}))
    );
    assert_eq!(last["transcript_object"][0]["content"], "Hello Ann");
    assert_eq!(last["telephony_identifier"]["twilio_call_sid"], question.call_sid);
    let record = &caller.network.calls()[0];
    assert!(record.is_incoming && record.attempt.as_deref() == Some("att_in"));
}
