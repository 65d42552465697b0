//! As `functions/dialer`: one claimed call: decide again, commit, place.

use std::rc::Rc;

use carillon_domain::base::call::{Outcome, Placement};
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::timing::START_WITHIN_MS;
use carillon_domain::calling::dial::{self, DialContext, DialDecision};
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::StartedBy;
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::transaction::{Transaction, Write};

use super::ask::note_calls;
use super::news::{self, News};
use crate::bug::Bug;
use crate::job::DialMessage;
use crate::store::{AttemptContext, CommitError};
use crate::world::{NoAnswer, World};

/// Times that one message is decided again: once after its slot came, once after a lost reply.
const TRIES: usize = 3;

/// Places the call of one message, if it is still to be placed.
pub(super) async fn place(world: &World, message: &DialMessage) -> Result<(), NoAnswer> {
    let run = format!("{:016x}", world.draw.below(u64::MAX));
    let ws = message.ws;
    for _ in 0..TRIES {
        let mut around = world.attempt_context(ws, &message.call).await?;
        around.records = records(world, ws, &around).await?;
        let (tenant, rules, _) = world.tenant(ws).await?;
        spoil(world, &mut around);
        match dial::decide(&snapshot(message, &run, world.now(), &around, &tenant, &rules)) {
            DialDecision::Wait { dial_at } => world.sleep_until(dial_at).await,
            DialDecision::Stale => return Ok(()),
            DialDecision::Refuse { transaction, reason } => {
                world.tell(|| format!("{} is not placed: {reason}", message.call.attempt));
                return withdraw(world, ws, transaction).await;
            }
            DialDecision::Dial { transaction, active_attempt } => {
                if world.has(Bug::EffectBeforeWrite) {
                    dial(world, message, &active_attempt).await?;
                    return Ok(world.commit(ws, transaction).await?);
                }
                return match commit(world, message, &run, transaction, &active_attempt).await? {
                    Committed::Ours => dial(world, message, &active_attempt).await,
                    Committed::Again => continue,
                    Committed::Not => Ok(()),
                };
            }
        }
    }
    Ok(())
}

/// What is known of the numbers of whoever is called.
async fn records(world: &World, ws: usize, around: &AttemptContext) -> Result<Vec<NumberRecord>, NoAnswer> {
    let person = around.active_attempt.as_ref().map_or(&[][..], |active_attempt| &active_attempt.person);
    let mut records = world.records(ws, person).await?;
    super::spoil::records(world, &mut records);
    if let (true, Some(active_attempt)) = (world.has(Bug::NotesDialledNumberOnly), &around.active_attempt) {
        records.retain(|record| record.number == active_attempt.number);
    }
    Ok(records)
}

/// What bugs make of what was read.
fn spoil(world: &World, around: &mut AttemptContext) {
    if world.has(Bug::DialDoesNotLook) {
        around.lead = around.lead.take().map(|lead| trusted(lead, world.now()));
    }
    if world.has(Bug::GapOfOwnCalls)
        && let Some(campaign) = &mut around.campaign
    {
        let mut gapless = Campaign::clone(campaign);
        gapless.spec.min_gap_minutes = 0;
        *campaign = gapless.into();
    }
}

/// A lead as a dialer sees it that believes the claim.
fn trusted(lead: Rc<Lead>, now: Timestamp) -> Rc<Lead> {
    if lead.is_due(now) { lead } else { Lead { state: LeadState::Pending, ..Lead::clone(&lead) }.into() }
}

/// What became of a dial transaction.
enum Committed {
    /// It is ours to place.
    Ours,
    /// More became known of the person's numbers meanwhile: it is decided again.
    Again,
    /// Somebody else's, or what it stood on has changed.
    Not,
}

async fn commit(
    world: &World,
    message: &DialMessage,
    run: &str,
    mut transaction: Transaction,
    active_attempt: &ActiveAttempt,
) -> Result<Committed, NoAnswer> {
    if world.has(Bug::AttemptsNotCounted) {
        uncount(&mut transaction);
    }
    if world.has(Bug::EvidenceLeftOut) {
        leave_out_evidence(&mut transaction);
    }
    let notes: Vec<usize> = (0..transaction.0.len())
        .filter(|place| matches!(transaction.0[*place], Write::UpdateNumber(_)))
        .collect();
    let error = match world.commit(message.ws, transaction).await {
        Ok(()) => return Ok(Committed::Ours),
        Err(error) => error,
    };
    if let CommitError::Refused(places) = &error
        && places.iter().all(|place| notes.contains(place))
    {
        return Ok(Committed::Again);
    }
    // The reply may be lost: if what is stored carries this very run, we had won.
    let stored = world.active_attempt(message.ws, &message.call.number).await?;
    let is_ours = stored.is_some_and(|stored| {
        stored.attempt == active_attempt.attempt
            && matches!(&stored.state, ActiveAttemptState::Dialling { by, .. }
                if by == run || world.has(Bug::LostRaceTakenForLostReply))
    });
    match error {
        _ if is_ours => Ok(Committed::Ours),
        CommitError::Refused(_) => Ok(Committed::Not),
        CommitError::NoAnswer => Err(NoAnswer),
    }
}

fn uncount(transaction: &mut Transaction) {
    for write in &mut transaction.0 {
        if let Write::UpdateLead { after, .. } = write {
            after.attempts = 0;
        }
    }
}

fn leave_out_evidence(transaction: &mut Transaction) {
    for write in &mut transaction.0 {
        if let Write::OpenInteraction(interaction) | Write::UpdateInteraction { after: interaction, .. } =
            write
        {
            interaction.evidence = None;
        }
    }
}

/// Places a call whose dial is committed.
async fn dial(world: &World, message: &DialMessage, active_attempt: &ActiveAttempt) -> Result<(), NoAnswer> {
    // The assistant is read, and the provider's key.
    world.travel().await;
    let is_late = match world.bug() {
        Some(Bug::StartsWhenever) => false,
        Some(Bug::StartsAfterItsSlot) => {
            active_attempt.dialled_at().is_some_and(|at| world.now().since_ms(at) > START_WITHIN_MS)
        }
        _ => active_attempt.is_too_late(world.now()),
    };
    let placement = if is_late {
        Placement::Refused { outcome: Outcome::Failed, reason: "the call could not start in time".to_owned() }
    } else {
        world.place(message.ws, active_attempt).await
    };
    if let Placement::Accepted { calls } = &placement {
        return note_calls(world, message.ws, &message.call, calls).await;
    }
    news::take(world, message.ws, &message.call, News::Placed(&placement)).await
}

/// Takes a claim away and lets the planner use its slot.
async fn withdraw(world: &World, ws: usize, transaction: Transaction) -> Result<(), NoAnswer> {
    match world.commit(ws, transaction).await {
        Ok(()) => {}
        Err(CommitError::Refused(_)) => return Ok(()),
        Err(CommitError::NoAnswer) => return Err(NoAnswer),
    }
    // A hint that is lost is made up for by the next tick.
    let _ = world.hint(ws, 0).await;
    Ok(())
}

fn snapshot<'a>(
    message: &'a DialMessage,
    run: &'a str,
    now: Timestamp,
    around: &'a AttemptContext,
    tenant: &'a Workspace,
    rules: &'a Rulebook,
) -> DialContext<'a> {
    let is_requested = |interaction: &&carillon_domain::records::interaction::Interaction| {
        interaction.started_by == StartedBy::Manual
    };
    DialContext {
        now,
        attempt: &message.call.attempt,
        run,
        active_attempt: around.active_attempt.as_deref(),
        lead: around.lead.as_deref(),
        campaign: around.campaign.as_deref(),
        workspace: Some(tenant),
        rules,
        records: &around.records,
        interaction: around.interaction.as_deref().filter(is_requested),
    }
}
