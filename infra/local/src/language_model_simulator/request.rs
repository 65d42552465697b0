//! A request for a chat completion.

use serde::Deserialize;
use serde_json::Value;

use super::answer::Schema;
use super::conversation::without_transcript;

/// How the answer is to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the text of the message.
    Text,
    /// As the arguments of a function that has to be called.
    Tool {
        /// Whether the request names it, and does not leave the choice.
        is_named: bool,
    },
}

/// A request that can be answered.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) model: String,
    pub(super) form: Form,
    /// None if it does not say what to answer.
    pub(super) schema: Option<Schema>,
    /// All that it says.
    pub(super) prompt: String,
}

#[derive(Deserialize)]
struct Body {
    model: String,
    messages: Vec<Message>,
    response_format: Option<ResponseFormat>,
    #[serde(default)]
    tools: Vec<Tool>,
    #[serde(default)]
    tool_choice: Value,
}

#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
enum Message {
    System { content: Content },
    Developer { content: Content },
    User { content: Content },
    Assistant { content: Option<Content> },
    Tool { content: Content },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    text: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat {
    Text,
    JsonObject,
    JsonSchema { json_schema: Declared },
}

#[derive(Deserialize)]
struct Tool {
    function: Declared,
}

/// A schema with its name.
#[derive(Deserialize)]
struct Declared {
    name: String,
    #[serde(default)]
    strict: bool,
    #[serde(alias = "parameters")]
    schema: Value,
}

impl Request {
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let body: Body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if !body.messages.iter().any(|message| matches!(message, Message::User { .. })) {
            return Err("'messages' must hold one of the user's".to_owned());
        }
        let prompt = body.messages.iter().map(Message::text).collect::<Vec<_>>().join("\n");
        let (form, declared) = body.wanted()?;
        let schema = match declared {
            Some(declared) => Some(declared.known()?),
            None => Schema::named_in(&without_transcript(&prompt)),
        };
        Ok(Self { model: body.model, form, schema, prompt })
    }
}

impl Body {
    /// How the answer is to be given, and its schema if there is one.
    fn wanted(&self) -> Result<(Form, Option<&Declared>), String> {
        if let Some(ResponseFormat::JsonSchema { json_schema }) = &self.response_format {
            return Ok((Form::Text, Some(json_schema)));
        }
        if self.tools.is_empty() || self.tool_choice == "none" {
            return Ok((Form::Text, None));
        }
        let named = self.tool_choice["function"]["name"].as_str();
        let tool = self.tools.iter().find(|tool| named.is_none_or(|name| tool.function.name == name));
        let tool = tool.ok_or("'tool_choice' names no tool that there is")?;
        Ok((Form::Tool { is_named: named.is_some() }, Some(&tool.function)))
    }
}

impl Declared {
    /// The form of this name, if the schema is one that a provider takes.
    fn known(&self) -> Result<Schema, String> {
        if self.schema["type"] != "object" {
            return Err(format!("the schema '{}' must be of type 'object'", self.name));
        }
        if self.strict && self.schema["additionalProperties"] != false {
            return Err(format!("'additionalProperties' must be false in the strict schema '{}'", self.name));
        }
        Schema::named(&self.name).ok_or_else(|| format!("the schema '{}' is none that it knows", self.name))
    }
}

impl Message {
    fn text(&self) -> String {
        match self {
            Self::System { content }
            | Self::Developer { content }
            | Self::User { content }
            | Self::Tool { content }
            | Self::Assistant { content: Some(content) } => content.text(),
            Self::Assistant { content: None } => String::new(),
        }
    }
}

impl Content {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n"),
        }
    }
}
