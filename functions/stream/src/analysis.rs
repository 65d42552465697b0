//! Conversations that have ended, on their way to be read.

use carillon_adapters::queue::Message;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::reporting::events::Change;
use carillon_runtime::context::{Context, body};
use carillon_runtime::messages::AnalyseCall;

use crate::error::StreamError;

/// Asks for each call to be read in which there is something to read since this change, where its workspace has a language model.
/// Whether its campaign wants that, the reader looks up.
pub(crate) async fn ask(
    context: &Context,
    changes: impl Iterator<Item = (&WorkspaceId, &Change)>,
) -> Result<(), StreamError> {
    let mut messages = Vec::new();
    for (ws, call) in changes.filter_map(|(ws, change)| Some((ws, readable_since(change)?))) {
        if context.store.known_to_have_model(ws, context.now()).await? {
            messages.push(Message::now(body(&AnalyseCall::about(ws, call))));
        }
    }
    if !messages.is_empty() {
        context.queues.analysis.send(&messages).await?;
    }
    Ok(())
}

/// The call in which there was nothing to read before.
fn readable_since(change: &Change) -> Option<&Interaction> {
    let Change::Interaction { before, after } = change else { return None };
    let was_there = before.as_ref().is_some_and(Interaction::has_conversation);
    (after.has_conversation() && !was_there).then_some(after)
}
