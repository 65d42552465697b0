//! Texts that came in and are answered by a text of their own: each once.

use carillon_domain::base::ids::{AttemptId, InteractionId, WorkspaceId};
use carillon_domain::base::time::{DAY_MS, Timestamp};
use serde::Serialize;

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Condition, ItemWrite};

/// How long it is remembered that a text was answered, in milliseconds: longer than a queue and its dead letters keep it.
const REMEMBERED_MS: i64 = 30 * DAY_MS;

#[derive(Serialize)]
struct AnswerItem {
    at: Timestamp,
}

impl Store {
    /// Takes it upon ourselves to answer a text that is known under this attempt. Says whether nobody had.
    pub async fn claim_answer(
        &self,
        ws: &WorkspaceId,
        text: &AttemptId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut item = item::encode(keys::answer(ws, &InteractionId::of(text)), &AnswerItem { at })?;
        item.insert(TTL_ATTRIBUTE.into(), number(at.plus_ms(REMEMBERED_MS).as_secs()));
        self.write_if(ItemWrite::put(item), Condition::NoItem).await
    }
}
