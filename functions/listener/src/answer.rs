//! What somebody is answered who opts out, opts in again or asks for help: one text, and never two.

use carillon_domain::base::call::Placement;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{InboundMessage, ReplyOrder};
use carillon_domain::base::time::SECOND_MS;
use carillon_runtime::context::Context;
use carillon_runtime::services::replies::Answer;

/// How often an answer is tried for which there was no room.
const TRIES: i64 = 4;
/// How long to wait for room, in milliseconds, longer with each try.
const WAIT_MS: i64 = SECOND_MS;

/// Answers a text, once: a try that may have come through is not made again.
pub(crate) async fn send(context: &Context, ws: &WorkspaceId, message: &InboundMessage, answer: &Answer) {
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
            Placement::Accepted { .. } => return,
            Placement::Congested if tries < TRIES => {
                context.clock.sleep_until(context.now().plus_ms(tries * WAIT_MS)).await;
                tries += 1;
            }
            unanswered => {
                let reason = reason_of(&unanswered);
                tracing::error!(workspace = %ws, reason, "somebody who wrote may not have been answered");
                return;
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
