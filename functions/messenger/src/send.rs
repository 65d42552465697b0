//! One claimed text: decide again, commit, send.

use carillon_adapters::secrets::Secret;
use carillon_adapters::sms::Told;
use carillon_domain::base::call::Placement;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{MessageOrder, MessageRefusal};
use carillon_domain::base::outcome::MessageOutcome;
use carillon_domain::calling::dial::Order;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, message_status_path};
use carillon_runtime::messages::DialMessage;
use carillon_runtime::services::call_updates;
use carillon_runtime::services::placing::{self, Committed, call_of};

use crate::error::MessengerError;

/// Sends the text of one message, if it is still to be sent.
pub(crate) async fn send(context: &Context, message: &DialMessage) -> Result<(), MessengerError> {
    match placing::commit(context, message).await? {
        Some(committed) => send_committed(context, message, &committed).await,
        None => Ok(()),
    }
}

/// Sends a text that is committed.
async fn send_committed(
    context: &Context,
    message: &DialMessage,
    committed: &Committed,
) -> Result<(), MessengerError> {
    let Committed { active_attempt, order, key, .. } = committed;
    // Calls have queues of their own.
    let Order::Message(order) = order else { return Ok(()) };
    let ws = &message.workspace;
    let placement = if active_attempt.is_too_late(context.now()) {
        Placement::TooLate
    } else {
        ask_for(context, ws, order, key.as_ref()).await
    };
    placing::note_unanswered(context, ws, &placement, committed.unanswered.as_ref()).await;
    match &placement {
        // Nobody can be asked later: what was said now has to be kept.
        Placement::Accepted { .. } if order.provider.is_in_our_account() => {
            let update = CallUpdate::Accepted { cost_micros: None };
            return Ok(call_updates::apply(context, ws, &call_of(message), update).await?);
        }
        // What becomes of it is told to the address that names the attempt.
        Placement::Accepted { .. } => return Ok(()),
        Placement::Unknown { reason } => {
            tracing::warn!(attempt = %message.attempt, reason, "whether a text was sent is unknown");
        }
        Placement::Congested | Placement::TooLate | Placement::Refused { .. } => {}
    }
    Ok(call_updates::apply(context, ws, &call_of(message), CallUpdate::Sent(&placement)).await?)
}

/// Asks the provider for the text, once.
async fn ask_for(
    context: &Context,
    ws: &WorkspaceId,
    order: &MessageOrder,
    key: Option<&Secret>,
) -> Placement<MessageRefusal> {
    let url = match &context.public_url {
        Some(public_url) => format!("{public_url}{}", message_status_path(ws, order)),
        // It tells a queue of ours.
        None if order.provider.is_in_our_account() => String::new(),
        None => return nowhere_to_tell(),
    };
    if order.provider.is_in_our_account()
        && let Err(placement) = check_grant(context, ws, order).await
    {
        return placement;
    }
    let credentials = key.map_or("", |key| key.expose());
    context.sms.send(credentials, order, Told { workspace: ws, url: &url }).await
}

/// Whether the number is still given to this workspace, as the caller number has it: it may have been taken back since, or
/// be reached by another name.
async fn check_grant(
    context: &Context,
    ws: &WorkspaceId,
    order: &MessageOrder,
) -> Result<(), Placement<MessageRefusal>> {
    match context.store.sender_grant(order.provider, &order.from).await {
        Ok(Some(grant)) if grant.workspace == *ws && grant.identity == order.messaging_service => Ok(()),
        Ok(_) => {
            let outcome = MessageRefusal { outcome: MessageOutcome::SenderRefused, request: None };
            let reason = "the number is not given to this workspace, or by another name".to_owned();
            Err(Placement::Refused { outcome, reason })
        }
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "whose a number is could not be read");
            Err(Placement::Congested)
        }
    }
}

/// Nobody could be told what becomes of a text: none is sent until somebody sets our address.
fn nowhere_to_tell() -> Placement<MessageRefusal> {
    let outcome = MessageRefusal { outcome: MessageOutcome::SenderRefused, request: None };
    Placement::Refused { outcome, reason: "CARILLON_PUBLIC_URL is not set".to_owned() }
}
