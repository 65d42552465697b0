//! What must be true at the end of a run.

use carillon_domain::call::Outcome;
use carillon_domain::campaign::CampaignStatus;
use carillon_domain::ids::CampaignId;
use carillon_domain::interaction::{Interaction, InteractionStatus};
use carillon_domain::invariants::{self, Invariant};
use carillon_domain::lead::LeadState;

use crate::provider::Provider;
use crate::table::Workspace;
use crate::watch::Alarm;
use crate::world::World;

/// Whether nothing is left to be done.
pub(crate) fn is_over(world: &World) -> bool {
    let is_done = |workspace: &Workspace| {
        let is_ended = |status: &CampaignStatus| status.is_ended() || *status == CampaignStatus::Draft;
        workspace.campaigns.values().all(|campaign| is_ended(&campaign.status))
            && workspace.flights.is_empty()
            && workspace.requests.is_empty()
    };
    world.jobs_open.get() == 0 && world.table.borrow().workspaces.iter().all(is_done)
}

/// V9 at any moment: counters and what they count are written together.
pub(crate) fn counts(world: &World) -> Result<(), Alarm> {
    world.table.borrow().workspaces.iter().try_for_each(counters_agree)
}

/// V7 to V9 on a run that is over.
pub(crate) fn reached(world: &World) -> Result<(), Alarm> {
    let provider = world.provider.borrow();
    for workspace in &world.table.borrow().workspaces {
        everybody_settled(workspace)?;
        record_is_true(workspace, &provider)?;
        counters_agree(workspace)?;
    }
    Ok(())
}

/// V7 on a run that does not end.
pub(crate) fn never_over(world: &World) -> Alarm {
    let table = world.table.borrow();
    let mut alarm = Alarm::new(Invariant::EverybodySettles, "it does not end:", &[]);
    for workspace in &table.workspaces {
        let open = workspace.campaigns.values().filter(|campaign| !campaign.status.is_ended());
        for campaign in open {
            let waiting = workspace.leads_of(&campaign.id).find(|lead| !lead.state.is_settled());
            alarm.what += &format!(" {} is {}", campaign.id, campaign.status.name());
            alarm.subjects.push(campaign.id.to_string());
            alarm.subjects.extend(waiting.map(|lead| lead.id.to_string()));
        }
        for request in workspace.requests.values() {
            alarm.what += &format!(" {} waits", request.attempt);
            alarm.subjects.push(request.attempt.to_string());
        }
    }
    alarm
}

/// V7: nobody waits in a campaign that completed, nobody is on a line, no call is unheard of.
fn everybody_settled(workspace: &Workspace) -> Result<(), Alarm> {
    let is_completed = |id: CampaignId| {
        workspace.campaigns.get(&id).is_some_and(|campaign| campaign.status == CampaignStatus::Completed)
    };
    for lead in workspace.leads.values() {
        let is_calling = matches!(lead.state, LeadState::InProgress { .. });
        if !lead.state.is_settled() && (is_calling || is_completed(lead.id.campaign())) {
            let what = format!("{} is left {}", lead.id, lead.state.name());
            return Err(Alarm::new(Invariant::EverybodySettles, what, &[&lead.id]));
        }
    }
    for interaction in workspace.interactions.values() {
        if interaction.status == InteractionStatus::InProgress {
            let what = format!("{} is left in progress", interaction.id);
            let subjects: &[&dyn ToString] = &[&interaction.attempt(), &interaction.lead];
            return Err(Alarm::new(Invariant::EverybodySettles, what, subjects));
        }
    }
    Ok(())
}

/// V8: what we recorded of an attempt is what the provider knows of it.
fn record_is_true(workspace: &Workspace, provider: &Provider) -> Result<(), Alarm> {
    for interaction in workspace.interactions.values() {
        let attempt = interaction.attempt();
        let is_true = match (provider.calls.get(&attempt), provider.refused.get(&attempt)) {
            (Some(call), _) => invariants::record_is_true(interaction, call.truth()),
            (None, Some(refused)) => holds(interaction, &[*refused, Outcome::Unheard]),
            (None, None) => holds(interaction, &[Outcome::Failed, Outcome::Unheard]),
        };
        is_true.map_err(|invariant| {
            let truth = provider.calls.get(&attempt).map(|call| call.truth());
            let what = format!("{attempt} ended {:?}, recorded is {:?}", truth, interaction.outcome);
            Alarm::new(invariant, what, &[&attempt, &interaction.lead])
        })?;
    }
    Ok(())
}

/// A call that was never made has no outcome but these.
fn holds(interaction: &Interaction, allowed: &[Outcome]) -> Result<(), Invariant> {
    let is_allowed = interaction.outcome.is_none_or(|outcome| allowed.contains(&outcome));
    if is_allowed { Ok(()) } else { Err(Invariant::RecordIsTrue) }
}

/// V9: counters equal the record.
fn counters_agree(workspace: &Workspace) -> Result<(), Alarm> {
    for id in workspace.campaigns.keys() {
        let counters = workspace.counters.get(id).cloned().unwrap_or_default();
        let interactions = workspace.interactions.values().map(AsRef::as_ref);
        let of_campaign = interactions.filter(|interaction| interaction.campaign == *id);
        let leads_agree = invariants::counters_agree(&counters, workspace.leads_of(id));
        leads_agree.and_then(|()| invariants::ends_agree(&counters, of_campaign)).map_err(|invariant| {
            let what = format!("counters of {id}: {counters:?}");
            Alarm::new(invariant, what, &[id])
        })?;
    }
    Ok(())
}
