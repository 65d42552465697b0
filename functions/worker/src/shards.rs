//! The leads of a campaign, shard by shard.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::records::job::Checkpoint;
use carillon_domain::records::lead::Lead;
use carillon_runtime::context::Context;
use carillon_store::{LEAD_SHARDS, StoreError};

/// At most so many leads of the shard in which the checkpoint lies, and the checkpoint behind them; none behind the
/// last shard.
pub(crate) async fn next_leads(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    at: &Checkpoint,
    most: usize,
) -> Result<Option<(Vec<Lead>, Checkpoint)>, StoreError> {
    if at.part >= LEAD_SHARDS {
        return Ok(None);
    }
    let (leads, is_more) =
        context.store.leads_behind(ws, campaign, at.part, at.after.as_deref(), most).await?;
    let to = match leads.last() {
        Some(last) if is_more => Checkpoint { part: at.part, after: Some(last.id.to_string()) },
        _ => Checkpoint { part: at.part + 1, after: None },
    };
    Ok(Some((leads, to)))
}
