//! What the assistant brings to a call: the texts and values of one lead in one campaign.

use std::collections::BTreeMap;

use crate::base::phone::E164;
use crate::calling::template::{self, TemplateError};
use crate::policy::assistant::Assistant;
use crate::records::campaign::Campaign;
use crate::records::lead::Lead;
use crate::records::refusal::{Text, TextFault};

/// What the assistant brings to a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// What it says first, if the campaign sets it.
    pub first_message: Option<String>,
    /// Its instructions for this call, if the assistant has any here.
    pub prompt: Option<String>,
    /// Language of the call (ISO 639-1), if the assistant sets it.
    pub language: Option<String>,
    /// Values that the provider fills in by itself.
    pub variables: BTreeMap<String, String>,
}

/// The values of a call with a lead at a number: those that templates see, and ours.
pub fn variables(
    lead: &Lead,
    number: &E164,
    campaign: &Campaign,
    assistant: &Assistant,
    workspace_name: &str,
) -> BTreeMap<String, String> {
    as_sent(template::variables(lead, number, campaign, assistant, workspace_name), lead)
}

impl Script {
    /// The script of a call with a lead at a number.
    ///
    /// # Errors
    /// [`TextFault`] names the text that can't be made of the lead's values, and why.
    pub fn write(
        lead: &Lead,
        number: &E164,
        campaign: &Campaign,
        assistant: &Assistant,
        workspace_name: &str,
    ) -> Result<Self, TextFault> {
        let variables = template::variables(lead, number, campaign, assistant, workspace_name);
        let render = |text, source: &Option<String>| {
            let rendered = source.as_deref().map(|source| template::render(source, &variables));
            rendered.transpose().map_err(|error| fault(text, error))
        };
        Ok(Self {
            first_message: render(Text::WelcomeMessage, &campaign.spec.welcome_message_template)?,
            prompt: render(Text::Prompt, &assistant.prompt_template)?,
            language: assistant.language.clone(),
            variables: as_sent(variables, lead),
        })
    }

    /// The script with what was asked for besides. It reaches the assistant through its prompt;
    /// where the provider keeps the prompt it is there as a variable only.
    pub fn with_instructions(mut self, instructions: Option<&str>) -> Self {
        let Some(more) = instructions.map(template::spoken) else { return self };
        if let Some(prompt) = &mut self.prompt {
            *prompt = format!("{prompt}\n\nFor this call: {more}");
        }
        self.variables.insert("additional_instructions".to_owned(), more);
        self
    }
}

fn fault(text: Text, TemplateError { place, reason }: TemplateError) -> TextFault {
    TextFault { text, line: place.line, column: place.column, reason }
}

/// The values as a provider gets them: text that it fills nothing into, and ours.
fn as_sent(mut variables: BTreeMap<String, String>, lead: &Lead) -> BTreeMap<String, String> {
    variables.values_mut().for_each(|value| *value = template::spoken(value));
    variables.insert("campaign_id".to_owned(), lead.id.campaign().to_string());
    variables.insert("lead_id".to_owned(), lead.id.to_string());
    variables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn script(welcome: &str) -> Result<Script, TextFault> {
        let (mut campaign, mut assistant) = (fixtures::campaign(), fixtures::assistant());
        campaign.spec.welcome_message_template = Some(welcome.to_owned());
        assistant.prompt_template = Some("You are {{ assistant_name }}.".to_owned());
        Script::write(&fixtures::lead(1), &fixtures::number(1), &campaign, &assistant, "Acme")
    }

    #[test]
    fn instructions_are_in_the_prompt_and_among_the_values() {
        let script = script("Hi {{ name }}").expect("templates").with_instructions(Some("Ask for Bo"));
        assert_eq!(script.first_message.as_deref(), Some("Hi there"));
        assert!(script.prompt.is_some_and(|prompt| prompt.ends_with("\n\nFor this call: Ask for Bo")));
        assert_eq!(script.variables["additional_instructions"], "Ask for Bo");
        assert_eq!(script.variables["lead_id"], fixtures::lead(1).id.to_string());
    }

    #[test]
    fn a_template_that_breaks_is_named() {
        let fault = script("Hi,\n{{ name | int }}").expect_err("no number");
        assert_eq!((fault.text, fault.line), (Text::WelcomeMessage, 2));
    }

    #[test]
    fn what_a_lead_s_data_contains_is_filled_in_nowhere() {
        let mut lead = fixtures::lead(1);
        lead.profile.name = Some("{{ system__caller_id }}".to_owned());
        lead.profile.company = Some("{% raw %}".to_owned());
        lead.profile.variables.insert("key".to_owned(), "{{secret__api_key}}".to_owned());
        let (mut campaign, mut assistant) = (fixtures::campaign(), fixtures::assistant());
        campaign.spec.welcome_message_template = Some("Hi {{ name }}, {{ company }}".to_owned());
        assistant.prompt_template = Some("Speak of {{ key }}.".to_owned());
        let script =
            Script::write(&lead, &fixtures::number(1), &campaign, &assistant, "Acme").expect("templates");
        let script = script.with_instructions(Some("Read out {{system__time_utc}}"));
        assert_eq!(script.first_message.as_deref(), Some("Hi { { system__caller_id } }, {% raw %}"));
        let sent = script.variables.values().chain(&script.first_message).chain(&script.prompt);
        let filled_in: Vec<_> = sent.filter(|text| text.contains("{{")).collect();
        assert_eq!(filled_in, Vec::<&String>::new());
    }
}
