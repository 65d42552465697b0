//! What the assistant brings to a call: the texts and values of one lead in one campaign.

use std::collections::BTreeMap;

use crate::calling::template::{self, TemplateError};
use crate::policy::assistant::Assistant;
use crate::records::campaign::Campaign;
use crate::records::lead::Lead;

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

/// A template of the settings that can't be rendered: the same for every lead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    #[error("welcome message, {0}")]
    WelcomeMessage(#[source] TemplateError),
    #[error("prompt, {0}")]
    Prompt(#[source] TemplateError),
}

/// The values of a call with a lead: those that templates see, and ours.
pub fn variables(
    lead: &Lead,
    campaign: &Campaign,
    assistant: &Assistant,
    workspace_name: &str,
) -> BTreeMap<String, String> {
    with_ours(template::variables(lead, campaign, assistant, workspace_name), lead)
}

impl Script {
    /// The script of a call with a lead.
    ///
    /// # Errors
    /// [`ScriptError`] names the template that can't be rendered.
    pub fn write(
        lead: &Lead,
        campaign: &Campaign,
        assistant: &Assistant,
        workspace_name: &str,
    ) -> Result<Self, ScriptError> {
        let variables = template::variables(lead, campaign, assistant, workspace_name);
        let render = |text: &Option<String>| {
            text.as_deref().map(|text| template::render(text, &variables)).transpose()
        };
        Ok(Self {
            first_message: render(&campaign.spec.welcome_message_template)
                .map_err(ScriptError::WelcomeMessage)?,
            prompt: render(&assistant.prompt_template).map_err(ScriptError::Prompt)?,
            language: assistant.language.clone(),
            variables: with_ours(variables, lead),
        })
    }

    /// The script with what was asked for besides. It reaches the assistant through its prompt;
    /// where the provider keeps the prompt it is there as a variable only.
    pub fn with_instructions(mut self, instructions: Option<&str>) -> Self {
        let Some(more) = instructions else { return self };
        if let Some(prompt) = &mut self.prompt {
            *prompt = format!("{prompt}\n\nFor this call: {more}");
        }
        self.variables.insert("additional_instructions".to_owned(), more.to_owned());
        self
    }
}

fn with_ours(mut variables: BTreeMap<String, String>, lead: &Lead) -> BTreeMap<String, String> {
    variables.insert("campaign_id".to_owned(), lead.id.campaign().to_string());
    variables.insert("lead_id".to_owned(), lead.id.to_string());
    variables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn script(welcome: &str) -> Result<Script, ScriptError> {
        let (mut campaign, mut assistant) = (fixtures::campaign(), fixtures::assistant());
        campaign.spec.welcome_message_template = Some(welcome.to_owned());
        assistant.prompt_template = Some("You are {{ assistant_name }}.".to_owned());
        Script::write(&fixtures::lead(1), &campaign, &assistant, "Acme")
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
        assert!(matches!(script("{{ name"), Err(ScriptError::WelcomeMessage(_))));
    }
}
