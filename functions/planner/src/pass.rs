//! One look at a workspace, from what is in flight to when to look again.

use carillon_domain::base::ids::{InteractionId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::planning::{self, EmptyPartitions, INDEX_LAG_MS, PlanningSnapshot, Round};
use carillon_domain::records::active_attempt::CallRequest;
use carillon_domain::records::refusal::DialRefusal;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::batch::Chain;
use carillon_runtime::context::Context;
use carillon_runtime::messages::DialTask;
use carillon_runtime::planning_snapshot;
use carillon_runtime::services::call_updates;
use carillon_store::{CommitError, PlanState, ProviderCall};

use crate::claims::{self, Claimed};
use crate::error::PlanError;
use crate::{campaign_transitions, candidates, completion};

/// What came of a look at a workspace.
pub(crate) enum Look {
    /// Another planner took over, or is to: what this one learnt counts for nothing.
    Over,
    /// What was learnt, and in how many milliseconds a hint is to follow. The lease is still ours, and is to be
    /// kept until then.
    Learnt { state: Box<PlanState>, hint_in_ms: Option<i64>, collects_until: Timestamp },
    /// The same, stored with the last claims: the lease is given back.
    Released { hint_in_ms: Option<i64> },
}

/// Looks at a workspace once; `is_again` if something came while it was looked at.
pub(crate) async fn run(
    context: &Context,
    ws: &WorkspaceId,
    mut state: PlanState,
    is_again: bool,
) -> Result<Look, PlanError> {
    // Where others keep asking for plans, or are to share the next, the lease can't be given back with the last claims.
    let mut is_contended = std::mem::replace(&mut state.is_busy, is_again) || is_again;
    let mut snapshot = planning_snapshot::read(context, ws, &state, []).await?;
    let collects_ms = planning::collects_ms(snapshot.active_attempts.len());
    is_contended |= collects_ms > 0;
    let known = snapshot.empty_partitions.clone();
    let hopeless = planning::watch_breakers(&mut snapshot);
    if campaign_transitions::take(context, ws, &snapshot, &hopeless).await? {
        // The change raised the epoch and sent a hint: that plan sees the campaign as it is then.
        return Ok(Look::Over);
    }
    campaign_transitions::feed(context, ws, &snapshot, &mut state).await?;
    if look_after_active_attempts(context, ws, &mut snapshot).await? {
        // Their leads are due again, where a plan has seen nobody else.
        state.work_added_at = snapshot.now;
        context.store.add_work(ws, snapshot.now).await?;
    }
    give_up_requests(context, ws, &mut snapshot).await?;
    let mut round = Round::default();
    let mut next = round.next(&snapshot, state.work_added_at);
    while let Some(due_queries) = next {
        let candidates = candidates::candidates(context, ws, &mut snapshot, &due_queries, &round).await?;
        let plan = planning::choose(&snapshot, &due_queries, &candidates, &mut || context.random.draw());
        claims::revise(context, ws, &plan).await?;
        if !round.note(&snapshot, &due_queries, &candidates, &plan) {
            next = round.next(&snapshot, state.work_added_at);
            continue;
        }
        snapshot.take_in(&plan);
        next = round.next(&snapshot, state.work_added_at);
        let is_last = next.is_none() && !plan.claims.is_empty() && !completion::may_complete_any(&snapshot);
        if is_last && !is_contended {
            keep_marks(context, ws, &mut snapshot, &known).await?;
            let (learnt, hint_in_ms) = learn(context, &mut snapshot, &round, state.clone());
            if claims::commit_last(context, ws, &learnt, &plan).await? {
                return Ok(Look::Released { hint_in_ms });
            }
            (state.is_busy, is_contended) = (true, true);
        }
        match claims::commit(context, ws, state.epoch, &plan).await? {
            Claimed::Overtaken => return Ok(Look::Over),
            Claimed::ActiveAttempts(won) if won.len() == plan.claims.len() => {}
            Claimed::ActiveAttempts(won) => {
                snapshot.give_back(&plan, &won);
                next = round.next(&snapshot, state.work_added_at);
            }
        }
    }
    if completion::complete_finished(context, ws, &snapshot, state.work_added_at).await? {
        return Ok(Look::Over);
    }
    keep_marks(context, ws, &mut snapshot, &known).await?;
    let (state, hint_in_ms) = learn(context, &mut snapshot, &round, state);
    let is_resting = state.rests_until.is_some();
    let collects_until = if is_resting { snapshot.now } else { snapshot.now.plus_ms(collects_ms) };
    Ok(Look::Learnt { state: Box::new(state), hint_in_ms, collects_until })
}

/// Keeps what was found empty, if it is more than was known.
async fn keep_marks(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &mut PlanningSnapshot,
    known: &EmptyPartitions,
) -> Result<(), PlanError> {
    snapshot.empty_partitions.forget_old(snapshot.now);
    if snapshot.empty_partitions.tell_more_than(known) {
        context.store.keep_marks(ws, &snapshot.empty_partitions).await?;
    }
    Ok(())
}

/// The state with what was learnt, and in how many milliseconds a hint is to follow.
fn learn(
    context: &Context,
    snapshot: &mut PlanningSnapshot,
    round: &Round,
    mut state: PlanState,
) -> (PlanState, Option<i64>) {
    snapshot.rate_states.forget_idle(snapshot.now);
    // What was added just now may not be in the index yet.
    let settled_at = Some(state.work_added_at.plus_ms(INDEX_LAG_MS)).filter(|at| *at > snapshot.now);
    state.wake_at = round.wake_at(snapshot).into_iter().chain(settled_at).min();
    state.rests_until = planning::rests_until(snapshot, state.wake_at);
    state.rate_states = snapshot.rate_states.clone();
    let now = context.now();
    let hint_in_ms =
        state.wake_at.and_then(|wake_at| planning::delayed_hint_ms(wake_at, state.hinted_at, now));
    if let Some(delay_ms) = hint_in_ms {
        state.hinted_at = now.plus_ms(delay_ms);
    }
    (state, hint_in_ms)
}

/// Releases claims whose window is over, asks about dials that fell silent, and sends again what
/// nobody dialled. Says whether a claim was released.
async fn look_after_active_attempts(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &mut PlanningSnapshot,
) -> Result<bool, PlanError> {
    let expiry = planning::expiry(snapshot);
    let mut is_released = false;
    for active_attempt in &expiry.released {
        // Refused: it was dialled or removed in this very moment, and holds its slot until we know.
        if commit_or_skip(context, ws, &Transaction::release_claim(active_attempt)).await? {
            is_released = true;
            snapshot.forget_probe(active_attempt);
            snapshot.active_attempts.retain(|other| other.attempt != active_attempt.attempt);
            snapshot.requests.extend(active_attempt.request());
        }
    }
    for active_attempt in &expiry.given_up {
        let call = ProviderCall {
            attempt: active_attempt.attempt.clone(),
            lead: active_attempt.lead.clone(),
            number: active_attempt.number.clone(),
        };
        match call_updates::apply(context, ws, &call, CallUpdate::Overdue).await {
            Ok(()) => snapshot.active_attempts.retain(|other| other.attempt != active_attempt.attempt),
            // It keeps its slot, and all others are planned for.
            Err(error) => {
                tracing::error!(attempt = %active_attempt.attempt, error = %Chain(&error), "an attempt was not given up");
            }
        }
    }
    let mut asked = Vec::with_capacity(expiry.asked.len());
    for active_attempt in expiry.asked {
        if commit_or_skip(context, ws, &Transaction::of(Write::Renew(active_attempt.clone()))).await? {
            snapshot.active_attempts.retain(|other| other.attempt != active_attempt.attempt);
            snapshot.active_attempts.push(active_attempt.clone());
            asked.push(active_attempt);
        }
    }
    context.send_dials(ws, DialTask::Ask, &asked).await?;
    context.send_dials(ws, DialTask::Place, &expiry.resent).await?;
    Ok(is_released)
}

/// Ends requested calls that found no slot for too long.
async fn give_up_requests(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &mut PlanningSnapshot,
) -> Result<(), PlanError> {
    let now = snapshot.now;
    let is_over = |request: &CallRequest| now >= request.given_up_at();
    for request in snapshot.requests.iter().filter(|request| is_over(request)) {
        let id = InteractionId::of(&request.attempt);
        let mut transaction = Transaction::withdraw_request(request);
        if let Some(interaction) = context.store.interaction(ws, &id).await? {
            let after = interaction.refused(DialRefusal::NoSlotInTime, now);
            transaction.push(Write::UpdateInteraction { before: interaction, after });
        }
        match context.store.commit(ws, &transaction).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    snapshot.requests.retain(|request| !is_over(request));
    Ok(())
}

/// Commits a transaction; says whether its conditions held.
async fn commit_or_skip(
    context: &Context,
    ws: &WorkspaceId,
    transaction: &Transaction,
) -> Result<bool, PlanError> {
    match context.store.commit(ws, transaction).await {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
