//! Which workspace may send texts from which number of the account that we run in, and hears of what comes to it.
//!
//! These numbers are whoever's who runs us, and are reached with our own role: so it is they who give each to one
//! workspace, and no workspace takes one for itself.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::phone::E164;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::table::{Condition, ItemWrite};
use crate::{item, keys};

/// A number that is given to a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderGrant {
    pub number: E164,
    pub workspace: WorkspaceId,
    /// What the provider knows the sender by, if not by the number itself: the id or ARN of the number or of its pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The provider's list of those who have opted out of texts from it.
    pub opt_out_list: String,
}

impl Store {
    /// Gives a number to a workspace, or says anew how it sends. Says whether it is no other workspace's.
    pub async fn grant_sender(
        &self,
        provider: MessageProvider,
        grant: &SenderGrant,
    ) -> Result<bool, StoreError> {
        let item = item::encode(keys::sender_grant(provider, &grant.number), grant)?;
        let is_theirs = Condition::NoItem.or(Condition::Equals("workspace", item::text(&grant.workspace)));
        self.write_if(ItemWrite::put(item), is_theirs).await
    }

    /// To whom a number is given, if it is.
    pub async fn sender_grant(
        &self,
        provider: MessageProvider,
        number: &E164,
    ) -> Result<Option<SenderGrant>, StoreError> {
        self.get(keys::sender_grant(provider, number)).await
    }

    /// Every number of a provider that is given to anybody.
    pub async fn sender_grants(&self, provider: MessageProvider) -> Result<Vec<SenderGrant>, StoreError> {
        self.list(keys::sender_grants(provider)).await
    }

    /// Takes a number back.
    pub async fn revoke_sender(&self, provider: MessageProvider, number: &E164) -> Result<(), StoreError> {
        self.remove(keys::sender_grant(provider, number)).await
    }
}
