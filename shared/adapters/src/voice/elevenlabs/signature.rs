//! The signature of a webhook.
//!
//! `ElevenLabs-Signature: t=<unix s>,v0=<hex>`, where the hex is the HMAC-SHA256 of
//! `<t>.<raw body>` under the secret as it is. What the vendor's SDK accepts is accepted, with
//! three differences: the comparison takes the same time whatever it finds, a time far ahead is
//! refused, and so is a time that is no number, by name.

use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use http::HeaderMap;

use crate::provider::SignatureError;
use crate::voice::signed::{Signed, Window};

/// The header that carries the signature.
const HEADER: &str = "ElevenLabs-Signature";
const MALFORMED: SignatureError =
    SignatureError::Malformed { header: HEADER, form: "t=<unix seconds>,v0=<lower-case hex>" };
/// The oldest is the vendor's own limit; it has none ahead.
const WINDOW: Window = Window { max_age_ms: 30 * MINUTE_MS, max_ahead_ms: 5 * MINUTE_MS };
/// Checks the signature of a webhook's body, and says when it was made.
pub(in crate::voice) fn verify(
    headers: &HeaderMap,
    raw_body: &[u8],
    secrets: &[&str],
    now: Timestamp,
) -> Result<Timestamp, SignatureError> {
    let given = headers.get(HEADER).ok_or(SignatureError::Missing(HEADER))?;
    let signed = given.to_str().ok().and_then(parse).ok_or(MALFORMED)?;
    signed.check(&[signed.time.as_bytes(), b".", raw_body], secrets, WINDOW, now)
}

/// Reads `t` and `v0` in either order; of several, the last counts, as in the vendor's SDK.
fn parse(header: &str) -> Option<Signed<'_>> {
    let last = |prefix| header.split(',').filter_map(|part| part.strip_prefix(prefix)).next_back();
    Signed::read(last("t=")?, SECOND_MS, last("v0=")?)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::provider::SignatureError::{FromTheFuture, TooOld};

    /// Checked against `construct_event` of the vendor's Python SDK 2.78.0 with its clock held.
    const SECRET: &str = "wsec_test_0123456789abcdef";
    const BODY: &str = r#"{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"agent_id":"xyz","conversation_id":"abc"}}"#;
    const HEX: &str = "35226ed9af4f395d134a1dc60aabd86199e811bb6029e9ecd15ef79b422a2c00";
    const SIGNED_AT: Timestamp = Timestamp::from_millis(1_739_537_297_000);

    fn with(header: &str, body: &str, secrets: &[&str], now: Timestamp) -> Result<(), SignatureError> {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("elevenlabs-signature"),
            HeaderValue::from_bytes(header.as_bytes()).expect("a header"),
        )]);
        verify(&headers, body.as_bytes(), secrets, now).map(drop)
    }

    fn check(header: &str, body: &str, now: Timestamp) -> Result<(), SignatureError> {
        with(header, body, &[SECRET], now)
    }

    fn header() -> String {
        format!("t=1739537297,v0={HEX}")
    }

    #[test]
    fn the_vendors_signature_is_believed_in_either_order() {
        assert_eq!(check(&header(), BODY, SIGNED_AT), Ok(()));
        assert_eq!(check(&format!("v0={HEX},t=1739537297"), BODY, SIGNED_AT), Ok(()));
        assert_eq!(check(&format!("{},v1=new", header()), BODY, SIGNED_AT), Ok(()));
    }

    #[test]
    fn the_body_is_signed_as_bytes() {
        // Signed with Python's hmac module.
        let body = r#"{"type":"post_call_transcription","data":{"transcript":[{"role":"user","message":"Grüß Gott – 你好 ☎"}]}}"#;
        let header = "t=1790000100,v0=07a4f147b582e2b040e477caf9ff07e55a2b5dc6473e3833a982aee767abdeae";
        assert_eq!(check(header, body, Timestamp::from_millis(1_790_000_100_000)), Ok(()));
    }

    #[test]
    fn a_changed_body_another_secret_or_another_time_is_not_believed() {
        let changed = BODY.replace("xyz", "xyy");
        assert_eq!(check(&header(), &changed, SIGNED_AT), Err(SignatureError::Mismatch));
        assert_eq!(check(&header(), &format!("{BODY} "), SIGNED_AT), Err(SignatureError::Mismatch));
        let later = format!("t=1739537298,v0={HEX}");
        assert_eq!(check(&later, BODY, SIGNED_AT), Err(SignatureError::Mismatch));
        let other = with(&header(), BODY, &["wsec_other"], SIGNED_AT);
        assert_eq!(other, Err(SignatureError::Mismatch));
    }

    #[test]
    fn any_of_several_secrets_will_do_but_none_and_an_empty_one_will_not() {
        let among = |secrets: &[&str]| with(&header(), BODY, secrets, SIGNED_AT);
        assert_eq!(among(&["wsec_new", SECRET]), Ok(()));
        assert_eq!(among(&[SECRET, "wsec_new"]), Ok(()));
        assert_eq!(among(&[]), Err(SignatureError::Mismatch));
        // Signed under the empty secret, with Python's hmac module.
        let header = "t=1739537297,v0=3b25bd278205f886bbe09276a9ec5fce48a37294704dfa5488f7ec6b01a37e5b";
        let empty = with(header, BODY, &[""], SIGNED_AT);
        assert_eq!(empty, Err(SignatureError::Mismatch));
    }

    #[test]
    fn the_time_may_lie_thirty_minutes_back_and_five_ahead() {
        let at = |shift_ms| check(&header(), BODY, SIGNED_AT.plus_ms(shift_ms));
        assert_eq!(at(30 * MINUTE_MS), Ok(()));
        assert_eq!(at(30 * MINUTE_MS + 1), Err(TooOld { max_minutes: 30 }));
        assert_eq!(at(31 * MINUTE_MS), Err(TooOld { max_minutes: 30 }));
        assert_eq!(at(-5 * MINUTE_MS), Ok(()));
        assert_eq!(at(-5 * MINUTE_MS - 1), Err(FromTheFuture { max_minutes: 5 }));
        let far = format!("t={},v0={HEX}", i64::MAX);
        assert_eq!(check(&far, BODY, SIGNED_AT), Err(FromTheFuture { max_minutes: 5 }));
    }

    #[test]
    fn what_is_not_of_the_form_is_refused_by_name() {
        let bare = verify(&HeaderMap::new(), BODY.as_bytes(), &[SECRET], SIGNED_AT);
        assert_eq!(bare, Err(SignatureError::Missing(HEADER)));
        let upper = HEX.to_uppercase();
        for header in [
            String::new(),
            "t=1739537297".to_owned(),
            format!("v0={HEX}"),
            format!("t=abc,v0={HEX}"),
            format!("t=,v0={HEX}"),
            format!("t=-5,v0={HEX}"),
            format!("t=99999999999999999999,v0={HEX}"),
            format!("t=1739537297, v0={HEX}"),
            format!("t=1739537297,v0={upper}"),
            format!("t=1739537297,v0={}", &HEX[1..]),
            format!("t=1739537297,v0={HEX}00"),
            format!("t=1739537297,v0=é{}", &HEX[2..]),
        ] {
            assert_eq!(check(&header, BODY, SIGNED_AT), Err(MALFORMED), "{header}");
        }
    }

    #[test]
    fn of_two_signatures_the_last_counts() {
        let wrong = "0".repeat(64);
        let last_wrong = format!("t=1739537297,v0={HEX},v0={wrong}");
        assert_eq!(check(&last_wrong, BODY, SIGNED_AT), Err(SignatureError::Mismatch));
        let last_right = format!("t=1739537297,v0={wrong},v0={HEX}");
        assert_eq!(check(&last_right, BODY, SIGNED_AT), Ok(()));
    }
}
