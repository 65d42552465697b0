//! Whatever comes is read or not, and never stops us.

use proptest::prelude::*;
use serde_json::Value;

use super::notice::parse;
use crate::arbitrary::{altered, broken, config};

const TOLD: [&str; 2] = [
    r#"{"eventType": "TEXT_DELIVERED", "eventVersion": "1.0", "isFinal": true, "destinationPhoneNumber": "+14255550156",
        "messageStatus": "DELIVERED", "messageStatusDescription": "Message has been accepted by phone",
        "context": {"workspace": "ws_01KAGPZ5Q8XJ4T7N2R9V6C3B1D", "attempt": "att_01M7W4N4BMRZ76DM7V2KHW5N6S",
        "lead": "lead_01M7T54PC07Q161CJ741HDKHBVVVH7BVZF3D38ZJWM"},
        "totalMessageParts": 1, "totalMessagePrice": 0.09582, "totalCarrierFee": 0.0}"#,
    r#"{"originationNumber": "+14255550182", "destinationNumber": "+12125550101", "messageKeyword": "JOIN",
        "messageBody": "EXAMPLE", "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84"}"#,
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_notice_with_other_values_is_read_or_not(told in altered(&TOLD)) {
        let _ = parse(&told);
    }

    #[test]
    fn a_notice_with_broken_bytes_is_read_or_not(bytes in broken(&TOLD)) {
        let _ = serde_json::from_slice::<Value>(&bytes).map(|told| parse(&told));
    }
}
