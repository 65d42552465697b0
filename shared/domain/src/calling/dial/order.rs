//! What the provider is asked for an attempt.

use super::DialContext;
use crate::base::call::CallOrder;
use crate::base::channel::Channel;
use crate::base::message::MessageOrder;
use crate::calling::personalization::Script;
use crate::calling::text_message;
use crate::calling::values::Conversation;
use crate::compliance::eligibility::{Question, Refusal};
use crate::policy::assistant::{Assistant, CallerNumber};
use crate::records::active_attempt::ActiveAttempt;
use crate::records::refusal::DialRefusal;
use crate::records::text_fault::Text;

/// What a provider is asked: a call, or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    Call(Box<CallOrder>),
    Message(Box<MessageOrder>),
}

impl Order {
    /// What a text says; none of a call.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Call(_) => None,
            Self::Message(order) => Some(&order.text),
        }
    }
}

/// What the provider is asked. What is wrong with the lead alone is its own refusal, and what is wrong with
/// the settings the campaign's.
pub(super) fn order(
    facts: &DialContext<'_>,
    question: &Question<'_>,
    active_attempt: &ActiveAttempt,
) -> Result<Order, DialRefusal> {
    let (Some(assistant), Some(caller)) = (facts.assistant, facts.caller_number) else {
        return Err(DialRefusal::AssistantUnusable);
    };
    let Question { lead, campaign, workspace, .. } = question;
    let conversation = Conversation {
        lead,
        number: &active_attempt.number,
        campaign: &campaign.spec,
        assistant,
        workspace_name: &workspace.name,
        instructions: active_attempt.instructions.as_deref(),
    };
    match active_attempt.channel {
        Channel::Call => {
            let order = call(&conversation, active_attempt, assistant, caller)?;
            Ok(Order::Call(Box::new(order)))
        }
        Channel::Sms => {
            let sender = caller.sms.as_ref().ok_or(DialRefusal::AssistantUnusable)?;
            let rules = question.rules_in_force(facts.now);
            Ok(Order::Message(Box::new(MessageOrder {
                provider: sender.provider,
                attempt: active_attempt.attempt.clone(),
                lead: active_attempt.lead.clone(),
                from: caller.number.clone(),
                to: active_attempt.number.clone(),
                messaging_service: sender.messaging_service.clone(),
                message_type: sender.message_type,
                text: text_message::write(&conversation, rules).map_err(Refusal::TextFails)?,
            })))
        }
    }
}

pub(super) fn call(
    conversation: &Conversation<'_>,
    active_attempt: &ActiveAttempt,
    assistant: &Assistant,
    caller: &CallerNumber,
) -> Result<CallOrder, DialRefusal> {
    // Refused when the campaign is saved or started; the number may have come since.
    let is_unfit = conversation.campaign.unfit_line(&[caller]).is_some();
    if assistant.provider != caller.provider || !caller.line.serves(caller.provider) || is_unfit {
        return Err(DialRefusal::AssistantUnusable);
    }
    let script = Script::write(conversation).map_err(Refusal::TextFails)?;
    let campaign = conversation.campaign;
    let message = Text::VoicemailMessage.part_of_prompt().and_then(|(name, _)| script.variables.get(name));
    let on_voicemail = campaign.on_voicemail.map(|action| action.in_call(message.map(String::as_str)));
    Ok(CallOrder {
        provider: caller.provider,
        attempt: active_attempt.attempt.clone(),
        lead: active_attempt.lead.clone(),
        from: caller.number.clone(),
        to: active_attempt.number.clone(),
        agent_id: assistant.agent_id.clone(),
        phone_number_id: caller.phone_number_id.clone(),
        line: caller.line,
        first_message: script.first_message,
        prompt: script.prompt,
        language: script.language,
        variables: script.variables,
        ringing_timeout_secs: campaign.ringing_timeout_secs,
        machine_detection: campaign.listens_for_machines(),
        on_voicemail,
    })
}
