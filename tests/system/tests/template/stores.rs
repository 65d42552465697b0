//! The table and the bucket.

use std::collections::BTreeSet;

use carillon_domain::policy::recording_retention::RecordingClass;
use carillon_local::wiring::{EXPIRING_PREFIXES, IMPORT, IMPORT_PREFIXES};
use carillon_runtime::services::recordings::PREFIX;
use serde_json::json;

use crate::template::document::{Template, attribute, reference};

#[test]
fn the_table_has_its_keys_and_one_index() {
    let template = Template::read();
    assert_eq!(template.named("AWS::DynamoDB::Table"), ["Table"]);
    let table = template.properties("Table");
    let keys = |partition: &str, sort: &str| {
        json!([
            { "AttributeName": partition, "KeyType": "HASH" },
            { "AttributeName": sort, "KeyType": "RANGE" },
        ])
    };
    assert_eq!(table["KeySchema"], keys("pk", "sk"));
    let index = json!([{
        "IndexName": "gsi1",
        "KeySchema": keys("gsi1pk", "gsi1sk"),
        "Projection": { "ProjectionType": "KEYS_ONLY" },
    }]);
    assert_eq!(table["GlobalSecondaryIndexes"], index);
    let strings =
        ["pk", "sk", "gsi1pk", "gsi1sk"].map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
    assert_eq!(table["AttributeDefinitions"], json!(strings));
    assert_eq!(table["TimeToLiveSpecification"], json!({ "AttributeName": "expires_at", "Enabled": true }));
}

#[test]
fn the_table_is_hard_to_lose() {
    let template = Template::read();
    let table = template.properties("Table");
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    for name in ["Table", "Bucket"] {
        let resource = &template.at("Resources")[name];
        assert_eq!(resource["DeletionPolicy"], "Retain", "{name}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
    }
}

#[test]
fn new_files_are_told_to_the_import_queue() {
    let template = Template::read();
    let queue = &template.queue(&IMPORT);
    let notifications = IMPORT_PREFIXES.map(|prefix| {
        json!({
            "Event": "s3:ObjectCreated:*",
            "Queue": attribute(queue, "Arn"),
            "Filter": { "S3Key": { "Rules": [{ "Name": "prefix", "Value": prefix }] } },
        })
    });
    let bucket = template.properties("Bucket");
    assert_eq!(bucket["NotificationConfiguration"], json!({ "QueueConfigurations": notifications }));
}

#[test]
fn only_this_bucket_may_write_to_the_import_queue() {
    let template = Template::read();
    let policy = template.properties("ImportQueuePolicy");
    assert_eq!(policy["Queues"], json!([reference("ImportQueue")]));
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Principal"], json!({ "Service": "s3.amazonaws.com" }));
    assert_eq!(statement["Condition"]["StringEquals"]["aws:SourceAccount"], reference("AWS::AccountId"));
    let name = &template.properties("Bucket")["BucketName"]["Fn::Sub"];
    let arn = &statement["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"];
    let expected = format!("arn:${{AWS::Partition}}:s3:::{}", name[0].as_str().expect("a name"));
    assert_eq!((&arn[0], &arn[1]), (&json!(expected), &name[1]));
    // The notification is refused where the policy does not stand yet.
    assert_eq!(template.at("Resources/Bucket/DependsOn"), "ImportQueuePolicy");
}

#[test]
fn the_bucket_is_private_and_forgets() {
    let template = Template::read();
    let bucket = template.properties("Bucket");
    let blocked = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    for switch in blocked {
        assert_eq!(bucket["PublicAccessBlockConfiguration"][switch], true, "{switch}");
    }
    assert!(bucket["BucketEncryption"].is_object());
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_array().expect("rules");
    let expiring = rules.iter().filter(|rule| !rule["ExpirationInDays"].is_null());
    let expiring: BTreeSet<_> =
        expiring.map(|rule| (rule["Prefix"].as_str(), rule["ExpirationInDays"].as_u64())).collect();
    // A rule without a prefix would cut all others short.
    let uploads = IMPORT_PREFIXES.map(|prefix| (prefix, 90));
    let expected = uploads.into_iter().chain(EXPIRING_PREFIXES);
    assert_eq!(expiring, expected.map(|(prefix, days)| (Some(prefix), Some(days.into()))).collect());
    assert!(rules.iter().all(|rule| rule["Status"] == "Enabled"));
    let classes = RecordingClass::ALL
        .map(|class| (format!("{PREFIX}{}/", class.name()), u32::try_from(class.days()).expect("days")));
    for (prefix, days) in &classes {
        assert!(EXPIRING_PREFIXES.contains(&(prefix.as_str(), *days)), "{prefix}");
    }
    assert!(rules.iter().any(|rule| rule["AbortIncompleteMultipartUpload"].is_object()));
    let refusal = &template.properties("BucketPolicy")["PolicyDocument"]["Statement"][0];
    assert_eq!(refusal["Effect"], "Deny");
    assert_eq!(refusal["Condition"], json!({ "Bool": { "aws:SecureTransport": "false" } }));
}
