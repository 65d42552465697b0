//! API keys: `crl_<workspace>_<secret>`, of which only the hash is stored.
//!
//! The key names its workspace, so a key of one workspace can never open another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carillon_adapters::random::Random;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_store::ApiKeyRecord;
use sha2::{Digest, Sha256};

/// What every key starts with.
const PREFIX: &str = "crl_";
/// Characters of the secret part: 32 bytes in base 64.
const SECRET_LEN: usize = 43;

/// Bytes for the secret part of a key, from the machine.
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    let drawn = (0..4).flat_map(|_| Random::System.draw());
    bytes.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
    bytes
}

/// A new key that opens this workspace, made from random bytes, and the record to store. The key
/// itself is shown once and kept nowhere.
pub fn new_api_key(
    ws: &WorkspaceId,
    random: [u8; 32],
    label: &str,
    now: Timestamp,
) -> (String, ApiKeyRecord) {
    let key = format!("{PREFIX}{}_{}", ws.body(), URL_SAFE_NO_PAD.encode(random));
    let record = api_key_record(&key, label, now);
    (key, record)
}

/// The record to store for a key.
pub fn api_key_record(key: &str, label: &str, now: Timestamp) -> ApiKeyRecord {
    ApiKeyRecord { hash: sha256_hex(key.as_bytes()), label: label.to_owned(), created_at: now }
}

/// The workspace that a key names; none if it has not the form of a key.
pub(crate) fn workspace_of(key: &str) -> Option<WorkspaceId> {
    let (body, secret) = key.strip_prefix(PREFIX)?.split_once('_')?;
    let is_secret = secret.len() == SECRET_LEN
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_secret { format!("{}{body}", WorkspaceId::PREFIX).parse().ok() } else { None }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_workspace_and_only_its_hash_is_kept() {
        let ws = WorkspaceId::new(Timestamp::from_millis(5), [1; 10]);
        let (key, record) = new_api_key(&ws, [0xff; 32], "test", Timestamp::from_millis(5));
        assert_eq!(workspace_of(&key), Some(ws));
        assert_eq!(record.hash, sha256_hex(key.as_bytes()));
        assert!(!format!("{record:?}").contains(&key));
    }

    #[test]
    fn what_has_not_the_form_of_a_key_names_nobody() {
        let ws = WorkspaceId::new(Timestamp::from_millis(5), [1; 10]);
        let (key, _) = new_api_key(&ws, [7; 32], "test", Timestamp::from_millis(5));
        for text in ["", "crl_", "crl__", &key[1..], &key[..key.len() - 1], &key.replace("crl_0", "crl_u")] {
            assert_eq!(workspace_of(text), None, "{text}");
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), expected);
    }
}
