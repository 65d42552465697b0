//! Whether a workspace can reach a provider. The secrets themselves are in the secret
//! store; the API writes them there and cannot read them.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::table::{Condition, ItemWrite};
use crate::{item, keys};

/// What is known of the secrets of a provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderAccess {
    /// Raised by every change; 0 stands for secrets that were never set.
    #[serde(default)]
    pub version: u64,
    /// How many secrets its webhooks may be signed with.
    pub webhook_secrets: usize,
    /// Whether it may ask what a call that comes in begins with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_initiation_secret: bool,
    /// None if they are not set.
    #[serde(default)]
    pub set_at: Option<Timestamp>,
    /// Until when whoever is writing the secrets, one after the other, has them for itself.
    #[serde(default)]
    pub held_until: Option<Timestamp>,
}

impl Store {
    /// Notes what became of the secrets of a workspace's provider, if what is stored is one version
    /// older. Says whether it was.
    pub async fn update_provider_access(
        &self,
        ws: &WorkspaceId,
        provider: Provider,
        access: &ProviderAccess,
    ) -> Result<bool, StoreError> {
        let is_next = match access.version {
            0 | 1 => Condition::Absent("version"),
            version => Condition::one_older(version),
        };
        let item = item::encode(keys::provider_access(ws, provider), access)?;
        self.write_if(ItemWrite::put(item), is_next).await
    }

    /// What is known of the secrets of a workspace's provider.
    pub async fn provider_access(
        &self,
        ws: &WorkspaceId,
        provider: Provider,
    ) -> Result<ProviderAccess, StoreError> {
        Ok(self.get(keys::provider_access(ws, provider)).await?.unwrap_or_default())
    }
}
