//! The network as Twilio, with an agent of ElevenLabs.

use serde_json::{Value, json};

use crate::provider_simulator::call::CallResult;
use crate::provider_simulator::log::NetworkLog;
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::tests::{Caller, START, answer};
use crate::provider_simulator::twilio::{Account, twiml};
use crate::provider_simulator::{Receiver, SignedWebhook};
use crate::twilio::TwilioAccount;

const CALLS: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Calls";
const OURS: &str = "+15017122661";
/// Who answers and talks, by the table of magic numbers.
const TALKS: &str = "+12015550001";
const BUSY: &str = "+12015550002";
const VOICEMAIL: &str = "+12015550004";

fn ask(caller: &Caller, rest: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let TwilioAccount { sid, auth_token } = TwilioAccount::default();
    let url = format!("{}{CALLS}{rest}", caller.network.base_url());
    caller.client.post(url).basic_auth(sid, Some(auth_token)).form(form)
}

async fn place(caller: &Caller, to: &str) -> Value {
    let form = [
        ("To", to),
        ("From", OURS),
        ("Url", "https://us.example/answer?attempt=att_1&lead=lead_1"),
        ("StatusCallback", "https://us.example/status?attempt=att_1#rc=5&rp=all"),
        ("MachineDetection", "DetectMessageEnd"),
        ("AsyncAmd", "true"),
        ("AsyncAmdStatusCallback", "https://us.example/machine?attempt=att_1#rc=5&rp=all"),
    ];
    let (status, call) = answer(ask(caller, ".json", &form)).await;
    assert_eq!((status, &call["status"]), (201, &json!("queued")));
    call
}

async fn register(caller: &Caller, to: &str) -> String {
    let url = format!("{}/v1/convai/twilio/register-call", caller.network.base_url());
    let body = json!({"agent_id": "agent_7", "from_number": OURS, "to_number": to, "direction": "outbound",
        "conversation_initiation_client_data": {"user_id": "att_1", "dynamic_variables": {"name": "Ann"},
            "conversation_config_override": {"agent": {"first_message": "Hi {{name}}"}}}});
    let request = caller.client.post(url).header("xi-api-key", "xi_local").body(body.to_string());
    request.send().await.expect("an answer").text().await.expect("a body")
}

/// Where the next form goes, and its fields.
fn next(caller: &Caller) -> (SignedWebhook, String, Vec<(String, String)>) {
    let [webhook] = &caller.advance()[..] else { panic!("one at a time") };
    let Receiver::Given(url) = &webhook.to else { panic!("{webhook:?}") };
    let (end, _) = url.trim_start_matches("https://us.example/").split_once('?').expect("a query");
    let fields: Vec<_> = form_urlencoded::parse(webhook.body.as_bytes()).into_owned().collect();
    let signature = TwilioAccount::default().sign(url, &fields);
    assert!(webhook.headers.contains(&("X-Twilio-Signature", signature)));
    (webhook.clone(), end.to_owned(), fields)
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).expect("a field")
}

#[tokio::test]
async fn an_agent_is_connected_once_somebody_has_answered() {
    let caller = Caller::fresh().await;
    let call = place(&caller, TALKS).await;
    let sid = call["sid"].as_str().expect("an id").to_owned();
    // Nobody has answered: whoever registers an agent now gets one that leads nowhere.
    let early = register(&caller, TALKS).await;
    let (webhook, end, fields) = next(&caller);
    assert_eq!((end.as_str(), field(&fields, "CallStatus")), ("answer", "in-progress"));
    assert_eq!(caller.get("conversations?user_id=att_1").await.1["conversations"], json!([]));
    let twiml = register(&caller, TALKS).await;
    assert_ne!(twiml, early);
    let conversation = twiml::connected(&twiml).expect("a conversation").to_owned();
    caller.network.tried(&webhook, Some((200, &twiml)));
    assert_eq!(caller.get(&format!("conversations/{conversation}")).await.1["agent_id"], "agent_7");

    let (webhook, end, fields) = next(&caller);
    assert_eq!((end.as_str(), field(&fields, "AnsweredBy")), ("machine", "human"));
    caller.network.tried(&webhook, Some((503, "")));
    let (webhook, end, _) = next(&caller);
    assert_eq!(end, "machine", "it was not taken");
    caller.network.tried(&webhook, Some((200, "")));
    let (webhook, end, fields) = next(&caller);
    assert_eq!((end.as_str(), field(&fields, "CallStatus")), ("status", "completed"));
    caller.network.tried(&webhook, Some((200, "")));
    let [transcription] = &caller.advance()[..] else { panic!("the provider tells, too") };
    let told: Value = serde_json::from_str(&transcription.body).expect("JSON");
    for (place, value) in [
        ("/data/conversation_id", json!(conversation)),
        ("/data/user_id", json!("att_1")),
        ("/data/metadata/phone_call/call_sid", json!(sid)),
        ("/data/transcript/0/message", json!("Hi Ann")),
    ] {
        assert_eq!(told.pointer(place), Some(&value), "{place}");
    }
    assert_eq!(caller.network.calls()[0].result, CallResult::Talked);
}

#[tokio::test]
async fn whoever_is_not_connected_is_hung_up_on() {
    for given in [Some((200, "<Response><Hangup/></Response>")), Some((500, "")), None] {
        let caller = Caller::fresh().await;
        place(&caller, TALKS).await;
        let (webhook, _, _) = next(&caller);
        caller.network.tried(&webhook, given);
        let (_, mut end, mut fields) = next(&caller);
        if end == "machine" {
            (_, end, fields) = next(&caller);
        }
        assert_eq!((end.as_str(), field(&fields, "CallStatus")), ("status", "completed"), "{given:?}");
        let call = &caller.network.calls()[0];
        assert_eq!(call.result, CallResult::NotConnected);
        assert!(call.ended_at.since_ms(call.answered_at.expect("a moment")) <= 4_000);
        while caller.network.next_event_at().is_some() {
            let told = caller.advance();
            assert!(told.iter().all(|one| matches!(one.to, Receiver::Given(_))), "there was no conversation");
        }
    }
}

#[tokio::test]
async fn how_a_call_ends_that_nobody_answers_is_told_at_once() {
    let caller = Caller::fresh().await;
    let call = place(&caller, BUSY).await;
    let (_, end, fields) = next(&caller);
    assert_eq!((end.as_str(), field(&fields, "CallStatus")), ("status", "busy"));
    assert_eq!(field(&fields, "SipResponseCode"), "486");
    let TwilioAccount { sid, auth_token } = TwilioAccount::default();
    let list = |query: &str| {
        let url = format!("{}{CALLS}.json?{query}", caller.network.base_url());
        answer(caller.client.get(url).basic_auth(sid.clone(), Some(auth_token.clone())))
    };
    let (_, page) = list("To=%2B12015550002&From=%2B15017122661").await;
    assert_eq!((&page["calls"][0]["sid"], &page["calls"][0]["status"]), (&call["sid"], &json!("busy")));
    assert_eq!(list("To=%2B12015550004").await.1["calls"], json!([]));
}

#[tokio::test]
async fn a_message_is_left_to_a_machine_and_a_call_that_is_over_takes_none() {
    let caller = Caller::fresh().await;
    let call = place(&caller, VOICEMAIL).await;
    let rest = format!("/{}.json", call["sid"].as_str().expect("an id"));
    let say = [("Twiml", "<Response><Say>Please call Tom &amp; Co.</Say><Hangup/></Response>")];
    assert_eq!(answer(ask(&caller, &rest, &say)).await.1["code"], 21_220, "it rings");
    let (webhook, _, _) = next(&caller);
    let twiml = register(&caller, VOICEMAIL).await;
    caller.network.tried(&webhook, Some((200, &twiml)));
    let (webhook, end, fields) = next(&caller);
    assert_eq!((end.as_str(), field(&fields, "AnsweredBy")), ("machine", "machine_end_beep"));
    assert_eq!(answer(ask(&caller, &rest, &say)).await.0, 200);
    caller.network.tried(&webhook, Some((200, "")));
    let (_, end, _) = next(&caller);
    assert_eq!(end, "status");
    let record = &caller.network.calls()[0];
    assert_eq!(record.left_message.as_deref(), Some("Please call Tom & Co."));
    assert_eq!(record.result, CallResult::Voicemail);
    assert_eq!(answer(ask(&caller, &rest, &[("Status", "completed")])).await.1["code"], 21_220);
    assert_eq!(answer(ask(&caller, "/CA0.json", &say)).await.0, 404);
}

#[tokio::test]
async fn what_is_no_order_of_this_account_makes_no_call() {
    let outages = vec![START.plus_ms(60_000)..START.plus_ms(120_000)];
    let twilio = Account { outages, ..Account::default() };
    let callers = [("phnum_1".to_owned(), OURS.to_owned())];
    let settings = NetworkSettings { twilio, caller_numbers: callers.into(), ..NetworkSettings::default() };
    let caller = Caller::start(settings, NetworkLog::in_memory()).await;
    let url = "https://us.example/answer";
    for (form, code) in [
        ([("To", TALKS), ("From", OURS), ("Url", "")], 21_205),
        ([("To", ""), ("From", OURS), ("Url", url)], 21_201),
        ([("To", TALKS), ("From", ""), ("Url", url)], 21_213),
        ([("To", TALKS), ("From", "+15017122662"), ("Url", url)], 21_210),
        ([("To", "12015550001"), ("From", OURS), ("Url", url)], 21_211),
    ] {
        let (status, refusal) = answer(ask(&caller, ".json", &form)).await;
        assert_eq!((status, &refusal["code"]), (400, &json!(code)), "{form:?}");
    }
    let form = [("To", TALKS), ("From", OURS), ("Url", url)];
    let unsigned = caller.client.post(format!("{}{CALLS}.json", caller.network.base_url())).form(&form);
    assert_eq!(answer(unsigned).await.0, 401);
    caller.clock.advance_to(START.plus_ms(60_000));
    assert_eq!(answer(ask(&caller, ".json", &form)).await.0, 503);
    assert!(caller.network.calls().is_empty());
}
