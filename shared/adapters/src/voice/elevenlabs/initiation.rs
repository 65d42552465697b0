//! The question with which a conversation begins when somebody calls us, and its answer.
//!
//! The provider asks while it rings (`caller_id`, `agent_id`, `called_number`, `call_sid`) and waits
//! for what the conversation begins with. It does not sign the question: it sends a secret in a
//! header that is set up beside the address.

use carillon_domain::base::call::IncomingCall;
use carillon_domain::base::ids::AttemptId;
use carillon_domain::calling::personalization::Script;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::request::ClientData;
use crate::provider::SignatureError;
use crate::voice::lenient::{call_id, lenient, phone_number};

/// The header that carries the secret; the workspace's owner names it so at the provider.
const HEADER: &str = "X-Carillon-Secret";
/// The type of the answer.
const TYPE: &str = "conversation_initiation_client_data";

/// Whether the secret that was given is ours; takes the same time whatever differs.
pub(in crate::voice) fn verify(headers: &HeaderMap, secret: &str) -> Result<(), SignatureError> {
    let given = headers.get(HEADER).map_or(&[][..], |value| value.as_bytes());
    let (given, ours) = (Sha256::digest(given), Sha256::digest(secret));
    if !secret.is_empty() && bool::from(given.ct_eq(&ours)) {
        Ok(())
    } else {
        Err(SignatureError::WrongSecret(HEADER))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Question {
    #[serde(deserialize_with = "lenient")]
    caller_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    called_number: Option<String>,
    #[serde(deserialize_with = "lenient")]
    call_sid: Option<String>,
}

pub(in crate::voice) fn parse(raw_body: &[u8]) -> IncomingCall {
    let question: Question = serde_json::from_slice(raw_body).unwrap_or_default();
    IncomingCall {
        carrier_call: call_id([&question.call_sid]),
        caller: phone_number(question.caller_id.as_deref()),
        called: phone_number(question.called_number.as_deref()),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    data: ClientData<'a>,
}

pub(in crate::voice) fn answer(known: Option<(&AttemptId, &Script)>) -> Value {
    known
        .map(|(attempt, script)| Answer { kind: TYPE, data: ClientData::of_script(attempt, script) })
        .and_then(|answer| serde_json::to_value(answer).ok())
        .unwrap_or_else(|| json!({"type": TYPE, "dynamic_variables": {}}))
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::call::ProviderCallId;
    use carillon_domain::base::time::Timestamp;
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_secret_fits_as_a_whole() {
        let is_ours = |given: &'static str, secret| {
            let headers = HeaderMap::from_iter([(
                HeaderName::from_static("x-carillon-secret"),
                HeaderValue::from_static(given),
            )]);
            verify(&headers, secret).is_ok()
        };
        assert!(is_ours("s3cret", "s3cret"));
        for other in ["", "s3cre", "s3cret ", "S3cret"] {
            assert!(!is_ours(other, "s3cret"), "{other:?}");
        }
        assert!(!is_ours("", ""));
        assert_eq!(verify(&HeaderMap::new(), "s3cret"), Err(SignatureError::WrongSecret(HEADER)));
    }

    #[test]
    fn a_question_is_read_as_far_as_it_goes() {
        let body = br#"{"caller_id":"4930231250001","agent_id":"a","called_number":"+493023125099","call_sid":"CA1"}"#;
        let call = parse(body);
        assert_eq!(call.caller.map(|number| number.to_string()).as_deref(), Some("+4930231250001"));
        assert!(call.called.is_some());
        assert_eq!(call.carrier_call, Some(ProviderCallId("CA1".into())));
        let odd: [&[u8]; 4] =
            [b"", b"[]", b"\xff", br#"{"caller_id":7,"call_sid":" ","called_number":"anonymous"}"#];
        for odd in odd {
            assert_eq!(parse(odd), IncomingCall::default());
        }
    }

    #[test]
    fn an_answer_carries_the_attempt_and_what_is_overridden() {
        let attempt = AttemptId::new(Timestamp::from_millis(1), [3; 10]);
        let script = Script {
            first_message: Some("Hi Ann".into()),
            variables: [("order".into(), "A-1".into()), ("system__x".into(), "y".into())].into(),
            ..Script::default()
        };
        let expected = json!({
            "type": "conversation_initiation_client_data",
            "user_id": attempt.as_str(),
            "dynamic_variables": {"attempt_id": attempt.as_str(), "order": "A-1"},
            "conversation_config_override": {"agent": {"first_message": "Hi Ann"}},
        });
        assert_eq!(answer(Some((&attempt, &script))), expected);
        let bare = answer(Some((&attempt, &Script::default())));
        assert!(bare.get("conversation_config_override").is_none());
        assert_eq!(answer(None)["dynamic_variables"], json!({}));
    }
}
