//! What the assistant brings to a conversation: the texts and values of one lead in one campaign.

use std::collections::BTreeMap;

use crate::base::channel::Channel;
use crate::calling::template::{self, Rendered, Scope, Source, Template, TemplateError};
use crate::calling::values::{Conversation, Values};
use crate::policy::assistant::Assistant;
use crate::records::campaign::CampaignSpec;
use crate::records::text_fault::{Text, TextFault};

/// What is said besides to the assistant, as its prompt knows it.
pub const INSTRUCTIONS: &str = "additional_instructions";
/// Most bytes of what the engine says of a fault that is kept.
const MAX_REASON_BYTES: usize = 300;

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

impl Text {
    /// What the assistant's prompt, and the provider's, know it as: its name, and how it is put behind a prompt that
    /// does not say where. None for what is no part of a prompt.
    pub const fn part_of_prompt(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Agenda => Some(("agenda", "Agenda of this call")),
            Self::EndCallMessage => Some(("end_call_message", "Say this at the end of the call")),
            Self::VoicemailMessage => Some((
                "voicemail_message",
                "If a mailbox or an answering machine answers, say this and end the call",
            )),
            Self::WelcomeMessage | Self::SmsMessage | Self::Prompt | Self::Variables => None,
        }
    }
}

/// The names of the texts that a prompt may place itself.
pub fn parts_of_prompt() -> impl Iterator<Item = &'static str> {
    let parts = [Text::Agenda, Text::EndCallMessage, Text::VoicemailMessage];
    parts.into_iter().filter_map(|text| Some(text.part_of_prompt()?.0)).chain([INSTRUCTIONS])
}

/// The templates of a campaign and its assistant, as they are written.
#[derive(Debug)]
pub struct Sources<'c>(Vec<(Text, Source<'c>)>);

impl<'c> Sources<'c> {
    pub fn of(campaign: &'c CampaignSpec, assistant: &'c Assistant) -> Self {
        let written = [
            (Text::Agenda, &campaign.agenda_template),
            (Text::EndCallMessage, &campaign.end_call_message_template),
            (Text::VoicemailMessage, &campaign.voicemail_message_template),
            (Text::WelcomeMessage, &campaign.welcome_message_template),
            (Text::SmsMessage, &campaign.sms_message_template),
            // The last: the others are parts of it.
            (Text::Prompt, &assistant.prompt_template),
        ];
        let sources =
            written.into_iter().filter_map(|(text, source)| Some((text, Source::of(source.as_deref()?))));
        Self(sources.collect())
    }

    /// # Errors
    /// [`TextFault`] names the template that can't be read.
    pub fn parsed(&self) -> Result<Templates<'_>, TextFault> {
        let parsed = self.0.iter().map(|(text, source)| {
            Template::parse(source).map(|template| (*text, template)).map_err(|error| fault(*text, error))
        });
        parsed.collect::<Result<_, _>>().map(Templates)
    }
}

/// The templates of a campaign and its assistant, to be rendered for one lead after the other.
#[derive(Debug)]
pub struct Templates<'s>(Vec<(Text, Template<'s>)>);

/// A text of one conversation.
pub type Rendition = (Text, Result<Rendered, TextFault>);

impl Templates<'_> {
    /// The values that each names, with whether it does so without a fallback. What a prompt knows as a text of the
    /// campaign is none.
    pub fn values(&self) -> impl Iterator<Item = (Text, &str, bool)> {
        let is_part =
            |text: Text, name: &str| text == Text::Prompt && parts_of_prompt().any(|part| part == name);
        let named = self
            .0
            .iter()
            .flat_map(|(text, template)| template.values().map(|(name, is_needed)| (*text, name, is_needed)));
        named.filter(move |&(text, name, _)| !is_part(text, name))
    }

    /// Every text of a conversation.
    pub fn render(&self, values: &Values, instructions: Option<&str>) -> Vec<Rendition> {
        let scope = Scope::of(values);
        let mut renditions: Vec<Rendition> = Vec::with_capacity(self.0.len());
        for (text, template) in &self.0 {
            let rendered = match text {
                Text::Prompt => prompt(template, scope.clone(), &renditions, instructions),
                _ => template.render(&scope),
            };
            renditions.push((*text, rendered.map_err(|error| fault(*text, error))));
        }
        renditions
    }

    /// What a text message says; none if the campaign has no template for it.
    ///
    /// # Errors
    /// As [`Self::script`].
    pub(super) fn message(&self, conversation: &Conversation<'_>) -> Result<Option<String>, TextFault> {
        let values = values_of(conversation)?;
        let template = self.0.iter().find(|(text, _)| *text == Text::SmsMessage);
        let Some((text, template)) = template else { return Ok(None) };
        let rendered = template.render(&Scope::of(&values)).map_err(|error| fault(*text, error))?;
        Ok(Some(rendered.spoken()))
    }

    /// The script of a call.
    ///
    /// # Errors
    /// [`TextFault`] names the text that can't be made of the lead's values, or the value that is not there though
    /// the assistant needs it.
    fn script(&self, conversation: &Conversation<'_>) -> Result<Script, TextFault> {
        let values = values_of(conversation)?;
        let mut script = Script {
            language: conversation.assistant.language.clone(),
            variables: as_sent(&values, conversation),
            ..Script::default()
        };
        for (text, rendered) in self.render(&values, conversation.instructions) {
            if !text.is_needed_in(Channel::Call) {
                continue;
            }
            let spoken = Some(rendered?.spoken()).filter(|spoken| !spoken.trim().is_empty());
            match (text, text.part_of_prompt()) {
                (Text::WelcomeMessage, _) => script.first_message = spoken,
                (Text::Prompt, _) => script.prompt = spoken,
                (_, Some((name, _))) => {
                    script.variables.insert(name.to_owned(), spoken.unwrap_or_default());
                }
                (_, None) => {}
            }
        }
        Ok(script)
    }
}

impl Script {
    /// The script of a call.
    ///
    /// # Errors
    /// [`TextFault`] names the text that can't be made of the lead's values, or the value that is missing.
    pub fn write(conversation: &Conversation<'_>) -> Result<Self, TextFault> {
        Sources::of(conversation.campaign, conversation.assistant).parsed()?.script(conversation)
    }

    /// The values alone, where the texts can't be had.
    pub fn without_texts(conversation: &Conversation<'_>) -> Self {
        Self { variables: as_sent(&Values::of(conversation), conversation), ..Self::default() }
    }
}

/// The values of a conversation that has all that the assistant needs.
fn values_of(conversation: &Conversation<'_>) -> Result<Values, TextFault> {
    let values = Values::of(conversation);
    let Some(name) = missing(&values, conversation.assistant).next() else { return Ok(values) };
    let reason = format!("the assistant needs `{name}`, and the lead has no value for it");
    Err(TextFault { text: Text::Variables, line: None, column: None, reason })
}

/// The variables that the assistant needs and nothing has a value for.
pub fn missing<'a>(values: &Values, assistant: &'a Assistant) -> impl Iterator<Item = &'a str> {
    let required = assistant.variables.iter().filter(|(_, variable)| variable.required);
    required.map(|(name, _)| name.as_str()).filter(|name| values.get(name).is_none())
}

/// The prompt, with what it does not place itself behind it.
fn prompt(
    template: &Template<'_>,
    mut scope: Scope,
    made: &[Rendition],
    instructions: Option<&str>,
) -> Result<Rendered, TemplateError> {
    let texts =
        made.iter().filter_map(|(text, rendered)| Some((text.part_of_prompt()?, rendered.as_ref().ok()?)));
    let instructions = instructions.map(Rendered::of_data);
    let besides = instructions.iter().map(|asked| ((INSTRUCTIONS, "For this call"), asked));
    let parts: Vec<_> = texts.chain(besides).filter(|(_, part)| !part.is_blank()).collect();
    for ((name, _), part) in &parts {
        scope.insert(name, part);
    }
    let prompt = template.render(&scope)?;
    let behind = parts.into_iter().filter(|((name, _), _)| !template.names(name));
    Ok(behind.fold(prompt, |prompt, ((_, heading), part)| prompt.with_section(heading, part)))
}

fn fault(text: Text, TemplateError { place, mut reason }: TemplateError) -> TextFault {
    reason.truncate(reason.floor_char_boundary(MAX_REASON_BYTES));
    TextFault { text, line: Some(place.line), column: place.column, reason }
}

/// The values as a provider gets them: text that it fills nothing into, and ours. A call of which a value is asked
/// that was not sent is dropped, so all that may be asked for is there, if only empty.
fn as_sent(values: &Values, conversation: &Conversation<'_>) -> BTreeMap<String, String> {
    let Conversation { lead, assistant, instructions, .. } = conversation;
    let askable = parts_of_prompt().map(str::to_owned).chain(assistant.variables.keys().cloned());
    let mut sent: BTreeMap<String, String> = askable.map(|name| (name, String::new())).collect();
    let asked = instructions.map(|asked| (INSTRUCTIONS, asked));
    let texts = values.named().chain(asked);
    sent.extend(texts.map(|(name, value)| (name.to_owned(), template::spoken(value))));
    sent.insert("campaign_id".to_owned(), lead.id.campaign().to_string());
    sent.insert("lead_id".to_owned(), lead.id.to_string());
    sent
}

#[cfg(test)]
mod tests;
