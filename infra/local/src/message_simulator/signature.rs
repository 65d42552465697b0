//! How the provider signs its forms: an HMAC-SHA1 of the address and of the fields, sorted by name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;

/// The header that carries the signature.
pub(super) const HEADER: &str = "X-Twilio-Signature";

/// The signature of a form whose names differ.
pub(super) fn sign(token: &str, url: &str, fields: &[(&str, String)]) -> String {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_unstable();
    let signed: String =
        std::iter::once(url).chain(sorted.into_iter().flat_map(|(name, value)| [*name, value])).collect();
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else { return String::new() };
    mac.update(signed.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
