//! What webhooks say, and what goes wrong with them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{START, on_trunk, order, parsed, rest};
use crate::provider_simulator::calls::Exchange;
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::{OutboundCall, elevenlabs};
use crate::webhook_faults::WebhookFaults;

/// Every path of a JSON value that leads to a scalar, without indices.
pub(super) fn shape(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                shape(field, &format!("{path}/{name}"), paths);
            }
        }
        Value::Array(items) => {
            for item in items {
                shape(item, path, paths);
            }
        }
        _ => {
            paths.insert(path.to_owned());
        }
    }
}

fn placed(settings: NetworkSettings, orders: &[OutboundCall]) -> Vec<Value> {
    let mut exchange = Exchange::new(settings);
    for (n, order) in (0_i64..).zip(orders) {
        exchange.place(START.plus_ms(n * 100), order);
    }
    rest(&mut exchange).iter().map(|delivery| parsed(&delivery.body)).collect()
}

#[test]
fn a_transcription_has_the_documented_shape() {
    let body = &placed(NetworkSettings::default(), &[order("+12015550004")])[0];
    let mut paths = BTreeSet::new();
    shape(body, "", &mut paths);
    let documented = [
        "/type",
        "/event_timestamp",
        "/data/agent_id",
        "/data/agent_name",
        "/data/status",
        "/data/user_id",
        "/data/conversation_id",
        "/data/has_audio",
        "/data/has_user_audio",
        "/data/has_response_audio",
        "/data/transcript/role",
        "/data/transcript/message",
        "/data/transcript/time_in_call_secs",
        "/data/transcript/interrupted",
        "/data/transcript/tool_calls/tool_name",
        "/data/transcript/tool_calls/params_as_json",
        "/data/transcript/tool_calls/tool_has_been_called",
        "/data/metadata/start_time_unix_secs",
        "/data/metadata/accepted_time_unix_secs",
        "/data/metadata/call_duration_secs",
        "/data/metadata/cost",
        "/data/metadata/authorization_method",
        "/data/metadata/charging/dev_discount",
        "/data/metadata/phone_call/type",
        "/data/metadata/phone_call/direction",
        "/data/metadata/phone_call/phone_number_id",
        "/data/metadata/phone_call/agent_number",
        "/data/metadata/phone_call/external_number",
        "/data/metadata/phone_call/call_result",
        "/data/metadata/phone_call/stream_sid",
        "/data/metadata/phone_call/call_sid",
        "/data/metadata/batch_call",
        "/data/metadata/termination_reason",
        "/data/metadata/error",
        "/data/metadata/main_language",
        "/data/metadata/features_usage/voicemail_detection/enabled",
        "/data/metadata/features_usage/voicemail_detection/used",
        "/data/analysis/call_successful",
        "/data/analysis/transcript_summary",
        "/data/conversation_initiation_client_data/user_id",
        "/data/conversation_initiation_client_data/dynamic_variables/attempt_id",
        "/data/conversation_initiation_client_data/dynamic_variables/system__call_sid",
        "/data/conversation_initiation_client_data/source_info/source",
    ];
    for path in documented {
        assert!(paths.contains(path), "{path} is missing");
    }
    assert_eq!(body["data"]["user_id"], "att_12015550004");
}

#[test]
fn a_failure_tells_nothing_of_the_attempt() {
    let bodies = placed(NetworkSettings::default(), &[order("+12015550002"), on_trunk("+12025550002")]);
    for body in bodies {
        assert_eq!(body["type"], "call_initiation_failure");
        assert!(!body.to_string().contains("att_"), "{body}");
    }
}

#[test]
fn the_carriers_verdict_comes_where_it_was_asked_for() {
    let elevenlabs = elevenlabs::Account { machine_detection_events: true, ..Default::default() };
    let settings = NetworkSettings { elevenlabs, ..Default::default() };
    let mut asked = order("+12015550004");
    asked.machine_detection = true;
    let bodies = placed(settings.clone(), &[asked.clone()]);
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0]["type"], "answering_machine_detection");
    assert_eq!(bodies[0]["data"]["answered_by"], "machine_start");
    assert_eq!(placed(settings, &[order("+12015550004")]).len(), 1, "not asked for");
    assert_eq!(placed(NetworkSettings::default(), &[asked]).len(), 1, "not switched on");
}

/// The webhooks of two hundred conversations under these faults.
fn under(faults: WebhookFaults) -> Vec<Value> {
    let orders: Vec<_> = (0..200).map(|n| order(&format!("+1{}5550001", 201 + n))).collect();
    placed(NetworkSettings { max_concurrent: 200, faults, ..Default::default() }, &orders)
}

fn is_sorted(bodies: &[Value]) -> bool {
    bodies.is_sorted_by_key(|body| body["event_timestamp"].as_i64())
}

#[test]
fn flags_lose_double_delay_and_disorder() {
    let none = under(WebhookFaults::default());
    assert_eq!(none.len(), 200);
    assert!(is_sorted(&none));
    let lost = under(WebhookFaults { lose_permille: 300, ..Default::default() }).len();
    assert!((110..=170).contains(&lost), "{lost}");
    assert!(under(WebhookFaults { lose_permille: 1_000, ..Default::default() }).is_empty());
    let doubled = under(WebhookFaults { double_permille: 300, ..Default::default() }).len();
    assert!((230..=290).contains(&doubled), "{doubled}");
    let delayed = under(WebhookFaults { delay_permille: 300, delay_max_ms: 600_000, ..Default::default() });
    assert_eq!(delayed.len(), 200);
    assert!(!is_sorted(&delayed));
    let disordered = under(WebhookFaults { disorder_permille: 300, ..Default::default() });
    assert_eq!(disordered.len(), 200);
    assert!(!is_sorted(&disordered));
}
