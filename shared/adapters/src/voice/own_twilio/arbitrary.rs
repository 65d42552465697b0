//! Whatever comes is read or not, and never stops us.

use proptest::prelude::*;

use super::webhook::{parse_status, parse_verdict};
use crate::arbitrary::{broken, bytes, config};

const FORMS: [&str; 2] = [
    "AccountSid=AC0&CallSid=CA1&From=%2B15017122661&To=%2B15558675310&CallStatus=failed&SequenceNumber=2&SipResponseCode=404",
    "AccountSid=AC0&CallSid=CA1&AnsweredBy=machine_end_beep&MachineDetectionDuration=2400",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_read_or_not(bytes in bytes()) {
        let _ = (parse_status(&bytes), parse_verdict(&bytes));
    }

    #[test]
    fn a_form_with_broken_bytes_is_read_or_not(form in broken(&FORMS)) {
        let _ = (parse_status(&form), parse_verdict(&form));
    }
}
