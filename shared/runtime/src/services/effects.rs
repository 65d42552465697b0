//! What follows from decisions beside their transactions.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::phone::E164;
use carillon_domain::calling::outcome::Effect;
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::Command;
use carillon_domain::transaction::Transaction;
use carillon_store::{CommitError, StoreError};

use crate::context::Context;
use crate::messages::CopyRecording;
use crate::services::lifecycle::{self, LifecycleError};
use crate::services::suppression;

/// An effect was not seen to.
#[derive(Debug, thiserror::Error)]
pub enum EffectError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A campaign could not be paused.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
}

/// Sees to effects, in their order.
///
/// # Errors
/// [`EffectError`]; those that come after it are made up for by the next tick.
pub async fn perform_all(
    context: &Context,
    ws: &WorkspaceId,
    effects: Vec<Effect>,
) -> Result<(), EffectError> {
    for effect in effects {
        perform(context, ws, effect).await?;
    }
    Ok(())
}

async fn perform(context: &Context, ws: &WorkspaceId, effect: Effect) -> Result<(), EffectError> {
    match effect {
        Effect::KeepTranscript(id, words) => context.store.keep_transcript(ws, &id, &words).await?,
        Effect::CopyRecording(id) => {
            let message = CopyRecording { workspace: ws.clone(), copy_recording_of: id, tries: 0 };
            if let Err(error) = context.send_copy(&message, 0).await {
                let interaction = &message.copy_recording_of;
                tracing::warn!(%error, %interaction, "a recording is not copied before somebody asks for it");
            }
        }
        Effect::RestCallerNumber(number, channel) => {
            let now = context.now();
            let rest = |rate_states: &mut RateStates| {
                rate_states.of_numbers_mut(channel).entry(number.clone()).or_default().congest(now)
            };
            context.store.update_paces(ws, now, rest).await?;
        }
        Effect::UncountAttempt(id, dialled_at) => {
            // A number without a cap has no use for it.
            let number = context.store.caller_number(ws, &id).await?;
            if let Some(number) = number.filter(|number| number.daily_cap.is_some()) {
                let uncount = |rate_states: &mut RateStates| {
                    let rate_state = rate_states.numbers.get_mut(&id);
                    rate_state.into_iter().for_each(|own| own.uncount(&number.number, dialled_at));
                };
                context.store.update_paces(ws, context.now(), uncount).await?;
            }
        }
        Effect::PauseCampaign(campaign, reason) => {
            // Not allowed: others of the same burst have paused it already.
            lifecycle::follow(context, ws, &campaign, |_| Some(Command::Pause { reason })).await?;
        }
        Effect::WithdrawQueued(list, numbers) => {
            let numbers = numbers.into_iter().collect();
            suppression::withdraw_queued(context, ws, &list, numbers).await?;
        }
        Effect::RevokeClaims(person) => {
            context.store.update_paces(ws, context.now(), |_| {}).await?;
            let mut claimed = active_attempts_of(context, ws, &person).await?;
            claimed.retain(ActiveAttempt::is_claimed);
            release_claims(context, ws, &claimed).await?;
        }
        Effect::HintPlanner => context.hint_or_warn(ws).await,
    }
    Ok(())
}

/// The active attempts of a person's numbers.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn active_attempts_of(
    context: &Context,
    ws: &WorkspaceId,
    person: &[E164],
) -> Result<Vec<ActiveAttempt>, StoreError> {
    let mut active_attempts = Vec::new();
    for number in person {
        active_attempts.extend(context.store.active_attempt(ws, number).await?);
    }
    Ok(active_attempts)
}

/// Takes claims away; a call that somebody asked for waits again.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn release_claims(
    context: &Context,
    ws: &WorkspaceId,
    claimed: &[ActiveAttempt],
) -> Result<(), StoreError> {
    for active_attempt in claimed {
        match context.store.commit(ws, &Transaction::release_claim(active_attempt)).await {
            // Dialled in this very moment: that call goes on.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}
