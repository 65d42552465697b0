//! Whether a workspace can reach its voice provider. The secrets themselves are in the secret
//! store; the API writes them there and cannot read them.

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::{Store, StoreError};

/// That a key for the voice provider was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceAccess {
    /// How many secrets its webhooks may be signed with.
    pub webhook_secrets: usize,
    /// Whether it may ask what a call that comes in begins with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_initiation_secret: bool,
    pub set_at: Timestamp,
}

impl Store {
    /// Notes that the secrets of a workspace's voice provider were set, or (none) removed.
    pub async fn note_voice_access(
        &self,
        ws: &WorkspaceId,
        provider: VoiceProvider,
        access: Option<VoiceAccess>,
    ) -> Result<(), StoreError> {
        let key = keys::voice_access(ws, provider);
        match access {
            None => self.remove(key).await,
            Some(access) => self.put(crate::item::encode(key, &access)?).await,
        }
    }

    /// Whether the secrets of a workspace's voice provider are set.
    pub async fn voice_access(
        &self,
        ws: &WorkspaceId,
        provider: VoiceProvider,
    ) -> Result<Option<VoiceAccess>, StoreError> {
        self.get(keys::voice_access(ws, provider)).await
    }
}
