//! What the model answers over the wire.

use serde_json::{Value, json};

use super::request::{Form, Request};

/// When every answer was made: the model has no clock.
const CREATED: u64 = 1_790_000_000;
/// How many characters make up a token, as a rule of thumb.
const CHARS_OF_A_TOKEN: usize = 4;

/// What the message of a completion holds.
pub(super) enum Message {
    /// An answer, as JSON or not.
    Whole(String),
    /// The first half of it.
    CutOff(String),
    Refusal(&'static str),
}

/// A completion of a request.
pub(super) fn of(request: &Request, id: &str, message: &Message) -> Value {
    let (text, message, finish_reason) = match message {
        Message::Whole(text) => (text.as_str(), filled(request, text), request.form.finish_reason()),
        Message::CutOff(text) => {
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            (text.as_str(), filled(request, &half), "length")
        }
        Message::Refusal(words) => {
            (*words, json!({ "role": "assistant", "content": null, "refusal": words }), "stop")
        }
    };
    let (prompt_tokens, completion_tokens) = (tokens(&request.prompt), tokens(text));
    json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion",
        "created": CREATED,
        "model": request.model,
        "choices": [{ "index": 0, "message": message, "finish_reason": finish_reason, "logprobs": null }],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        },
    })
}

fn filled(request: &Request, text: &str) -> Value {
    let (Form::Tool { .. }, Some(schema)) = (request.form, request.schema) else {
        return json!({ "role": "assistant", "content": text, "refusal": null });
    };
    let call = json!({ "id": "call_1", "type": "function",
        "function": { "name": schema.name(), "arguments": text } });
    json!({ "role": "assistant", "content": null, "refusal": null, "tool_calls": [call] })
}

impl Form {
    /// Why a whole answer ends: a function that the request names ends it as a text does.
    const fn finish_reason(self) -> &'static str {
        match self {
            Self::Tool { is_named: false } => "tool_calls",
            Self::Text | Self::Tool { is_named: true } => "stop",
        }
    }
}

fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(CHARS_OF_A_TOKEN)
}

/// The body of an error.
pub(super) fn error(message: &str, kind: &str, code: Option<&str>) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}
