//! How an import ends: read to the end, refused, or given up.

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::import::{Import, ImportStatus};
use carillon_domain::records::lead::{FileOrder, Lead, LeadBlock};
use carillon_runtime::context::Context;
use carillon_store::LEAD_SHARDS;

use crate::error::ImportError;
use crate::target;

/// Its file was read to the end.
pub(crate) async fn finish(context: &Context, ws: &WorkspaceId, import: Import) -> Result<(), ImportError> {
    end(context, ws, ended(context, import, ImportStatus::Completed)).await
}

/// Its file can't be read. No row of it was written since its progress was last noted.
pub(crate) async fn fail(
    context: &Context,
    ws: &WorkspaceId,
    import: Import,
    reason: String,
) -> Result<(), ImportError> {
    let failed = ended(context, import, ImportStatus::Failed);
    end(context, ws, Import { error: Some(reason), ..failed }).await
}

/// The rest of its file is given up. Some rows of its open chunk may be leads already, which nobody has counted
/// and listed yet: that is done now.
pub(crate) async fn give_up(
    context: &Context,
    ws: &WorkspaceId,
    import: Import,
    reason: String,
) -> Result<(), ImportError> {
    let Some(campaign) = import.target.campaign().cloned() else {
        return fail(context, ws, import, reason).await;
    };
    let uncounted = uncounted(context, ws, &campaign, &import).await?;
    if uncounted.is_empty() {
        return fail(context, ws, import, reason).await;
    }
    let order = FileOrder { at: import.created_at, row: import.progress.last_row };
    let created = uncounted.len() as u64;
    let mut counters = Counters::default();
    counters.add(Counter::Leads, i64::try_from(created).unwrap_or(i64::MAX));
    let block = LeadBlock::of_ids(&campaign, order, uncounted);
    let mut failed = Import { error: Some(reason), ..ended(context, import, ImportStatus::Failed) };
    failed.progress.rows += created;
    failed.progress.created += created;
    context.store.advance_import(ws, &failed, block.as_ref(), &counters).await?;
    target::close(context, ws, &failed).await
}

/// The leads that came of rows behind those which its progress tells of, in the order of its file.
async fn uncounted(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    import: &Import,
) -> Result<Vec<LeadId>, ImportError> {
    let is_uncounted = |lead: &Lead| {
        let origin = lead.origin.as_ref();
        origin.is_some_and(|origin| origin.import == import.id && origin.row > import.progress.last_row)
    };
    let mut leads = Vec::new();
    for shard in 0..LEAD_SHARDS {
        let of_shard = context.store.leads_in_shard(ws, campaign, shard).await?;
        leads.extend(of_shard.into_iter().filter(is_uncounted).map(|lead| (lead.order.row, lead.id)));
    }
    leads.sort();
    Ok(leads.into_iter().map(|(_, id)| id).collect())
}

fn ended(context: &Context, import: Import, status: ImportStatus) -> Import {
    let now = context.now();
    Import { version: import.version + 1, status, updated_at: now, finished_at: Some(now), ..import }
}

async fn end(context: &Context, ws: &WorkspaceId, ended: Import) -> Result<(), ImportError> {
    context.store.update_import(ws, &ended).await?;
    target::close(context, ws, &ended).await
}
