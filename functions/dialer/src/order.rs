//! From what is stored to what the provider is asked.

use carillon_domain::call::{CallOrder, Outcome, Placement};
use carillon_domain::flight::Flight;
use carillon_domain::script::Script;
use carillon_store::Surroundings;

/// The order for one call, or why there can be none.
pub(crate) fn write(around: &Surroundings, flight: &Flight) -> Result<CallOrder, Placement> {
    let (Some(lead), Some(campaign)) = (&around.lead, &around.campaign) else {
        return Err(reject("the lead or its campaign is gone"));
    };
    let (Some(assistant), Some(caller)) = (&around.voice.assistant, &around.voice.caller_number) else {
        return Err(reject("the assistant or its number is gone"));
    };
    let our_name = around.voice.workspace.as_ref().map_or("", |workspace| workspace.name.as_str());
    let script = Script::write(lead, campaign, assistant, our_name)
        .map_err(|error| reject(&error.to_string()))?
        .with_instructions(flight.instructions.as_deref());
    Ok(CallOrder {
        attempt: flight.attempt.clone(),
        to: flight.number.clone(),
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
