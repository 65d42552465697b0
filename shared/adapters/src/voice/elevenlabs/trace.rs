//! A conversation as an OpenTelemetry trace (`post_call_transcription_otel`), in the JSON of OTLP.
//!
//! The vendor documents the spans: `elevenlabs.conversation`, and below it, in the order of the transcript, what each
//! said and the tools that were used. The names of the attributes are those that integrators have seen; of the
//! telephone call they have seen `external_number`, and the others are sought under their names in the JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::python_literal;
use super::request::ATTEMPT_VARIABLE;
use super::wire::{Conversation, EchoedClientData, Metadata, PhoneCall, ToolCall, TranscriptTurn};
use crate::voice::lenient::{Number, lenient, readable};

/// The span of the whole conversation.
const CONVERSATION_SPAN: &str = "elevenlabs.conversation";
/// A tool's span is called so, and then as the tool.
const TOOL_SPAN: &str = "elevenlabs.tool.";
/// An attribute of what was collected is called so, and then by its id.
const COLLECTED: &str = "elevenlabs.analysis.data_collection_results.";
const NANOS_PER_SEC: f64 = 1e9;
const MILLIS_PER_SEC: f64 = 1e3;

/// The data of `post_call_transcription_otel`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TracedConversation {
    #[serde(deserialize_with = "lenient")]
    conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    otlp_traces: Traces,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Traces {
    #[serde(deserialize_with = "readable")]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ResourceSpans {
    #[serde(deserialize_with = "readable")]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ScopeSpans {
    #[serde(deserialize_with = "readable")]
    spans: Vec<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Span {
    #[serde(deserialize_with = "lenient")]
    name: String,
    #[serde(deserialize_with = "lenient")]
    start_time_unix_nano: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    end_time_unix_nano: Option<Number>,
    #[serde(deserialize_with = "readable")]
    attributes: Vec<Attribute>,
}

#[derive(Debug, Deserialize)]
struct Attribute {
    key: String,
    #[serde(default)]
    value: Value,
}

impl TracedConversation {
    /// The conversation as the provider's JSON has it, as far as the trace goes, and whether that is more than its id.
    pub(super) fn conversation(self) -> (Conversation, bool) {
        let resources = self.otlp_traces.resource_spans.into_iter();
        let spans: Vec<Span> =
            resources.flat_map(|one| one.scope_spans).flat_map(|scope| scope.spans).collect();
        let conversation_id = self.conversation_id;
        let Some(root) = spans.iter().find(|span| span.name == CONVERSATION_SPAN) else {
            return (Conversation { conversation_id, ..Conversation::default() }, false);
        };
        let conversation = Conversation {
            conversation_id: conversation_id.or_else(|| root.text("elevenlabs.conversation_id")),
            status: root.text("elevenlabs.status"),
            user_id: root.text("elevenlabs.user_id"),
            transcript: Some(transcript(&spans, root)).filter(|turns| !turns.is_empty()),
            metadata: root.metadata(),
            analysis: json!({ "data_collection_results": root.collected() }),
            conversation_initiation_client_data: root.client_data(),
            ..Conversation::default()
        };
        (conversation, true)
    }
}

/// What each said, and which tools were used.
fn transcript(spans: &[Span], root: &Span) -> Vec<TranscriptTurn> {
    spans.iter().filter_map(|span| span.turn(root)).collect()
}

impl Span {
    fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.key == name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.attribute(name)?.text().map(str::to_owned)
    }

    /// The attributes whose names begin so, by the rest of their names.
    fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Attribute)> {
        self.attributes.iter().filter_map(move |one| Some((one.key.strip_prefix(prefix)?, one)))
    }

    fn turn(&self, root: &Self) -> Option<TranscriptTurn> {
        let tool = self
            .name
            .strip_prefix(TOOL_SPAN)
            // Under which attribute its arguments would stand nobody has seen.
            .map(|name| ToolCall {
                tool_name: Some(name.to_owned()),
                params_as_json: None,
                tool_has_been_called: true,
            });
        let said = [("user", "elevenlabs.user.text"), ("agent", "elevenlabs.agent.text")]
            .into_iter()
            .find_map(|(role, name)| Some((role.to_owned(), self.text(name)?)));
        if tool.is_none() && said.is_none() {
            return None;
        }
        let (role, message) = said.unzip();
        let time_in_call_secs = secs_between(&root.start_time_unix_nano, &self.start_time_unix_nano);
        Some(TranscriptTurn {
            role,
            message,
            time_in_call_secs: time_in_call_secs.unwrap_or_default(),
            tool_calls: Vec::from_iter(tool),
        })
    }

    fn metadata(&self) -> Metadata {
        let told_ms = self.attribute("elevenlabs.session.duration_ms").and_then(Attribute::number);
        let of_call = |field: &str| self.text(&format!("elevenlabs.telephony.{field}"));
        Metadata {
            call_duration_secs: told_ms
                .map(|ms| ms / MILLIS_PER_SEC)
                .or_else(|| secs_between(&self.start_time_unix_nano, &self.end_time_unix_nano)),
            termination_reason: self.text("elevenlabs.termination_reason"),
            phone_call: PhoneCall {
                direction: of_call("direction"),
                agent_number: of_call("agent_number"),
                external_number: of_call("external_number"),
                call_result: of_call("call_result"),
                call_sid: of_call("call_sid"),
                call_id: of_call("call_id"),
            },
            ..Metadata::default()
        }
    }

    /// What was collected, by id. Each item is written in Python's notation; one that can't be read stands there as it
    /// is, for whoever looks at what the person may have asked for.
    fn collected(&self) -> Map<String, Value> {
        let items = self.below(COLLECTED).filter_map(|(id, item)| Some((id.to_owned(), item.text()?)));
        items
            .map(|(id, text)| (id, python_literal::read(text).unwrap_or_else(|| Value::from(text))))
            .collect()
    }

    fn client_data(&self) -> EchoedClientData {
        let attempt = self.text(&format!("elevenlabs.dynamic_variable.{ATTEMPT_VARIABLE}"));
        let variable = attempt.map(|attempt| (ATTEMPT_VARIABLE.to_owned(), Value::from(attempt)));
        EchoedClientData { user_id: None, dynamic_variables: BTreeMap::from_iter(variable) }
    }
}

impl Attribute {
    fn text(&self) -> Option<&str> {
        self.value.get("stringValue")?.as_str()
    }

    /// A number; OTLP writes whole ones as texts.
    fn number(&self) -> Option<f64> {
        let number = self.value.get("intValue").or_else(|| self.value.get("doubleValue"))?;
        number.as_f64().or_else(|| number.as_str()?.parse().ok())
    }
}

/// The seconds from one moment to another, each in nanoseconds since 1970.
fn secs_between(from: &Option<Number>, to: &Option<Number>) -> Option<f64> {
    let (from, to) = (from.as_ref()?.as_i64()?, to.as_ref()?.as_i64()?);
    Some((to.saturating_sub(from) as f64 / NANOS_PER_SEC).max(0.0))
}

#[cfg(test)]
mod tests;
