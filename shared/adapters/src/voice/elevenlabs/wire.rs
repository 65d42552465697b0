//! What the provider sends: as little of it as we need, read [leniently](crate::voice::lenient).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::voice::lenient::{Number, lenient, readable, readable_if_given};

/// The answer to a dial; `success` is what counts, whatever the HTTP status.
#[derive(Debug, Deserialize)]
pub(super) struct OutboundCallAnswer {
    pub(super) success: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) message: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) conversation_id: Option<String>,
    #[serde(default, rename = "callSid", deserialize_with = "lenient")]
    pub(super) call_sid: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) sip_call_id: Option<String>,
}

/// One page of `GET /v1/convai/conversations`. Read strictly: what we fail to see here, we would
/// take for a call that was never made.
#[derive(Debug, Deserialize)]
pub(super) struct ConversationPage {
    pub(super) conversations: Vec<ConversationSummary>,
    pub(super) has_more: bool,
    #[serde(default)]
    pub(super) next_cursor: Option<String>,
}

/// One line of that page.
#[derive(Debug, Deserialize)]
pub(super) struct ConversationSummary {
    pub(super) conversation_id: String,
}

/// A conversation, as `GET /v1/convai/conversations/{id}` and `post_call_transcription` have it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Conversation {
    #[serde(deserialize_with = "lenient")]
    pub(super) conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) user_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) has_audio: bool,
    /// None where it is left out: the workspace, or the agent's privacy settings, keep none.
    #[serde(deserialize_with = "readable_if_given")]
    pub(super) transcript: Option<Vec<TranscriptTurn>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) metadata: Metadata,
    /// What the provider made of the conversation; null until it has.
    #[serde(deserialize_with = "lenient")]
    pub(super) analysis: Value,
    #[serde(deserialize_with = "lenient")]
    pub(super) conversation_initiation_client_data: EchoedClientData,
}

/// One turn; a turn that only calls tools has no message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TranscriptTurn {
    #[serde(deserialize_with = "lenient")]
    pub(super) role: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) time_in_call_secs: f64,
    #[serde(deserialize_with = "readable")]
    pub(super) tool_calls: Vec<ToolCall>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall {
    #[serde(deserialize_with = "lenient")]
    pub(super) tool_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) params_as_json: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) tool_has_been_called: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    /// When it was picked up, in seconds since 1970; `start_time_unix_secs` beside it is when it began to ring.
    #[serde(deserialize_with = "lenient")]
    pub(super) accepted_time_unix_secs: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    pub(super) call_duration_secs: Option<f64>,
    /// How often the person spoke, where it is counted.
    #[serde(deserialize_with = "lenient")]
    pub(super) user_message_count: Option<f64>,
    /// US dollars; the field `cost` beside it counts credits, which are no money.
    #[serde(deserialize_with = "lenient")]
    pub(super) cost_fiat: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) termination_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) error: Option<CallError>,
    #[serde(deserialize_with = "lenient")]
    pub(super) phone_call: PhoneCall,
    #[serde(deserialize_with = "lenient")]
    pub(super) features_usage: FeaturesUsage,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallError {
    #[serde(deserialize_with = "lenient")]
    pub(super) code: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    pub(super) reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PhoneCall {
    #[serde(deserialize_with = "lenient")]
    pub(super) direction: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) agent_number: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) external_number: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) call_result: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) call_sid: Option<String>,
    /// What a trunk has in the place of `call_sid`.
    #[serde(deserialize_with = "lenient")]
    pub(super) call_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FeaturesUsage {
    #[serde(deserialize_with = "lenient")]
    pub(super) voicemail_detection: FeatureUsage,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FeatureUsage {
    #[serde(deserialize_with = "lenient")]
    pub(super) used: bool,
}

/// What we sent along with the dial, given back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EchoedClientData {
    #[serde(deserialize_with = "lenient")]
    pub(super) user_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) dynamic_variables: BTreeMap<String, Value>,
}

/// The data of `call_initiation_failure`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InitiationFailure {
    #[serde(deserialize_with = "lenient")]
    pub(super) conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) failure_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) metadata: FailureMetadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FailureMetadata {
    #[serde(deserialize_with = "lenient")]
    pub(super) body: FailureBody,
}

/// Twilio's status callback or the SIP trunk's answer: their fields do not collide.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FailureBody {
    #[serde(rename = "CallSid", deserialize_with = "lenient")]
    pub(super) twilio_call_sid: Option<String>,
    #[serde(rename = "CallStatus", deserialize_with = "lenient")]
    pub(super) twilio_status: Option<String>,
    #[serde(rename = "SipResponseCode", deserialize_with = "lenient")]
    pub(super) twilio_sip_code: Option<Number>,
    #[serde(rename = "call_sid", deserialize_with = "lenient")]
    pub(super) sip_call_sid: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) sip_status_code: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    pub(super) error_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) twirp_code: Option<String>,
}

/// The data of `answering_machine_detection`. The vendor documents none of it; these are the
/// names that integrators read, and the place where `call_initiation_failure` has what Twilio tells.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MachineVerdict {
    #[serde(deserialize_with = "lenient")]
    pub(super) conversation_id: Option<String>,
    #[serde(flatten)]
    pub(super) own: CarrierVerdict,
    #[serde(deserialize_with = "lenient")]
    pub(super) metadata: VerdictMetadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VerdictMetadata {
    #[serde(deserialize_with = "lenient")]
    pub(super) body: CarrierVerdict,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CarrierVerdict {
    #[serde(deserialize_with = "lenient")]
    pub(super) call_sid: Option<String>,
    #[serde(rename = "CallSid", deserialize_with = "lenient")]
    pub(super) twilio_call_sid: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) answered_by: Option<String>,
    #[serde(rename = "AnsweredBy", deserialize_with = "lenient")]
    pub(super) twilio_answered_by: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) result: Option<String>,
}
