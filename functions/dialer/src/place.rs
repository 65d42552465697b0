//! One claimed call: decide again, commit, place.

use carillon_adapters::secrets::Secret;
use carillon_domain::base::call::{CallOrder, Placement};
use carillon_domain::base::time::Timestamp;
use carillon_domain::bug::{Switch, planted};
use carillon_domain::calling::dial::{self, DialContext, DialDecision};
use carillon_domain::calling::outcome::{CallUpdate, Effect};
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::interaction::StartedBy;
use carillon_domain::records::refusal::DialRefusal;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::{Context, provider_key_name};
use carillon_runtime::messages::DialMessage;
use carillon_runtime::services::{call_updates, effects};
use carillon_store::{AttemptContext, CommitError, VoiceKeys};

use crate::error::DialerError;
use crate::provider_call::{call_of, note_calls};

/// Times that one message is decided again: after its slot came, or a number of theirs changed.
const TRIES: usize = 4;

/// Places the call of one message, if it is still to be placed.
pub(crate) async fn place(context: &Context, message: &DialMessage) -> Result<(), DialerError> {
    let run = run_id(context);
    let ws = &message.workspace;
    let voice = VoiceKeys {
        assistant: &message.assistant,
        caller_number: &message.caller_number,
        person: &message.person,
    };
    for _ in 0..TRIES {
        let around = context.store.attempt_context(ws, &call_of(message), Some(voice)).await?;
        let now = context.now();
        let rules = around.voice.workspace.as_ref().map(Workspace::rulebook);
        let rules = rules.as_deref().unwrap_or(Rulebook::builtin());
        let facts = facts(message, &run, now, &around, rules);
        match dial::decide(&facts) {
            DialDecision::Wait { dial_at } => context.clock.sleep_until(dial_at).await,
            DialDecision::Stale => return Ok(()),
            DialDecision::Refuse { transaction, reason } => {
                return withdraw(context, message, &transaction, &reason).await;
            }
            DialDecision::Dial { transaction, active_attempt, order } => {
                // Read before anything is committed: a secret that can't be had costs no attempt.
                let name = provider_key_name(ws, active_attempt.provider);
                let Some(key) = context.secrets.get(&name).await? else {
                    return match dial::turn_down(&facts, DialRefusal::NoProviderKey) {
                        DialDecision::Refuse { transaction, reason } => {
                            withdraw(context, message, &transaction, &reason).await
                        }
                        DialDecision::Dial { .. } | DialDecision::Wait { .. } | DialDecision::Stale => Ok(()),
                    };
                };
                return match commit(context, message, &run, &transaction, &active_attempt).await? {
                    Committed::Ours => dial(context, message, &around, &active_attempt, &order, &key).await,
                    Committed::Not => Ok(()),
                    // A number of theirs has changed, perhaps to be called no more: decide again.
                    Committed::NumberChanged => continue,
                };
            }
        }
    }
    Ok(())
}

/// What became of a dial transaction.
enum Committed {
    /// It is ours to place.
    Ours,
    /// What is known of one of the person's numbers has changed.
    NumberChanged,
    /// Somebody else's, or what it stood on has changed: the claim runs out.
    Not,
}

async fn commit(
    context: &Context,
    message: &DialMessage,
    run: &str,
    transaction: &Transaction,
    active_attempt: &ActiveAttempt,
) -> Result<Committed, DialerError> {
    let error = match context.store.commit(&message.workspace, transaction).await {
        Ok(()) => return Ok(Committed::Ours),
        Err(error) => error,
    };
    if error.refuses_only(|write| matches!(write, Write::UpdateNumber(_))) {
        return Ok(Committed::NumberChanged);
    }
    // The reply may be lost, or a retry of it refused: if what is stored carries this very run,
    // we had won and nobody else will place the call.
    let stored = context.store.active_attempt(&message.workspace, &message.number).await?;
    let is_ours = stored.is_some_and(|stored| {
        stored.attempt == active_attempt.attempt
            && matches!(&stored.state, ActiveAttemptState::Dialling { by, .. }
                if by == run || planted(Switch::LostRaceTakenForLostReply))
    });
    match error {
        _ if is_ours => Ok(Committed::Ours),
        CommitError::Refused(_) => Ok(Committed::Not),
        CommitError::Store(error) => Err(error.into()),
    }
}

/// Places a call whose dial is committed.
async fn dial(
    context: &Context,
    message: &DialMessage,
    around: &AttemptContext,
    active_attempt: &ActiveAttempt,
    order: &CallOrder,
    key: &Secret,
) -> Result<(), DialerError> {
    let ws = &message.workspace;
    let placement = if active_attempt.is_too_late(context.now()) {
        Placement::TooLate
    } else {
        context.voice.place(key.expose(), order).await
    };
    if let Placement::Unknown { reason } = &placement {
        tracing::warn!(attempt = %message.attempt, reason, "whether a call was placed is unknown");
    }
    let call = call_of(message);
    if let Placement::Accepted { calls } = &placement {
        // The carrier's id is spoken of only by its machine detection.
        let detects = around.campaign.as_ref().is_some_and(|campaign| campaign.spec.machine_detection);
        let spoken_of = if detects { calls.len() } else { 1 };
        return note_calls(context, ws, &call, &calls[..spoken_of.min(calls.len())], context.now()).await;
    }
    Ok(call_updates::apply(context, ws, &call, CallUpdate::Placed(&placement)).await?)
}

/// Takes a claim away and lets the planner use its slot. What every lead would meet pauses the campaign.
async fn withdraw(
    context: &Context,
    message: &DialMessage,
    transaction: &Transaction,
    reason: &DialRefusal,
) -> Result<(), DialerError> {
    tracing::info!(attempt = %message.attempt, reason = reason.code().name(), "a claimed call is not placed");
    match context.store.commit(&message.workspace, transaction).await {
        Ok(()) => {}
        // Gone or changed already.
        Err(CommitError::Refused(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    // The lead may be due again, where a plan has seen nobody else.
    context.store.add_work(&message.workspace, context.now()).await?;
    let campaign = message.lead.campaign();
    let pause = reason.pauses().map(|reason| Effect::PauseCampaign(campaign, reason));
    let effects = pause.into_iter().chain([Effect::HintPlanner]).collect();
    Ok(effects::perform_all(context, &message.workspace, effects).await?)
}

fn facts<'a>(
    message: &'a DialMessage,
    run: &'a str,
    now: Timestamp,
    around: &'a AttemptContext,
    rules: &'a Rulebook,
) -> DialContext<'a> {
    DialContext {
        now,
        attempt: &message.attempt,
        run,
        active_attempt: around.active_attempt.as_ref(),
        lead: around.lead.as_ref(),
        campaign: around.campaign.as_ref(),
        workspace: around.voice.workspace.as_ref(),
        rules,
        assistant: around.voice.assistant.as_ref(),
        caller_number: around.voice.caller_number.as_ref(),
        records: &around.records,
        interaction: around
            .interaction
            .as_ref()
            .filter(|interaction| interaction.started_by == StartedBy::Manual),
    }
}

/// A name for this run of the dialer that no other run has.
fn run_id(context: &Context) -> String {
    hex::encode(context.random.draw())
}
