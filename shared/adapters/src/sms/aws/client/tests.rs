//! How AWS is asked, and what its answers mean.

use aws_sdk_pinpointsmsvoicev2::Config;
use aws_sdk_pinpointsmsvoicev2::config::{BehaviorVersion, Credentials, Region};
use carillon_domain::base::call::PersonRequest;
use carillon_domain::base::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::scripted::{Request, Scripted, answer};

const NOW: Timestamp = Timestamp::from_millis(1_795_252_200_000);
const POOL: &str = "pool-0123456789abcdef0123456789abcdef";

fn client(endpoint: &str) -> EndUserMessagingClient {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .endpoint_url(endpoint);
    EndUserMessagingClient::new(Client::from_conf(once(config).build()), "carillon".to_owned())
}

fn workspace() -> WorkspaceId {
    WorkspaceId::new(NOW, [3; 10])
}

fn order() -> MessageOrder {
    let to: E164 = "+14155550123".parse().expect("a number");
    MessageOrder {
        provider: MessageProvider::Aws,
        attempt: AttemptId::new(NOW, [1; 10]),
        lead: LeadId::derive(&CampaignId::new(NOW, [2; 10]), &to),
        from: "+12025550100".parse().expect("a number"),
        to,
        messaging_service: None,
        message_type: None,
        text: "Grüße & mehr".to_owned(),
    }
}

fn json_answer(status: &str, headers: &[(&str, &str)], body: &Value) -> Vec<u8> {
    let typed = [&[("content-type", "application/x-amz-json-1.0")], headers].concat();
    answer(status, &typed, body.to_string().as_bytes())
}

async fn sent_as(order: &MessageOrder, answered: Vec<u8>) -> (Placement<MessageRefusal>, Vec<Request>) {
    let server = Scripted::new(vec![answered]);
    let placement = client(server.url()).send(&workspace(), order).await;
    (placement, server.recorded(MessageProvider::Aws, "x-amz-target"))
}

/// An error as the protocol (AWS JSON 1.0) tells it: its type stands in the body.
async fn refused(status: &str, error: Value) -> Placement<MessageRefusal> {
    let (placement, requests) = sent_as(&order(), json_answer(status, &[], &error)).await;
    assert_eq!(requests.len(), 1, "asked once");
    placement
}

fn accepted() -> Vec<u8> {
    json_answer("200 OK", &[], &json!({"MessageId": "862a8790-60c0-4430-9b2b-658bdexample"}))
}

#[tokio::test]
async fn a_text_is_asked_for_with_what_its_events_bring_back() {
    let (placement, requests) = sent_as(&order(), accepted()).await;
    let id = ProviderCallId("862a8790-60c0-4430-9b2b-658bdexample".to_owned());
    assert_eq!(placement, Placement::Accepted { calls: vec![id] });
    let [request] = &requests[..] else { panic!("one request") };
    assert_eq!(request.target, "POST /");
    assert_eq!(request.header("x-amz-target"), Some("PinpointSMSVoiceV2.SendTextMessage"));
    assert!(request.header("authorization").is_some_and(|key| key.contains("/eu-central-1/sms-voice/")));
    let expected = json!({
        "DestinationPhoneNumber": "+14155550123",
        "OriginationIdentity": "+12025550100",
        "MessageBody": "Grüße & mehr",
        "ConfigurationSetName": "carillon",
        "TimeToLive": 480,
        "Context": {
            "workspace": workspace().to_string(),
            "attempt": order().attempt.to_string(),
            "lead": order().lead.to_string(),
        },
    });
    assert_eq!(request.json(), expected);
}

#[tokio::test]
async fn pool_and_type_are_as_the_sender_says() {
    let by_pool = MessageOrder {
        messaging_service: Some(POOL.to_owned()),
        message_type: Some(MessageType::Promotional),
        ..order()
    };
    let (_, requests) = sent_as(&by_pool, accepted()).await;
    let body = requests[0].json();
    assert_eq!((&body["OriginationIdentity"], &body["MessageType"]), (&json!(POOL), &json!("PROMOTIONAL")));
}

#[tokio::test]
async fn an_answer_to_somebody_is_transactional_and_nothing_is_told_of_it() {
    let server = Scripted::new(vec![accepted()]);
    let order = order();
    let reply = ReplyOrder {
        provider: order.provider,
        from: order.from,
        to: order.to,
        messaging_service: None,
        text: "Acme: you are unsubscribed".to_owned(),
    };
    let placement = client(server.url()).reply(&reply).await;
    assert!(matches!(placement, Placement::Accepted { .. }), "{placement:?}");
    let body = server.recorded(MessageProvider::Aws, "x-amz-target")[0].json();
    assert_eq!((&body["MessageType"], &body["Context"]), (&json!("TRANSACTIONAL"), &Value::Null));
}

#[tokio::test]
async fn errors_are_read_with_their_reason() {
    let opted_out = json!({
        "__type": "com.amazonaws.pinpointsmsvoicev2#ConflictException",
        "Message": "Destination phone number is opted out",
        "Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT",
    });
    let Placement::Refused { outcome, reason } = refused("400 Bad Request", opted_out).await else {
        panic!("it is refused")
    };
    assert_eq!(
        (outcome.outcome, outcome.request),
        (MessageOutcome::Filtered, Some(PersonRequest::DoNotCall))
    );
    assert_eq!(reason, "DESTINATION_PHONE_NUMBER_OPTED_OUT: Destination phone number is opted out");
    for (error, meant) in [
        (
            json!({"__type": "ServiceQuotaExceededException", "Reason": "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"}),
            MessageOutcome::SenderRefused,
        ),
        (json!({"__type": "AccessDeniedException", "Message": "no rights"}), MessageOutcome::SenderRefused),
        (
            json!({"__type": "ResourceNotFoundException", "ResourceType": "phone-number"}),
            MessageOutcome::SenderRefused,
        ),
        (
            json!({"__type": "ValidationException", "Reason": "FIELD_VALIDATION_FAILED",
            "Fields": [{"Name": "DestinationPhoneNumber", "Message": "no number"}]}),
            MessageOutcome::NotTextable,
        ),
        (json!({"__type": "ValidationException", "Reason": "OTHER"}), MessageOutcome::TextRejected),
        (json!({"__type": "UnrecognizedClientException"}), MessageOutcome::SenderRefused),
    ] {
        let placement = refused("400 Bad Request", error.clone()).await;
        let Placement::Refused { outcome, .. } = placement else { panic!("{error}: {placement:?}") };
        assert_eq!((outcome.outcome, outcome.request), (meant, None), "{error}");
    }
    let throttled = refused("400 Bad Request", json!({"__type": "ThrottlingException"})).await;
    assert_eq!(throttled, Placement::Congested);
}

#[tokio::test]
async fn what_leaves_it_open_is_neither_sent_nor_refused_and_never_asked_twice() {
    for status in ["500 Internal Server Error", "503 Service Unavailable"] {
        let placement = refused(status, json!({"__type": "InternalServerException"})).await;
        assert!(matches!(placement, Placement::Unknown { .. }), "{status}: {placement:?}");
    }
    let (unreadable, _) = sent_as(&order(), json_answer("200 OK", &[], &json!({}))).await;
    assert_eq!(unreadable, unknown("AWS named no text"));
    let (no_json, _) = sent_as(&order(), answer("200 OK", &[], b"<html>")).await;
    assert!(matches!(no_json, Placement::Unknown { .. }), "{no_json:?}");
    let server = Scripted::new(vec![Vec::new()]);
    let broken_off = client(server.url()).send(&workspace(), &order()).await;
    assert_eq!(broken_off, unknown("connection lost"));
    assert_eq!(server.recorded(MessageProvider::Aws, "x-amz-target").len(), 1);
}

#[tokio::test]
async fn who_has_opted_out_is_read_page_by_page() {
    let entry = |number: &str| {
        let at = 1_686_975_103.47;
        json!({"OptedOutNumber": number, "OptedOutTimestamp": at, "EndUserOptedOut": true})
    };
    let first = json!({"OptOutListName": "acme", "NextToken": "two",
        "OptedOutNumbers": [entry("+14155550123"), entry("40404")]});
    let last = json!({"OptOutListName": "acme", "OptedOutNumbers": []});
    let answers = [first, last].map(|body| json_answer("200 OK", &[], &body));
    let server = Scripted::new(answers.to_vec());
    let client = client(server.url());
    let page = client.opted_out("acme", None).await.expect("a page");
    assert_eq!(page.numbers, ["+14155550123".parse::<E164>().expect("a number")]);
    assert_eq!((page.unreadable, page.next.as_deref()), (1, Some("two")));
    let page = client.opted_out("acme", page.next.as_deref()).await.expect("a page");
    assert_eq!(page, crate::sms::OptedOutPage::default());
    let requests = server.recorded(MessageProvider::Aws, "x-amz-target");
    assert_eq!(requests[0].header("x-amz-target"), Some("PinpointSMSVoiceV2.DescribeOptedOutNumbers"));
    assert_eq!(requests[0].json(), json!({"OptOutListName": "acme", "MaxResults": 100}));
    assert_eq!(requests[1].json(), json!({"OptOutListName": "acme", "MaxResults": 100, "NextToken": "two"}));
}

#[tokio::test]
async fn a_list_that_is_not_there_is_named() {
    let error = json!({"__type": "ResourceNotFoundException", "Message": "no such list"});
    let server = Scripted::new(vec![json_answer("400 Bad Request", &[], &error)]);
    let error = client(server.url()).opted_out("acme", None).await.expect_err("no list");
    assert_eq!(error.to_string(), "the provider refused to tell: ResourceNotFoundException: no such list");
}
