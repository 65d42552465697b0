//! One look at a workspace, from what is in flight to when to look again.

use carillon_domain::campaign::{CampaignStatus, Command, PauseReason};
use carillon_domain::flight::CallRequest;
use carillon_domain::ids::{InteractionId, WorkspaceId};
use carillon_domain::plan::{self, INDEX_LAG_MS, Plan, Scene};
use carillon_domain::request::MAX_WAIT_MS;
use carillon_domain::write::{Transaction, Write};
use carillon_runtime::lifecycle;
use carillon_runtime::messages::DialTask;
use carillon_runtime::news::{self, News};
use carillon_runtime::world::World;
use carillon_store::{CommitError, PlanState, ProviderCall};

use crate::claims::{self, Claimed};
use crate::{PlanError, completion, gather};

/// Most passes in one round; each claims up to `MAX_CLAIMS` leads.
const MAX_PASSES: usize = 60;

/// Looks at a workspace once. Answers with what was learnt, or with nothing if another planner
/// took over.
pub(crate) async fn run(
    world: &World,
    ws: &WorkspaceId,
    mut state: PlanState,
) -> Result<Option<PlanState>, PlanError> {
    let mut scene = gather::scene(world, ws, &state).await?;
    if start_scheduled(world, ws, &scene).await? | pause_unusable(world, ws, &scene).await? {
        // The change raised the epoch and sent a hint: that plan sees the campaign as it is then.
        return Ok(None);
    }
    look_after_flights(world, ws, &mut scene).await?;
    give_up_requests(world, ws, &mut scene).await?;
    let mut last = Plan::default();
    for _ in 0..MAX_PASSES {
        let openings = plan::openings(&scene, state.work_added_at);
        if openings.is_empty() && scene.requests.is_empty() {
            break;
        }
        let leads = gather::candidates(world, ws, &mut scene, &openings).await?;
        last = plan::choose(&scene, &leads, &mut || world.random.draw());
        claims::exhaust(world, ws, &scene, &leads, &last).await?;
        if last.claims.is_empty() && last.exhausted.is_empty() {
            break;
        }
        match claims::commit(world, ws, state.epoch, &last).await? {
            Claimed::Overtaken => return Ok(None),
            Claimed::Flights(won) => scene.take_in(&last, won),
        }
    }
    if completion::complete_finished(world, ws, &scene).await? {
        return Ok(None);
    }
    scene.paces.forget_idle(scene.now);
    scene.marks.forget_old(scene.now);
    // What was added just now may not be in the index yet.
    let settled_at = Some(state.work_added_at.plus_ms(INDEX_LAG_MS)).filter(|at| *at > scene.now);
    state.wake_at = plan::wake_at(&scene, &last).into_iter().chain(settled_at).min();
    state.paces = scene.paces;
    state.marks = scene.marks;
    Ok(Some(state))
}

/// Starts scheduled campaigns whose time has come. Says whether it did.
async fn start_scheduled(world: &World, ws: &WorkspaceId, scene: &Scene) -> Result<bool, PlanError> {
    let mut started = false;
    for campaign in &scene.campaigns {
        let CampaignStatus::Scheduled { start_at } = campaign.campaign.status else { continue };
        if start_at <= scene.now {
            // Not allowed: unscheduled or started in this very moment.
            started |= lifecycle::follow(world, ws, &campaign.campaign.id, Command::Start).await?;
        }
    }
    Ok(started)
}

/// Pauses running campaigns that have no number to call from. Says whether there were any.
async fn pause_unusable(world: &World, ws: &WorkspaceId, scene: &Scene) -> Result<bool, PlanError> {
    let pause = Command::Pause { reason: PauseReason::AssistantUnusable };
    let mut paused = false;
    for campaign in &scene.campaigns {
        if campaign.campaign.status.is_running() && campaign.numbers.is_empty() {
            paused |= lifecycle::follow(world, ws, &campaign.campaign.id, pause).await?;
        }
    }
    Ok(paused)
}

/// Releases claims whose window is over, asks about dials that fell silent, and sends again what
/// nobody dialled.
async fn look_after_flights(world: &World, ws: &WorkspaceId, scene: &mut Scene) -> Result<(), PlanError> {
    let upkeep = plan::upkeep(scene);
    for flight in &upkeep.released {
        // Refused: it was dialled or removed in this very moment, and holds its slot until we know.
        if commit_or_skip(world, ws, &plan::release(flight)).await? {
            scene.flights.retain(|other| other.attempt != flight.attempt);
            scene.requests.extend(flight.request());
        }
    }
    for flight in &upkeep.given_up {
        let call = ProviderCall {
            attempt: flight.attempt.clone(),
            lead: flight.lead.clone(),
            number: flight.number.clone(),
        };
        news::take(world, ws, &call, News::Overdue).await?;
        scene.flights.retain(|other| other.attempt != flight.attempt);
    }
    let mut asked = Vec::with_capacity(upkeep.asked.len());
    for flight in upkeep.asked {
        if commit_or_skip(world, ws, &Transaction::of(Write::Renew(flight.clone()))).await? {
            scene.flights.retain(|other| other.attempt != flight.attempt);
            scene.flights.push(flight.clone());
            asked.push(flight);
        }
    }
    world.send_dials(ws, DialTask::Ask, &asked).await?;
    world.send_dials(ws, DialTask::Place, &upkeep.resent).await?;
    Ok(())
}

/// Ends requested calls that found no slot for too long.
async fn give_up_requests(world: &World, ws: &WorkspaceId, scene: &mut Scene) -> Result<(), PlanError> {
    let now = scene.now;
    let is_over = |request: &CallRequest| now.since_ms(request.requested_at) > MAX_WAIT_MS;
    for request in scene.requests.iter().filter(|request| is_over(request)) {
        let id = InteractionId::of(&request.attempt);
        let mut transaction = Transaction::of(Write::RemoveRequest(request.attempt.clone()));
        if let Some(interaction) = world.store.interaction(ws, &id).await? {
            let refused = interaction.refused("no slot was free in time", now);
            transaction.push(Write::UpdateInteraction(refused));
        }
        match world.store.commit(ws, &transaction).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    scene.requests.retain(|request| !is_over(request));
    Ok(())
}

/// Commits a transaction; says whether its conditions held.
async fn commit_or_skip(
    world: &World,
    ws: &WorkspaceId,
    transaction: &Transaction,
) -> Result<bool, PlanError> {
    match world.store.commit(ws, transaction).await {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
