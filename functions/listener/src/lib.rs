//! Takes what AWS tells of texts: what became of one of ours, and those that people send; and that it is night, when
//! opt-outs are compared.
//!
//! It comes through topics to which nobody but AWS may publish, and a queue that takes from nobody but them. Whose it is
//! is never taken from what somebody wrote: an event brings back what we gave with our text, and a text that comes in
//! belongs to the workspace that its number is given to.

mod answer;
mod error;
mod nightly;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_adapters::sms::aws::notice::{self, Notice, Status};
use carillon_domain::base::message::{InboundMessage, MessageEvent, MessageProvider};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::services::{call_updates, replies};
use carillon_store::ProviderCall;
use serde_json::Value;

pub use error::ListenerError;

/// Who tells.
const PROVIDER: MessageProvider = MessageProvider::Aws;

/// Handles a batch of what was told. What can't be read is not lost: it lies with the dead letters in the end.
pub async fn handle(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |told: Value| async move { take(context, &told).await }).await
}

/// What the timer says, by the template.
const NIGHT: &str = "compare_opt_outs";

async fn take(context: &Context, told: &Value) -> Result<(), ListenerError> {
    if told["task"] == NIGHT {
        return nightly::begin(context).await;
    }
    match notice::parse(told)? {
        Notice::Status(status) => take_status(context, &status).await,
        Notice::Inbound(message) => take_inbound(context, &message).await,
        Notice::NotOurs => {
            tracing::info!("AWS tells of a text that is none of ours");
            Ok(())
        }
    }
}

/// Takes what became of a text of ours.
async fn take_status(context: &Context, status: &Status) -> Result<(), ListenerError> {
    let Status { workspace, attempt, lead, number, event } = status;
    let text = ProviderCall { attempt: attempt.clone(), lead: lead.clone(), number: number.clone() };
    let update = match event {
        // Nobody can be asked later: that AWS has it has to be kept.
        MessageEvent::OnItsWay { cost_micros } => CallUpdate::Accepted { cost_micros: *cost_micros },
        MessageEvent::Ended(report) => CallUpdate::MessageEnded(report),
    };
    Ok(call_updates::apply(context, workspace, &text, update).await?)
}

/// Takes a text that came in, and has it answered where that is ours to do.
async fn take_inbound(context: &Context, message: &InboundMessage) -> Result<(), ListenerError> {
    let Some(grant) = context.store.sender_grant(PROVIDER, &message.to).await? else {
        // It may be an opt-out: whoever runs us has to see to it.
        return Err(ListenerError::NotGranted);
    };
    let ws = &grant.workspace;
    if let Some(answer) = replies::take(context, ws, PROVIDER, message).await? {
        answer::send(context, ws, message, &answer).await;
    }
    Ok(())
}
