//! The signature of a webhook.
//!
//! `x-retell-signature: v=<unix ms>,d=<hex>`, where the hex is the HMAC-SHA256 of the raw body, followed by the
//! milliseconds, under the API key. What the vendor's SDK accepts is accepted, and nothing else.

use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use http::HeaderMap;

use crate::provider::SignatureError;
use crate::voice::signed::{Signed, Window};

/// The header that carries the signature.
const HEADER: &str = "x-retell-signature";
const MALFORMED: SignatureError =
    SignatureError::Malformed { header: HEADER, form: "v=<unix milliseconds>,d=<lower-case hex>" };
/// The vendor's own limits.
const WINDOW: Window = Window { max_age_ms: 5 * MINUTE_MS, max_ahead_ms: 5 * MINUTE_MS };
/// Milliseconds in the unit of the signature's time.
const UNIT_MS: i64 = 1;

/// Checks the signature of a webhook's body, and says when it was made.
pub(in crate::voice) fn verify(
    headers: &HeaderMap,
    raw_body: &[u8],
    secrets: &[&str],
    now: Timestamp,
) -> Result<Timestamp, SignatureError> {
    let given = headers.get(HEADER).ok_or(SignatureError::Missing(HEADER))?;
    let signed = given.to_str().ok().and_then(parse).ok_or(MALFORMED)?;
    signed.check(&[raw_body, signed.time.as_bytes()], secrets, WINDOW, now)
}

fn parse(header: &str) -> Option<Signed<'_>> {
    let (time, hex) = header.strip_prefix("v=")?.split_once(",d=")?;
    Signed::read(time, UNIT_MS, hex)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::provider::SignatureError::{FromTheFuture, Mismatch, TooOld};

    /// Signed and verified with the vendor's Python SDK 6.2.13.
    const KEY: &str = "key_abc";
    const BODY: &str = r#"{"event":"call_ended","call":{"call_id":"x"}}"#;
    const HEX: &str = "b189706617184f58dd8fd23bd8d921d3abbcfcab9e47e245784342bd9f48a3cb";
    const SIGNED_AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn with(header: &str, body: &str, secrets: &[&str], now: Timestamp) -> Result<(), SignatureError> {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static(HEADER),
            HeaderValue::from_bytes(header.as_bytes()).expect("a header"),
        )]);
        verify(&headers, body.as_bytes(), secrets, now).map(drop)
    }

    fn check(header: &str, body: &str, now: Timestamp) -> Result<(), SignatureError> {
        with(header, body, &[KEY], now)
    }

    fn header() -> String {
        format!("v=1700000000000,d={HEX}")
    }

    #[test]
    fn the_vendors_signature_is_believed() {
        assert_eq!(check(&header(), BODY, SIGNED_AT), Ok(()));
        let body =
            r#"{"event":"call_analyzed","call":{"call_id":"x","transcript":"User: Grüß Gott – 你好 ☎"}}"#;
        let header = "v=1790000100000,d=4683e37544d5584fc4113457b2addd5cd5f1c85f464e41fd80eaac966bcd3300";
        assert_eq!(check(header, body, Timestamp::from_millis(1_790_000_100_000)), Ok(()));
    }

    #[test]
    fn a_changed_body_another_key_or_another_time_is_not_believed() {
        for changed in [format!("{BODY} "), BODY.replace(':', ": "), BODY.replace('x', "y"), String::new()] {
            assert_eq!(check(&header(), &changed, SIGNED_AT), Err(Mismatch), "{changed}");
        }
        assert_eq!(check(&format!("v=1700000000001,d={HEX}"), BODY, SIGNED_AT), Err(Mismatch));
        // Body and time are signed as one text: a digit that wanders makes it another time, long ago.
        let wandered = check(&format!("v=700000000000,d={HEX}"), &format!("{BODY}1"), SIGNED_AT);
        assert_eq!(wandered, Err(TooOld { max_minutes: 5 }));
        assert_eq!(with(&header(), BODY, &["key_abd"], SIGNED_AT), Err(Mismatch));
    }

    #[test]
    fn any_of_several_keys_will_do_but_none_and_an_empty_one_will_not() {
        let among = |keys: &[&str]| with(&header(), BODY, keys, SIGNED_AT);
        assert_eq!(among(&["key_new", KEY]), Ok(()));
        assert_eq!(among(&[KEY, "key_new"]), Ok(()));
        assert_eq!(among(&[]), Err(Mismatch));
        // Signed under the empty key, with the same SDK.
        let header = "v=1700000000000,d=a8fb85d5b494b9fe5bc63bd4d1599108b3f9ea5301a92dfcfed5ab82abfe7d4c";
        assert_eq!(with(header, BODY, &[""], SIGNED_AT), Err(Mismatch));
    }

    #[test]
    fn the_time_may_lie_five_minutes_back_and_five_ahead() {
        let at = |shift_ms| check(&header(), BODY, SIGNED_AT.plus_ms(shift_ms));
        assert_eq!(at(5 * MINUTE_MS), Ok(()));
        assert_eq!(at(5 * MINUTE_MS + 1), Err(TooOld { max_minutes: 5 }));
        assert_eq!(at(6 * MINUTE_MS), Err(TooOld { max_minutes: 5 }));
        assert_eq!(at(-5 * MINUTE_MS), Ok(()));
        assert_eq!(at(-5 * MINUTE_MS - 1), Err(FromTheFuture { max_minutes: 5 }));
        let far = format!("v={},d={HEX}", i64::MAX);
        assert_eq!(check(&far, BODY, SIGNED_AT), Err(FromTheFuture { max_minutes: 5 }));
        // In seconds, as others write it, it is long ago.
        assert_eq!(check(&format!("v=1700000000,d={HEX}"), BODY, SIGNED_AT), Err(TooOld { max_minutes: 5 }));
    }

    #[test]
    fn what_is_not_of_the_form_is_refused_by_name() {
        let bare = verify(&HeaderMap::new(), BODY.as_bytes(), &[KEY], SIGNED_AT);
        assert_eq!(bare, Err(SignatureError::Missing(HEADER)));
        let upper = HEX.to_uppercase();
        for header in [
            String::new(),
            "v=1700000000000".to_owned(),
            format!("d={HEX}"),
            format!("d={HEX},v=1700000000000"),
            format!("v=abc,d={HEX}"),
            format!("v=,d={HEX}"),
            format!("v=-5,d={HEX}"),
            format!("v=99999999999999999999,d={HEX}"),
            format!("v=1700000000000, d={HEX}"),
            format!(" v=1700000000000,d={HEX}"),
            format!("v=1700000000000,d={upper}"),
            format!("v=1700000000000,d={}", &HEX[1..]),
            format!("v=1700000000000,d={HEX}00"),
            format!("v=1700000000000,d={HEX},d={HEX}"),
            format!("v=1700000000000,d=é{}", &HEX[2..]),
        ] {
            assert_eq!(check(&header, BODY, SIGNED_AT), Err(MALFORMED), "{header}");
        }
    }
}
