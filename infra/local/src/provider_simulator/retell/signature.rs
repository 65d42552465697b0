//! How the provider signs what it sends.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The header that carries the signature.
pub const HEADER: &str = "x-retell-signature";

/// The header's value: `v=<unix ms>,d=<hex of HMAC-SHA256(api key, "<body><unix ms>")>`.
pub fn sign(api_key: &str, at_unix_ms: i64, body: &str) -> String {
    // HMAC takes keys of any length, so there is always a signature.
    let digest = Hmac::<Sha256>::new_from_slice(api_key.as_bytes()).map_or_else(
        |_| String::new(),
        |mac| hex::encode(mac.chain_update(format!("{body}{at_unix_ms}")).finalize().into_bytes()),
    );
    format!("v={at_unix_ms},d={digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with the provider's Python package (retell-sdk 6.2.13, `symmetric["sign"]`).
    #[test]
    fn agrees_with_the_package() {
        let body = r#"{"event":"call_ended","call":{"call_id":"x"}}"#;
        assert_eq!(
            sign("key_abc", 1_700_000_000_000, body),
            "v=1700000000000,d=b189706617184f58dd8fd23bd8d921d3abbcfcab9e47e245784342bd9f48a3cb"
        );
    }
}
