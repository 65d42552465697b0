//! What is asked about an attempt, and what the answers mean.

use carillon_domain::base::call::Outcome;

use super::*;

const PLACED_AT: Timestamp = Timestamp::from_millis(1_796_000_000_500);
const LIST: &str = "/v1/convai/conversations";

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/elevenlabs/", $name, ".json")).to_owned()
    };
}

fn page(ids: &[&str], next_cursor: Option<&str>) -> (u16, String) {
    let conversations: Vec<Value> =
        ids.iter().map(|id| json!({"conversation_id": id, "status": "done", "agent_id": "a"})).collect();
    let has_more = next_cursor.is_some();
    (
        200,
        json!({"conversations": conversations, "next_cursor": next_cursor, "has_more": has_more}).to_string(),
    )
}

/// A conversation of the attempt in this state, with this result of the call.
fn conversation(attempt: &str, status: &str, call_result: &str) -> (u16, String) {
    let metadata = json!({"phone_call": {"call_result": call_result}});
    (200, json!({"user_id": attempt, "status": status, "metadata": metadata}).to_string())
}

/// A provider that lists these conversations on one page and tells of each what is given.
async fn knowing(conversations: Vec<(&'static str, (u16, String))>) -> Provider {
    Provider::answering(move |request| match request.path.strip_prefix("/v1/convai/conversations/") {
        None => page(&conversations.iter().map(|(id, _)| *id).collect::<Vec<_>>(), None),
        Some(id) => conversations.iter().find(|(known, _)| *known == id).expect("listed").1.clone(),
    })
    .await
}

async fn inquire(provider: &Provider) -> Result<Inquiry, InquiryError> {
    provider.client.inquire(KEY, &attempt(), PLACED_AT).await
}

fn call(id: &str) -> ProviderCallId {
    ProviderCallId(id.to_owned())
}

/// The call and the report of an inquiry that must find the end of one.
fn ended(inquiry: Inquiry) -> (String, CallReport) {
    match inquiry {
        Inquiry::Ended { call, report } => (call.0, report),
        other => panic!("not over: {other:?}"),
    }
}

#[tokio::test]
async fn the_attempt_is_asked_for_by_its_id_from_just_before_it_was_placed() {
    let provider = knowing(Vec::new()).await;
    assert_eq!(inquire(&provider).await.expect("an answer"), Inquiry::NotFound);
    let seen = provider.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("GET", LIST));
    assert_eq!(seen[0].headers["xi-api-key"], KEY);
    let asked: Vec<_> = seen[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [("call_start_after_unix", "1795999940"), ("page_size", "10"), ("user_id", ATTEMPT)];
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_conversation_that_is_over_is_told_in_full() {
    let provider = knowing(vec![(CONVERSATION, (200, fixture!("conversation.done")))]).await;
    let (id, report) = ended(inquire(&provider).await.expect("an answer"));
    assert_eq!(id, CONVERSATION);
    assert_eq!((report.outcome, report.transcript.len()), (Outcome::Completed, 3));
    assert_eq!((report.duration_secs, report.cost_micros), (27, Some(50_000)));
    assert_eq!((report.has_recording, report.ended_by_person), (true, Some(false)));
}

#[tokio::test]
async fn a_call_that_nobody_answered_is_told_by_its_result() {
    let provider = knowing(vec![(CONVERSATION, (200, fixture!("conversation.failed_no_answer")))]).await;
    let (_, report) = ended(inquire(&provider).await.expect("an answer"));
    let provider_record = report.provider_record.clone();
    assert_eq!(report, CallReport { provider_record, ..CallReport::bare(Outcome::NoAnswer, "no_answer") });
}

#[tokio::test]
async fn a_call_is_over_only_when_the_provider_says_so() {
    let provider = knowing(vec![(CONVERSATION, (200, fixture!("conversation.in_progress")))]).await;
    let expected = Inquiry::InProgress { call: call(CONVERSATION) };
    assert_eq!(inquire(&provider).await.expect("an answer"), expected);
    for status in ["initiated", "in-progress", "processing", "something-new"] {
        let provider = knowing(vec![("conv_1", conversation(ATTEMPT, status, "answered"))]).await;
        let expected = Inquiry::InProgress { call: call("conv_1") };
        assert_eq!(inquire(&provider).await.expect("an answer"), expected, "{status}");
    }
}

#[tokio::test]
async fn the_cursor_is_followed_to_the_last_page() {
    let provider = Provider::answering(|request| {
        match (request.path.as_str(), request.query.get("cursor").map(String::as_str)) {
            (LIST, None) => page(&[], Some("second")),
            (LIST, Some("second")) => page(&[], Some("third")),
            (LIST, Some("third")) => page(&["conv_3"], None),
            _ => conversation(ATTEMPT, "done", "busy"),
        }
    })
    .await;
    let (id, report) = ended(inquire(&provider).await.expect("an answer"));
    assert_eq!((id.as_str(), report.outcome), ("conv_3", Outcome::Busy));
    assert_eq!(provider.seen().len(), 4);
    assert!(provider.seen()[2].query.contains_key("user_id"), "a cursor does not replace the filter");
}

#[tokio::test]
async fn a_list_without_end_leaves_it_open() {
    let endless = Provider::answering(|_| page(&[], Some("again"))).await;
    assert!(matches!(inquire(&endless).await, Err(InquiryError::TooMany)));
    assert_eq!(endless.seen().len(), MAX_PAGES);
    let broken =
        Provider::answering(|_| (200, json!({"conversations": [], "has_more": true}).to_string())).await;
    assert!(matches!(inquire(&broken).await, Err(InquiryError::NoCursor)));
}

#[tokio::test]
async fn a_strangers_conversation_is_not_taken_for_ours() {
    let other = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8D";
    let provider = knowing(vec![("conv_1", conversation(other, "done", "answered"))]).await;
    assert_eq!(inquire(&provider).await.expect("an answer"), Inquiry::NotFound);
}

#[tokio::test]
async fn of_several_conversations_the_live_one_counts_then_the_one_that_came_furthest() {
    let over = vec![
        ("conv_1", conversation(ATTEMPT, "done", "busy")),
        ("conv_2", conversation(ATTEMPT, "done", "voicemail")),
        ("conv_3", conversation(ATTEMPT, "failed", "failed")),
    ];
    let (id, report) = ended(inquire(&knowing(over.clone()).await).await.expect("an answer"));
    assert_eq!((id.as_str(), report.outcome), ("conv_2", Outcome::Voicemail));
    let live = ("conv_0", conversation(ATTEMPT, "in-progress", "answered"));
    let provider = knowing([vec![live], over].concat()).await;
    let expected = Inquiry::InProgress { call: call("conv_0") };
    assert_eq!(inquire(&provider).await.expect("an answer"), expected);
}

#[tokio::test]
async fn an_answer_that_does_not_tell_is_an_error_not_an_absence() {
    let odd = Provider::answering(|_| (200, r#"{"items":[]}"#.to_owned())).await;
    assert!(matches!(inquire(&odd).await, Err(InquiryError::Unreadable(_))));
    for status in [401, 404, 429, 500] {
        let refusing = Provider::answering(move |_| (status, r#"{"detail":"No"}"#.to_owned())).await;
        let error = inquire(&refusing).await.expect_err("refused");
        assert_eq!(error.to_string(), format!("the provider refused to tell: HTTP {status}: No"));
    }
    let gone = knowing(vec![("conv_1", (404, String::new()))]).await;
    assert!(matches!(inquire(&gone).await, Err(InquiryError::Refused { status: 404, .. })));
}

#[tokio::test]
async fn no_answer_is_an_error() {
    let listener = listener().await;
    let timeouts = Timeouts { inquiry: SHORT, ..Timeouts::default() };
    let client = ElevenLabs { timeouts, ..client_of(url_of(&listener)) };
    let error = client.inquire(KEY, &attempt(), PLACED_AT).await.expect_err("no answer");
    assert!(
        matches!(error, InquiryError::Unanswered(cause) if cause.downcast_ref().is_some_and(reqwest::Error::is_timeout))
    );
}
