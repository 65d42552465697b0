//! From what is stored to what the provider is asked.

use std::collections::BTreeMap;

use carillon_domain::call::{CallOrder, Outcome, Placement};
use carillon_domain::flight::Flight;
use carillon_domain::template;
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
    let variables = template::variables(lead, campaign, assistant, our_name);
    let render =
        |text: &Option<String>| text.as_deref().map(|text| template::render(text, &variables)).transpose();
    let first_message = render(&campaign.spec.welcome_message_template)
        .map_err(|error| reject(&format!("welcome message, {error}")))?;
    let prompt = render(&assistant.prompt_template).map_err(|error| reject(&format!("prompt, {error}")))?;
    Ok(CallOrder {
        attempt: flight.attempt.clone(),
        to: flight.number.clone(),
        agent_id: assistant.agent_id.clone(),
        phone_number_id: caller.phone_number_id.clone(),
        line: caller.line,
        first_message,
        prompt: with_instructions(prompt, flight.instructions.as_deref()),
        language: assistant.language.clone(),
        variables: with_ours(variables, flight),
        ringing_timeout_secs: campaign.spec.ringing_timeout_secs,
        machine_detection: campaign.spec.machine_detection,
    })
}

/// Additional instructions reach the assistant through its prompt; where the provider keeps the
/// prompt they are there as a variable only.
fn with_instructions(prompt: Option<String>, instructions: Option<&str>) -> Option<String> {
    match (prompt, instructions) {
        (Some(prompt), Some(more)) => Some(format!("{prompt}\n\nFor this call: {more}")),
        (prompt, _) => prompt,
    }
}

fn with_ours(mut variables: BTreeMap<String, String>, flight: &Flight) -> BTreeMap<String, String> {
    variables.insert("campaign_id".to_owned(), flight.campaign.to_string());
    variables.insert("lead_id".to_owned(), flight.lead.to_string());
    if let Some(more) = &flight.instructions {
        variables.insert("additional_instructions".to_owned(), more.clone());
    }
    variables
}

/// A fault of the settings, the same for every lead: the campaign pauses and nobody is lost.
fn reject(reason: &str) -> Placement {
    Placement::Refused { outcome: Outcome::AccountRefused, reason: reason.to_owned() }
}
