//! API keys: `crl_<workspace>_<secret>`, of which only the hash is stored.
//!
//! The key names its workspace, so a key of one workspace can never open another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carillon_adapters::random::Random;
use carillon_domain::base::ids::{Entropy, KeyId, WorkspaceId};
use carillon_domain::base::scope::Scopes;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::api_key::ApiKey;
use sha2::{Digest, Sha256};

/// What every key starts with.
const PREFIX: &str = "crl_";
/// Characters of the secret part: 32 bytes in base 64.
const SECRET_LEN: usize = 43;
/// Characters of it that are kept, to tell keys apart.
const SHOWN_LEN: usize = 4;

/// Bytes for a secret, from the machine, whatever ids are drawn from.
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    let drawn = (0..4).flat_map(|_| Random::System.draw());
    bytes.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
    bytes
}

/// The first key of a workspace, made from random bytes, with every scope; and what to store of it. The key
/// itself is shown once and kept nowhere.
pub fn first_api_key(ws: &WorkspaceId, random: [u8; 32], name: &str, now: Timestamp) -> (String, ApiKey) {
    let text = text_of(ws, random);
    let record = first_key_record(&text, name, now);
    (text, record)
}

/// What to store of a first key.
pub fn first_key_record(text: &str, name: &str, now: Timestamp) -> ApiKey {
    record(text, name.to_owned(), Scopes::all(), None, now)
}

/// A key of this workspace.
pub(crate) fn text_of(ws: &WorkspaceId, random: [u8; 32]) -> String {
    format!("{PREFIX}{}_{}", ws.body(), URL_SAFE_NO_PAD.encode(random))
}

/// What to store of a key.
pub(crate) fn record(
    text: &str,
    name: String,
    scopes: Scopes,
    valid_until: Option<Timestamp>,
    now: Timestamp,
) -> ApiKey {
    let hash = Sha256::digest(text.as_bytes());
    let mut entropy = Entropy::default();
    entropy.copy_from_slice(&hash[..10]);
    ApiKey {
        // From the key, so that the same key is stored once.
        id: KeyId::new(now, entropy),
        version: 1,
        name,
        prefix: text[..text.len() - SECRET_LEN + SHOWN_LEN].to_owned(),
        hash: hex::encode(hash),
        scopes,
        created_at: now,
        valid_until,
        revoked_at: None,
        last_used_at: None,
    }
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
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_workspace_and_only_its_hash_is_kept() {
        let ws = WorkspaceId::new(Timestamp::from_millis(5), [1; 10]);
        let (key, record) = first_api_key(&ws, [0xff; 32], "test", Timestamp::from_millis(5));
        assert_eq!(workspace_of(&key), Some(ws));
        assert_eq!(record.hash, sha256_hex(key.as_bytes()));
        assert!(!format!("{record:?}").contains(&key));
        assert!(key.starts_with(&record.prefix) && record.prefix.len() == key.len() - 39);
    }

    #[test]
    fn what_has_not_the_form_of_a_key_names_nobody() {
        let ws = WorkspaceId::new(Timestamp::from_millis(5), [1; 10]);
        let (key, _) = first_api_key(&ws, [7; 32], "test", Timestamp::from_millis(5));
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
