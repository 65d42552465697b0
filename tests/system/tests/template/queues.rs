//! Queues, their consumers, their dead letters; and the tick.

use carillon_local::wiring::{QUEUES, TICK_PERIOD_SECS, TICK_TIMEOUT_SECS};
use serde_json::json;

use crate::template::document::{Template, attribute, number, reference, referent};

/// SQS recommends that a message stays hidden for this many time-outs of its function.
const VISIBILITY_FACTOR: u32 = 6;
/// Fewer, and a message that met a throttled function a few times is a dead letter.
const LEAST_RECEIVES: u32 = 5;

#[test]
fn queues_are_wired_as_in_the_local_system() {
    let template = Template::read();
    for wiring in QUEUES {
        let name = &template.queue(&wiring);
        let properties = template.properties(name);
        let source =
            template.only("AWS::Lambda::EventSourceMapping", "EventSourceArn", &attribute(name, "Arn"));
        let source = template.properties(source);
        let function = referent(&source["FunctionName"]);
        assert_eq!(template.binary(function), wiring.function, "{name}");
        let found = [
            &source["BatchSize"],
            &template.properties(function)["Timeout"],
            &properties["VisibilityTimeout"],
            &properties["RedrivePolicy"]["maxReceiveCount"],
        ];
        let wired =
            [wiring.batch_size, wiring.function_timeout_secs, wiring.visibility_secs, wiring.max_receives];
        assert_eq!(found.map(number), wired, "{name}");
    }
}

#[test]
fn every_queue_is_wired_or_holds_dead_letters() {
    let template = Template::read();
    let mut known: Vec<String> = QUEUES.iter().map(|wiring| template.queue(wiring)).collect();
    for wiring in QUEUES {
        known.push(dead_letters(&template, &template.queue(&wiring)));
    }
    known.sort_unstable();
    let mut all = template.named("AWS::SQS::Queue");
    all.sort_unstable();
    assert_eq!(all, known);
    // And one for the stream.
    assert_eq!(template.named("AWS::Lambda::EventSourceMapping").len(), QUEUES.len() + 1);
}

#[test]
fn a_message_outlives_its_function_and_then_its_queue() {
    let template = Template::read();
    for wiring in QUEUES {
        assert!(wiring.visibility_secs >= VISIBILITY_FACTOR * wiring.function_timeout_secs, "{wiring:?}");
        assert!(wiring.max_receives >= LEAST_RECEIVES, "{wiring:?}");
        let name = &template.queue(&wiring);
        let kept_secs = number(&template.properties(name)["MessageRetentionPeriod"]);
        let received_secs = wiring.visibility_secs * (wiring.max_receives + 1);
        assert!(kept_secs >= received_secs, "{name} forgets a message before it is a dead letter");
        let dead_letters = template.properties(&dead_letters(&template, name));
        let dead_secs = number(&dead_letters["MessageRetentionPeriod"]);
        assert!(dead_secs > kept_secs, "{name}: a dead letter keeps the age that it had");
    }
}

#[test]
fn every_queue_is_encrypted_and_its_dead_letters_raise_an_alarm() {
    let template = Template::read();
    for name in template.named("AWS::SQS::Queue") {
        assert_eq!(template.properties(name)["SqsManagedSseEnabled"], true, "{name}");
    }
    for wiring in QUEUES {
        let dead_letters = dead_letters(&template, &template.queue(&wiring));
        let dimensions = json!([{ "Name": "QueueName", "Value": attribute(&dead_letters, "QueueName") }]);
        let alarm = template.only("AWS::CloudWatch::Alarm", "Dimensions", &dimensions);
        let alarm = template.properties(alarm);
        assert_eq!(alarm["MetricName"], "ApproximateNumberOfMessagesVisible");
        assert_eq!(
            (&alarm["Threshold"], &alarm["ComparisonOperator"]),
            (&json!(0), &json!("GreaterThanThreshold"))
        );
    }
}

#[test]
fn every_alarm_is_heard() {
    let template = Template::read();
    for name in template.named("AWS::CloudWatch::Alarm") {
        assert_eq!(template.properties(name)["AlarmActions"], json!([reference("AlarmTopic")]), "{name}");
    }
}

#[test]
fn every_consumer_reports_the_messages_that_failed() {
    let template = Template::read();
    for name in template.named("AWS::Lambda::EventSourceMapping") {
        let responses = &template.properties(name)["FunctionResponseTypes"];
        assert_eq!(responses, &json!(["ReportBatchItemFailures"]), "{name}");
    }
}

#[test]
fn the_tick_runs_as_in_the_local_system_and_is_not_run_late() {
    let template = Template::read();
    let mut rules = template.named("AWS::Events::Rule");
    rules.sort_unstable();
    assert_eq!(rules, ["OptOutsRule", "TickRule"]);
    let rule = template.properties("TickRule");
    assert_eq!(rule["ScheduleExpression"], "rate(1 minute)");
    assert_eq!(TICK_PERIOD_SECS, 60);
    assert_eq!(rule["Targets"][0]["Arn"], attribute("TickFunction", "Arn"));
    let permission = template.only("AWS::Lambda::Permission", "SourceArn", &attribute("TickRule", "Arn"));
    assert_eq!(template.properties(permission)["FunctionName"], reference("TickFunction"));

    let tick = template.properties("TickFunction");
    assert_eq!(template.binary("TickFunction"), "tick");
    assert_eq!(number(&tick["Timeout"]), TICK_TIMEOUT_SECS);
    let (timeout, period) = (number(&tick["Timeout"]), TICK_PERIOD_SECS);
    assert!(timeout < period, "a tick of {timeout} s overlaps the next");
    assert_eq!(tick["EventInvokeConfig"]["MaximumRetryAttempts"], 0);
    assert_eq!(number(&tick["EventInvokeConfig"]["MaximumEventAgeInSeconds"]), TICK_PERIOD_SECS);
}

/// The queue that takes what `queue` gave up.
fn dead_letters(template: &Template, queue: &str) -> String {
    let target = &template.properties(queue)["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"];
    let name = target.as_str().and_then(|target| target.strip_suffix(".Arn"));
    name.expect("a queue for dead letters").to_owned()
}
