//! A dial that fell silent: what happened is asked of the provider, never guessed.

use carillon_adapters::secrets::Secret;
use carillon_adapters::voice::SoughtCall;
use carillon_adapters::voice::own_twilio::Leg;
use carillon_domain::base::call::{Inquiry, Line};
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::phone::E164;
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
    let carrier = match active_attempt.line {
        Line::Twilio | Line::SipTrunk => None,
        // Half of an answer would be a wrong one: of a call that nobody answered the provider knows nothing.
        Line::OwnTwilio => match carrier_of(context, message).await? {
            Some(carrier) => Some(carrier),
            None => return Ok(()),
        },
    };
    let sought = SoughtCall {
        provider: active_attempt.provider,
        attempt: &message.attempt,
        placed_at: dialled_at,
        now: context.now(),
        leg: carrier.as_ref().map(|(credentials, from)| Leg {
            credentials: credentials.expose(),
            from,
            to: &message.number,
        }),
    };
    let call = call_of(message);
    match context.voice.inquire(key.expose(), sought).await? {
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

/// Our account with the carrier, and the number that it called from; none if either is not there any more.
async fn carrier_of(context: &Context, message: &DialMessage) -> Result<Option<(Secret, E164)>, DialerError> {
    let ws = &message.workspace;
    let number = context.store.caller_number(ws, &message.caller_number).await?;
    let credentials = context.secrets.get(&provider_key_name(ws, MessageProvider::Twilio)).await?;
    Ok(credentials.zip(number.map(|number| number.number)))
}
