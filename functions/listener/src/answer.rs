//! What somebody is answered who opts out, opts in again or asks for help: one text, and never two.

use carillon_domain::base::call::Placement;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{InboundMessage, ReplyOrder};
use carillon_domain::base::time::SECOND_MS;
use carillon_domain::calling::reply::attempt_of;
use carillon_runtime::context::Context;
use carillon_runtime::services::replies::Answer;

use crate::error::ListenerError;

/// How often an answer is tried for which there was no room.
const TRIES: i64 = 4;
/// How long to wait for room, in milliseconds, longer with each try.
const WAIT_MS: i64 = SECOND_MS;

/// Answers a text. It is noted first that it is answered: the same text again, or twice at once, is answered once, and one
/// whose answer is lost on the way is not answered again.
pub(crate) async fn send(
    context: &Context,
    ws: &WorkspaceId,
    message: &InboundMessage,
    answer: &Answer,
) -> Result<(), ListenerError> {
    if !context.store.claim_answer(ws, &attempt_of(message), context.now()).await? {
        return Ok(());
    }
    let order = ReplyOrder {
        provider: answer.sender.provider,
        from: message.to.clone(),
        to: message.from.clone(),
        messaging_service: answer.sender.messaging_service.clone(),
        text: answer.text.clone(),
    };
    let mut tries = 1;
    loop {
        match context.sms.reply(&order).await {
            Placement::Accepted { .. } => return Ok(()),
            Placement::Congested if tries < TRIES => {
                context.clock.sleep_until(context.now().plus_ms(tries * WAIT_MS)).await;
                tries += 1;
            }
            unanswered => {
                let reason = reason_of(&unanswered);
                tracing::error!(workspace = %ws, reason, "somebody who wrote may not have been answered");
                return Ok(());
            }
        }
    }
}

fn reason_of<R>(placement: &Placement<R>) -> &str {
    match placement {
        Placement::Unknown { reason } | Placement::Refused { reason, .. } => reason,
        Placement::Congested => "there was no room",
        Placement::TooLate | Placement::Accepted { .. } => "",
    }
}
