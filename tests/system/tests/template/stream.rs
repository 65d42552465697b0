//! The table's stream and the bus that hears of it.

use carillon_local::wiring::{STREAM_BATCH_SIZE, STREAM_TIMEOUT_SECS};
use carillon_store::{HEARD_PREFIXES, REMOVED_PREFIXES};
use serde_json::{Value, json};

use crate::template::document::{Template, attribute, number, reference};

#[test]
fn changes_come_as_in_the_local_system_in_order_and_for_a_day_at_most() {
    let template = Template::read();
    let source = template.properties("StreamSource");
    assert_eq!(source["EventSourceArn"], attribute("Table", "StreamArn"));
    assert_eq!(source["FunctionName"], reference("StreamFunction"));
    assert_eq!(template.binary("StreamFunction"), "stream");
    assert_eq!(number(&source["BatchSize"]), STREAM_BATCH_SIZE);
    assert_eq!(number(&template.properties("StreamFunction")["Timeout"]), STREAM_TIMEOUT_SECS);
    assert_eq!(number(&source["ParallelizationFactor"]), 1);
    // Nothing that was there before the function is left out.
    assert_eq!(source["StartingPosition"], "TRIM_HORIZON");
}

#[test]
fn a_batch_that_fails_is_halved_and_at_last_given_up_where_somebody_looks() {
    let source = Template::read().properties("StreamSource");
    assert_eq!(source["BisectBatchOnFunctionError"], true);
    // Streams keep a record for a day: whoever is told of it later can't look at it any more.
    assert!(number(&source["MaximumRecordAgeInSeconds"]) < 24 * 60 * 60);
    assert!(number(&source["MaximumRetryAttempts"]) <= 10_000);
    let destination = &source["DestinationConfig"]["OnFailure"]["Destination"];
    assert_eq!(*destination, attribute("ParkedDeadLetters", "Arn"));
}

#[test]
fn the_function_is_called_for_what_may_be_heard_of_and_nothing_else() {
    let source = Template::read().properties("StreamSource");
    let filters = source["FilterCriteria"]["Filters"].as_array().expect("filters");
    let patterns = filters.iter().map(|filter| filter["Pattern"].as_str().expect("a text"));
    let patterns: Vec<Value> = patterns.map(|pattern| serde_json::from_str(pattern).expect("JSON")).collect();
    let starts = |prefixes: &[&str]| {
        let prefixes = prefixes.iter().map(|prefix| json!({"prefix": prefix}));
        json!({"id": {"S": prefixes.collect::<Value>()}})
    };
    let removed = starts(&REMOVED_PREFIXES);
    let removed = json!({"eventName": ["REMOVE"], "dynamodb": {"OldImage": removed}});
    assert_eq!(patterns, [json!({"dynamodb": {"NewImage": starts(&HEARD_PREFIXES)}}), removed]);
}

#[test]
fn an_alarm_is_raised_when_events_are_late() {
    let alarm = Template::read().properties("StreamAlarm");
    assert_eq!(alarm["MetricName"], "IteratorAge");
    assert_eq!(alarm["Dimensions"], json!([{"Name": "FunctionName", "Value": reference("StreamFunction")}]));
}
