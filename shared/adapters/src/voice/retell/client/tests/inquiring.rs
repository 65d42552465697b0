//! What is asked about an attempt or a call, and what the answers mean.

use carillon_domain::base::call::{Outcome, PersonRequest};

use super::*;

const LIST: &str = "/v3/list-calls";
const NOW: Timestamp = Timestamp::from_millis(1_796_000_100_000);

fn page(ids: &[&str], pagination_key: Option<&str>) -> (u16, String) {
    let items: Vec<Value> = ids.iter().map(|id| json!({"call_id": id, "call_status": "ended"})).collect();
    let page =
        json!({"items": items, "pagination_key": pagination_key, "has_more": pagination_key.is_some()});
    (200, page.to_string())
}

/// A call of the attempt in this state, that ended so.
fn call_of(attempt: &str, status: &str, reason: Option<&str>) -> (u16, String) {
    let metadata = json!({"attempt_id": attempt});
    let call = json!({"metadata": metadata, "call_status": status, "disconnection_reason": reason});
    (200, call.to_string())
}

/// A provider that lists these calls on one page and tells of each what is given.
async fn knowing(calls: Vec<(&'static str, (u16, String))>) -> Provider {
    Provider::answering(move |request| match request.path.strip_prefix("/v2/get-call/") {
        None => page(&calls.iter().map(|(id, _)| *id).collect::<Vec<_>>(), None),
        Some(id) => calls.iter().find(|(known, _)| *known == id).expect("listed").1.clone(),
    })
    .await
}

async fn inquire(provider: &Provider) -> Result<Inquiry, InquiryError> {
    provider.client.inquire(KEY, &attempt()).await
}

fn id(text: &str) -> ProviderCallId {
    ProviderCallId(text.to_owned())
}

/// The call and the report of an inquiry that must find the end of one.
fn ended(inquiry: Inquiry) -> (String, CallReport) {
    match inquiry {
        Inquiry::Ended { call, report } => (call.0, report),
        other => panic!("not over: {other:?}"),
    }
}

#[tokio::test]
async fn the_attempt_is_asked_for_by_its_id() {
    let provider = knowing(Vec::new()).await;
    assert_eq!(inquire(&provider).await.expect("an answer"), Inquiry::NotFound);
    let seen = provider.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", LIST));
    assert_eq!(seen[0].headers["authorization"], format!("Bearer {KEY}"));
    let is_ours = json!({"key": "attempt_id", "type": "string", "op": "eq", "value": ATTEMPT});
    assert_eq!(seen[0].json(), json!({"filter_criteria": {"metadata": [is_ours]}, "limit": 10}));
}

#[tokio::test]
async fn a_call_that_is_over_is_told_in_full() {
    let call = fixture!("call_analyzed.callback")["call"].to_string();
    let provider = knowing(vec![(CALL, (200, call))]).await;
    let (found, report) = ended(inquire(&provider).await.expect("an answer"));
    assert_eq!(found, CALL);
    assert_eq!((report.outcome, report.transcript.len()), (Outcome::Completed, 3));
    assert_eq!((report.duration_secs, report.cost_micros), (15, Some(41_600)));
    assert!(matches!(report.request, Some(PersonRequest::Callback { .. })));
    let asked = &provider.seen()[1];
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("GET", format!("/v2/get-call/{CALL}").as_str())
    );
}

#[tokio::test]
async fn a_call_is_over_only_when_the_provider_says_so() {
    for status in ["registered", "ongoing", "something-new"] {
        let provider = knowing(vec![("call_1", call_of(ATTEMPT, status, None))]).await;
        let expected = Inquiry::InProgress { call: id("call_1") };
        assert_eq!(inquire(&provider).await.expect("an answer"), expected, "{status}");
    }
    for (status, reason, outcome) in [
        ("not_connected", "dial_no_answer", Outcome::NoAnswer),
        ("error", "no_valid_payment", Outcome::AccountRefused),
        // Nobody knows whether an analysis comes: asked, it is as it stands.
        ("ended", "user_requested_callback", Outcome::Completed),
    ] {
        let provider = knowing(vec![("call_1", call_of(ATTEMPT, status, Some(reason)))]).await;
        let (_, report) = ended(inquire(&provider).await.expect("an answer"));
        assert_eq!((report.outcome, report.end_reason.as_str()), (outcome, reason));
    }
}

#[tokio::test]
async fn the_pages_are_followed_to_the_last() {
    let provider = Provider::answering(|request| {
        let key = (request.path == LIST).then(|| request.json()["pagination_key"].take());
        match key.as_ref().map(Value::as_str) {
            Some(None) => page(&[], Some("second")),
            Some(Some("second")) => page(&["call_2"], None),
            _ => call_of(ATTEMPT, "not_connected", Some("dial_busy")),
        }
    })
    .await;
    let (found, report) = ended(inquire(&provider).await.expect("an answer"));
    assert_eq!((found.as_str(), report.outcome), ("call_2", Outcome::Busy));
    assert_eq!(provider.seen().len(), 3);
    assert!(provider.seen()[1].json()["filter_criteria"].is_object(), "a key does not replace the filter");
}

#[tokio::test]
async fn a_list_without_end_leaves_it_open() {
    let endless = Provider::answering(|_| page(&[], Some("again"))).await;
    assert!(matches!(inquire(&endless).await, Err(InquiryError::TooMany)));
    assert_eq!(endless.seen().len(), MAX_PAGES);
    let broken = Provider::answering(|_| (200, json!({"items": [], "has_more": true}).to_string())).await;
    assert!(matches!(inquire(&broken).await, Err(InquiryError::NoCursor)));
}

#[tokio::test]
async fn a_strangers_call_is_not_taken_for_ours() {
    let other = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8D";
    let provider = knowing(vec![("call_1", call_of(other, "ended", Some("agent_hangup")))]).await;
    assert_eq!(inquire(&provider).await.expect("an answer"), Inquiry::NotFound);
}

#[tokio::test]
async fn of_several_calls_the_live_one_counts_then_the_one_that_came_furthest() {
    let over = vec![
        ("call_1", call_of(ATTEMPT, "not_connected", Some("dial_busy"))),
        ("call_2", call_of(ATTEMPT, "ended", Some("voicemail_reached"))),
        ("call_3", call_of(ATTEMPT, "error", Some("error_retell"))),
    ];
    let (found, report) = ended(inquire(&knowing(over.clone()).await).await.expect("an answer"));
    assert_eq!((found.as_str(), report.outcome), ("call_2", Outcome::Voicemail));
    let provider = knowing([vec![("call_0", call_of(ATTEMPT, "ongoing", None))], over].concat()).await;
    assert_eq!(inquire(&provider).await.expect("an answer"), Inquiry::InProgress { call: id("call_0") });
}

#[tokio::test]
async fn an_answer_that_does_not_tell_is_an_error_not_an_absence() {
    let odd = Provider::answering(|_| (200, r#"{"calls":[]}"#.to_owned())).await;
    assert!(matches!(inquire(&odd).await, Err(InquiryError::Unreadable(_))));
    for status in [401, 404, 422, 429, 500] {
        let refusing = Provider::answering(move |_| (status, r#"{"message":"No"}"#.to_owned())).await;
        let error = inquire(&refusing).await.expect_err("refused");
        assert_eq!(error.to_string(), format!("the provider refused to tell: HTTP {status}: No"));
    }
    let gone = knowing(vec![("call_1", (404, String::new()))]).await;
    assert!(matches!(inquire(&gone).await, Err(InquiryError::Refused { status: 404, .. })));
}

#[tokio::test]
async fn no_answer_is_an_error() {
    let listener = listener().await;
    let timeouts = Timeouts { inquiry: SHORT, ..Timeouts::default() };
    let client = Retell { timeouts, ..client_of(url_of(&listener)) };
    let error = client.inquire(KEY, &attempt()).await.expect_err("no answer");
    assert!(
        matches!(error, InquiryError::Unanswered(cause) if cause.downcast_ref().is_some_and(reqwest::Error::is_timeout))
    );
}

#[tokio::test]
async fn a_call_is_looked_up_by_its_id() {
    let call = fixture!("call_ended.completed")["call"].to_string();
    let provider = knowing(vec![(CALL, (200, call))]).await;
    let event = provider.client.look_up(KEY, &id(CALL), NOW).await.expect("an answer");
    let Some(VoiceEvent::Ended { call, attempt: named, at, .. }) = event else { panic!("not over") };
    assert_eq!((call, named), (id(CALL), Some(attempt())));
    assert_eq!(at, Timestamp::from_millis(1_796_000_039_750));
    let up = knowing(vec![("call_1", call_of(ATTEMPT, "ongoing", None))]).await;
    assert_eq!(up.client.look_up(KEY, &id("call_1"), NOW).await.expect("an answer"), None);
}

#[tokio::test]
async fn what_cannot_be_an_id_is_not_asked_for() {
    let provider = knowing(Vec::new()).await;
    for odd in ["../list-calls", "call 1", "call_1?x=y", "cäll"] {
        let error = provider.client.look_up(KEY, &id(odd), NOW).await.expect_err("no id");
        assert!(matches!(error, InquiryError::NoId), "{odd}");
    }
    assert!(provider.seen().is_empty());
}
