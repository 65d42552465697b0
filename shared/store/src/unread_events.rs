//! Events of providers that wait for a person.

use carillon_domain::base::ids::{UnreadEventId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::number_record::Removal;
use carillon_domain::records::unread_event::{UNREAD_KEPT_MS, UnreadEvent};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, key_attributes, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::packed::{MAX_PACKED_BYTES, pack, unpack};
use crate::table::{AttributeValue, Change, Condition, Item, ItemWrite};

/// Largest event that is unpacked, in bytes: larger ones don't come.
const MAX_BODY_BYTES: u64 = 8 << 20;

impl Store {
    /// Keeps an event for a person to look at, and what was sent, whole, unless no item can hold it. One that came
    /// before stays as it is, settled or not.
    pub async fn keep_unread_event(
        &self,
        ws: &WorkspaceId,
        event: &UnreadEvent,
        raw_body: &[u8],
    ) -> Result<(), StoreError> {
        if event.body.as_bytes() != raw_body {
            self.keep_body(ws, event, raw_body).await?;
        }
        self.write_if(ItemWrite::put(encoded(ws, event)?), Condition::NoItem).await.map(drop)
    }

    async fn keep_body(
        &self,
        ws: &WorkspaceId,
        event: &UnreadEvent,
        raw_body: &[u8],
    ) -> Result<(), StoreError> {
        let packed = pack(raw_body)?;
        if packed.len() > MAX_PACKED_BYTES {
            return Ok(());
        }
        let mut item = key_attributes(keys::unread_body(ws, &event.id));
        item.insert("bytes".into(), AttributeValue::B(packed));
        item.insert(TTL_ATTRIBUTE.into(), expiry(event.at));
        self.put(item).await
    }

    /// The events that wait for a person, the oldest first.
    pub async fn unread_events(&self, ws: &WorkspaceId) -> Result<Vec<UnreadEvent>, StoreError> {
        let mut events: Vec<UnreadEvent> = self.list(keys::unread_events(ws)).await?;
        events.retain(|event| event.settled.is_none());
        events.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(events)
    }

    /// One event, if it waits for a person.
    pub async fn unread_event(
        &self,
        ws: &WorkspaceId,
        id: &UnreadEventId,
    ) -> Result<Option<UnreadEvent>, StoreError> {
        let event: Option<UnreadEvent> = self.get(keys::unread_event(ws, id)).await?;
        Ok(event.filter(|event| event.settled.is_none()))
    }

    /// What was sent, byte for byte; none if it was not kept whole.
    pub async fn unread_body(
        &self,
        ws: &WorkspaceId,
        event: &UnreadEvent,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let is_whole = |bytes: &[u8]| UnreadEventId::derive(bytes) == event.id;
        if is_whole(event.body.as_bytes()) {
            return Ok(Some(event.body.clone().into_bytes()));
        }
        let item = self.table.get(keys::unread_body(ws, &event.id)).await?.unwrap_or_default();
        let Some(AttributeValue::B(packed)) = item.get("bytes") else { return Ok(None) };
        Ok(Some(unpack(packed, MAX_BODY_BYTES)?).filter(|bytes| is_whole(bytes)))
    }

    /// Stores an event that waits for another reason than before. Says whether it still waited.
    pub async fn put_unread_event(&self, ws: &WorkspaceId, event: &UnreadEvent) -> Result<bool, StoreError> {
        self.write_if(ItemWrite::put(encoded(ws, event)?), waits()).await
    }

    /// Notes that somebody has looked at an event. Says whether it waited for that.
    pub async fn settle_unread_event(
        &self,
        ws: &WorkspaceId,
        id: &UnreadEventId,
        settled: &Removal,
    ) -> Result<bool, StoreError> {
        let changes = vec![Change::Set("settled", item::value(settled)?)];
        Ok(self.update_if(keys::unread_event(ws, id), changes, Some(waits())).await?.is_some())
    }
}

fn waits() -> Condition {
    Condition::Present("pk").and(Condition::Absent("settled"))
}

fn encoded(ws: &WorkspaceId, event: &UnreadEvent) -> Result<Item, StoreError> {
    let mut item = item::encode(keys::unread_event(ws, &event.id), event)?;
    item.insert(TTL_ATTRIBUTE.into(), expiry(event.at));
    Ok(item)
}

fn expiry(at: Timestamp) -> AttributeValue {
    number(at.plus_ms(UNREAD_KEPT_MS).as_secs())
}
