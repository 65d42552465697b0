//! The signature of a webhook.
//!
//! `ElevenLabs-Signature: t=<unix s>,v0=<hex>`, where the hex is the HMAC-SHA256 of
//! `<t>.<raw body>` under the secret as it is. What the vendor's SDK accepts is accepted, with
//! three differences: the comparison takes the same time whatever it finds, a time far ahead is
//! refused, and so is a time that is no number, by name.

use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// The header that carries the signature.
pub const HEADER: &str = "elevenlabs-signature";
/// Oldest signature that is accepted, in milliseconds: the vendor's own limit.
pub const MAX_AGE_MS: i64 = 30 * MINUTE_MS;
/// How far a signature's time may lie ahead of our clock, in milliseconds.
pub const MAX_AHEAD_MS: i64 = 5 * MINUTE_MS;
/// Bytes of a SHA-256.
const DIGEST_BYTES: usize = 32;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the webhook has no ElevenLabs-Signature header")]
    Missing,
    /// The header is not of the form `t=…,v0=…`.
    #[error("ElevenLabs-Signature is not of the form t=<unix seconds>,v0=<lower-case hex>")]
    Malformed,
    /// It was signed longer than [`MAX_AGE_MS`] ago.
    #[error("the webhook was signed more than 30 minutes ago")]
    TooOld,
    /// It was signed further ahead than [`MAX_AHEAD_MS`].
    #[error("the webhook was signed more than 5 minutes ahead of our clock")]
    FromTheFuture,
    /// No secret of ours makes this signature of this body.
    #[error("the signature fits none of our secrets")]
    Mismatch,
}

/// Checks the signature of a webhook's body, byte for byte as it came, under any of `secrets`:
/// while a secret is changed, both count. An empty secret never fits.
///
/// # Errors
/// When the webhook is not to be believed; answer 401.
pub fn verify(
    header: Option<&str>,
    raw_body: &[u8],
    secrets: &[&str],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let signed = Signed::parse(header.ok_or(SignatureError::Missing)?)?;
    let age_ms = now.since_ms(signed.at);
    if age_ms > MAX_AGE_MS {
        return Err(SignatureError::TooOld);
    }
    if age_ms < -MAX_AHEAD_MS {
        return Err(SignatureError::FromTheFuture);
    }
    // Every secret is tried, so that the time taken does not tell which one fits.
    let fits = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .filter_map(|secret| digest(secret, signed.time, raw_body))
        .fold(Choice::from(0), |fits, digest| fits | digest.ct_eq(&signed.digest));
    if bool::from(fits) { Ok(()) } else { Err(SignatureError::Mismatch) }
}

struct Signed<'a> {
    /// The time as it is written, for so it was signed.
    time: &'a str,
    at: Timestamp,
    digest: [u8; DIGEST_BYTES],
}

impl<'a> Signed<'a> {
    /// Reads `t` and `v0` in either order; of several, the last counts, as in the vendor's SDK.
    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let last = |prefix| header.split(',').filter_map(|part| part.strip_prefix(prefix)).next_back();
        let (Some(time), Some(hex)) = (last("t="), last("v0=")) else {
            return Err(SignatureError::Malformed);
        };
        if !time.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SignatureError::Malformed);
        }
        let secs: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
        let at = Timestamp::from_millis(secs.saturating_mul(SECOND_MS));
        Ok(Self { time, at, digest: unhex(hex).ok_or(SignatureError::Malformed)? })
    }
}

/// The HMAC-SHA256 of `<time>.<body>`.
fn digest(secret: &str, time: &str, raw_body: &[u8]) -> Option<[u8; DIGEST_BYTES]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(raw_body);
    Some(mac.finalize().into_bytes().into())
}

/// The bytes of a digest in lower-case hex; nothing else is one.
fn unhex(hex: &str) -> Option<[u8; DIGEST_BYTES]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; DIGEST_BYTES];
    if hex.len() != 2 * DIGEST_BYTES {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked against `construct_event` of the vendor's Python SDK 2.78.0 with its clock held.
    const SECRET: &str = "wsec_test_0123456789abcdef";
    const BODY: &str = r#"{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"agent_id":"xyz","conversation_id":"abc"}}"#;
    const HEX: &str = "35226ed9af4f395d134a1dc60aabd86199e811bb6029e9ecd15ef79b422a2c00";
    const SIGNED_AT: Timestamp = Timestamp::from_millis(1_739_537_297_000);

    fn check(header: &str, body: &str, now: Timestamp) -> Result<(), SignatureError> {
        verify(Some(header), body.as_bytes(), &[SECRET], now)
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
        let other = verify(Some(&header()), BODY.as_bytes(), &["wsec_other"], SIGNED_AT);
        assert_eq!(other, Err(SignatureError::Mismatch));
    }

    #[test]
    fn any_of_several_secrets_will_do_but_none_and_an_empty_one_will_not() {
        let with = |secrets: &[&str]| verify(Some(&header()), BODY.as_bytes(), secrets, SIGNED_AT);
        assert_eq!(with(&["wsec_new", SECRET]), Ok(()));
        assert_eq!(with(&[SECRET, "wsec_new"]), Ok(()));
        assert_eq!(with(&[]), Err(SignatureError::Mismatch));
        // Signed under the empty secret, with Python's hmac module.
        let header = "t=1739537297,v0=3b25bd278205f886bbe09276a9ec5fce48a37294704dfa5488f7ec6b01a37e5b";
        let empty = verify(Some(header), BODY.as_bytes(), &[""], SIGNED_AT);
        assert_eq!(empty, Err(SignatureError::Mismatch));
    }

    #[test]
    fn the_time_may_lie_thirty_minutes_back_and_five_ahead() {
        let at = |shift_ms| check(&header(), BODY, SIGNED_AT.plus_ms(shift_ms));
        assert_eq!(at(30 * MINUTE_MS), Ok(()));
        assert_eq!(at(30 * MINUTE_MS + 1), Err(SignatureError::TooOld));
        assert_eq!(at(31 * MINUTE_MS), Err(SignatureError::TooOld));
        assert_eq!(at(-5 * MINUTE_MS), Ok(()));
        assert_eq!(at(-5 * MINUTE_MS - 1), Err(SignatureError::FromTheFuture));
        let far = format!("t={},v0={HEX}", i64::MAX);
        assert_eq!(check(&far, BODY, SIGNED_AT), Err(SignatureError::FromTheFuture));
    }

    #[test]
    fn what_is_not_of_the_form_is_refused_by_name() {
        assert_eq!(verify(None, BODY.as_bytes(), &[SECRET], SIGNED_AT), Err(SignatureError::Missing));
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
            assert_eq!(check(&header, BODY, SIGNED_AT), Err(SignatureError::Malformed), "{header}");
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
