//! The columns of a campaign's results that somebody has chosen.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::records::saved_columns::SavedColumns;

use crate::access::Store;
use crate::error::StoreError;
use crate::{item, keys};

impl Store {
    /// What an actor has chosen for a campaign.
    pub async fn saved_columns(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        actor: &str,
    ) -> Result<Option<SavedColumns>, StoreError> {
        self.get(keys::saved_columns(ws, campaign, actor)).await
    }

    /// Keeps what an actor chooses, in place of what they chose before.
    pub async fn save_columns(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        actor: &str,
        saved: &SavedColumns,
    ) -> Result<(), StoreError> {
        self.put(item::encode(keys::saved_columns(ws, campaign, actor), saved)?).await
    }
}
