//! Requests that may be sent twice and are done once.

use carillon_domain::base::ids::{Entropy, WorkspaceId};
use carillon_domain::base::time::{DAY_MS, MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Condition, ItemWrite};

/// How long an answer is remembered, in milliseconds.
const REMEMBERED_MS: i64 = DAY_MS;
/// How long a request may be under way before another may take it up, in milliseconds.
const UNDER_WAY_MS: i64 = MINUTE_MS;

/// What is remembered of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// SHA-256 of route and body: the same key with another request is a mistake.
    pub fingerprint: String,
    /// Random bits from which the request's ids are made, so that doing it again makes the same.
    pub seed: Entropy,
    pub started_at: Timestamp,
    /// The answer, once there is one.
    pub response: Option<StoredResponse>,
}

/// An answer that is given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    pub status: u16,
    pub body: String,
    /// The tag of what was created, as its header has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// Whether a request is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Do it, with the ids that this record's seed and time give.
    Do(IdempotencyRecord),
    /// It was done: answer the same.
    Done(StoredResponse),
    /// It is being done just now.
    UnderWay,
    /// The key was used for another request.
    OtherRequest,
}

impl Store {
    /// Whether the request with this key is to be done.
    pub async fn admit(
        &self,
        ws: &WorkspaceId,
        hash: &str,
        fresh: IdempotencyRecord,
    ) -> Result<Admission, StoreError> {
        let now = fresh.started_at;
        let mut item = item::encode(keys::idempotency(ws, hash), &fresh)?;
        item.insert(TTL_ATTRIBUTE.into(), number(now.plus_ms(REMEMBERED_MS).as_secs()));
        if self.write_if(ItemWrite::put(item), Condition::NoItem).await? {
            return Ok(Admission::Do(fresh));
        }
        let Some(known) = self.get::<IdempotencyRecord>(keys::idempotency(ws, hash)).await? else {
            return Ok(Admission::UnderWay);
        };
        Ok(match known.response {
            _ if known.fingerprint != fresh.fingerprint => Admission::OtherRequest,
            Some(response) => Admission::Done(response),
            // Whoever began it did not end it: do it again with the same ids.
            None if now.since_ms(known.started_at) > UNDER_WAY_MS => {
                Admission::Do(IdempotencyRecord { response: None, ..known })
            }
            None => Admission::UnderWay,
        })
    }

    /// Remembers the answer to a request.
    pub async fn remember(
        &self,
        ws: &WorkspaceId,
        hash: &str,
        record: &IdempotencyRecord,
    ) -> Result<(), StoreError> {
        let mut item = item::encode(keys::idempotency(ws, hash), record)?;
        let expires_at = record.started_at.plus_ms(REMEMBERED_MS);
        item.insert(TTL_ATTRIBUTE.into(), number(expires_at.as_secs()));
        self.put(item).await
    }

    /// Forgets a request that failed in a way that may pass.
    pub async fn forget(&self, ws: &WorkspaceId, hash: &str) -> Result<(), StoreError> {
        self.remove(keys::idempotency(ws, hash)).await
    }
}
