//! Walks over all leads of a campaign: to begin them anew for a run, or to settle who is left when the
//! campaign's days are over.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::Walk;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_runtime::messages::FeedWalk;
use carillon_runtime::services::lifecycle::{self, LifecycleError};
use carillon_store::{CommitError, LEAD_SHARDS};

use crate::error::ImportError;

/// Leads that one transaction changes.
const LEADS_PER_TRANSACTION: usize = 50;

/// Goes on with a walk; one that is not done by `deadline` goes on in another run.
pub(crate) async fn run(context: &Context, walk: &FeedWalk, deadline: Timestamp) -> Result<(), ImportError> {
    let ws = &walk.workspace;
    let Some(campaign) = context.store.campaign(ws, &walk.campaign).await? else { return Ok(()) };
    if !walk.task.is_wanted(&campaign, context.now()) {
        return Ok(());
    }
    for shard in walk.shard..LEAD_SHARDS {
        if context.now() >= deadline {
            return Ok(context.send_walk(&FeedWalk { shard, ..walk.clone() }).await?);
        }
        let leads = context.store.leads_in_shard(ws, &campaign.id, shard).await?;
        let now = context.now();
        let changes: Vec<_> = leads
            .into_iter()
            .filter_map(|lead| Some((walk.task.step(&campaign, &lead, now)?, lead)))
            .map(|(after, before)| (before, after))
            .collect();
        for some in changes.chunks(LEADS_PER_TRANSACTION) {
            change(context, ws, some).await?;
        }
    }
    if walk.task == Walk::OpenRun {
        close(context, ws, &campaign).await?;
        context.store.add_work(ws, context.now()).await?;
    }
    Ok(context.hint(ws, 0).await?)
}

/// Changes several leads in one transaction; one by one if any of them has changed meanwhile. One
/// that has is left: what became of it counts more.
async fn change(context: &Context, ws: &WorkspaceId, changes: &[(Lead, Lead)]) -> Result<(), ImportError> {
    match context.store.commit(ws, &together(changes)).await {
        Ok(()) => Ok(()),
        Err(CommitError::Refused(_)) if changes.len() > 1 => {
            for one in changes {
                match context.store.commit(ws, &together(std::slice::from_ref(one))).await {
                    Ok(()) | Err(CommitError::Refused(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        }
        Err(CommitError::Refused(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn together(changes: &[(Lead, Lead)]) -> Transaction {
    Transaction::change_leads(changes.iter().map(|(before, after)| (before, after.clone())))
}

/// Notes that the run's leads are all begun anew.
async fn close(context: &Context, ws: &WorkspaceId, opened: &Campaign) -> Result<(), ImportError> {
    let run = opened.run;
    let stored = context.store.campaign(ws, &opened.id).await?;
    if stored.is_some_and(|stored| stored.run == run && stored.is_run_opening) {
        let close = |stored: &Campaign| Ok::<_, LifecycleError>(stored.run_opened(context.now()));
        lifecycle::change(context, ws, &opened.id, None, close).await?;
    }
    Ok(())
}
