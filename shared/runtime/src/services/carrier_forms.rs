//! What a carrier tells us in forms: read, and taken to the attempt, or the person, that it speaks of.

use carillon_adapters::secrets::SecretsError;
use carillon_adapters::sms::webhook::{self as sms, Inbound};
use carillon_adapters::voice::own_twilio::webhook::{self as calls, LegState, Machine, Verdict};
use carillon_domain::base::call::VoicemailOrder;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{MessageEvent, MessageProvider};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::records::unread_event::{CarrierForm, FormDoor, FormSubject, Unread, UnreadCause};
use carillon_store::{ProviderCall, StoreError};

use crate::batch::Chain;
use crate::context::{Context, provider_key_name};
use crate::services::answered_calls;
use crate::services::call_updates::{self, NewsError};
use crate::services::replies::{self, Answer, ReplyError};
use crate::services::voice_events::Asking;

/// A form was not taken; it may be brought again.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    News(#[from] NewsError),
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

/// What came of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Noted,
    /// The person is to be answered.
    Answered(Answer),
    /// Nobody can read it: it is for a person.
    Unread(Unread),
}

/// Takes a form whose signature has been checked. The same form twice, late or out of order changes nothing that is true
/// already.
///
/// # Errors
/// [`FormError`]; nothing is lost if the form is brought again.
pub async fn take(
    context: &Context,
    ws: &WorkspaceId,
    provider: MessageProvider,
    form: &CarrierForm,
    raw_body: &[u8],
    asking: Asking,
) -> Result<Taken, FormError> {
    let is_read = match (form.door, &form.subject) {
        (FormDoor::Text, _) => return take_text(context, ws, provider, form, raw_body).await,
        (FormDoor::TextStatus, Some(subject)) => {
            take_text_status(context, ws, provider, subject, raw_body).await?
        }
        (FormDoor::CallStatus, Some(subject)) => take_call_status(context, ws, subject, raw_body).await?,
        (FormDoor::Machine, Some(subject)) => {
            take_machine(context, ws, provider, subject, raw_body, asking).await?
        }
        (FormDoor::TextStatus | FormDoor::CallStatus | FormDoor::Machine, None) => false,
    };
    Ok(if is_read { Taken::Noted } else { Taken::Unread(unread(form)) })
}

fn unread(form: &CarrierForm) -> Unread {
    Unread { form: Some(form.clone()), ..Unread::bare(UnreadCause::NotAnEvent) }
}

async fn take_text(
    context: &Context,
    ws: &WorkspaceId,
    provider: MessageProvider,
    form: &CarrierForm,
    raw_body: &[u8],
) -> Result<Taken, FormError> {
    match sms::parse_inbound(provider, raw_body) {
        Some(Inbound::Message(message)) => {
            let answer = replies::take(context, ws, provider, &message).await?;
            Ok(answer.map_or(Taken::Noted, Taken::Answered))
        }
        Some(Inbound::OfNoNumber) => {
            tracing::info!(workspace = %ws, "a message came in that is none from a telephone");
            Ok(Taken::Noted)
        }
        None => Ok(Taken::Unread(unread(form))),
    }
}

/// What became of a text of ours. Says whether it could be read.
async fn take_text_status(
    context: &Context,
    ws: &WorkspaceId,
    provider: MessageProvider,
    subject: &FormSubject,
    raw_body: &[u8],
) -> Result<bool, FormError> {
    let Some((number, event)) = sms::parse_status(provider, raw_body) else { return Ok(false) };
    if let MessageEvent::Ended(report) = event {
        let FormSubject { attempt, lead } = subject.clone();
        let text = ProviderCall { attempt, lead, number };
        call_updates::apply(context, ws, &text, CallUpdate::MessageEnded(&report)).await?;
    }
    Ok(true)
}

/// How a call ended that our own account has placed. What came of one that was answered knows the agent's provider, who is
/// asked.
async fn take_call_status(
    context: &Context,
    ws: &WorkspaceId,
    subject: &FormSubject,
    raw_body: &[u8],
) -> Result<bool, FormError> {
    let Some(state) = calls::parse_status(raw_body) else { return Ok(false) };
    let update = match &state {
        LegState::Ended(report) => CallUpdate::Ended(report),
        LegState::Answered => CallUpdate::Changed,
        LegState::Up => return Ok(true),
    };
    if let Some(call) = call_of(context, ws, subject).await? {
        call_updates::apply(context, ws, &call, update).await?;
    }
    Ok(true)
}

/// The verdict on who answered; and about a machine what the campaign wants, unless the call is over.
async fn take_machine(
    context: &Context,
    ws: &WorkspaceId,
    carrier: MessageProvider,
    subject: &FormSubject,
    raw_body: &[u8],
    asking: Asking,
) -> Result<bool, FormError> {
    let machine = match calls::parse_verdict(raw_body) {
        Some(Verdict::Machine(machine)) => machine,
        Some(Verdict::NoMachine) => return Ok(true),
        None => return Ok(false),
    };
    let Some(call) = call_of(context, ws, subject).await? else { return Ok(true) };
    let heard = CallUpdate::MachineDetected { is_fax: machine.is_fax };
    call_updates::apply(context, ws, &call, heard).await?;
    if asking == Asking::Provider {
        end(context, ws, carrier, &call, &machine).await?;
    }
    Ok(true)
}

async fn end(
    context: &Context,
    ws: &WorkspaceId,
    carrier: MessageProvider,
    call: &ProviderCall,
    machine: &Machine,
) -> Result<(), FormError> {
    // A call that is over needs no end.
    let Ok(order) = answered_calls::order_of(context, ws, call).await? else { return Ok(()) };
    let end = match &order.on_voicemail {
        Some(VoicemailOrder::Say(_)) if machine.is_fax => &VoicemailOrder::HangUp,
        // It would be said into the greeting.
        Some(VoicemailOrder::Say(_)) if !machine.is_listening => return Ok(()),
        Some(end) => end,
        None => return Ok(()),
    };
    let Some(credentials) = context.secrets.get(&provider_key_name(ws, carrier)).await? else {
        return Ok(());
    };
    // Once, however often it is told: a message that is begun anew is worse than an agent who talks to a machine.
    if !context.store.claim_answer(ws, &call.attempt, context.now()).await? {
        return Ok(());
    }
    if let Err(error) = context.voice.end_call(credentials.expose(), &machine.call, &order, end).await {
        tracing::warn!(attempt = %call.attempt, error = %Chain(&error), "a machine was not hung up on");
    }
    Ok(())
}

async fn call_of(
    context: &Context,
    ws: &WorkspaceId,
    subject: &FormSubject,
) -> Result<Option<ProviderCall>, StoreError> {
    answered_calls::call_of(context, ws, &subject.attempt, &subject.lead).await
}
