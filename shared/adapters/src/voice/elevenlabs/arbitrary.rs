//! Whatever comes is read or refused, and never stops us.

use carillon_domain::base::time::Timestamp;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{initiation, signature, webhook};
use crate::arbitrary::{altered, broken, bytes, config};

const SIGNED_AT: Timestamp = Timestamp::from_millis(1_796_000_100_000);

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/elevenlabs/", $name, ".json"))
    };
}

const EVENTS: [&str; 8] = [
    fixture!("transcription.completed"),
    fixture!("transcription.callback"),
    fixture!("transcription.settings_1008"),
    fixture!("transcription_otel.completed"),
    fixture!("initiation_failure.twilio_busy"),
    fixture!("initiation_failure.sip_unavailable"),
    fixture!("machine_detection.twilio_case"),
    fixture!("audio"),
];
const QUESTIONS: [&str; 1] =
    [r#"{"caller_id":"4930231250001","agent_id":"a","called_number":"+493023125099","call_sid":"CA1"}"#];
const SIGNATURES: [&str; 2] = ["t=1796000100,v0=00", "v0=00,t=1796000100"];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in bytes()) {
        let _ = (webhook::parse(&bytes, SIGNED_AT), initiation::parse(&bytes));
    }

    #[test]
    fn a_message_with_broken_bytes_is_read_or_refused(event in broken(&EVENTS), question in broken(&QUESTIONS)) {
        let _ = (webhook::parse(&event, SIGNED_AT), initiation::parse(&question));
    }

    #[test]
    fn an_event_with_other_values_is_read(event in altered(&EVENTS)) {
        if event.is_object() {
            prop_assert!(webhook::parse(event.to_string().as_bytes(), SIGNED_AT).is_ok(), "{}", event);
        }
    }

    #[test]
    fn a_question_with_other_values_is_read(question in altered(&QUESTIONS)) {
        initiation::parse(question.to_string().as_bytes());
    }

    #[test]
    fn no_signature_and_no_secret_is_hit_upon(header in broken(&SIGNATURES), body in bytes()) {
        let named = |name: &str| -> HeaderMap {
            let value = HeaderValue::from_bytes(&header).into_iter();
            value.map(|value| (name.parse().expect("a name"), value)).collect()
        };
        let signed = signature::verify(&named("elevenlabs-signature"), &body, &["wsec_test"], SIGNED_AT);
        prop_assert!(signed.is_err());
        prop_assert!(initiation::verify(&named("x-carillon-secret"), "s3cret").is_err());
    }
}
