//! API keys, each under its hash: who sends a key is found with one read, strongly consistent, so a key
//! that was revoked opens nothing from the next request on.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::api_key::{ApiKey, REVOKED_KEPT_MS};

use crate::access::Store;
use crate::access::Transacted;
use crate::error::StoreError;
use crate::item::{self, number, text};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Change, Condition, ItemWrite};

impl Store {
    /// Keeps an API key. Says whether it was new.
    pub async fn create_api_key(&self, ws: &WorkspaceId, key: &ApiKey) -> Result<bool, StoreError> {
        self.put_new(keys::api_key(ws, &key.hash), key).await
    }

    /// The API key with this hash.
    pub async fn api_key(&self, ws: &WorkspaceId, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        self.get(keys::api_key(ws, hash)).await
    }

    /// All API keys of a workspace, oldest first; those that were revoked too, for a while.
    pub async fn api_keys(&self, ws: &WorkspaceId) -> Result<Vec<ApiKey>, StoreError> {
        let mut all: Vec<ApiKey> = self.list(keys::api_keys(ws)).await?;
        all.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(all)
    }

    /// Stores a revoked key, if the stored one is one version older and, where there is one, its
    /// `successor` is as it was read: of two that are revoked at once one stays. Says whether it was stored.
    pub async fn revoke_api_key(
        &self,
        ws: &WorkspaceId,
        revoked: &ApiKey,
        successor: Option<&ApiKey>,
    ) -> Result<bool, StoreError> {
        let mut item = item::encode(keys::api_key(ws, &revoked.hash), revoked)?;
        if let Some(at) = revoked.revoked_at {
            item.insert(TTL_ATTRIBUTE.into(), number(at.plus_ms(REVOKED_KEPT_MS).as_secs()));
        }
        let mut writes = vec![ItemWrite::put(item).when(Condition::one_older(revoked.version))];
        if let Some(key) = successor {
            let next = ApiKey { version: key.version + 1, ..key.clone() };
            let item = item::encode(keys::api_key(ws, &key.hash), &next)?;
            writes.push(ItemWrite::put(item).when(Condition::one_older(next.version)));
        }
        Ok(self.transact(writes).await? == Transacted::Done)
    }

    /// Notes when a key was used last, if nobody has since `seen`.
    pub async fn note_key_use(
        &self,
        ws: &WorkspaceId,
        key: &ApiKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let seen = text(key.last_used_at.unwrap_or(now));
        let is_as_seen = Condition::Absent("last_used_at").or(Condition::Equals("last_used_at", seen));
        let is_there = Condition::Present("pk").and(is_as_seen);
        let changes = vec![Change::Set("last_used_at", text(now))];
        Ok(self.update_if(keys::api_key(ws, &key.hash), changes, Some(is_there)).await?.is_some())
    }
}
