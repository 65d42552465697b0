//! Walks over all leads of a campaign: to begin them anew for a run, or to settle who is left when the
//! campaign's days are over.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::counters::Counters;
use carillon_domain::records::lead::{Lead, SkipReason};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::messages::{FeedTask, FeedWalk};
use carillon_runtime::services::lifecycle::{self, LifecycleError};
use carillon_store::{CommitError, LEAD_SHARDS};

use crate::ImportError;

/// Leads that one transaction changes.
const LEADS_PER_TRANSACTION: usize = 50;

/// Goes on with a walk; one that is not done by `deadline` goes on in another run.
pub(crate) async fn run(context: &Context, walk: &FeedWalk, deadline: Timestamp) -> Result<(), ImportError> {
    let ws = &walk.workspace;
    let Some(campaign) = context.store.campaign(ws, &walk.campaign).await? else { return Ok(()) };
    if !is_wanted(&campaign, walk.task, context.now()) {
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
            .filter_map(|lead| Some((next(&campaign, &lead, walk.task, now)?, lead)))
            .collect();
        for some in changes.chunks(LEADS_PER_TRANSACTION) {
            change(context, ws, some).await?;
        }
    }
    if walk.task == FeedTask::OpenRun {
        close(context, ws, &campaign).await?;
        context.store.add_work(ws, context.now()).await?;
    }
    Ok(context.hint(ws, 0).await?)
}

/// Whether there is anything for the walk to do.
fn is_wanted(campaign: &Campaign, task: FeedTask, now: Timestamp) -> bool {
    match task {
        FeedTask::OpenRun => campaign.is_run_opening,
        FeedTask::CloseRest => campaign.is_over(now) && campaign.status.is_counted(),
    }
}

/// The lead as the walk leaves it; none if it passes it by.
fn next(campaign: &Campaign, lead: &Lead, task: FeedTask, now: Timestamp) -> Option<Lead> {
    match task {
        FeedTask::OpenRun => lead.restarted(campaign.run, campaign.run_takes(), now),
        FeedTask::CloseRest => lead.state.is_waiting().then(|| lead.skipped(SkipReason::PeriodOver, now)),
    }
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

/// The leads, and what all of them together change in the counters.
fn together(changes: &[(Lead, Lead)]) -> Transaction {
    let mut counters = Counters::default();
    let mut transaction = Transaction::default();
    for (after, before) in changes {
        let states = ((&before.state, before.is_attempted), (&after.state, after.is_attempted));
        counters.merge(&Counters::of_move(states.0, states.1));
        transaction.push(Write::UpdateLead { before: before.clone(), after: after.clone() });
    }
    if let (false, Some((lead, _))) = (counters.is_empty(), changes.first()) {
        transaction.push(Write::Count { campaign: lead.id.campaign(), lead: lead.id.clone(), counters });
    }
    transaction
}

/// Notes that the run's leads are all begun anew.
async fn close(context: &Context, ws: &WorkspaceId, opened: &Campaign) -> Result<(), ImportError> {
    let run = opened.run;
    let stored = context.store.campaign(ws, &opened.id).await?;
    if stored.is_some_and(|stored| stored.run == run && stored.is_run_opening) {
        let close = |stored: &Campaign| Ok::<_, LifecycleError>(stored.run_opened(context.now()));
        lifecycle::change(context, ws, &opened.id, close).await?;
    }
    Ok(())
}
