//! Texts that came in and ask for something, and machines that were heard in a call: when each text came first, and that
//! each of them is answered once.

use carillon_domain::base::ids::{AttemptId, InteractionId, WorkspaceId};
use carillon_domain::base::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Condition, ItemWrite, Key};

/// How long either is remembered, in milliseconds: longer than a queue and its dead letters keep a text.
const REMEMBERED_MS: i64 = 30 * DAY_MS;

#[derive(Serialize, Deserialize)]
struct Moment {
    at: Timestamp,
}

impl Store {
    /// Takes it upon ourselves to answer what is known under this attempt: a text that came in, or the machine that a call of
    /// ours has reached. Says whether nobody had.
    pub async fn claim_answer(
        &self,
        ws: &WorkspaceId,
        attempt: &AttemptId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.note_first(keys::answer(ws, &InteractionId::of(attempt)), at).await
    }

    /// When a text that is known under this attempt came first: now, or an earlier time if it was brought before.
    pub async fn first_seen(
        &self,
        ws: &WorkspaceId,
        text: &AttemptId,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let key = keys::seen_text(ws, &InteractionId::of(text));
        if self.note_first(key.clone(), now).await? {
            return Ok(now);
        }
        let first: Option<Moment> = self.get(key).await?;
        Ok(first.map_or(now, |first| first.at))
    }

    async fn note_first(&self, key: Key, at: Timestamp) -> Result<bool, StoreError> {
        let mut item = item::encode(key, &Moment { at })?;
        item.insert(TTL_ATTRIBUTE.into(), number(at.plus_ms(REMEMBERED_MS).as_secs()));
        self.write_if(ItemWrite::put(item), Condition::NoItem).await
    }
}
