//! Between a provider's ids of a call and our attempts, and events that come before their call.

use carillon_domain::base::call::{ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::{AttemptId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Query, text_of};

/// How long the mapping and early events are kept, in milliseconds: longer than any provider
/// retries, and long enough to look into a complaint.
const KEPT_MS: i64 = 30 * DAY_MS;

/// Which attempt a provider's call is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderCall {
    pub attempt: AttemptId,
    pub lead: LeadId,
    /// The number that was dialled.
    pub number: E164,
}

/// What is stored under a provider's id of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallTrail {
    /// Our attempt, once the dialer has noted it.
    pub call: Option<ProviderCall>,
    /// Events that came before that.
    pub events: Vec<VoiceEvent>,
}

#[derive(Serialize, Deserialize)]
struct EarlyEvent {
    event: String,
}

impl Store {
    /// Notes which attempt a provider's call is.
    pub async fn note_provider_call(
        &self,
        ws: &WorkspaceId,
        id: &ProviderCallId,
        call: &ProviderCall,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut item = item::encode(keys::provider_call(ws, id), call)?;
        item.insert(TTL_ATTRIBUTE.into(), number(now.plus_ms(KEPT_MS).as_secs()));
        self.put(item).await
    }

    /// What is stored under a provider's id of a call.
    pub async fn call_trail(&self, ws: &WorkspaceId, id: &ProviderCallId) -> Result<CallTrail, StoreError> {
        let mut trail = CallTrail::default();
        for item in self.query_all(Query::table(keys::provider_calls(ws, id))).await? {
            if text_of(&item, "sk") == Some("attempt") {
                trail.call = Some(item::decode(item)?);
            } else {
                let early: EarlyEvent = item::decode(item)?;
                trail.events.extend(serde_json::from_str::<VoiceEvent>(&early.event).ok());
            }
        }
        Ok(trail)
    }

    /// Keeps an event whose call is not known yet. `hash` tells it from others of the call; the
    /// same event twice is kept once.
    pub async fn keep_early_event(
        &self,
        ws: &WorkspaceId,
        id: &ProviderCallId,
        hash: &str,
        event: &VoiceEvent,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let event = serde_json::to_string(event).unwrap_or_default();
        let mut item = item::encode(keys::early_event(ws, id, hash), &EarlyEvent { event })?;
        item.insert(TTL_ATTRIBUTE.into(), number(now.plus_ms(KEPT_MS).as_secs()));
        self.put(item).await
    }
}
