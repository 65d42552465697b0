//! What the provider sends: as little of it as we need, read [leniently](crate::voice::lenient).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::voice::lenient::{Number, lenient, readable};

/// The answer to a dial.
#[derive(Debug, Deserialize)]
pub(super) struct PlacedCall {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) call_id: Option<String>,
}

/// One page of `POST /v3/list-calls`. Read strictly: what we fail to see here, we would take for a call
/// that was never made.
#[derive(Debug, Deserialize)]
pub(super) struct CallPage {
    pub(super) items: Vec<ListedCall>,
    pub(super) has_more: bool,
    #[serde(default)]
    pub(super) pagination_key: Option<String>,
}

/// One line of that page; it has no transcript.
#[derive(Debug, Deserialize)]
pub(super) struct ListedCall {
    pub(super) call_id: String,
}

/// A call, as `GET /v2/get-call/{id}` and webhooks have it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Call {
    #[serde(deserialize_with = "lenient")]
    pub(super) call_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) call_status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) disconnection_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) direction: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) from_number: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) to_number: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) metadata: BTreeMap<String, Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) retell_llm_dynamic_variables: BTreeMap<String, Value>,
    /// When it was picked up, in milliseconds since 1970.
    #[serde(deserialize_with = "lenient")]
    pub(super) start_timestamp: Option<Number>,
    /// In milliseconds since 1970.
    #[serde(deserialize_with = "lenient")]
    pub(super) end_timestamp: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    pub(super) duration_ms: Option<f64>,
    #[serde(deserialize_with = "readable")]
    pub(super) transcript_object: Vec<Utterance>,
    /// The same, with the tools that the agent used between.
    #[serde(deserialize_with = "readable")]
    pub(super) transcript_with_tool_calls: Vec<ToolInvocation>,
    #[serde(deserialize_with = "lenient")]
    pub(super) recording_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) scrubbed_recording_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) call_cost: CallCost,
    #[serde(deserialize_with = "lenient")]
    pub(super) telephony_identifier: TelephonyIdentifier,
    /// What the provider made of the call; none until it has.
    #[serde(deserialize_with = "lenient")]
    pub(super) call_analysis: Option<CallAnalysis>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Utterance {
    #[serde(deserialize_with = "lenient")]
    pub(super) role: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) content: Option<String>,
    #[serde(deserialize_with = "readable")]
    pub(super) words: Vec<Word>,
}

/// A tool that the agent used: what has a name and arguments; all else is what somebody said, or what a tool answered.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolInvocation {
    #[serde(deserialize_with = "lenient")]
    pub(super) role: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    /// JSON.
    #[serde(deserialize_with = "lenient")]
    pub(super) arguments: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    /// In seconds of audio, which begins with the answer.
    #[serde(deserialize_with = "lenient")]
    pub(super) start: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallCost {
    /// Cents of a US dollar.
    #[serde(deserialize_with = "lenient")]
    pub(super) combined_cost: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TelephonyIdentifier {
    #[serde(deserialize_with = "lenient")]
    pub(super) twilio_call_sid: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallAnalysis {
    #[serde(deserialize_with = "lenient")]
    pub(super) in_voicemail: bool,
    /// What the agent collected, by name.
    #[serde(deserialize_with = "lenient")]
    pub(super) custom_analysis_data: Value,
}
