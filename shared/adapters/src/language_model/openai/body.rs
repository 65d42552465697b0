//! The body of a request. The schema stands in it as it was written: its order is that of the answer.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::language_model::mechanism::Mechanism;
use crate::language_model::request::{Request, Speaker, TOOL_DESCRIPTION};

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<[Tool<Function<'a>>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Tool<Named<'a>>>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Cow<'a, str>,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'a str,
    strict: bool,
    schema: &'a RawValue,
}

/// A tool, or the choice of one: only functions are there.
#[derive(Serialize)]
struct Tool<T> {
    r#type: &'static str,
    function: T,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'static str,
    strict: bool,
    parameters: &'a RawValue,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

impl<'a> Body<'a> {
    /// # Errors
    /// When the schema is no JSON.
    pub(super) fn of(request: &Request<'a>) -> serde_json::Result<Self> {
        let (name, schema) = (request.question.name, serde_json::from_str(request.question.schema)?);
        let body = Self {
            model: request.model,
            messages: messages(request),
            response_format: None,
            tools: None,
            tool_choice: None,
        };
        Ok(match request.mechanism {
            Mechanism::Schema => {
                let json_schema = JsonSchema { name, strict: true, schema };
                Self { response_format: Some(ResponseFormat { r#type: "json_schema", json_schema }), ..body }
            }
            Mechanism::Tool => {
                let function =
                    Function { name, description: TOOL_DESCRIPTION, strict: true, parameters: schema };
                Self {
                    tools: Some([Tool { r#type: "function", function }]),
                    tool_choice: Some(Tool { r#type: "function", function: Named { name } }),
                    ..body
                }
            }
            Mechanism::Plain => body,
        })
    }
}

fn messages<'a>(request: &Request<'a>) -> Vec<Message<'a>> {
    let system = Message { role: "system", content: request.question.system.into() };
    let turns = request.turns().into_iter().map(|(speaker, content)| {
        let role = match speaker {
            Speaker::Us => "user",
            Speaker::Model => "assistant",
        };
        Message { role, content }
    });
    std::iter::once(system).chain(turns).collect()
}
