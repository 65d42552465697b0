//! How an import ends: its file was read to the end, or it failed.

use carillon_adapters::queue::{MAX_DELAY_MS, Message};
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::import::{Import, ImportStatus};
use carillon_domain::records::lead::{FileOrder, Lead, LeadBlock};
use carillon_runtime::context::{Context, body};
use carillon_runtime::messages::ContinueImport;
use carillon_store::LEAD_SHARDS;

use crate::error::ImportError;
use crate::target;

/// How long after its failure an import is settled, in milliseconds: by then no other run of it can still be writing,
/// for no function lives longer.
const SETTLED_AFTER_MS: i64 = MAX_DELAY_MS;

/// Its file was read to the end.
pub(crate) async fn finish(context: &Context, ws: &WorkspaceId, import: Import) -> Result<(), ImportError> {
    let completed = ended(context, import, ImportStatus::Completed);
    if context.store.update_import(ws, &completed).await? {
        target::close(context, ws, &completed).await?;
    }
    Ok(())
}

/// The rest of its file is not read. If rows may have been written before this run, some of its open chunk may be
/// leads that nobody has counted; they are looked for later, and hold the campaign open until then.
pub(crate) async fn fail(
    context: &Context,
    ws: &WorkspaceId,
    import: Import,
    reason: String,
    has_rows: bool,
) -> Result<(), ImportError> {
    let failed = Import { error: Some(reason), ..ended(context, import, ImportStatus::Failed) };
    if !context.store.update_import(ws, &failed).await? {
        // Another run was faster, and goes on.
        return Ok(());
    }
    if !has_rows || failed.target.campaign().is_none() {
        return target::close(context, ws, &failed).await;
    }
    let later = ContinueImport {
        workspace: ws.clone(),
        target: failed.target,
        import: failed.id,
        failures: 0,
        last_row: failed.progress.last_row,
    };
    Ok(context.queues.import.send(&[Message::after(SETTLED_AFTER_MS, body(&later))]).await?)
}

/// Lists and counts the leads of a failed import that nobody has, and lets its campaign go.
pub(crate) async fn settle(context: &Context, ws: &WorkspaceId, import: Import) -> Result<(), ImportError> {
    let Some(campaign) = import.target.campaign().cloned() else { return Ok(()) };
    let stored = context.store.campaign(ws, &campaign).await?;
    if !stored.is_some_and(|stored| stored.open_imports.contains(&import.id)) {
        return Ok(());
    }
    let uncounted = uncounted(context, ws, &campaign, &import).await?;
    let Some((last_row, _)) = uncounted.last() else { return target::close(context, ws, &import).await };
    let order = FileOrder { at: import.created_at, row: import.progress.last_row };
    let created = uncounted.len() as u64;
    let mut counters = Counters::default();
    counters.add(Counter::Leads, i64::try_from(created).unwrap_or(i64::MAX));
    let mut settled = Import { version: import.version + 1, updated_at: context.now(), ..import };
    // By it the same leads are not found again.
    settled.progress.last_row = *last_row;
    settled.progress.rows += created;
    settled.progress.created += created;
    let ids = uncounted.into_iter().map(|(_, id)| id).collect();
    let block = LeadBlock::of_ids(&campaign, order, ids);
    if context.store.advance_import(ws, &settled, block.as_ref(), &counters).await? {
        target::close(context, ws, &settled).await?;
    }
    Ok(())
}

/// The leads that came of rows behind those which its progress tells of, with their rows, in the order of the file.
async fn uncounted(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    import: &Import,
) -> Result<Vec<(u64, LeadId)>, ImportError> {
    let is_uncounted = |lead: &Lead| {
        let origin = lead.origin.as_ref();
        origin.is_some_and(|origin| origin.import == import.id && !import.has_counted(origin.row))
    };
    let mut leads = Vec::new();
    for shard in 0..LEAD_SHARDS {
        let of_shard = context.store.leads_in_shard(ws, campaign, shard).await?;
        leads.extend(of_shard.into_iter().filter(is_uncounted).map(|lead| (lead.order.row, lead.id)));
    }
    leads.sort();
    Ok(leads)
}

fn ended(context: &Context, import: Import, status: ImportStatus) -> Import {
    let now = context.now();
    Import { version: import.version + 1, status, updated_at: now, finished_at: Some(now), ..import }
}
