//! From a claimed attempt to an order that is committed: decide again, commit, and only then may the provider be asked.
//! Calls and texts go the same way up to there.

use carillon_adapters::secrets::{Secret, SecretsError};
use carillon_domain::base::call::Placement;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::Timestamp;
use carillon_domain::bug::{Switch, planted};
use carillon_domain::calling::dial::{self, DialContext, DialDecision, Order};
use carillon_domain::calling::outcome::{CallUpdate, Effect};
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use carillon_domain::records::interaction::StartedBy;
use carillon_domain::records::refusal::DialRefusal;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::transaction::{Transaction, Write};
use carillon_store::{AttemptContext, CommitError, ProviderCall, StoreError, VoiceKeys};

use crate::batch::Chain;
use crate::context::{Context, provider_key_name};
use crate::messages::DialMessage;
use crate::services::call_updates;
use crate::services::effects::{self, EffectError};

/// Times that one message is decided again: after its slot came, or a number of theirs changed.
const TRIES: usize = 4;

/// An attempt was not placed; its message comes again, or its claim runs out.
#[derive(Debug, thiserror::Error)]
pub enum PlacingError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A transaction was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The secret store did not answer.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A campaign that can't go on was not paused.
    #[error(transparent)]
    Effect(#[from] EffectError),
}

/// An attempt that is committed, and ours to make: nobody else will.
pub struct Committed {
    pub active_attempt: Box<ActiveAttempt>,
    pub order: Order,
    /// The workspace's key for whoever places it; none where that is done with our own role.
    pub key: Option<Secret>,
    /// The text before it, if nobody replied to that: now its step is over.
    pub unanswered: Option<ProviderCall>,
}

/// The attempt that a message speaks of.
pub fn call_of(message: &DialMessage) -> ProviderCall {
    ProviderCall {
        attempt: message.attempt.clone(),
        lead: message.lead.clone(),
        number: message.number.clone(),
    }
}

/// Decides again about a claimed attempt and commits it, if it is still to be made.
///
/// # Errors
/// [`PlacingError`]; nothing left us.
pub async fn commit(context: &Context, message: &DialMessage) -> Result<Option<Committed>, PlacingError> {
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
            DialDecision::Stale => return Ok(None),
            DialDecision::Refuse { transaction, reason } => {
                return withdraw(context, message, &transaction, &reason).await.map(|()| None);
            }
            DialDecision::Dial { transaction, active_attempt, order } => {
                // Read before anything is committed: a secret that can't be had costs no attempt.
                let Some(key) = key_for(context, ws, &order).await? else {
                    return match dial::turn_down(&facts, DialRefusal::NoProviderKey) {
                        DialDecision::Refuse { transaction, reason } => {
                            withdraw(context, message, &transaction, &reason).await.map(|()| None)
                        }
                        DialDecision::Dial { .. } | DialDecision::Wait { .. } | DialDecision::Stale => {
                            Ok(None)
                        }
                    };
                };
                let unanswered = unanswered(&around, &active_attempt);
                match write(context, message, &run, &transaction, &active_attempt).await? {
                    Written::Ours => return Ok(Some(Committed { active_attempt, order, key, unanswered })),
                    Written::Not => return Ok(None),
                    // A number of theirs has changed, perhaps to be called no more: decide again.
                    Written::NumberChanged => {}
                }
            }
        }
    }
    Ok(None)
}

/// The key with which the order is given to its provider; `Some(None)` where our own role stands for it, none where it is not there. Where the workspace's own account places the call, the key of the agent's
/// provider has to be there as well: somebody who answers is to hear an agent.
async fn key_for(
    context: &Context,
    ws: &WorkspaceId,
    order: &Order,
) -> Result<Option<Option<Secret>>, SecretsError> {
    if matches!(order, Order::Message(order) if order.provider.is_in_our_account()) {
        return Ok(Some(None));
    }
    let places = match order {
        Order::Call(order) => Provider::placing(order.provider, order.line),
        Order::Message(order) => order.provider.into(),
    };
    if let Order::Call(order) = order
        && places != order.provider.into()
        && context.secrets.get(&provider_key_name(ws, order.provider)).await?.is_none()
    {
        return Ok(None);
    }
    Ok(context.secrets.get(&provider_key_name(ws, places)).await?.map(Some))
}

/// The text before this attempt, if it arrived and nobody replied.
fn unanswered(around: &AttemptContext, active_attempt: &ActiveAttempt) -> Option<ProviderCall> {
    // A call by hand waits for nothing.
    let lead = around.lead.as_ref().filter(|_| active_attempt.cause != DialCause::Manual)?;
    let text = lead.unanswered_text(&around.campaign.as_ref()?.spec.cadence)?;
    let number = text.number.clone()?;
    Some(ProviderCall { attempt: text.attempt.clone(), lead: lead.id.clone(), number })
}

/// Records that nobody replied to the text before an attempt, once that may be placed: nothing waits for it. Were it lost,
/// the record would stay as it is, delivered.
pub async fn note_unanswered<R>(
    context: &Context,
    ws: &WorkspaceId,
    placement: &Placement<R>,
    unanswered: Option<&ProviderCall>,
) {
    let Some(text) = unanswered.filter(|_| placement.may_be_made()) else { return };
    let noted = call_updates::apply(context, ws, text, CallUpdate::NoReply).await;
    if let Err(error) = noted {
        tracing::warn!(attempt = %text.attempt, error = %Chain(&error), "that nobody replied was not noted");
    }
}

/// What became of a dial transaction.
enum Written {
    /// It is ours to place.
    Ours,
    /// What is known of one of the person's numbers has changed.
    NumberChanged,
    /// Somebody else's, or what it stood on has changed: the claim runs out.
    Not,
}

async fn write(
    context: &Context,
    message: &DialMessage,
    run: &str,
    transaction: &Transaction,
    active_attempt: &ActiveAttempt,
) -> Result<Written, PlacingError> {
    let error = match context.store.commit(&message.workspace, transaction).await {
        Ok(()) => return Ok(Written::Ours),
        Err(error) => error,
    };
    if error.refuses_only(|write| matches!(write, Write::UpdateNumber(_))) {
        return Ok(Written::NumberChanged);
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
        _ if is_ours => Ok(Written::Ours),
        CommitError::Refused(_) => Ok(Written::Not),
        CommitError::Store(error) => Err(error.into()),
    }
}

/// Takes a claim away and lets the planner use its slot. What every lead would meet pauses the campaign.
async fn withdraw(
    context: &Context,
    message: &DialMessage,
    transaction: &Transaction,
    reason: &DialRefusal,
) -> Result<(), PlacingError> {
    tracing::info!(attempt = %message.attempt, reason = reason.code().name(), "a claimed attempt is not made");
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

/// A name for this run that no other run has.
fn run_id(context: &Context) -> String {
    hex::encode(context.random.draw())
}
