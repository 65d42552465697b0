//! As `functions/planner`: one look at a workspace.

use carillon_domain::flight::{CallRequest, Flight};
use carillon_domain::ids::InteractionId;
use carillon_domain::plan::{self, INDEX_LAG_MS, Round, Scene};
use carillon_domain::request::MAX_WAIT_MS;
use carillon_domain::write::{Transaction, Write};

use super::claims::Claimed;
use super::news::{self, News};
use super::{claims, completion, gather, turns};
use crate::bug::Bug;
use crate::job::{DialMessage, DialTask};
use crate::store::CommitError;
use crate::table::PlanState;
use crate::world::{NoAnswer, World};

/// Looks at a workspace once; none if another planner took over.
pub(super) async fn run(
    world: &World,
    ws: usize,
    mut state: PlanState,
) -> Result<Option<PlanState>, NoAnswer> {
    let mut scene = gather::scene(world, ws, &state).await?;
    let hopeless = plan::watch_breakers(&mut scene);
    if turns::take(world, ws, &scene, &hopeless).await? {
        return Ok(None);
    }
    turns::feed(world, ws, &scene, &mut state).await?;
    look_after_flights(world, ws, &mut scene).await?;
    give_up_requests(world, ws, &mut scene).await?;
    let mut round = Round::default();
    while let Some(openings) = round.next(&scene, state.work_added_at) {
        let passed_over = round.passed_over();
        let candidates = gather::candidates(world, ws, &mut scene, &openings, passed_over).await?;
        let plan = plan::choose(&scene, &openings, &candidates, &mut || world.draw.entropy());
        claims::revise(world, ws, &plan).await?;
        if round.note(&openings, &candidates, &plan) {
            match claims::commit(world, ws, state.epoch, &plan).await? {
                Claimed::Overtaken => return Ok(None),
                Claimed::Flights(won) => scene.take_in(&plan, won),
                Claimed::TakenForLost => {}
            }
        }
    }
    if completion::complete_finished(world, ws, &scene).await? {
        return Ok(None);
    }
    scene.paces.forget_idle(scene.now);
    scene.marks.forget_old(scene.now);
    // What was added just now may not be in the index yet.
    let settled_at = Some(state.work_added_at.plus_ms(INDEX_LAG_MS)).filter(|at| *at > scene.now);
    state.wake_at = round.wake_at(&scene).into_iter().chain(settled_at).min();
    if world.has(Bug::DoesNotLookAgain) {
        state.wake_at = scene.flights.iter().map(Flight::look_at).min();
    }
    state.paces = scene.paces;
    state.marks = scene.marks;
    Ok(Some(state))
}

async fn look_after_flights(world: &World, ws: usize, scene: &mut Scene) -> Result<(), NoAnswer> {
    let upkeep = plan::upkeep(scene);
    for flight in &upkeep.released {
        let mut release = plan::release(flight);
        if world.has(Bug::DropsRequestedCalls) {
            release.0.truncate(1);
        }
        if commit_or_skip(world, ws, release).await? {
            scene.forget_probe(flight);
            scene.flights.retain(|other| other.attempt != flight.attempt);
            scene.requests.extend(flight.request());
        }
    }
    for flight in &upkeep.given_up {
        let call = DialMessage::about(ws, DialTask::Ask, flight).call;
        news::take(world, ws, &call, News::Overdue).await?;
        scene.flights.retain(|other| other.attempt != flight.attempt);
    }
    let mut asked = Vec::with_capacity(upkeep.asked.len());
    for flight in upkeep.asked {
        if commit_or_skip(world, ws, Transaction::of(Write::Renew(flight.clone()))).await? {
            scene.flights.retain(|other| other.attempt != flight.attempt);
            scene.flights.push(flight.clone());
            asked.push(flight);
        }
    }
    world.send_dials(ws, DialTask::Ask, &asked).await?;
    world.send_dials(ws, DialTask::Place, &upkeep.resent).await
}

async fn give_up_requests(world: &World, ws: usize, scene: &mut Scene) -> Result<(), NoAnswer> {
    let now = scene.now;
    let is_over = |request: &CallRequest| now.since_ms(request.requested_at) > MAX_WAIT_MS;
    for request in scene.requests.iter().filter(|request| is_over(request)) {
        let mut transaction = Transaction::of(request.removal());
        if let Some(interaction) = world.interaction(ws, &InteractionId::of(&request.attempt)).await? {
            let refused = interaction.refused("no slot was free in time", now);
            transaction.push(Write::UpdateInteraction(refused));
        }
        match world.commit(ws, transaction).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    scene.requests.retain(|request| !is_over(request));
    Ok(())
}

async fn commit_or_skip(world: &World, ws: usize, transaction: Transaction) -> Result<bool, NoAnswer> {
    match world.commit(ws, transaction).await {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(_)) => Ok(false),
        Err(CommitError::NoAnswer) => Err(NoAnswer),
    }
}
