//! A text of which nothing is heard: what happened is asked of the provider, never guessed.

use carillon_adapters::provider::InquiryError;
use carillon_adapters::sms::Sought;
use carillon_domain::base::call::Inquiry;
use carillon_domain::base::ids::InteractionId;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::context::{Context, provider_key_name};
use carillon_runtime::messages::DialMessage;
use carillon_runtime::services::call_updates;
use carillon_runtime::services::placing::call_of;

use crate::error::MessengerError;

/// Asks the provider about one attempt.
pub(crate) async fn ask(context: &Context, message: &DialMessage) -> Result<(), MessengerError> {
    let ws = &message.workspace;
    let Some(active_attempt) = context.store.active_attempt(ws, &message.number).await? else {
        return Ok(());
    };
    let sent_at = active_attempt.dialled_at().filter(|_| active_attempt.attempt == message.attempt);
    let (Some(sent_at), Some(number)) =
        (sent_at, context.store.caller_number(ws, &message.caller_number).await?)
    else {
        return Ok(());
    };
    // Without a sender or its credentials nothing can be asked; the planner comes back when the lease is over again.
    let Some(provider) = number.sms.as_ref().map(|sender| sender.provider) else { return Ok(()) };
    let key = match provider.is_in_our_account() {
        true => None,
        false => match context.secrets.get(&provider_key_name(ws, provider)).await? {
            Some(key) => Some(key),
            None => return Ok(()),
        },
    };
    let record = context.store.interaction(ws, &InteractionId::of(&message.attempt)).await?;
    let text = record.as_ref().and_then(|record| record.text.as_deref());
    let sought = Sought { from: &number.number, to: &message.number, text, sent_at };
    let call = call_of(message);
    let is_accepted = record.as_ref().is_some_and(|record| record.is_accepted);
    let credentials = key.as_ref().map_or("", |key| key.expose());
    let known = match context.sms.inquire(provider, credentials, sought).await {
        Ok(known) => known,
        // It told us once that it has the text, and that is the last word.
        Err(InquiryError::NobodyToAsk) if is_accepted => {
            return Ok(call_updates::apply(context, ws, &call, CallUpdate::StillUp).await?);
        }
        // Whether it left us is known to nobody; a word of it may still come.
        Err(InquiryError::NobodyToAsk) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    match known {
        Inquiry::NotFound => call_updates::apply(context, ws, &call, CallUpdate::NotFound).await?,
        Inquiry::InProgress { .. } => call_updates::apply(context, ws, &call, CallUpdate::StillUp).await?,
        Inquiry::Ended { report, .. } => {
            call_updates::apply(context, ws, &call, CallUpdate::MessageFound(&report)).await?;
        }
    }
    Ok(())
}
