//! As `functions/planner`: one look at a workspace.

use carillon_domain::base::ids::InteractionId;
use carillon_domain::planning::{self, INDEX_LAG_MS, PlanningSnapshot, Round};
use carillon_domain::records::active_attempt::{ActiveAttempt, CallRequest};
use carillon_domain::transaction::{Transaction, Write};

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
    let mut snapshot = gather::snapshot(world, ws, &state).await?;
    let hopeless = planning::watch_breakers(&mut snapshot);
    if turns::take(world, ws, &snapshot, &hopeless).await? {
        return Ok(None);
    }
    turns::feed(world, ws, &snapshot, &mut state).await?;
    look_after_active_attempts(world, ws, &mut snapshot).await?;
    give_up_requests(world, ws, &mut snapshot).await?;
    let mut round = Round::default();
    while let Some(due_queries) = round.next(&snapshot, state.work_added_at) {
        let passed_over = round.passed_over();
        let candidates = gather::candidates(world, ws, &mut snapshot, &due_queries, passed_over).await?;
        let plan = planning::choose(&snapshot, &due_queries, &candidates, &mut || world.draw.entropy());
        claims::revise(world, ws, &plan).await?;
        if round.note(&due_queries, &candidates, &plan) {
            match claims::commit(world, ws, state.epoch, &plan).await? {
                Claimed::Overtaken => return Ok(None),
                Claimed::ActiveAttempts(won) => snapshot.take_in(&plan, won),
                Claimed::TakenForLost => {}
            }
        }
    }
    if completion::complete_finished(world, ws, &snapshot).await? {
        return Ok(None);
    }
    snapshot.rate_states.forget_idle(snapshot.now);
    snapshot.empty_partitions.forget_old(snapshot.now);
    // What was added just now may not be in the index yet.
    let settled_at = Some(state.work_added_at.plus_ms(INDEX_LAG_MS)).filter(|at| *at > snapshot.now);
    state.wake_at = round.wake_at(&snapshot).into_iter().chain(settled_at).min();
    if world.has(Bug::DoesNotLookAgain) {
        state.wake_at = snapshot.active_attempts.iter().map(ActiveAttempt::look_at).min();
    }
    state.rate_states = snapshot.rate_states;
    state.empty_partitions = snapshot.empty_partitions;
    Ok(Some(state))
}

async fn look_after_active_attempts(
    world: &World,
    ws: usize,
    snapshot: &mut PlanningSnapshot,
) -> Result<(), NoAnswer> {
    let expiry = planning::expiry(snapshot);
    for active_attempt in &expiry.released {
        let mut release = Transaction::release_claim(active_attempt);
        if world.has(Bug::DropsRequestedCalls) {
            release.0.truncate(1);
        }
        if commit_or_skip(world, ws, release).await? {
            snapshot.forget_probe(active_attempt);
            snapshot.active_attempts.retain(|other| other.attempt != active_attempt.attempt);
            snapshot.requests.extend(active_attempt.request());
        }
    }
    for active_attempt in &expiry.given_up {
        let call = DialMessage::about(ws, DialTask::Ask, active_attempt).call;
        news::take(world, ws, &call, News::Overdue).await?;
        snapshot.active_attempts.retain(|other| other.attempt != active_attempt.attempt);
    }
    let mut asked = Vec::with_capacity(expiry.asked.len());
    for active_attempt in expiry.asked {
        if commit_or_skip(world, ws, Transaction::of(Write::Renew(active_attempt.clone()))).await? {
            snapshot.active_attempts.retain(|other| other.attempt != active_attempt.attempt);
            snapshot.active_attempts.push(active_attempt.clone());
            asked.push(active_attempt);
        }
    }
    world.send_dials(ws, DialTask::Ask, &asked).await?;
    world.send_dials(ws, DialTask::Place, &expiry.resent).await
}

async fn give_up_requests(world: &World, ws: usize, snapshot: &mut PlanningSnapshot) -> Result<(), NoAnswer> {
    let now = snapshot.now;
    let is_over = |request: &CallRequest| now >= request.given_up_at();
    for request in snapshot.requests.iter().filter(|request| is_over(request)) {
        let mut transaction = Transaction::withdraw_request(request);
        if let Some(interaction) = world.interaction(ws, &InteractionId::of(&request.attempt)).await? {
            let after = interaction.refused("no slot was free in time", now);
            transaction.push(Write::UpdateInteraction { before: interaction.as_ref().clone(), after });
        }
        match world.commit(ws, transaction).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    snapshot.requests.retain(|request| !is_over(request));
    Ok(())
}

async fn commit_or_skip(world: &World, ws: usize, transaction: Transaction) -> Result<bool, NoAnswer> {
    match world.commit(ws, transaction).await {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(_)) => Ok(false),
        Err(CommitError::NoAnswer) => Err(NoAnswer),
    }
}
