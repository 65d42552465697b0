//! What each function may do: no more than its part.

use std::collections::BTreeSet;

use carillon_local::wiring::QUEUES;
use serde_json::{Value, json};

use crate::template::document::{Template, attribute, each, reference, referent};

/// Places below which a function may reach everything.
const SUBTREES: [&str; 12] = [
    "/imports/*",
    "/drops/*",
    "/exports/*",
    "/recordings/*",
    "/search/*",
    ":secret:carillon/${AWS::StackName}/*",
    "/language_model/*",
    "::foundation-model/*",
    ":inference-profile/*",
    ":phone-number/*",
    ":pool/*",
    ":opt-out-list/*",
];

/// Who sends where, by the code (`World::hint`, `send_walk`, `send_job`, `send_dials`, `queues`): everybody tells the
/// planner of what they changed.
const SENDS: [(&str, &[&str]); 13] = [
    // And jobs that begin, tests of endpoints.
    ("ApiFunction", &["PlanQueue", "JobsQueue", "DeliveryQueue"]),
    // And recordings that campaigns keep, once their call has ended.
    ("WebhooksFunction", &["PlanQueue", "JobsQueue"]),
    // And jobs that fell silent, deliveries whose time has come.
    ("TickFunction", &["PlanQueue", "JobsQueue", "DeliveryQueue"]),
    // Dials and questions; walks over a campaign's leads; itself, for later.
    ("PlannerFunction", &["PlanQueue", "DialQueue", "SipDialQueue", "MessageQueue", "ImportQueue"]),
    // The same of calls whose end they have asked for.
    ("DialerFunction", &["PlanQueue", "JobsQueue"]),
    ("SipDialerFunction", &["PlanQueue", "JobsQueue"]),
    ("MessengerFunction", &["PlanQueue"]),
    // And the jobs of the night.
    ("ListenerFunction", &["PlanQueue", "JobsQueue"]),
    // Itself, for a model that does not answer.
    ("AnalystFunction", &["PlanQueue", "AnalysisQueue"]),
    // Tries that come soon.
    ("CourierFunction", &["DeliveryQueue"]),
    // The rest of a file or of a walk; jobs whose file has come.
    ("ImporterFunction", &["PlanQueue", "ImportQueue", "JobsQueue"]),
    // The rest of a job; replays.
    ("WorkerFunction", &["PlanQueue", "JobsQueue", "DeliveryQueue"]),
    // What can't be told of; Lambda itself, where the stream was given up; search indexes to write anew; deliveries; calls to read.
    (
        "StreamFunction",
        &["ParkedQueue", "ParkedDeadLetters", "ImportQueue", "DeliveryQueue", "AnalysisQueue"],
    ),
];

/// The statements of a function's policies.
fn statements(template: &Template, function: &str) -> Vec<Value> {
    let properties = template.properties(function);
    let policies = properties["Policies"].as_array().expect("policies");
    policies.iter().flat_map(|policy| each(&policy["Statement"]).into_iter().cloned()).collect()
}

/// The actions of a statement.
fn actions(statement: &Value) -> Vec<&str> {
    each(&statement["Action"]).into_iter().map(|action| action.as_str().expect("an action")).collect()
}

/// Functions that may do `action`, with what they may do it to.
fn holders(template: &Template, action: &str) -> Vec<(String, Value)> {
    let mut holders = Vec::new();
    for function in template.named("AWS::Serverless::Function") {
        for statement in statements(template, function) {
            if actions(&statement).contains(&action) {
                let resources = each(&statement["Resource"]).into_iter();
                holders.extend(resources.map(|resource| (function.to_owned(), resource.clone())));
            }
        }
    }
    holders
}

/// The names of those who may do `action` to anything.
fn names(template: &Template, action: &str) -> BTreeSet<String> {
    holders(template, action).into_iter().map(|(function, _)| function).collect()
}

/// The names of those who may do `action` to this.
fn names_at(template: &Template, action: &str, resource: &Value) -> BTreeSet<String> {
    let to_it = holders(template, action).into_iter().filter(|(_, other)| other == resource);
    to_it.map(|(function, _)| function).collect()
}

#[test]
fn nobody_may_do_everything_or_reach_everything() {
    let template = Template::read();
    for function in template.named("AWS::Serverless::Function") {
        assert!(
            template.properties(function)["Role"].is_null(),
            "{function}: its role comes from its policies"
        );
        for statement in statements(&template, function) {
            assert_eq!(statement["Effect"], "Allow");
            for action in actions(&statement) {
                assert!(!action.contains('*'), "{function} may do {action}");
            }
            for resource in each(&statement["Resource"]) {
                let text = resource["Fn::Sub"].as_str().or(resource.as_str()).unwrap_or_default();
                let allowed = !text.contains('*') || SUBTREES.iter().any(|end| text.ends_with(end));
                assert!(allowed, "{function} reaches {resource}");
            }
        }
    }
}

#[test]
fn nobody_reads_the_whole_table_or_changes_it() {
    let template = Template::read();
    let of_items =
        ["BatchGetItem", "DeleteItem", "GetItem", "PartiQLInsert", "PutItem", "Query", "UpdateItem"];
    let of_changes = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
    for function in template.named("AWS::Serverless::Function") {
        for statement in statements(&template, function) {
            for action in actions(&statement) {
                let of_table = action.strip_prefix("dynamodb:");
                let is_known = |action| of_items.contains(&action) || of_changes.contains(&action);
                assert!(of_table.is_none_or(is_known), "{function} may do {action}");
            }
        }
    }
}

#[test]
fn who_may_change_a_campaign_may_take_back_what_was_claimed_for_it() {
    let template = Template::read();
    let functions = template.named("AWS::Serverless::Function").into_iter();
    // Who only tells of changes makes none.
    let tells = ["StreamFunction", "CourierFunction"];
    let everybody: BTreeSet<String> =
        functions.filter(|name| !tells.contains(name)).map(str::to_owned).collect();
    let mut changing = everybody.clone();
    changing.remove("TickFunction");
    // What is in flight is read, claims are removed, the planner hears of it.
    for action in ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"] {
        let mut found = names_at(&template, &format!("dynamodb:{action}"), &attribute("Table", "Arn"));
        found.retain(|name| !tells.contains(&name.as_str()));
        assert_eq!(found, changing, "{action}");
    }
    assert_eq!(names_at(&template, "sqs:SendMessage", &attribute("PlanQueue", "Arn")), everybody);
}

#[test]
fn the_index_is_read_by_those_who_ask_what_is_due_or_ended() {
    let template = Template::read();
    let index = json!({ "Fn::Sub": "${Table.Arn}/index/gsi1" });
    let readers = BTreeSet::from(
        ["ApiFunction", "PlannerFunction", "TickFunction", "WorkerFunction"].map(String::from),
    );
    assert_eq!(names_at(&template, "dynamodb:Query", &index), readers);
}

#[test]
fn only_the_stream_function_hears_of_changes_and_speaks_on_the_bus() {
    let template = Template::read();
    for action in ["dynamodb:GetRecords", "events:PutEvents"] {
        assert_eq!(names(&template, action), BTreeSet::from(["StreamFunction".to_owned()]), "{action}");
    }
}

#[test]
fn leads_and_deliveries_are_put_in_bulk_by_those_who_make_many() {
    let template = Template::read();
    let makers = ["ImporterFunction", "StreamFunction", "WorkerFunction"].map(String::from);
    assert_eq!(names(&template, "dynamodb:PartiQLInsert"), BTreeSet::from(makers));
}

#[test]
fn a_queue_is_read_by_its_own_function_only() {
    let template = Template::read();
    let mut expected = Vec::new();
    for wiring in QUEUES {
        let arn = attribute(&template.queue(&wiring), "Arn");
        let source = template.only("AWS::Lambda::EventSourceMapping", "EventSourceArn", &arn);
        expected.push((referent(&template.properties(source)["FunctionName"]).to_owned(), arn));
    }
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
        let mut found = holders(&template, action);
        found.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(found, expected, "{action}");
    }
}

#[test]
fn each_function_may_send_to_the_queues_that_it_sends_to_and_to_no_other() {
    let template = Template::read();
    let functions: BTreeSet<&str> = template.named("AWS::Serverless::Function").into_iter().collect();
    assert_eq!(functions, SENDS.iter().map(|(function, _)| *function).collect());
    let allowed = holders(&template, "sqs:SendMessage");
    for (function, queues) in SENDS {
        let to_each = allowed.iter().filter(|(name, _)| name == function);
        let found: Vec<&Value> = to_each.map(|(_, resource)| resource).collect();
        let expected: Vec<Value> = queues.iter().map(|queue| attribute(queue, "Arn")).collect();
        assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{function}");
    }
}

#[test]
fn who_asks_for_a_file_learns_that_it_is_missing() {
    let template = Template::read();
    // S3 answers 403 instead of 404 to those who may not list the bucket.
    let listers = names(&template, "s3:ListBucket");
    assert_eq!(names(&template, "s3:GetObject"), listers);
}

#[test]
fn copies_of_recordings_are_made_by_the_worker_and_linked_by_the_api() {
    let template = Template::read();
    let recordings = json!({ "Fn::Sub": "${Bucket.Arn}/recordings/*" });
    for (action, functions) in [
        ("s3:PutObject", vec!["WorkerFunction"]),
        ("s3:DeleteObject", vec!["WorkerFunction"]),
        ("s3:GetObject", vec!["ApiFunction", "WorkerFunction"]),
    ] {
        let functions: BTreeSet<String> = functions.into_iter().map(String::from).collect();
        assert_eq!(names_at(&template, action, &recordings), functions, "{action}");
    }
}

#[test]
fn secrets_stand_below_a_prefix_of_this_stack() {
    let template = Template::read();
    let prefix = &template.at("Globals/Function/Environment/Variables/CARILLON_SECRETS_PREFIX")["Fn::Sub"];
    let prefix = prefix.as_str().expect("a prefix");
    assert!(prefix.ends_with('/'), "names are put right behind it");
    for action in ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"] {
        for (function, resource) in holders(&template, action) {
            let arn = resource["Fn::Sub"].as_str().expect("an ARN");
            // The API reads the keys of language models alone, to try a goal.
            let of_models = function == "ApiFunction" && action.ends_with("GetSecretValue");
            let below = if of_models { "*/language_model/*" } else { "*" };
            assert!(arn.ends_with(&format!(":secret:{prefix}{below}")), "{function}: {arn}");
        }
    }
}

#[test]
fn secrets_are_read_by_those_who_speak_to_whom_they_are_for() {
    let template = Template::read();
    let readers = [
        "AnalystFunction",
        "ApiFunction",
        "CourierFunction",
        "DialerFunction",
        "MessengerFunction",
        "SipDialerFunction",
        "WebhooksFunction",
        // It fetches recordings.
        "WorkerFunction",
    ];
    let readers = BTreeSet::from(readers.map(String::from));
    assert_eq!(names(&template, "secretsmanager:GetSecretValue"), readers);
    let writers = BTreeSet::from(["ApiFunction".to_owned()]);
    assert_eq!(names(&template, "secretsmanager:PutSecretValue"), writers);
}

#[test]
fn models_are_asked_by_those_who_read_calls_and_who_try_goals() {
    let askers = BTreeSet::from(["AnalystFunction", "ApiFunction"].map(String::from));
    assert_eq!(names(&Template::read(), "bedrock:InvokeModel"), askers);
}

#[test]
fn texts_are_sent_through_aws_by_those_who_send_and_who_answer() {
    let template = Template::read();
    let senders = BTreeSet::from(["ListenerFunction", "MessengerFunction"].map(String::from));
    assert_eq!(names(&template, "sms-voice:SendTextMessage"), senders);
    for (function, resource) in holders(&template, "sms-voice:SendTextMessage") {
        let arn = resource["Fn::Sub"].as_str().expect("an ARN");
        let own = "arn:${AWS::Partition}:sms-voice:${AWS::Region}:${AWS::AccountId}:";
        assert!(arn.starts_with(own), "{function}: {arn}");
    }
}

#[test]
fn what_is_told_of_texts_comes_from_aws_and_from_nobody_else() {
    let template = Template::read();
    let account = reference("AWS::AccountId");
    for topic in ["SmsEventsTopic", "InboundSmsTopic"] {
        let policy = template.only("AWS::SNS::TopicPolicy", "Topics", &json!([reference(topic)]));
        let policy = template.properties(policy);
        let [statement] = &each(&policy["PolicyDocument"]["Statement"])[..] else { panic!("one statement") };
        assert_eq!(statement["Principal"], json!({ "Service": "sms-voice.amazonaws.com" }), "{topic}");
        assert_eq!(
            (&statement["Action"], &statement["Resource"]),
            (&json!("sns:Publish"), &reference(topic))
        );
        assert_eq!(statement["Condition"]["StringEquals"]["aws:SourceAccount"], account, "{topic}");
        let subscription = template.only("AWS::SNS::Subscription", "TopicArn", &reference(topic));
        let subscription = template.properties(subscription);
        assert_eq!(subscription["RawMessageDelivery"], true, "{topic}: the listener reads what AWS says");
        assert_eq!(subscription["Endpoint"], attribute("SmsEventsQueue", "Arn"), "{topic}");
    }
    let queue = template.only("AWS::SQS::QueuePolicy", "Queues", &json!([reference("SmsEventsQueue")]));
    let queue = template.properties(queue);
    let [statement, timer] = &each(&queue["PolicyDocument"]["Statement"])[..] else {
        panic!("two statements")
    };
    assert_eq!(timer["Condition"]["ArnEquals"]["aws:SourceArn"], attribute("OptOutsRule", "Arn"));
    let topics = json!([reference("SmsEventsTopic"), reference("InboundSmsTopic")]);
    assert_eq!(statement["Condition"]["ArnEquals"]["aws:SourceArn"], topics);
}

#[test]
fn a_text_names_the_configuration_set_of_its_stack() {
    let template = Template::read();
    let name = &template.properties("SmsConfigurationSet")["ConfigurationSetName"];
    let told = &template.at("Globals/Function/Environment/Variables")["CARILLON_SMS_CONFIGURATION_SET"];
    assert_eq!(told, &json!({ "Fn::If": ["SendsThroughAws", name, ""] }));
    assert_eq!(template.at("Resources/SmsConfigurationSet/Condition"), "SendsThroughAws");
}
