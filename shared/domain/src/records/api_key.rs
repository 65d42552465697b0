//! API keys: what is kept of one, and when it opens nothing more.

use serde::{Deserialize, Serialize};

use crate::base::ids::KeyId;
use crate::base::scope::{Scope, Scopes};
use crate::base::time::{DAY_MS, HOUR_MS, Timestamp};

/// Most keys of a workspace that are not revoked.
pub const MAX_API_KEYS: usize = 100;
/// How long a revoked key is remembered, so that whoever still sends it is told, in milliseconds.
pub const REVOKED_KEPT_MS: i64 = 90 * DAY_MS;
/// How coarsely the last use of a key is noted, in milliseconds.
pub const USE_STEP_MS: i64 = HOUR_MS;

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: KeyId,
    pub version: u64,
    /// What it is for; stands in the audit log.
    pub name: String,
    /// How the key begins, to tell it from others.
    pub prefix: String,
    /// SHA-256 of the key in hexadecimal.
    pub hash: String,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    /// From when on it opens nothing.
    #[serde(default)]
    pub valid_until: Option<Timestamp>,
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, give or take [`USE_STEP_MS`].
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
}

/// Why a key opens nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    #[error("this API key was revoked at {0}; use another one")]
    Revoked(Timestamp),
    #[error("this API key expired at {0}; use another one")]
    Expired(Timestamp),
}

/// Nobody could manage the keys any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is the last key with the scope `keys:write`; create another one with it first")]
pub struct LastManager;

impl ApiKey {
    /// Whether it opens anything.
    ///
    /// # Errors
    /// [`KeyRefusal`] if it was revoked or has expired.
    pub fn check(&self, now: Timestamp) -> Result<(), KeyRefusal> {
        match (self.revoked_at, self.valid_until) {
            (Some(at), _) => Err(KeyRefusal::Revoked(at)),
            (None, Some(at)) if at <= now => Err(KeyRefusal::Expired(at)),
            (None, _) => Ok(()),
        }
    }

    /// Whether a use just now is worth a write.
    pub fn is_use_news(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|at| now.since_ms(at) >= USE_STEP_MS)
    }

    /// The key once revoked; none if it was already.
    pub fn revoked(&self, now: Timestamp) -> Option<Self> {
        let next = Self { version: self.version + 1, revoked_at: Some(now), ..self.clone() };
        self.revoked_at.is_none().then_some(next)
    }

    fn manages_keys(&self, now: Timestamp) -> bool {
        self.scopes.has(Scope::KeysWrite) && self.check(now).is_ok()
    }

    /// A key out of `all` that manages the keys when this one is gone; none is needed if this one does not.
    ///
    /// # Errors
    /// [`LastManager`] if there is none.
    pub fn successor<'a>(&self, all: &'a [Self], now: Timestamp) -> Result<Option<&'a Self>, LastManager> {
        if !self.manages_keys(now) {
            return Ok(None);
        }
        let others = all.iter().filter(|key| key.id != self.id && key.manages_keys(now));
        // The one that opens longest.
        let longest = others.max_by_key(|key| key.valid_until.map_or(i64::MAX, Timestamp::as_millis));
        longest.map(Some).ok_or(LastManager)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8, scopes: Scopes, valid_until: Option<i64>) -> ApiKey {
        ApiKey {
            id: KeyId::new(at(0), [n; 10]),
            version: 1,
            name: format!("key {n}"),
            prefix: "crl_".into(),
            hash: n.to_string(),
            scopes,
            created_at: at(0),
            valid_until: valid_until.map(at),
            revoked_at: None,
            last_used_at: None,
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_key_opens_until_it_expires_or_is_revoked() {
        let forever = key(1, Scopes::all(), None);
        let until = key(2, Scopes::all(), Some(10));
        assert_eq!((forever.check(at(1_000_000)), until.check(at(9))), (Ok(()), Ok(())));
        assert_eq!(until.check(at(10)), Err(KeyRefusal::Expired(at(10))));
        let revoked = until.revoked(at(3)).expect("not revoked yet");
        assert_eq!(revoked.check(at(3)), Err(KeyRefusal::Revoked(at(3))));
        assert_eq!(revoked.check(at(20)), Err(KeyRefusal::Revoked(at(3))));
        assert_eq!(revoked.revoked(at(4)), None);
    }

    #[test]
    fn a_use_is_noted_once_an_hour() {
        let mut key = key(1, Scopes::all(), None);
        assert!(key.is_use_news(at(5)));
        key.last_used_at = Some(at(5));
        assert!(!key.is_use_news(at(5 + USE_STEP_MS - 1)));
        assert!(key.is_use_news(at(5 + USE_STEP_MS)));
    }

    #[test]
    fn the_last_key_that_manages_keys_stays() {
        let reader: Scopes = [Scope::KeysRead].into_iter().collect();
        let (main, spare, reads) =
            (key(1, Scopes::all(), None), key(2, Scopes::all(), Some(10)), key(3, reader, None));
        let all = [main.clone(), spare.clone(), reads.clone()];
        assert_eq!(reads.successor(&all, at(5)), Ok(None));
        assert_eq!(main.successor(&all, at(5)), Ok(Some(&spare)));
        assert_eq!(spare.successor(&all, at(5)), Ok(Some(&main)));
        // One that has expired can't take over, and may go itself.
        assert_eq!(main.successor(&all, at(10)), Err(LastManager));
        assert_eq!(spare.successor(&all, at(10)), Ok(None));
        let gone = [main.clone(), ApiKey { revoked_at: Some(at(1)), ..spare }, reads];
        assert_eq!(main.successor(&gone, at(5)), Err(LastManager));
    }
}
