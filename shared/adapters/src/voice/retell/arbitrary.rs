//! Whatever comes is read or refused, and never stops us.

use carillon_domain::base::time::Timestamp;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{initiation, signature, webhook};
use crate::arbitrary::{altered, broken, bytes, config};

const SIGNED_AT: Timestamp = Timestamp::from_millis(1_796_000_100_000);

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/retell/", $name, ".json"))
    };
}

const EVENTS: [&str; 3] =
    [fixture!("call_ended.busy"), fixture!("call_ended.completed"), fixture!("call_analyzed.callback")];
const QUESTIONS: [&str; 1] = [r#"{"event":"call_inbound","call_inbound":{"agent_id":"agent_1",
    "from_number":"+4930231250001","to_number":"493023125099"}}"#];

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
    fn no_signature_is_hit_upon(header in broken(&["v=1796000100000,d=00"]), body in bytes()) {
        let header = HeaderValue::from_bytes(&header).into_iter();
        let headers: HeaderMap = header.map(|value| ("x-retell-signature".parse().expect("a name"), value)).collect();
        prop_assert!(signature::verify(&headers, &body, &["key_abc"], SIGNED_AT).is_err());
    }
}
