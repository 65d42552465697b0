//! The question with which a conversation begins when somebody calls us (`call_inbound`), and its answer.
//!
//! The provider asks while it rings, signs the question as it signs events, and waits for what the conversation
//! begins with. The call has no id as yet.

use carillon_domain::base::call::IncomingCall;
use carillon_domain::base::ids::AttemptId;
use carillon_domain::calling::personalization::Script;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::request::CallInbound;
use crate::voice::lenient::{lenient, phone_number};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Question {
    #[serde(deserialize_with = "lenient")]
    call_inbound: Caller,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Caller {
    #[serde(deserialize_with = "lenient")]
    from_number: Option<String>,
    #[serde(deserialize_with = "lenient")]
    to_number: Option<String>,
}

pub(in crate::voice) fn parse(raw_body: &[u8]) -> IncomingCall {
    let Question { call_inbound: call } = serde_json::from_slice(raw_body).unwrap_or_default();
    IncomingCall {
        carrier_call: None,
        caller: phone_number(call.from_number.as_deref()),
        called: phone_number(call.to_number.as_deref()),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    call_inbound: CallInbound<'a>,
}

pub(in crate::voice) fn answer(known: Option<(&AttemptId, &Script)>) -> Value {
    known
        .map(|(attempt, script)| Answer { call_inbound: CallInbound::of_script(attempt, script) })
        .and_then(|answer| serde_json::to_value(answer).ok())
        .unwrap_or_else(|| json!({"call_inbound": {}}))
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::time::Timestamp;

    use super::*;

    #[test]
    fn a_question_is_read_as_far_as_it_goes() {
        let body = br#"{"event":"call_inbound","call_inbound":{"agent_id":"agent_1",
            "from_number":"+4930231250001","to_number":"493023125099"}}"#;
        let call = parse(body);
        assert_eq!(call.caller.map(|number| number.to_string()).as_deref(), Some("+4930231250001"));
        assert_eq!(call.called.map(|number| number.to_string()).as_deref(), Some("+493023125099"));
        let odd: [&[u8]; 5] = [
            b"",
            b"[]",
            b"\xff",
            br#"{"call_inbound":7}"#,
            br#"{"call_inbound":{"from_number":7,"to_number":"anonymous"}}"#,
        ];
        for odd in odd {
            assert_eq!(parse(odd), IncomingCall::default());
        }
    }

    #[test]
    fn an_answer_carries_the_attempt_and_what_is_overridden() {
        let attempt = AttemptId::new(Timestamp::from_millis(1), [3; 10]);
        let script = Script {
            first_message: Some("Hi Ann".into()),
            language: Some("de".into()),
            variables: [("order".into(), "A-1".into())].into(),
            ..Script::default()
        };
        let expected = json!({"call_inbound": {
            "metadata": {"attempt_id": attempt.as_str()},
            "dynamic_variables": {
                "attempt_id": attempt.as_str(),
                "order": "A-1",
                "carillon_first_message": "Hi Ann",
                "carillon_language": "de",
            },
            "agent_override": {
                "agent": {"language": "de-DE"},
                "retell_llm": {"start_speaker": "agent", "begin_message": "Hi Ann"},
            },
        }});
        assert_eq!(answer(Some((&attempt, &script))), expected);
        let bare = answer(Some((&attempt, &Script::default())));
        assert!(bare["call_inbound"].get("agent_override").is_none());
        assert_eq!(answer(None), json!({"call_inbound": {}}));
    }
}
