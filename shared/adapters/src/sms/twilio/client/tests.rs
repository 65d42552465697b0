use carillon_domain::base::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::base::message::MessageProvider;

use super::*;
use crate::provider::http_client;
use crate::scripted::{Scripted, answer};

const CREDENTIALS: &str = "AC00000000000000000000000000000123:token";
const WITH_KEY: &str = "AC00000000000000000000000000000123:SK9:secret";
const SERVICE: &str = "MG00000000000000000000000000000456";
const STATUS_URL: &str = "https://carillon.example/status?attempt=att_1";
const NOW: Timestamp = Timestamp::from_millis(1_795_252_200_000);

fn order() -> MessageOrder {
    let to: E164 = "+14155550123".parse().expect("a number");
    MessageOrder {
        provider: MessageProvider::Twilio,
        attempt: AttemptId::new(NOW, [1; 10]),
        lead: LeadId::derive(&CampaignId::new(NOW, [2; 10]), &to),
        from: "+12025550100".parse().expect("a number"),
        to,
        messaging_service: None,
        message_type: None,
        text: "Grüße & mehr".to_owned(),
    }
}

async fn sent(credentials: &str, status: &str, body: &str) -> (Placement<MessageRefusal>, Vec<String>) {
    sent_as(&order(), credentials, status, body).await
}

async fn sent_as(
    order: &MessageOrder,
    credentials: &str,
    status: &str,
    body: &str,
) -> (Placement<MessageRefusal>, Vec<String>) {
    let server = Scripted::new(vec![answer(status, &[], body.as_bytes())]);
    let twilio = Twilio::new(http_client().expect("a client"), Some(server.url().to_owned()));
    let placement = twilio.send(credentials, order, STATUS_URL).await;
    let told = server.recorded(MessageProvider::Twilio, "authorization").into_iter().flat_map(|request| {
        let key = request.header("authorization").unwrap_or_default().to_owned();
        [request.target, key, request.body]
    });
    (placement, told.collect())
}

fn refusal(placement: Placement<MessageRefusal>) -> (MessageOutcome, Option<PersonRequest>, String) {
    match placement {
        Placement::Refused { outcome, reason } => (outcome.outcome, outcome.request, reason),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_carries_who_to_whom_what_and_where_to_tell() {
    let (placement, told) = sent(CREDENTIALS, "201 Created", r#"{"sid": "SM1", "status": "queued"}"#).await;
    assert_eq!(placement, Placement::Accepted { calls: vec![ProviderCallId("SM1".to_owned())] });
    assert_eq!(told[0], "POST /2010-04-01/Accounts/AC00000000000000000000000000000123/Messages.json");
    assert_eq!(told[1], "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDEyMzp0b2tlbg==");
    let form: Vec<(String, String)> = form_urlencoded::parse(told[2].as_bytes()).into_owned().collect();
    let field = |name: &str| form.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    assert_eq!((field("To"), field("From")), (Some("+14155550123"), Some("+12025550100")));
    assert_eq!((field("Body"), field("ValidityPeriod")), (Some("Grüße & mehr"), Some("480")));
    assert_eq!(field("StatusCallback"), Some(&*format!("{STATUS_URL}#rc=5&rp=all")));
    let by_service = MessageOrder { messaging_service: Some(SERVICE.to_owned()), ..order() };
    let (_, told) = sent_as(&by_service, WITH_KEY, "201 Created", r#"{"sid": "SM1"}"#).await;
    assert_eq!(told[1], "Basic U0s5OnNlY3JldA==");
    assert!(told[2].ends_with(&format!("&MessagingServiceSid={SERVICE}")), "{}", told[2]);
}

#[tokio::test]
async fn only_where_the_provider_says_so_nothing_was_sent() {
    let of_code = |code: u32| format!(r#"{{"code": {code}, "message": "no", "status": 400}}"#);
    for (status, code, outcome) in [
        ("400 Bad Request", 21_211, MessageOutcome::NotTextable),
        ("400 Bad Request", 21_408, MessageOutcome::Filtered),
        ("400 Bad Request", 21_606, MessageOutcome::SenderRefused),
        ("400 Bad Request", 21_617, MessageOutcome::TextRejected),
        ("400 Bad Request", 11_111, MessageOutcome::TextRejected),
        ("400 Bad Request", 21_609, MessageOutcome::SenderRefused),
        ("403 Forbidden", 21_408, MessageOutcome::Filtered),
        ("403 Forbidden", 11_111, MessageOutcome::SenderRefused),
        ("401 Unauthorized", 20_003, MessageOutcome::SenderRefused),
        ("404 Not Found", 20_404, MessageOutcome::SenderRefused),
    ] {
        let (placement, _) = sent(CREDENTIALS, status, &of_code(code)).await;
        assert_eq!(refusal(placement), (outcome, None, format!("{code}: no")), "{status}");
    }
    let (placement, _) = sent(CREDENTIALS, "400 Bad Request", &of_code(21_610)).await;
    assert_eq!(refusal(placement).1, Some(PersonRequest::DoNotCall));
    for (status, body) in [("429 Too Many Requests", of_code(20_429)), ("400 Bad Request", of_code(14_107))] {
        assert_eq!(sent(CREDENTIALS, status, &body).await.0, Placement::Congested);
    }
    for (status, body) in [("500 Oh", ""), ("503 Busy", "{}"), ("201 Created", "{}"), ("408 Late", "")] {
        assert!(matches!(sent(CREDENTIALS, status, body).await.0, Placement::Unknown { .. }), "{status}");
    }
    let nobody = Twilio::new(http_client().expect("a client"), Some("http://127.0.0.1:9".to_owned()));
    let placement = nobody.send(CREDENTIALS, &order(), STATUS_URL).await;
    assert_eq!(refusal(placement).0, MessageOutcome::NotSent);
    for bad in ["", "AC0123", "AC/../x:token", "a:b:c:d"] {
        let placement = nobody.send(bad, &order(), STATUS_URL).await;
        assert_eq!(refusal(placement).0, MessageOutcome::SenderRefused, "{bad}");
    }
}

/// What is known of a message when the list has these.
async fn known(messages: &str) -> (Inquiry<MessageReport>, String) {
    let body = format!(r#"{{"messages": [{messages}], "next_page_uri": null}}"#);
    let server = Scripted::new(vec![answer("200 OK", &[], body.as_bytes())]);
    let twilio = Twilio::new(http_client().expect("a client"), Some(server.url().to_owned()));
    let order = order();
    let sought = Sought { from: &order.from, to: &order.to, text: Some(&order.text), sent_at: NOW };
    let inquiry = twilio.inquire(CREDENTIALS, sought).await.expect("an answer");
    (inquiry, server.recorded(MessageProvider::Twilio, "authorization")[0].target.clone())
}

fn listed(sid: &str, status: &str, more: &str) -> String {
    // 1795252200 is 2026-11-21 09:10:00 UTC.
    format!(
        r#"{{"sid": "{sid}", "status": "{status}", "direction": "outbound-api", "from": "+12025550100",
           "body": "Grüße & mehr", "date_created": "Sat, 21 Nov 2026 09:10:03 +0000"{more}}}"#
    )
}

#[tokio::test]
async fn what_became_of_a_message_is_found_among_those_to_its_number() {
    let (none, target) = known("").await;
    assert_eq!(none, Inquiry::NotFound);
    assert_eq!(
        target,
        "GET /2010-04-01/Accounts/AC00000000000000000000000000000123/Messages.json?To=%2B14155550123&DateSent%3E=2026-11-21&PageSize=100"
    );
    let sid = || ProviderCallId("SM1".to_owned());
    assert_eq!(known(&listed("SM1", "sent", "")).await.0, Inquiry::InProgress { call: sid() });
    let paid = r#", "price": "-0.00750", "price_unit": "USD", "error_code": null"#;
    let Inquiry::Ended { report, .. } = known(&listed("SM1", "delivered", paid)).await.0 else {
        panic!("it is over")
    };
    assert_eq!((report.outcome, report.cost_micros), (MessageOutcome::Delivered, Some(7_500)));
    // The provider may write it otherwise; where one says just that, it is that one.
    let other = listed("SM2", "sent", "").replace("Grüße", "Hallo").replace("09:10:03", "09:10:01");
    assert_eq!(known(&other).await.0, Inquiry::InProgress { call: ProviderCallId("SM2".to_owned()) });
    let both = format!("{other}, {}", listed("SM1", "sent", ""));
    assert_eq!(known(&both).await.0, Inquiry::InProgress { call: sid() });
    let earlier = listed("SM2", "delivered", "").replace("09:10:03", "09:09:50");
    let twice = format!("{earlier}, {}", listed("SM1", "sent", ""));
    assert_eq!(known(&twice).await.0, Inquiry::InProgress { call: sid() }, "the nearest of two alike");
    for stranger in [
        listed("SM1", "sent", "").replace("09:10:03", "09:16:03"),
        listed("SM1", "sent", "").replace("09:10:03", "09:08:03"),
        listed("SM1", "sent", "").replace("outbound-api", "outbound-reply"),
        listed("SM1", "received", "").replace("outbound-api", "inbound"),
        listed("SM1", "sent", "").replace("+12025550100", "+12025550199"),
    ] {
        assert_eq!(known(&stranger).await.0, Inquiry::NotFound, "{stranger}");
    }
}
