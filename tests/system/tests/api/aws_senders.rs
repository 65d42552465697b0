//! Numbers that send texts through AWS: only where it can be reached, and only those that a workspace was given.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use carillon_adapters::provider::InquiryError;
use carillon_adapters::sms::{Sms, SmsInProcess, Sought};
use carillon_domain::base::call::{Inquiry, Placement};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{MessageOrder, MessageProvider, MessageRefusal};
use carillon_domain::base::outcome::MessageReport;
use carillon_domain::base::time::Timestamp;
use carillon_store::SenderGrant;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use serde_json::json;

const AWS: MessageProvider = MessageProvider::Aws;

/// Somebody who is there, and is asked for nothing here.
#[derive(Debug)]
struct There;

impl SmsInProcess for There {
    fn send<'a>(
        &'a self,
        _: &'a MessageOrder,
    ) -> Pin<Box<dyn Future<Output = Placement<MessageRefusal>> + Send + 'a>> {
        Box::pin(async { panic!("nobody sends") })
    }

    fn inquire<'a>(
        &'a self,
        _: Sought<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Inquiry<MessageReport>, InquiryError>> + Send + 'a>> {
        Box::pin(async { panic!("nobody asks") })
    }
}

/// The API where AWS can be reached.
async fn reaching() -> Api {
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    harness.context.sms = Sms::InProcess(Arc::new(There));
    Api::of(&harness)
}

fn path(api: &Api) -> String {
    format!("/caller-numbers/{}", api.keys.caller_number)
}

fn grant(workspace: &WorkspaceId, identity: Option<&str>) -> SenderGrant {
    SenderGrant {
        number: "+493023125099".parse().expect("a number"),
        workspace: workspace.clone(),
        identity: identity.map(str::to_owned),
        opt_out_list: "Default".to_owned(),
    }
}

#[tokio::test]
async fn where_aws_is_not_reached_no_number_sends_through_it() {
    let api = Api::start().await;
    let problem =
        api.patch(&path(&api), json!({"sms": {"provider": "aws"}})).await.problem(422, "invalid_fields");
    assert_eq!(problem["errors"][0]["field"], "sms.provider", "{problem}");
    let reason = problem["errors"][0]["reason"].as_str().expect("a text");
    assert!(reason.contains("no texts through AWS") && reason.contains("TextsThroughAws"), "{reason}");
    let form = json!({"number": "+14155550123", "phone_number_id": "p", "sms": {"provider": "aws"}});
    assert_eq!(api.post("/caller-numbers", form).await.faults(422, "invalid_fields"), ["sms.provider"]);
}

#[tokio::test]
async fn a_number_sends_through_aws_for_the_workspace_that_it_is_given_to() {
    let api = reaching().await;
    let (store, path, plain) = (&api.context.store, path(&api), json!({"sms": {"provider": "aws"}}));
    let other = WorkspaceId::new(Timestamp::from_millis(5), [8; 10]);
    let problem = api.patch(&path, plain.clone()).await.problem(409, "sender_not_given");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("give-number")), "{problem}");
    assert!(store.grant_sender(AWS, &grant(&other, None)).await.expect("a table"));
    api.patch(&path, plain.clone()).await.problem(409, "sender_not_given");
    store.revoke_sender(AWS, &grant(&other, None).number).await.expect("a table");

    assert!(store.grant_sender(AWS, &grant(&api.keys.workspace, None)).await.expect("a table"));
    let by_pool = json!({"sms": {"provider": "aws", "messaging_service": "pool-1"}});
    assert_eq!(
        api.patch(&path, by_pool.clone()).await.faults(422, "invalid_fields"),
        ["sms.messaging_service"]
    );
    let set = json!({"sms": {"provider": "aws", "message_type": "promotional", "keywords": "carillon"}});
    let changed = api.patch(&path, set).await.ok(200);
    let expected = json!({"provider": "aws", "message_type": "promotional", "rate_limit_per_minute": 60,
        "keywords": "carillon"});
    assert_eq!(changed["sms"], expected);

    assert!(store.grant_sender(AWS, &grant(&api.keys.workspace, Some("pool-1"))).await.expect("a table"));
    let problem = api.patch(&path, plain).await.problem(422, "invalid_fields");
    assert_eq!(problem["errors"][0]["reason"], "the number sends as `pool-1`");
    assert_eq!(api.patch(&path, by_pool).await.ok(200)["sms"]["messaging_service"], "pool-1");
    let typed = json!({"sms": {"provider": "twilio", "message_type": "promotional"}});
    assert_eq!(api.patch(&path, typed).await.faults(422, "invalid_fields"), ["sms.message_type"]);
}

#[tokio::test]
async fn no_workspace_has_a_key_for_aws() {
    let api = Api::start().await;
    let secrets = json!({"api_key": "AKIDEXAMPLE:secret", "webhook_secrets": ["none"]});
    let problem = api.put("/secrets/aws", secrets).await.problem(422, "invalid_fields");
    assert_eq!(
        problem["errors"][0]["reason"],
        "give none: AWS is reached with the role of this installation"
    );
    let access = api.get("/secrets/aws").await.ok(200);
    assert_eq!((&access["is_set"], &access["webhook_path"]), (&json!(false), &json!(null)));
    assert_eq!(access["initiation_path"], json!(null));
}
