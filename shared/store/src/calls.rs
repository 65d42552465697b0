//! Between a provider's ids of a call and our attempts, and events that come before their call.

use std::collections::BTreeSet;

use carillon_domain::base::call::{ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::{AttemptId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::Change;

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

/// What is stored under a provider's id of a call, as one item: whoever writes to it is told what else is there.
#[derive(Default, Deserialize)]
struct TrailItem {
    call: Option<ProviderCall>,
    #[serde(default)]
    early_events: BTreeSet<String>,
}

impl TrailItem {
    fn trail(self) -> CallTrail {
        let events = self.early_events.iter().filter_map(|event| serde_json::from_str(event).ok());
        CallTrail { events: events.collect(), call: self.call }
    }
}

impl Store {
    /// Notes which attempt a provider's call is; with the events that came before.
    pub async fn note_provider_call(
        &self,
        ws: &WorkspaceId,
        id: &ProviderCallId,
        call: &ProviderCall,
        now: Timestamp,
    ) -> Result<CallTrail, StoreError> {
        self.add_to_trail(ws, id, Change::Set("call", item::value(call)?), now).await
    }

    /// What is stored under a provider's id of a call.
    pub async fn call_trail(&self, ws: &WorkspaceId, id: &ProviderCallId) -> Result<CallTrail, StoreError> {
        let stored: Option<TrailItem> = self.get(keys::provider_call(ws, id)).await?;
        Ok(stored.unwrap_or_default().trail())
    }

    /// Keeps an event whose call is not known yet; the same event twice is kept once. Answers with the call,
    /// should it have become known meanwhile.
    pub async fn keep_early_event(
        &self,
        ws: &WorkspaceId,
        id: &ProviderCallId,
        event: &VoiceEvent,
        now: Timestamp,
    ) -> Result<CallTrail, StoreError> {
        let event = serde_json::to_string(event).unwrap_or_default();
        self.add_to_trail(ws, id, Change::Include("early_events", vec![event]), now).await
    }

    async fn add_to_trail(
        &self,
        ws: &WorkspaceId,
        id: &ProviderCallId,
        change: Change,
        now: Timestamp,
    ) -> Result<CallTrail, StoreError> {
        let expires_at = Change::Set(TTL_ATTRIBUTE, number(now.plus_ms(KEPT_MS).as_secs()));
        let stored = self.update_if(keys::provider_call(ws, id), vec![change, expires_at], None).await?;
        Ok(item::decode::<TrailItem>(stored.unwrap_or_default())?.trail())
    }
}
