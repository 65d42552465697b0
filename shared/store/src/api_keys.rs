//! API keys, each under its hash: who sends a key is found with one read, strongly consistent, so a key
//! that was revoked opens nothing from the next request on.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::api_key::{ApiKey, REVOKED_KEPT_MS};

use crate::commit::committed;
use crate::item::{self, number, text};
use crate::keys;
use crate::schema::TTL_ATTRIBUTE;
use crate::table::met;
use crate::{Store, StoreError};

impl Store {
    /// Keeps an API key. Says whether it was new.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn create_api_key(&self, ws: &WorkspaceId, key: &ApiKey) -> Result<bool, StoreError> {
        self.put_new(keys::api_key(ws, &key.hash), key).await
    }

    /// The API key with this hash.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn api_key(&self, ws: &WorkspaceId, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        self.get(keys::api_key(ws, hash)).await
    }

    /// All API keys of a workspace, oldest first; those that were revoked too, for a while.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn api_keys(&self, ws: &WorkspaceId) -> Result<Vec<ApiKey>, StoreError> {
        let mut all: Vec<ApiKey> = self.list(keys::api_keys(ws)).await?;
        all.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(all)
    }

    /// Stores a revoked key, if the stored one is one version older and, where there is one, its
    /// `successor` is as it was read: of two that are revoked at once one stays. Says whether it was stored.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
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
        let mut writes = vec![self.put_next(item, revoked.version)?];
        if let Some(key) = successor {
            let next = ApiKey { version: key.version + 1, ..key.clone() };
            writes.push(self.put_next(item::encode(keys::api_key(ws, &key.hash), &next)?, next.version)?);
        }
        committed(self.transact(writes).await)
    }

    /// Notes when a key was used last, if nobody has since `seen`.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn note_key_use(
        &self,
        ws: &WorkspaceId,
        key: &ApiKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::api_key(ws, &key.hash).into_attributes()))
            .update_expression("SET last_used_at = :now")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(last_used_at) OR last_used_at = :seen)",
            )
            .expression_attribute_values(":now", text(now))
            .expression_attribute_values(":seen", text(key.last_used_at.unwrap_or(now)));
        met(self.update_uncontended(update).await.map(drop))
    }
}
