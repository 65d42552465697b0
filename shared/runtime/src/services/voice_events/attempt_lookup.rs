//! From an event to the attempt that it speaks of.

use carillon_domain::base::call::{IncomingCall, PersonRequest, ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::{AttemptId, InteractionId, WorkspaceId};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::records::unread_event::{Unread, UnreadCause};
use carillon_store::{ProviderCall, StoreError};

use crate::context::Context;
use crate::services::call_updates::{self, NewsError};
use crate::services::inbound_calls;
use crate::services::suppression::{self, SuppressionError};

/// An event was not taken; it may be sent again.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A number could not be listed.
    #[error(transparent)]
    Suppression(#[from] SuppressionError),
    /// What became known could not be written down.
    #[error(transparent)]
    News(#[from] NewsError),
}

/// Takes what an event tells; answers with what is left for a person to look at. One that comes before its call is
/// known is kept: the dialer finds it when it notes the call. A call that came in from nobody whom we know is none of
/// ours.
pub(super) async fn take(
    context: &Context,
    ws: &WorkspaceId,
    event: &VoiceEvent,
) -> Result<Option<Unread>, IntakeError> {
    let (Some(news), Some((id, attempt))) = (CallUpdate::of(event), subject(event)) else { return Ok(None) };
    let call = match attempt {
        Some(attempt) => of_attempt(context, ws, attempt).await?,
        None => context.store.call_trail(ws, id).await?.call,
    };
    if let (None, Some((incoming, began_at))) = (&call, incoming(event)) {
        let Some(over) = inbound_calls::ended(context, ws, incoming, (id, attempt), began_at).await? else {
            return stranger(context, ws, event, (id, incoming)).await;
        };
        call_updates::apply_recording(context, ws, &over.call, over.begun.as_ref(), news).await?;
        // Not before: whoever finds the note relies on a record.
        context.store.note_provider_call(ws, id, &over.call, context.now()).await?;
        return Ok(None);
    }
    if let Some(call) = call {
        call_updates::apply(context, ws, &call, news).await?;
        return Ok(None);
    }
    // The dialer may have noted the call just before the event was there for it to find.
    match context.store.keep_early_event(ws, id, event, context.now()).await?.call {
        Some(call) => {
            call_updates::apply(context, ws, &call, news).await?;
            Ok(None)
        }
        None => Ok(nobodys(event)),
    }
}

/// Takes what somebody asked for who called us and is no lead of ours: their number is listed all the same,
/// once for each call.
async fn stranger(
    context: &Context,
    ws: &WorkspaceId,
    event: &VoiceEvent,
    (id, incoming): (&ProviderCallId, &IncomingCall),
) -> Result<Option<Unread>, IntakeError> {
    let VoiceEvent::Ended { report, at, .. } = event else { return Ok(None) };
    let (Some(caller), Some(request)) = (&incoming.caller, report.request) else { return Ok(nobodys(event)) };
    let records = context.store.number_records(ws, std::slice::from_ref(caller)).await?;
    let never = ListName::do_not_call();
    let list = match request {
        // Somebody took them off the list after they had said so.
        PersonRequest::DoNotCall if records.iter().any(|record| record.was_removed_since(&never, *at)) => {
            ListName::unclear_wishes()
        }
        PersonRequest::DoNotCall => never,
        // There is no lead that could be called back: somebody has to look at it.
        PersonRequest::Unclear | PersonRequest::Callback { .. } | PersonRequest::CallbackWhen { .. } => {
            ListName::unclear_wishes()
        }
    };
    let is_known = |kept: &VoiceEvent| match kept {
        VoiceEvent::Ended { report: known, .. } => known.request == report.request,
        _ => false,
    };
    if context.store.call_trail(ws, id).await?.events.iter().any(is_known) {
        return Ok(None);
    }
    let reason = Some(report.request_words.clone()).filter(|words| !words.is_empty());
    let listing = Listing { at: *at, source: "call".to_owned(), reason };
    suppression::list(context, ws, &list, caller, listing, None).await?;
    context.store.keep_early_event(ws, id, event, context.now()).await?;
    Ok(None)
}

/// What somebody asked for in a call that is none of ours, and who can't be told by their number.
fn nobodys(event: &VoiceEvent) -> Option<Unread> {
    let VoiceEvent::Ended { call, report, .. } = event else { return None };
    report.request?;
    Some(Unread {
        call: Some(call.clone()),
        words: Some(report.request_words.clone()),
        ..Unread::bare(UnreadCause::NoNumber)
    })
}

/// The call that came in of which an event speaks, if it does, and when it began.
fn incoming(event: &VoiceEvent) -> Option<(&IncomingCall, Timestamp)> {
    match event {
        VoiceEvent::Ended { incoming, report, at, .. } => {
            let began_at = at.plus_ms(-i64::from(report.duration_secs) * SECOND_MS);
            Some((incoming.as_ref()?, report.answered_at.unwrap_or(began_at)))
        }
        VoiceEvent::MachineDetected { .. }
        | VoiceEvent::Changed { .. }
        | VoiceEvent::Unknown { .. }
        | VoiceEvent::Ignored { .. } => None,
    }
}

/// The provider's id of the call, and our attempt where the event carries it.
fn subject(event: &VoiceEvent) -> Option<(&ProviderCallId, Option<&AttemptId>)> {
    match event {
        VoiceEvent::Ended { call, attempt, .. } | VoiceEvent::Changed { call, attempt, .. } => {
            Some((call, attempt.as_ref()))
        }
        VoiceEvent::MachineDetected { call, .. } => Some((call, None)),
        VoiceEvent::Unknown { .. } | VoiceEvent::Ignored { .. } => None,
    }
}

/// The attempt that an event names by itself, if it is one of this workspace's.
pub(super) async fn of_attempt(
    context: &Context,
    ws: &WorkspaceId,
    attempt: &AttemptId,
) -> Result<Option<ProviderCall>, StoreError> {
    let interaction = context.store.interaction(ws, &InteractionId::of(attempt)).await?;
    Ok(interaction.and_then(|interaction| {
        Some(ProviderCall { attempt: attempt.clone(), number: interaction.number?, lead: interaction.lead })
    }))
}
