//! From what is stored to what the provider is asked.

use carillon_domain::base::call::{CallOrder, Outcome, Placement};
use carillon_domain::calling::personalization::Script;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_store::AttemptContext;

/// The order for one call, or why there can be none.
pub(crate) fn write(around: &AttemptContext, active_attempt: &ActiveAttempt) -> Result<CallOrder, Placement> {
    let (Some(lead), Some(campaign)) = (&around.lead, &around.campaign) else {
        return Err(reject("the lead or its campaign is gone"));
    };
    let (Some(assistant), Some(caller)) = (&around.voice.assistant, &around.voice.caller_number) else {
        return Err(reject("the assistant or its number is gone"));
    };
    if assistant.provider != caller.provider {
        return Err(reject("the assistant and the number are of different voice providers"));
    }
    let our_name = around.voice.workspace.as_ref().map_or("", |workspace| workspace.name.as_str());
    let script = Script::write(lead, campaign, assistant, our_name)
        .map_err(|error| reject(&error.to_string()))?
        .with_instructions(active_attempt.instructions.as_deref());
    Ok(CallOrder {
        provider: caller.provider,
        attempt: active_attempt.attempt.clone(),
        to: active_attempt.number.clone(),
        agent_id: assistant.agent_id.clone(),
        phone_number_id: caller.phone_number_id.clone(),
        line: caller.line,
        first_message: script.first_message,
        prompt: script.prompt,
        language: script.language,
        variables: script.variables,
        ringing_timeout_secs: campaign.spec.ringing_timeout_secs,
        machine_detection: campaign.spec.machine_detection,
    })
}

/// A fault of the settings, the same for every lead: the campaign pauses and nobody is lost.
fn reject(reason: &str) -> Placement {
    Placement::Refused { outcome: Outcome::AccountRefused, reason: reason.to_owned() }
}
