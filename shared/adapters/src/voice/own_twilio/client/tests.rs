use std::collections::BTreeMap;

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::base::message::MessageProvider;

use super::*;
use crate::provider::http_client;
use crate::scripted::{Request, Scripted, answer};

const CREDENTIALS: &str = "AC00000000000000000000000000000123:token";
const CALLS: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000123/Calls";
const SID: &str = "CA00000000000000000000000000000001";
const BASIC: &str = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDEyMzp0b2tlbg==";
/// 2026-11-21 09:10:00 UTC.
const NOW: Timestamp = Timestamp::from_millis(1_795_252_200_000);

fn order() -> CallOrder {
    let to: E164 = "+14155550123".parse().expect("a number");
    CallOrder {
        provider: VoiceProvider::ElevenLabs,
        attempt: AttemptId::new(NOW, [1; 10]),
        lead: LeadId::derive(&CampaignId::new(NOW, [2; 10]), &to),
        from: "+12025550100".parse().expect("a number"),
        to,
        agent_id: "agent_1".to_owned(),
        phone_number_id: "+12025550100".to_owned(),
        line: Line::OwnTwilio,
        first_message: None,
        prompt: None,
        language: None,
        variables: BTreeMap::new(),
        ringing_timeout_secs: 40,
        machine_detection: false,
        on_voicemail: None,
    }
}

fn addresses() -> CallAddresses {
    let address = |end: &str| format!("https://carillon.example/{end}?attempt=att_1&lead=lead_1");
    CallAddresses { answer: address("answer"), status: address("status"), machine: address("machine") }
}

fn twilio(url: &str) -> OwnTwilio {
    OwnTwilio::new(http_client().expect("a client"), Some(url.to_owned()))
}

/// What came of a dial that is answered so, and what was asked for it.
async fn placed(order: &CallOrder, status: &str, body: &str) -> (Placement, Request) {
    let server = Scripted::new(vec![answer(status, &[], body.as_bytes())]);
    let placement = twilio(server.url()).place(CREDENTIALS, order, &addresses()).await;
    (placement, server.recorded(MessageProvider::Twilio, "authorization").remove(0))
}

fn form(request: &Request) -> BTreeMap<String, String> {
    form_urlencoded::parse(request.body.as_bytes()).into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_dial_says_who_where_to_ask_and_where_to_tell() {
    let (placement, request) = placed(&order(), "201 Created", r#"{"sid": "CA1", "status": "queued"}"#).await;
    assert_eq!(placement, Placement::Accepted { calls: vec![ProviderCallId("CA1".to_owned())] });
    assert_eq!(request.target, format!("POST {CALLS}.json"));
    assert_eq!(request.header("authorization"), Some(BASIC));
    let plain = pairs(&[
        ("To", "+14155550123"),
        ("From", "+12025550100"),
        ("Url", "https://carillon.example/answer?attempt=att_1&lead=lead_1"),
        ("StatusCallback", "https://carillon.example/status?attempt=att_1&lead=lead_1#rc=5&rp=all"),
        ("StatusCallbackEvent", "completed"),
        ("Timeout", "40"),
    ]);
    assert_eq!(form(&request), plain);
}

#[tokio::test]
async fn machines_are_listened_for_as_what_is_done_about_them_needs() {
    let hang_up = Some(VoicemailOrder::HangUp);
    let say = Some(VoicemailOrder::Say("Call us.".to_owned()));
    for (on_voicemail, mode) in [(None, "Enable"), (hang_up, "Enable"), (say, "DetectMessageEnd")] {
        let order = CallOrder { machine_detection: true, on_voicemail, ringing_timeout_secs: 700, ..order() };
        let (_, request) = placed(&order, "201 Created", r#"{"sid": "CA1"}"#).await;
        let mut form = form(&request);
        form.retain(|name, _| name.starts_with("Machine") || name.starts_with("Async") || name == "Timeout");
        let machine = "https://carillon.example/machine?attempt=att_1&lead=lead_1#rc=5&rp=all";
        let expected = pairs(&[
            ("MachineDetection", mode),
            ("AsyncAmd", "true"),
            ("AsyncAmdStatusCallback", machine),
            ("Timeout", "600"),
        ]);
        assert_eq!(form, expected);
    }
}

#[tokio::test]
async fn only_where_twilio_says_so_no_call_was_made() {
    let of_code = |code: u32| format!(r#"{{"code": {code}, "message": "no", "status": 400}}"#);
    for (status, code, outcome) in [
        ("400 Bad Request", 21_211, Outcome::InvalidNumber),
        ("400 Bad Request", 21_217, Outcome::InvalidNumber),
        ("400 Bad Request", 13_224, Outcome::InvalidNumber),
        ("400 Bad Request", 21_215, Outcome::Blocked),
        ("403 Forbidden", 21_216, Outcome::Blocked),
        ("400 Bad Request", 21_212, Outcome::AccountRefused),
        ("401 Unauthorized", 20_003, Outcome::AccountRefused),
        ("404 Not Found", 20_404, Outcome::AccountRefused),
        ("403 Forbidden", 11_111, Outcome::AccountRefused),
        ("400 Bad Request", 11_111, Outcome::RequestRejected),
    ] {
        let (placement, _) = placed(&order(), status, &of_code(code)).await;
        let reason = format!("HTTP {}: {code}: no", &status[..3]);
        assert_eq!(placement, Placement::Refused { outcome, reason }, "{status}");
    }
    for (status, code) in
        [("429 Too Many Requests", 20_429), ("429 Too Many Requests", 0), ("400 Bad Request", 10_004)]
    {
        assert_eq!(placed(&order(), status, &of_code(code)).await.0, Placement::Congested, "{status} {code}");
    }
    for (status, body) in [("500 Oh", ""), ("503 Busy", "{}"), ("201 Created", "{}"), ("408 Late", "")] {
        let (placement, _) = placed(&order(), status, body).await;
        assert!(matches!(placement, Placement::Unknown { .. }), "{status}");
    }
    let nobody = twilio("http://127.0.0.1:9");
    for (credentials, meant) in [(CREDENTIALS, Outcome::Failed), ("AC0", Outcome::AccountRefused)] {
        let placement = nobody.place(credentials, &order(), &addresses()).await;
        assert!(
            matches!(&placement, Placement::Refused { outcome, .. } if *outcome == meant),
            "{placement:?}"
        );
    }
}

#[tokio::test]
async fn a_call_is_ended_at_once_or_after_a_message() {
    let said =
        r#"<?xml version="1.0" encoding="UTF-8"?><Response><Say>Tom &amp; Co</Say><Hangup/></Response>"#;
    for (end, expected) in [
        (VoicemailOrder::HangUp, ("Status", "completed")),
        (VoicemailOrder::Say("Tom & Co".to_owned()), ("Twiml", said)),
    ] {
        let server = Scripted::new(vec![answer("200 OK", &[], br#"{"sid": "CA1"}"#)]);
        let call = ProviderCallId(SID.to_owned());
        twilio(server.url()).end(CREDENTIALS, &call, &order(), &end).await.expect("ended");
        let request = server.recorded(MessageProvider::Twilio, "authorization").remove(0);
        assert_eq!(request.target, format!("POST {CALLS}/{SID}.json"));
        assert_eq!(form(&request), pairs(&[expected]));
    }
    let odd = ProviderCallId("../Messages".to_owned());
    let refused =
        twilio("http://127.0.0.1:9").end(CREDENTIALS, &odd, &order(), &VoicemailOrder::HangUp).await;
    assert!(matches!(refused, Err(InquiryError::NoId)));
}

/// A call between the two numbers that was created at this time of the day.
fn listed(sid: &str, status: &str, at: &str) -> String {
    format!(
        r#"{{"sid": "{sid}", "status": "{status}", "direction": "outbound-api", "from": "+12025550100",
           "start_time": null, "end_time": "Sat, 21 Nov 2026 09:11:00 +0000",
           "date_created": "Sat, 21 Nov 2026 {at} +0000"}}"#
    )
}

/// What is known some time after the dial when the list has these calls.
async fn known(calls: &str, after_ms: i64) -> (Inquiry, String) {
    let body = format!(r#"{{"calls": [{calls}], "next_page_uri": null}}"#);
    let server = Scripted::new(vec![answer("200 OK", &[], body.as_bytes())]);
    let order = order();
    let leg = Leg { credentials: CREDENTIALS, from: &order.from, to: &order.to };
    let inquiry = twilio(server.url()).inquire(leg, NOW, NOW.plus_ms(after_ms)).await.expect("an answer");
    (inquiry, server.recorded(MessageProvider::Twilio, "authorization")[0].target.clone())
}

fn ended(inquiry: Inquiry) -> (String, Outcome) {
    match inquiry {
        Inquiry::Ended { call, report } => (call.0, report.outcome),
        other => panic!("not over: {other:?}"),
    }
}

#[tokio::test]
async fn what_became_of_a_call_is_found_among_those_between_its_numbers() {
    let (none, target) = known("", MINUTE_MS).await;
    assert_eq!(none, Inquiry::NotFound);
    assert_eq!(target, format!("GET {CALLS}.json?To=%2B14155550123&From=%2B12025550100&PageSize=100"));
    let up = Inquiry::InProgress { call: ProviderCallId("CA1".to_owned()) };
    for status in ["queued", "ringing", "in-progress"] {
        assert_eq!(known(&listed("CA1", status, "09:10:01"), MINUTE_MS).await.0, up, "{status}");
    }
    for (status, outcome) in
        [("busy", Outcome::Busy), ("no-answer", Outcome::NoAnswer), ("failed", Outcome::Failed)]
    {
        let (inquiry, _) = known(&listed("CA1", status, "09:10:01"), MINUTE_MS).await;
        assert_eq!(ended(inquiry), ("CA1".to_owned(), outcome));
    }
    // Its conversation may not be listed yet; later there is none.
    let answered = listed("CA1", "completed", "09:10:01");
    assert_eq!(known(&answered, 2 * MINUTE_MS).await.0, up);
    let (over, _) = known(&answered, 4 * MINUTE_MS).await;
    let Inquiry::Ended { report, .. } = &over else { panic!("{over:?}") };
    assert_eq!((report.outcome, report.end_reason.as_str()), (Outcome::Error, NOT_CONNECTED));
}

#[tokio::test]
async fn of_several_calls_it_is_the_one_of_that_moment() {
    let calls = [
        listed("CA3", "ringing", "09:12:30"),
        listed("CA2", "busy", "09:10:01"),
        listed("CA1", "no-answer", "09:09:10"),
    ];
    let (inquiry, _) = known(&calls.join(", "), 4 * MINUTE_MS).await;
    assert_eq!(ended(inquiry), ("CA2".to_owned(), Outcome::Busy));
    for stranger in [
        listed("CA1", "busy", "09:16:03"),
        listed("CA1", "busy", "09:08:03"),
        listed("CA1", "busy", "09:10:01").replace("outbound-api", "inbound"),
        listed("CA1", "busy", "09:10:01").replace("+12025550100", "+12025550199"),
    ] {
        assert_eq!(known(&stranger, 4 * MINUTE_MS).await.0, Inquiry::NotFound, "{stranger}");
    }
}
