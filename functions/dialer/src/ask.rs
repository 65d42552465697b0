//! A dial that fell silent: what happened is asked of the provider, never guessed.

use carillon_domain::base::call::Inquiry;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::context::{Context, provider_key_name};
use carillon_runtime::messages::DialMessage;
use carillon_runtime::services::call_updates;
use carillon_runtime::services::placing::call_of;

use crate::error::DialerError;
use crate::provider_call::note_calls;

/// Asks the provider about one attempt.
pub(crate) async fn ask(context: &Context, message: &DialMessage) -> Result<(), DialerError> {
    let ws = &message.workspace;
    let Some(active_attempt) = context.store.active_attempt(ws, &message.number).await? else {
        return Ok(());
    };
    let Some(dialled_at) = active_attempt.dialled_at().filter(|_| active_attempt.attempt == message.attempt)
    else {
        return Ok(());
    };
    // Without a key nothing can be asked; the planner comes back when the lease is over again.
    let Some(key) = context.secrets.get(&provider_key_name(ws, active_attempt.provider)).await? else {
        return Ok(());
    };
    let call = call_of(message);
    match context.voice.inquire(active_attempt.provider, key.expose(), &message.attempt, dialled_at).await? {
        Inquiry::NotFound => call_updates::apply(context, ws, &call, CallUpdate::NotFound).await?,
        Inquiry::InProgress { call: id } => {
            note_calls(context, ws, &call, &[id], context.now()).await?;
            call_updates::apply(context, ws, &call, CallUpdate::StillUp).await?;
        }
        Inquiry::Ended { call: id, report } => {
            note_calls(context, ws, &call, &[id], context.now()).await?;
            call_updates::apply(context, ws, &call, CallUpdate::Found(&report)).await?;
        }
    }
    Ok(())
}
