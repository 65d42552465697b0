//! News of an attempt, whoever brings it: a webhook, the provider's answer to the dial, or to a
//! question.

use carillon_domain::base::call::{CallReport, Placement, VoiceEvent};
use carillon_domain::base::ids::{CallerNumberId, InteractionId, WorkspaceId};
use carillon_domain::calling::outcome::{self, OutcomeContext, Settlement};
use carillon_domain::records::campaign::{Command, PauseReason};
use carillon_store::{AttemptContext, CommitError, ProviderCall, StoreError};

use crate::context::Context;
use crate::services::lifecycle::{self, LifecycleError};

/// How often a settlement is decided anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// What became known of an attempt.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    Ended(&'a CallReport),
    /// The carrier heard a machine.
    MachineDetected,
    /// The provider's answer to the dial.
    Placed(&'a Placement),
    /// The call is still up.
    StillUp,
    /// The provider has never heard of it.
    NotFound,
    /// Nobody could be asked for too long.
    Overdue,
}

impl<'a> News<'a> {
    /// The news that an event brings, if it brings any.
    pub fn of(event: &'a VoiceEvent) -> Option<Self> {
        match event {
            VoiceEvent::Ended { report, .. } => Some(Self::Ended(report)),
            VoiceEvent::MachineDetected { .. } => Some(Self::MachineDetected),
            VoiceEvent::Ignored { .. } => None,
        }
    }

    /// Whether it changes what is known of the person's numbers.
    fn needs_records(self) -> bool {
        match self {
            Self::Ended(report) => outcome::needs_records(report),
            Self::Placed(placement) => matches!(placement, Placement::Congested),
            Self::MachineDetected | Self::StillUp | Self::NotFound | Self::Overdue => false,
        }
    }

    fn decide(self, facts: &OutcomeContext<'_>) -> Settlement {
        match self {
            Self::Ended(report) => outcome::ended(facts, report),
            Self::MachineDetected => outcome::machine_detected(facts),
            Self::Placed(placement) => outcome::placed(facts, placement),
            Self::StillUp => outcome::still_up(facts),
            Self::NotFound => outcome::not_found(facts),
            Self::Overdue => outcome::overdue(facts),
        }
    }
}

/// The news could not be written down; it may be brought again.
#[derive(Debug, thiserror::Error)]
pub enum NewsError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The campaign could not be paused.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// Others kept changing what it touches.
    #[error("the attempt is being changed by others")]
    Contended,
}

/// Takes news of an attempt: decides, writes, and tells those who wait for the slot.
///
/// The same news twice, late or out of order changes nothing that is true already.
///
/// # Errors
/// [`NewsError`]; nothing is lost if the news is brought again.
pub async fn take(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
    news: News<'_>,
) -> Result<(), NewsError> {
    let mut unacknowledged = None;
    for _ in 0..TRIES {
        let around = context.store.attempt_context(ws, call, None).await?;
        let records = match &around.active_attempt {
            Some(active_attempt) if news.needs_records() => {
                context.store.number_records(ws, &active_attempt.person).await?
            }
            None if news.needs_records() => {
                let numbers = around.lead.as_ref().map_or(&[][..], |lead| &lead.numbers);
                context.store.number_records(ws, numbers).await?
            }
            Some(_) | None => Vec::new(),
        };
        let facts = OutcomeContext {
            now: context.now(),
            attempt: &call.attempt,
            active_attempt: around.active_attempt.as_ref(),
            lead: around.lead.as_ref(),
            campaign: around.campaign.as_ref(),
            interaction: around.interaction.as_ref(),
            records: &records,
        };
        let mut settlement = news.decide(&facts);
        if settlement.transaction.0.is_empty() {
            return match unacknowledged {
                // The reply was lost, the write was not.
                Some((around, settlement)) => follow_up(context, ws, call, &around, &settlement).await,
                None => Ok(()),
            };
        }
        if let News::Ended(report) = news
            && !report.transcript.is_empty()
        {
            let id = InteractionId::of(&call.attempt);
            match context.store.keep_transcript(ws, &id, &report.transcript).await {
                Ok(()) => {}
                // It never will be; the end of the call counts more than its words.
                Err(error @ StoreError::TranscriptTooLarge(_)) => {
                    tracing::error!(attempt = %call.attempt, %error, "a transcript was not kept");
                    let wordless = CallReport { transcript: Vec::new(), ..report.clone() };
                    settlement = News::Ended(&wordless).decide(&facts);
                }
                // Whoever brought it brings it again.
                Err(error) => return Err(error.into()),
            }
        }
        match context.store.commit(ws, &settlement.transaction).await {
            Ok(()) => return follow_up(context, ws, call, &around, &settlement).await,
            // Somebody was faster, or the reply was lost: decide again on what is there.
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => {
                tracing::warn!(attempt = %call.attempt, %error, "an end was not acknowledged; looking again");
                unacknowledged = Some((around, settlement));
            }
        }
    }
    Err(NewsError::Contended)
}

/// What follows from a settlement once it is written.
async fn follow_up(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
    around: &AttemptContext,
    settlement: &Settlement,
) -> Result<(), NewsError> {
    if settlement.is_congested
        && let Some(active_attempt) = &around.active_attempt
    {
        rest(context, ws, &active_attempt.caller_number).await?;
    }
    if settlement.is_account_refused {
        let pause = Command::Pause { reason: PauseReason::ProviderRefused };
        // Not allowed: others of the same burst have paused it already.
        lifecycle::follow(context, ws, &call.lead.campaign(), |_| Some(pause)).await?;
    }
    if settlement.is_slot_free
        && let Err(error) = context.hint(ws, 0).await
    {
        tracing::warn!(%error, "a hint was lost; the next tick makes up for it");
    }
    Ok(())
}

/// Makes a caller number rest after the provider was full.
async fn rest(context: &Context, ws: &WorkspaceId, number: &CallerNumberId) -> Result<(), StoreError> {
    let now = context.now();
    context
        .store
        .update_paces(ws, now, |rate_states| {
            rate_states.numbers.entry(number.clone()).or_default().congest(now)
        })
        .await
}
