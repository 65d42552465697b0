//! Has calls that have ended read by the workspace's language model, and keeps what it finds.
//!
//! A call may be read twice, if a reader dies between the model's answer and our record of it; it is kept and counted once.

mod analyse;
mod error;
mod opt_out;
mod questions;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::AnalyseCall;

pub use error::AnalystError;

/// Handles a batch of messages.
pub async fn handle(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |message: AnalyseCall| async move { analyse::analyse(context, message).await }).await
}
