//! One look at a workspace, from what is in flight to when to look again.

use carillon_domain::flight::CallRequest;
use carillon_domain::ids::{InteractionId, WorkspaceId};
use carillon_domain::plan::{self, INDEX_LAG_MS, Round, Scene};
use carillon_domain::request::MAX_WAIT_MS;
use carillon_domain::write::{Transaction, Write};
use carillon_runtime::batch::Chain;
use carillon_runtime::messages::DialTask;
use carillon_runtime::news::{self, News};
use carillon_runtime::scene;
use carillon_runtime::world::World;
use carillon_store::{CommitError, PlanState, ProviderCall};

use crate::claims::{self, Claimed};
use crate::{PlanError, completion, gather, turns};

/// Looks at a workspace once. Answers with what was learnt, or with nothing if another planner
/// took over.
pub(crate) async fn run(
    world: &World,
    ws: &WorkspaceId,
    mut state: PlanState,
) -> Result<Option<PlanState>, PlanError> {
    let mut scene = scene::read(world, ws, &state, []).await?;
    let known = scene.marks.clone();
    let hopeless = plan::watch_breakers(&mut scene);
    if turns::take(world, ws, &scene, &hopeless).await? {
        // The change raised the epoch and sent a hint: that plan sees the campaign as it is then.
        return Ok(None);
    }
    turns::feed(world, ws, &scene, &mut state).await?;
    look_after_flights(world, ws, &mut scene).await?;
    give_up_requests(world, ws, &mut scene).await?;
    let mut round = Round::default();
    while let Some(openings) = round.next(&scene, state.work_added_at) {
        let passed_over = round.passed_over();
        let candidates = gather::candidates(world, ws, &mut scene, &openings, passed_over).await?;
        let plan = plan::choose(&scene, &openings, &candidates, &mut || world.random.draw());
        claims::revise(world, ws, &plan).await?;
        if round.note(&openings, &candidates, &plan) {
            match claims::commit(world, ws, state.epoch, &plan).await? {
                Claimed::Overtaken => return Ok(None),
                Claimed::Flights(won) => scene.take_in(&plan, won),
            }
        }
    }
    if completion::complete_finished(world, ws, &scene).await? {
        return Ok(None);
    }
    scene.paces.forget_idle(scene.now);
    scene.marks.forget_old(scene.now);
    if scene.marks.tell_more_than(&known) {
        world.store.keep_marks(ws, &scene.marks).await?;
    }
    // What was added just now may not be in the index yet.
    let settled_at = Some(state.work_added_at.plus_ms(INDEX_LAG_MS)).filter(|at| *at > scene.now);
    state.wake_at = round.wake_at(&scene).into_iter().chain(settled_at).min();
    state.paces = scene.paces;
    Ok(Some(state))
}

/// Releases claims whose window is over, asks about dials that fell silent, and sends again what
/// nobody dialled.
async fn look_after_flights(world: &World, ws: &WorkspaceId, scene: &mut Scene) -> Result<(), PlanError> {
    let upkeep = plan::upkeep(scene);
    for flight in &upkeep.released {
        // Refused: it was dialled or removed in this very moment, and holds its slot until we know.
        if commit_or_skip(world, ws, &plan::release(flight)).await? {
            scene.forget_probe(flight);
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
        match news::take(world, ws, &call, News::Overdue).await {
            Ok(()) => scene.flights.retain(|other| other.attempt != flight.attempt),
            // It keeps its slot, and all others are planned for.
            Err(error) => {
                tracing::error!(attempt = %flight.attempt, error = %Chain(&error), "an attempt was not given up");
            }
        }
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
        let mut transaction = Transaction::of(request.removal());
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
