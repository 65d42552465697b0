//! Whatever comes is read or not, and never stops us.

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::webhook::{inbound, status};
use crate::arbitrary::{broken, bytes, config};
use crate::twilio::form::fields;
use crate::twilio::{HEADER, verify};

const FORMS: [&str; 3] = [
    "AccountSid=AC0&ApiVersion=2010-04-01&From=%2B15017122661&To=%2B15558675310&MessageSid=SM1\
        &SmsSid=SM1&MessageStatus=undelivered&SmsStatus=undelivered&ErrorCode=30006",
    "ToCountry=US&NumMedia=0&FromZip=80202&SmsStatus=received&Body=STOP&To=%2B15017122661&NumSegments=1\
        &MessageSid=SM2&AccountSid=AC0&From=%2B15558675310&ApiVersion=2010-04-01&OptOutType=STOP",
    "SmsStatus=received&Body=Gr%C3%BC%C3%9Fe+%26+mehr+%F0%9F%98%80&To=%2B15017122661&MessageSid=SM3&From=%2B15558675310",
];
const SIGNATURES: [&str; 1] = ["0/KCTR6DLpKmkAf8muzZqo1nDgQ="];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_read_or_not(bytes in bytes()) {
        let _ = (status(&fields(&bytes)), inbound(&fields(&bytes)));
    }

    #[test]
    fn a_form_with_broken_bytes_is_read_or_not(form in broken(&FORMS)) {
        let _ = (status(&fields(&form)), inbound(&fields(&form)));
    }

    #[test]
    fn no_signature_is_hit_upon(header in broken(&SIGNATURES), form in broken(&FORMS), url in ".{0,40}") {
        let value = HeaderValue::from_bytes(&header).into_iter();
        let headers: HeaderMap = value.map(|value| (HEADER.parse().expect("a name"), value)).collect();
        prop_assert!(verify(&headers, &url, &fields(&form), &["12345"]).is_err());
    }
}
