//! Walking over a campaign's leads, some at a time: each step sends itself the next.
//!
//! How far the walk is, is stored. A step that finds it elsewhere is a twin of one that was faster,
//! and ends; or else each message that came twice would begin another walk.

use std::rc::Rc;

use carillon_domain::base::ids::LeadId;
use carillon_domain::records::campaign::{Campaign, CampaignStatus};
use carillon_domain::records::lead::{Lead, LeadState, SkipReason};
use carillon_domain::transaction::Transaction;

use super::lifecycle;
use crate::bug::Bug;
use crate::job::{Walk, WalkTask};
use crate::store::CommitError;
use crate::world::{NoAnswer, World};

const LEADS_PER_STEP: usize = 25;
/// How often a lead is looked at anew that somebody else has changed meanwhile.
const TRIES: usize = 8;

/// Goes on with a walk, if it is still wanted.
pub(super) async fn step(world: &World, walk: &Walk) -> Result<(), NoAnswer> {
    let ws = walk.ws;
    let Some(campaign) = world.campaign(ws, &walk.campaign).await? else { return Ok(()) };
    if !is_wanted(&campaign, walk.task, world) {
        return Ok(());
    }
    let at = world.walk_at(ws, &walk.campaign, walk.task).await?;
    if walk.from.is_some() && walk.from != at {
        return Ok(());
    }
    let ids = world.leads_behind(ws, &walk.campaign, at.as_ref(), LEADS_PER_STEP).await?;
    for id in &ids {
        see_to(world, ws, &campaign, walk.task, id).await?;
    }
    if let (Some(last), false) = (ids.last(), world.has(Bug::WalkStopsShort)) {
        if world.advance_walk(ws, &walk.campaign, walk.task, at.as_ref(), last).await? {
            return world.send_walk(Walk { from: Some(last.clone()), ..walk.clone() }).await;
        }
        return Ok(());
    }
    if let WalkTask::OpenRun(run) = walk.task {
        let opened = |stored: &Campaign| {
            let is_this = stored.run == run && stored.is_run_opening;
            is_this.then(|| stored.run_opened(world.now()))
        };
        lifecycle::follow(world, ws, &walk.campaign, &opened).await?;
    }
    // Should anybody be left, the next walk begins at the beginning.
    world.end_walk(ws, &walk.campaign, walk.task).await?;
    world.add_work(ws, world.now()).await?;
    world.hint(ws, 0).await
}

fn is_wanted(campaign: &Campaign, task: WalkTask, world: &World) -> bool {
    match task {
        WalkTask::OpenRun(run) => campaign.is_run_opening && campaign.run == run,
        WalkTask::CloseRest => campaign.status == CampaignStatus::Completing && campaign.is_over(world.now()),
    }
}

async fn see_to(
    world: &World,
    ws: usize,
    campaign: &Campaign,
    task: WalkTask,
    id: &LeadId,
) -> Result<(), NoAnswer> {
    for _ in 0..TRIES {
        let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
        let Some(next) = next(world, campaign, task, &lead) else { return Ok(()) };
        match world.commit(ws, Transaction::change_lead(&lead, next)).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    Err(NoAnswer)
}

/// The lead as the walk leaves it, if it touches it.
fn next(world: &World, campaign: &Campaign, task: WalkTask, lead: &Rc<Lead>) -> Option<Lead> {
    let now = world.now();
    match task {
        WalkTask::OpenRun(run) => {
            let is_talking = matches!(lead.state, LeadState::InProgress { .. }) && lead.run < run;
            if is_talking && world.has(Bug::RestartsWhoTalks) {
                let state = LeadState::Exhausted;
                let free = Lead { state, ..Lead::clone(lead) };
                return free.restarted(run, carillon_domain::policy::schedule::RunTakes::All, now);
            }
            lead.restarted(run, campaign.run_takes(), now)
        }
        WalkTask::CloseRest => lead.state.is_waiting().then(|| lead.skipped(SkipReason::PeriodOver, now)),
    }
}
