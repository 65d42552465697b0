//! What providers sign: the HMAC-SHA256 of a webhook's body and of a time.

use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::provider::SignatureError;

/// Bytes of a SHA-256.
const DIGEST_BYTES: usize = 32;

/// How far the time of a signature may lie from ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// Behind our clock, in milliseconds.
    pub(super) max_age_ms: i64,
    /// Ahead of it, in milliseconds.
    pub(super) max_ahead_ms: i64,
}

/// A signature as its header has it.
pub(super) struct Signed<'a> {
    /// The time as it is written, for so it was signed.
    pub(super) time: &'a str,
    at: Timestamp,
    digest: [u8; DIGEST_BYTES],
}

impl<'a> Signed<'a> {
    /// Reads a time in plain digits that counts `unit_ms` milliseconds each, and a digest in lower-case hex;
    /// none of anything else.
    pub(super) fn read(time: &'a str, unit_ms: i64, hex: &str) -> Option<Self> {
        if !time.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let units: i64 = time.parse().ok()?;
        let at = Timestamp::from_millis(units.saturating_mul(unit_ms));
        Some(Self { time, at, digest: unhex(hex)? })
    }

    /// Checks it against these pieces of what was signed, under any of the secrets, and says when it was made.
    /// An empty secret never fits.
    pub(super) fn check(
        &self,
        pieces: &[&[u8]],
        secrets: &[&str],
        window: Window,
        now: Timestamp,
    ) -> Result<Timestamp, SignatureError> {
        let age_ms = now.since_ms(self.at);
        if age_ms > window.max_age_ms {
            return Err(SignatureError::TooOld { max_minutes: window.max_age_ms / MINUTE_MS });
        }
        if age_ms < -window.max_ahead_ms {
            return Err(SignatureError::FromTheFuture { max_minutes: window.max_ahead_ms / MINUTE_MS });
        }
        // Every secret is tried, so that the time taken does not tell which one fits.
        let fits = secrets
            .iter()
            .filter(|secret| !secret.is_empty())
            .filter_map(|secret| digest(secret, pieces))
            .fold(Choice::from(0), |fits, digest| fits | digest.ct_eq(&self.digest));
        if bool::from(fits) { Ok(self.at) } else { Err(SignatureError::Mismatch) }
    }
}

fn digest(secret: &str, pieces: &[&[u8]]) -> Option<[u8; DIGEST_BYTES]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    pieces.iter().for_each(|piece| mac.update(piece));
    Some(mac.finalize().into_bytes().into())
}

/// The bytes of a digest in lower-case hex; nothing else is one.
fn unhex(text: &str) -> Option<[u8; DIGEST_BYTES]> {
    let mut bytes = [0; DIGEST_BYTES];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    text.bytes().all(|byte| !byte.is_ascii_uppercase()).then_some(bytes)
}
