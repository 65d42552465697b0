//! Signed links: who may put or get which file until when.

use carillon_domain::base::time::{SECOND_MS, Timestamp};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use reqwest::Url;
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Block of SHA-256 in bytes: a shorter key counts as if filled up with zeros (RFC 2104).
const BLOCK_BYTES: usize = 64;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkUse {
    Put,
    Get,
}

impl LinkUse {
    const fn method(self) -> &'static str {
        match self {
            Self::Put => "PUT",
            Self::Get => "GET",
        }
    }
}

/// The query of a link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LinkGrant {
    /// Until when it may be used, in seconds since 1970-01-01T00:00Z.
    pub expires: i64,
    /// The size that the file must have, in bytes, if the link says.
    pub size: Option<u64>,
    /// HMAC-SHA256 over method, key, `expires` and `size`, in hexadecimal.
    pub signature: String,
}

/// Why a link may not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    /// Not signed by us for this use, key, time and size.
    #[error("the link is not signed for this")]
    Signature,
    /// Signed, but its time is over.
    #[error("the link has expired")]
    Expired,
}

impl LinkGrant {
    /// Until when it may be used.
    pub(super) fn expires_at(&self) -> Timestamp {
        Timestamp::from_millis(self.expires.saturating_mul(SECOND_MS))
    }

    pub(super) fn write_into(&self, url: &mut Url) {
        let mut query = url.query_pairs_mut();
        query.append_pair("expires", &self.expires.to_string());
        if let Some(size) = self.size {
            query.append_pair("size", &size.to_string());
        }
        query.append_pair("signature", &self.signature);
    }
}

/// Signs links and knows its own again.
pub(super) struct Signer {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    pub(super) fn new(key: [u8; 32]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        block[..key.len()].copy_from_slice(&key);
        Self { keyed: KeyInit::new(&block.into()) }
    }

    pub(super) fn grant(&self, usage: LinkUse, key: &str, expires: i64, size: Option<u64>) -> LinkGrant {
        LinkGrant { expires, size, signature: self.signature(usage, key, expires, size) }
    }

    pub(super) fn verify(
        &self,
        usage: LinkUse,
        key: &str,
        grant: &LinkGrant,
        now: Timestamp,
    ) -> Result<(), LinkRefused> {
        let ours = self.signature(usage, key, grant.expires, grant.size);
        if !bool::from(ours.as_bytes().ct_eq(grant.signature.as_bytes())) {
            return Err(LinkRefused::Signature);
        }
        if now < grant.expires_at() { Ok(()) } else { Err(LinkRefused::Expired) }
    }

    /// Signs the lines method, key, expiry and size (empty if any); a key has no line breaks.
    fn signature(&self, usage: LinkUse, key: &str, expires: i64, size: Option<u64>) -> String {
        let size = size.map(|bytes| bytes.to_string()).unwrap_or_default();
        let mac = self.keyed.clone().chain_update(format!("{}\n{key}\n{expires}\n{size}", usage.method()));
        format!("{:x}", mac.finalize().into_bytes())
    }
}
