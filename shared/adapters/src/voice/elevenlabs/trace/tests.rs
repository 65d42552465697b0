//! What is read of a trace.

use carillon_domain::base::call::{
    CallReport, Outcome, PersonRequest, ProviderCallId, ProviderRecord, Role, Turn, VoiceProvider,
};

use super::*;

const COMPLETED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/elevenlabs/transcription_otel.completed.json"
));
const ROOT: &str = "/otlp_traces/resourceSpans/0/scopeSpans/0/spans/0/attributes";

fn data() -> Value {
    let mut event: Value = serde_json::from_str(COMPLETED).expect("JSON");
    event["data"].take()
}

fn read(data: Value) -> (Conversation, bool) {
    serde_json::from_value::<TracedConversation>(data).expect("lenient").conversation()
}

/// The report of the fixture with one more attribute of the conversation, in place of another of its name.
fn report_with(name: &str, value: Value) -> CallReport {
    let mut data = data();
    let attributes = data.pointer_mut(ROOT).and_then(Value::as_array_mut).expect("attributes");
    attributes.retain(|attribute| attribute["key"] != name);
    attributes.push(json!({"key": name, "value": value}));
    read(data).0.report()
}

#[test]
fn a_trace_is_the_same_conversation() {
    let (conversation, is_told) = read(data());
    assert!(is_told);
    assert_eq!(conversation.call().map(|id| id.0).as_deref(), Some("conv_2201kc9q4p5r6s7t8v9w0x1y2z3a"));
    assert!(conversation.attempt().is_some() && conversation.incoming().is_none());
    let said = |role, message: &str, at_secs| Turn { role, message: message.to_owned(), at_secs };
    let expected = CallReport {
        transcript: vec![
            said(
                Role::Agent,
                "Hello Mia, this is the dental practice. Does Thursday at nine still suit you?",
                0,
            ),
            said(Role::User, "Yes – Thursday at nine is fine.", 5),
            said(Role::Agent, "Lovely, see you on Thursday.", 9),
        ],
        duration_secs: 31,
        ended_by_person: Some(false),
        provider_record: Some(ProviderRecord {
            provider: VoiceProvider::ElevenLabs,
            call: ProviderCallId("conv_2201kc9q4p5r6s7t8v9w0x1y2z3a".to_owned()),
        }),
        ..CallReport::bare(Outcome::Completed, "end_call tool was called.")
    };
    assert_eq!(conversation.report(), expected);
}

#[test]
fn what_was_collected_is_found_by_id_or_name_and_what_can_not_be_read_is_for_a_person() {
    let asked =
        |id: &str, item: &str| report_with(&format!("{COLLECTED}{id}"), json!({"stringValue": item})).request;
    let named =
        "{'data_collection_id': 'item_01', 'name': 'do_not_call', 'value': True, 'rationale': \"didn't\"}";
    assert_eq!(asked("item_01", named), Some(PersonRequest::DoNotCall));
    assert_eq!(asked("do_not_call", "{'value': 'ja'}"), Some(PersonRequest::DoNotCall));
    assert_eq!(asked("do_not_call", "{'value': False}"), None);
    assert_eq!(asked("do_not_call", "{'value': True, 'rationale': 'cut off h"), Some(PersonRequest::Unclear));
}

#[test]
fn a_machine_is_known_by_its_tool_or_by_how_the_call_was_answered() {
    let mut data = data();
    data["otlp_traces"]["resourceSpans"][0]["scopeSpans"][0]["spans"][4]["name"] =
        json!("elevenlabs.tool.voicemail_detection");
    assert_eq!(read(data).0.report().outcome, Outcome::Voicemail);
    let voicemail = json!({"stringValue": "voicemail"});
    assert_eq!(report_with("elevenlabs.telephony.call_result", voicemail).outcome, Outcome::Voicemail);
}

#[test]
fn how_long_it_took_is_counted_where_it_is_not_said() {
    assert_eq!(
        report_with("elevenlabs.session.duration_ms", json!({"doubleValue": 12_600.0})).duration_secs,
        12
    );
    assert_eq!(report_with("elevenlabs.session.duration_ms", json!({})).duration_secs, 31);
}

#[test]
fn a_trace_without_its_conversation_tells_no_more_than_its_id() {
    for traces in [json!({}), json!(null), json!({"resourceSpans": [{"scopeSpans": [{"spans": [5, {}]}]}]})] {
        let (conversation, is_told) = read(json!({"conversation_id": "conv_1", "otlp_traces": traces}));
        assert!(!is_told, "{traces}");
        assert_eq!(conversation.call().map(|id| id.0).as_deref(), Some("conv_1"));
    }
}
