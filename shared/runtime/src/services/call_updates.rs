//! Updates of an attempt, whoever brings them: load, let the domain decide, write, and see to the effects.

use carillon_domain::base::call::CallReport;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::outcome::{self, CallUpdate, Effect, OutcomeContext};
use carillon_domain::records::interaction::Interaction;
use carillon_store::{CommitError, ProviderCall, StoreError};

use crate::context::Context;
use crate::services::effects::{self, EffectError};

/// How often an update is decided anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// The update could not be written down; it may be brought again.
#[derive(Debug, thiserror::Error)]
pub enum NewsError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What follows from it could not be done.
    #[error(transparent)]
    Effect(#[from] EffectError),
    /// Others kept changing what it touches.
    #[error("the attempt is being changed by others")]
    Contended,
}

/// Applies an update of an attempt.
///
/// The same update twice, late or out of order changes nothing that is true already.
///
/// # Errors
/// [`NewsError`]; nothing is lost if the update is brought again.
pub async fn apply(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
    update: CallUpdate<'_>,
) -> Result<(), NewsError> {
    apply_recording(context, ws, call, None, update).await
}

/// The same for a call that may have no record yet: it is opened as the update leaves it, in the same transaction.
///
/// # Errors
/// As [`apply`].
pub async fn apply_recording(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
    begun: Option<&Interaction>,
    update: CallUpdate<'_>,
) -> Result<(), NewsError> {
    let mut unacknowledged = None;
    for _ in 0..TRIES {
        let around = context.store.attempt_context(ws, call, None).await?;
        let unrecorded = begun.filter(|_| around.interaction.is_none());
        let mut facts = OutcomeContext {
            now: context.now(),
            attempt: &call.attempt,
            active_attempt: around.active_attempt.as_ref(),
            lead: around.lead.as_ref(),
            campaign: around.campaign.as_ref(),
            interaction: around.interaction.as_ref().or(unrecorded),
            records: &[],
        };
        let records;
        if facts.needs_records(update) {
            records = context.store.number_records(ws, &facts.person()).await?;
            facts.records = &records;
        }
        let mut settlement = outcome::decide(&facts, update);
        if settlement.transaction.0.is_empty() {
            // The reply was lost, the write was not.
            return Ok(effects::perform_all(context, ws, unacknowledged.unwrap_or_default()).await?);
        }
        let (first, after): (Vec<_>, Vec<_>) = settlement.effects.into_iter().partition(Effect::comes_first);
        match effects::perform_all(context, ws, first).await {
            Ok(()) => {}
            // It never will be kept; the end of the call counts more than its words.
            Err(EffectError::Store(error @ StoreError::TranscriptTooLarge(_))) => {
                tracing::error!(attempt = %call.attempt, %error, "a transcript was not kept");
                if let CallUpdate::Ended(report) | CallUpdate::Found(report) = update {
                    let wordless = CallReport { transcript: Vec::new(), ..report.clone() };
                    let update = match update {
                        CallUpdate::Found(_) => CallUpdate::Found(&wordless),
                        _ => CallUpdate::Ended(&wordless),
                    };
                    settlement.transaction = outcome::decide(&facts, update).transaction;
                }
            }
            // Whoever brought it brings it again.
            Err(error) => return Err(error.into()),
        }
        if unrecorded.is_some() {
            settlement.transaction = settlement.transaction.opening();
        }
        match context.store.commit(ws, &settlement.transaction).await {
            Ok(()) => {
                let after = still_needed(context, ws, around.rests_until, after).await;
                return Ok(effects::perform_all(context, ws, after).await?);
            }
            // Somebody was faster, or the reply was lost: decide again on what is there.
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => {
                tracing::warn!(attempt = %call.attempt, %error, "an end was not acknowledged; looking again");
                unacknowledged = Some(after);
            }
        }
    }
    Err(NewsError::Contended)
}

/// The effects without the hint, where a plan would find nobody to call in a slot that is free now. Asked again
/// after the commit: a planner that began before it has not seen the slot.
async fn still_needed(
    context: &Context,
    ws: &WorkspaceId,
    rests_until: Option<Timestamp>,
    mut effects: Vec<Effect>,
) -> Vec<Effect> {
    let rests = |until: Option<Timestamp>| until.is_some_and(|until| context.now() < until);
    if rests(rests_until) && effects.contains(&Effect::HintPlanner) {
        let state = context.store.plan_state(ws).await.ok().flatten();
        if rests(state.and_then(|state| state.rests_until)) {
            effects.retain(|effect| *effect != Effect::HintPlanner);
        }
    }
    effects
}
