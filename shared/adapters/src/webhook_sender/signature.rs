//! Signatures as Standard Webhooks has them: `v1,` and the HMAC-SHA256 of `<id>.<timestamp>.<body>`, under the bytes that
//! stand behind `whsec_` in base 64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::secrets::Secret;

/// Random bytes of a secret; the specification asks for 24 to 64.
pub const SECRET_BYTES: usize = 32;
/// Fewest bytes of a secret that signs.
const MIN_SECRET_BYTES: usize = 24;
const PREFIX: &str = "whsec_";

/// A secret of these bytes, as it is shown.
pub fn secret_of(bytes: &[u8; SECRET_BYTES]) -> Secret {
    format!("{PREFIX}{}", STANDARD.encode(bytes)).into()
}

/// The signature of a body; none if the secret is no secret.
pub fn sign(secret: &Secret, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
    if key.len() < MIN_SECRET_BYTES {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification (standard-webhooks.md, "Signature scheme").
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature =
            sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn the_official_library_takes_what_we_sign() {
        let secret = secret_of(&[7; SECRET_BYTES]);
        let timestamp = crate::clock::Clock::System.now().as_secs();
        let body = r#"{"type":"lead.created"}"#.as_bytes();
        let signature = sign(&secret, "dlv_1", timestamp, body).expect("a secret");
        let official = standardwebhooks::Webhook::new(secret.expose()).expect("a secret of theirs");
        let mut headers = http::HeaderMap::new();
        for (name, value) in [
            (super::super::ID_HEADER, "dlv_1".to_owned()),
            (super::super::TIMESTAMP_HEADER, timestamp.to_string()),
            // Of several, as while a secret is replaced.
            (super::super::SIGNATURE_HEADER, format!("v1,bm9uZQ== {signature}")),
        ] {
            headers.insert(name, value.parse().expect("a header"));
        }
        official.verify(body, &headers).expect("it is ours");
        official.verify(b"{}", &headers).expect_err("another body");
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        for text in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_no base 64"] {
            assert_eq!(sign(&Secret::from(text), "a", 1, b""), None, "{text}");
        }
    }
}
