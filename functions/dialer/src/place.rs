//! One claimed call: decide again, commit, place.

use carillon_adapters::secrets::Secret;
use carillon_domain::base::call::{CallOrder, Line, Outcome, Placement};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::calling::dial::Order;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::context::{Context, call_addresses};
use carillon_runtime::messages::DialMessage;
use carillon_runtime::services::call_updates;
use carillon_runtime::services::placing::{self, Committed, call_of};

use crate::error::DialerError;
use crate::provider_call::note_calls;

/// Places the call of one message, if it is still to be placed.
pub(crate) async fn place(context: &Context, message: &DialMessage) -> Result<(), DialerError> {
    match placing::commit(context, message).await? {
        Some(committed) => dial(context, message, &committed).await,
        None => Ok(()),
    }
}

/// Places a call whose dial is committed.
async fn dial(context: &Context, message: &DialMessage, committed: &Committed) -> Result<(), DialerError> {
    let Committed { active_attempt, order, key, .. } = committed;
    let ws = &message.workspace;
    // Texts have a queue of their own, and a call has always a key.
    let (Order::Call(order), Some(key)) = (order, key) else { return Ok(()) };
    let placement = if active_attempt.is_too_late(context.now()) {
        Placement::TooLate
    } else {
        ask_for(context, ws, key, order).await
    };
    if let Placement::Unknown { reason } = &placement {
        tracing::warn!(attempt = %message.attempt, reason, "whether a call was placed is unknown");
    }
    let call = call_of(message);
    placing::note_unanswered(context, ws, &placement, committed.unanswered.as_ref()).await;
    if let Placement::Accepted { calls } = &placement {
        // The carrier's id is spoken of only by its machine detection.
        let spoken_of = if order.machine_detection { calls.len() } else { 1 };
        return note_calls(context, ws, &call, &calls[..spoken_of.min(calls.len())], context.now()).await;
    }
    Ok(call_updates::apply(context, ws, &call, CallUpdate::Placed(&placement)).await?)
}

/// Asks for the call, once: the provider, or the carrier where our own account places it.
async fn ask_for(context: &Context, ws: &WorkspaceId, key: &Secret, order: &CallOrder) -> Placement {
    match (order.line, &context.public_url) {
        (Line::Twilio | Line::SipTrunk, _) => context.voice.place(key.expose(), order).await,
        (Line::OwnTwilio, Some(public_url)) => {
            let addresses = call_addresses(public_url, ws, order);
            context.voice.place_ourselves(key.expose(), order, &addresses).await
        }
        // Nobody could be connected: none is called until somebody sets our address.
        (Line::OwnTwilio, None) => Placement::Refused {
            outcome: Outcome::AccountRefused,
            reason: "CARILLON_PUBLIC_URL is not set".to_owned(),
        },
    }
}
