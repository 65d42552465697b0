//! Keeps the sums of a campaign by day near to what was numbered.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_runtime::context::Context;
use carillon_store::{FOLD_EVENTS, StoreError};

/// Folds what waits, once enough does. Numbers that come again make it sure: whoever gave them may have died
/// before this.
pub(crate) async fn keep_up(
    context: &Context,
    ws: &WorkspaceId,
    campaign: Option<&CampaignId>,
    numbers: &[u64],
) -> Result<(), StoreError> {
    let Some(id) = campaign.filter(|_| numbers.iter().any(|number| number.is_multiple_of(FOLD_EVENTS)))
    else {
        return Ok(());
    };
    match context.store.campaign(ws, id).await? {
        Some(campaign) if !campaign.is_closed => {
            context.store.fold_breakdown(ws, id, campaign.spec.time_zone).await
        }
        // Its sums go with it.
        _ => Ok(()),
    }
}
