//! Leads that come, change or are asked for.

use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::compliance::eligibility::Question;
use carillon_domain::compliance::manual_call;
use carillon_domain::records::active_attempt::{CallRequest, DialCause};
use carillon_domain::records::campaign::{CampaignStatus, Command};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::interaction::{Interaction, StartedBy};
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::transaction::{Transaction, Write};

use super::super::lifecycle;
use crate::store::CommitError;
use crate::world::{NoAnswer, World};

/// Adds leads: first each is stored and counted, then a campaign that had ended is opened again,
/// then the planner is told.
pub(super) async fn add(world: &World, ws: usize, leads: &[Lead]) -> Result<(), NoAnswer> {
    let Some(campaign) = leads.first().map(|lead| lead.id.campaign()) else { return Ok(()) };
    for lead in leads {
        for zone in lead.zones() {
            world.add_zone(ws, &campaign, &zone).await?;
        }
        let mut counters = Counters::default();
        counters.add(Counter::Leads, 1);
        let count = Write::Count { campaign: campaign.clone(), lead: lead.id.clone(), counters };
        match world.commit(ws, Transaction(vec![Write::CreateLead(lead.clone()), count])).await {
            // Refused: stored by an earlier try of this errand.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    announce(world, ws, &campaign).await
}

/// Opens a campaign that had ended, since there is work again, and tells the planner.
async fn announce(world: &World, ws: usize, id: &CampaignId) -> Result<(), NoAnswer> {
    let status = world.campaign(ws, id).await?.map(|campaign| campaign.status.clone());
    let is_shut = matches!(status, Some(CampaignStatus::Completing | CampaignStatus::Completed));
    if is_shut && !lifecycle::command(world, ws, id, Command::Reopen).await? {
        // As many campaigns run as may, or somebody else was faster.
        lifecycle::command(world, ws, id, Command::AwaitRoom { since: world.now() }).await?;
    }
    world.add_work(ws, world.now()).await?;
    world.hint(ws, 0).await
}

/// Asks for a call with a lead.
pub(super) async fn call(
    world: &World,
    ws: usize,
    id: &LeadId,
    attempt: &AttemptId,
    caller_number: Option<&CallerNumberId>,
) -> Result<(), NoAnswer> {
    let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
    let Some(campaign) = world.campaign(ws, &id.campaign()).await? else { return Ok(()) };
    let (active_attempts, requests) = world.in_flight(ws).await?;
    let (tenant, rules, _) = world.tenant(ws).await?;
    let records = world.records(ws, &lead.numbers).await?;
    let now = world.now();
    let is_ours = requests.iter().any(|request| request.attempt == *attempt);
    if !is_ours {
        let question = Question {
            lead: &lead,
            campaign: &campaign,
            workspace: &tenant,
            rules: &rules,
            records: &records,
            cause: DialCause::Manual,
        };
        if let Err(refusal) = manual_call::check(&question, &active_attempts, &requests, now) {
            world.tell(|| format!("no call with {id}: {refusal}"));
            return Ok(());
        }
        let wanted = CallRequest {
            attempt: attempt.clone(),
            lead: id.clone(),
            person: lead.numbers.clone(),
            caller_number: caller_number.cloned(),
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

/// Has a lead called at a moment, unless a call with it is up.
pub(super) async fn call_back(world: &World, ws: usize, id: &LeadId, at: Timestamp) -> Result<(), NoAnswer> {
    let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
    let wished = LeadState::CallbackScheduled { due_at: at };
    if matches!(lead.state, LeadState::InProgress { .. }) {
        return Ok(());
    }
    if lead.state != wished {
        commit(world, ws, Transaction::change_lead(&lead, lead.rescheduled(at, world.now())).0).await?;
    }
    announce(world, ws, &id.campaign()).await
}

/// Settles a lead by somebody's word, unless a call with it is up.
pub(super) async fn settle(world: &World, ws: usize, id: &LeadId) -> Result<(), NoAnswer> {
    let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
    if !lead.state.is_waiting() {
        return Ok(());
    }
    let settled = Lead {
        version: lead.version + 1,
        state: LeadState::Completed,
        updated_at: world.now(),
        ..Lead::clone(&lead)
    };
    commit(world, ws, Transaction::change_lead(&lead, settled).0).await
}

/// Somebody learns all numbers of a person, unless a call with them is up: whoever else is called
/// meanwhile may turn out to be them.
pub(super) async fn learn(world: &World, ws: usize, id: &LeadId) -> Result<(), NoAnswer> {
    let Some(lead) = world.lead(ws, id).await? else { return Ok(()) };
    if matches!(lead.state, LeadState::InProgress { .. }) {
        return Ok(());
    }
    let known = world.watch.borrow().numbers_of(&lead.numbers[0]);
    let others = known.iter().filter(|number| **number != lead.numbers[0]).cloned().collect();
    let after = lead.edited(lead.profile.clone(), others, world.now());
    commit(world, ws, vec![Write::UpdateLead { before: Lead::clone(&lead), after }]).await?;
    world.add_work(ws, world.now()).await
}

async fn commit(world: &World, ws: usize, writes: Vec<Write>) -> Result<(), NoAnswer> {
    Ok(world.commit(ws, Transaction(writes)).await?)
}
