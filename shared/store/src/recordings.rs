//! What we know of the recordings of calls, each beside its interaction. It goes when it counts no more.

use carillon_domain::base::ids::{InteractionId, WorkspaceId};
use carillon_domain::records::recording::{Recording, RecordingCopy};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};

impl Store {
    /// What is known of a recording; it may count no more.
    pub async fn recording(
        &self,
        ws: &WorkspaceId,
        id: &InteractionId,
    ) -> Result<Option<Recording>, StoreError> {
        self.get(keys::recording(ws, id)).await
    }

    /// Keeps what is known of a recording, in place of what was known before.
    pub async fn keep_recording(
        &self,
        ws: &WorkspaceId,
        id: &InteractionId,
        recording: &Recording,
    ) -> Result<(), StoreError> {
        let mut item = item::encode(keys::recording(ws, id), recording)?;
        item.insert(TTL_ATTRIBUTE.into(), number(recording.counts_until().as_secs()));
        self.put(item).await
    }

    /// The copies that there are of the recordings of these calls.
    pub(crate) async fn copies_of(
        &self,
        ws: &WorkspaceId,
        ids: &[InteractionId],
    ) -> Result<Vec<(InteractionId, RecordingCopy)>, StoreError> {
        let mut known = self.get_all(ids.iter().map(|id| keys::recording(ws, id)).collect()).await?;
        let mut copies = Vec::new();
        for id in ids {
            let Some(item) = known.remove(&keys::recording(ws, id)) else { continue };
            if let Recording::Copied(copy) = item::decode(item)? {
                copies.push((id.clone(), copy));
            }
        }
        Ok(copies)
    }
}
