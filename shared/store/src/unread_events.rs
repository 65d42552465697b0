//! Events of providers that wait for a person.

use carillon_domain::base::ids::{UnreadEventId, WorkspaceId};
use carillon_domain::records::number_record::Removal;
use carillon_domain::records::unread_event::{UNREAD_KEPT_MS, UnreadEvent};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Change, Condition, ItemWrite};

impl Store {
    /// Keeps an event for a person to look at. One that came before stays as it is, settled or not.
    pub async fn keep_unread_event(&self, ws: &WorkspaceId, event: &UnreadEvent) -> Result<(), StoreError> {
        let mut item = item::encode(keys::unread_event(ws, &event.id), event)?;
        item.insert(TTL_ATTRIBUTE.into(), number(event.at.plus_ms(UNREAD_KEPT_MS).as_secs()));
        self.write_if(ItemWrite::put(item), Condition::NoItem).await.map(drop)
    }

    /// The events that wait for a person, the oldest first.
    pub async fn unread_events(&self, ws: &WorkspaceId) -> Result<Vec<UnreadEvent>, StoreError> {
        let mut events: Vec<UnreadEvent> = self.list(keys::unread_events(ws)).await?;
        events.retain(|event| event.settled.is_none());
        events.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(events)
    }

    /// Notes that somebody has looked at an event. Says whether it waited for that.
    pub async fn settle_unread_event(
        &self,
        ws: &WorkspaceId,
        id: &UnreadEventId,
        settled: &Removal,
    ) -> Result<bool, StoreError> {
        let waits = Condition::Present("pk").and(Condition::Absent("settled"));
        let changes = vec![Change::Set("settled", item::value(settled)?)];
        Ok(self.update_if(keys::unread_event(ws, id), changes, Some(waits)).await?.is_some())
    }
}
