//! As `functions/api` and the importer: what clients ask for, until it is acknowledged.

use carillon_domain::campaign::{Campaign, CampaignStatus, Command, NotAllowed};
use carillon_domain::flight::CallRequest;
use carillon_domain::ids::{AttemptId, CampaignId, LeadId};
use carillon_domain::interaction::{Interaction, StartedBy};
use carillon_domain::lead::{Lead, LeadState};
use carillon_domain::phone::E164;
use carillon_domain::request;
use carillon_domain::tally::{Counter, Tally};
use carillon_domain::write::{Transaction, Write};

use super::lifecycle::{self, LifecycleError};
use crate::job::Errand;
use crate::store::CommitError;
use crate::tale::Tale;
use crate::world::{NoAnswer, World};

/// Does what a client asks, and acknowledges it.
pub(super) async fn run(world: &World, ws: usize, errand: &Errand) -> Result<(), NoAnswer> {
    world.tell(|| format!("asked for: {}", Tale(errand)));
    match errand {
        Errand::Command(campaign, command) => {
            change(world, ws, campaign, |campaign| campaign.apply(*command, world.now())).await
        }
        Errand::Tighten(campaign) => change(world, ws, campaign, |campaign| Ok(tightened(campaign))).await,
        Errand::Add(leads) => add(world, ws, leads).await,
        Errand::Call(lead, attempt) => call(world, ws, lead, attempt).await,
        Errand::OptOut(number) => opt_out(world, ws, number).await,
        Errand::Settle(lead) => settle(world, ws, lead).await,
        Errand::Edit(lead) => edit(world, ws, lead).await,
    }
}

async fn change(
    world: &World,
    ws: usize,
    id: &CampaignId,
    edit: impl Fn(&Campaign) -> Result<Campaign, NotAllowed>,
) -> Result<(), NoAnswer> {
    match lifecycle::change(world, ws, id, edit).await {
        Ok(campaign) => {
            world.acknowledge(ws, &campaign);
            Ok(())
        }
        Err(LifecycleError::NotAllowed) => Ok(()),
        Err(LifecycleError::NoAnswer) => Err(NoAnswer),
    }
}

/// The campaign with one attempt less.
fn tightened(campaign: &Campaign) -> Campaign {
    let mut next = Campaign { version: campaign.version + 1, ..campaign.clone() };
    next.spec.retry.max_attempts = (campaign.spec.retry.max_attempts - 1).max(1);
    next
}

/// Adds leads: first each is stored and counted, then a campaign that had ended is opened again,
/// then the planner is told.
async fn add(world: &World, ws: usize, leads: &[Lead]) -> Result<(), NoAnswer> {
    let Some(campaign) = leads.first().map(|lead| lead.id.campaign()) else { return Ok(()) };
    for lead in leads {
        world.add_zone(ws, &campaign, &lead.zone).await?;
        let mut tally = Tally::default();
        tally.add(Counter::Leads, 1);
        let count = Write::Count { campaign: campaign.clone(), lead: lead.id.clone(), tally };
        match world.commit(ws, Transaction(vec![Write::CreateLead(lead.clone()), count])).await {
            // Refused: stored by an earlier try of this errand.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    let status = world.campaign(ws, &campaign).await?.map(|campaign| campaign.status.clone());
    if let Some(CampaignStatus::Completing | CampaignStatus::Completed) = status {
        lifecycle::follow(world, ws, &campaign, Command::Reopen).await?;
    }
    world.add_work(ws, world.now()).await?;
    world.hint(ws, 0).await
}

/// Asks for a call with a lead.
async fn call(world: &World, ws: usize, id: &LeadId, attempt: &AttemptId) -> Result<(), NoAnswer> {
    let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
    let Some(campaign) = world.campaign(ws, &id.campaign()).await? else { return Ok(()) };
    let (flights, requests) = world.in_flight(ws).await?;
    let now = world.now();
    let is_ours = requests.iter().any(|request| request.attempt == *attempt);
    if !is_ours {
        if let Err(refusal) = request::check(&lead, &campaign, &flights, &requests, now) {
            world.tell(|| format!("no call with {id}: {refusal}"));
            return Ok(());
        }
        let wanted = CallRequest {
            attempt: attempt.clone(),
            lead: id.clone(),
            caller_number: None,
            instructions: None,
            requested_at: now,
        };
        let opened = Interaction::opened(attempt, id, StartedBy::Manual, now);
        let writes = vec![Write::PutRequest(wanted), Write::OpenInteraction(opened)];
        match world.commit(ws, Transaction(writes)).await {
            // Refused: it was asked for by an earlier try, and claimed since.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    world.add_work(ws, now).await?;
    world.hint(ws, 0).await
}

/// Puts a person on the do-not-call list.
async fn opt_out(world: &World, ws: usize, number: &E164) -> Result<(), NoAnswer> {
    world.suppress(ws, number).await?;
    world.watch.borrow_mut().opted_out(number);
    world.tell(|| format!("acknowledged: {number} is not to be called"));
    Ok(())
}

/// Settles a lead by somebody's word, unless a call with it is up.
async fn settle(world: &World, ws: usize, id: &LeadId) -> Result<(), NoAnswer> {
    let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
    if lead.state.is_settled() || matches!(lead.state, LeadState::InProgress { .. }) {
        return Ok(());
    }
    let settled = Lead { version: lead.version + 1, state: LeadState::Completed, ..Lead::clone(&lead) };
    let mut tally = Tally::default();
    tally.move_lead(&lead.state, &settled.state);
    let count = Write::Count { campaign: id.campaign(), lead: id.clone(), tally };
    match world.commit(ws, Transaction(vec![Write::UpdateLead(settled), count])).await {
        Ok(()) => Ok(()),
        Err(CommitError::Refused(_) | CommitError::NoAnswer) => Err(NoAnswer),
    }
}

/// Somebody learns all numbers of a person, unless a call with them is up: whoever else is called
/// meanwhile may turn out to be them.
async fn edit(world: &World, ws: usize, id: &LeadId) -> Result<(), NoAnswer> {
    let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
    if matches!(lead.state, LeadState::InProgress { .. }) {
        return Ok(());
    }
    let known = world.watch.borrow().numbers_of(&lead.numbers[0]);
    let others = known.iter().filter(|number| **number != lead.numbers[0]).cloned().collect();
    let edited = lead.edited(lead.profile.clone(), others, world.now());
    match world.commit(ws, Transaction::of(Write::UpdateLead(edited))).await {
        Ok(()) => world.add_work(ws, world.now()).await,
        Err(CommitError::Refused(_) | CommitError::NoAnswer) => Err(NoAnswer),
    }
}
