//! The body of a dial.

use std::collections::BTreeMap;

use carillon_domain::base::call::{CallOrder, Line, VoicemailOrder};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::calling::personalization::Script;
use serde::Serialize;

/// The dynamic variable that carries our id of the attempt, besides `user_id`.
pub(super) const ATTEMPT_VARIABLE: &str = "attempt_id";
/// Names with these prefixes belong to the provider's own variables, and to the secrets that it keeps.
const RESERVED_PREFIXES: [&str; 2] = ["system__", "secret__"];
/// Shortest time to ring that the provider takes, in seconds.
const MIN_RINGING_SECS: u16 = 1;
/// Longest time to ring that the provider takes, in seconds.
const MAX_RINGING_SECS: u16 = 999;

/// The body of `POST /v1/convai/{twilio,sip-trunk}/outbound-call`.
#[derive(Debug, Serialize)]
pub(super) struct OutboundCall<'a> {
    agent_id: &'a str,
    agent_phone_number_id: &'a str,
    to_number: &'a str,
    conversation_initiation_client_data: ClientData<'a>,
    telephony_call_config: TelephonyConfig,
}

/// The body of `POST /v1/convai/twilio/register-call`.
#[derive(Debug, Serialize)]
pub(super) struct RegisterCall<'a> {
    agent_id: &'a str,
    from_number: &'a str,
    to_number: &'a str,
    direction: &'static str,
    conversation_initiation_client_data: ClientData<'a>,
}

/// What a conversation begins with.
#[derive(Debug, Serialize)]
pub(super) struct ClientData<'a> {
    user_id: &'a str,
    dynamic_variables: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_config_override: Option<ConfigOverride<'a>>,
}

#[derive(Debug, Serialize)]
struct ConfigOverride<'a> {
    agent: AgentOverride<'a>,
}

#[derive(Debug, Serialize)]
struct AgentOverride<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<PromptOverride<'a>>,
}

#[derive(Debug, Serialize)]
struct PromptOverride<'a> {
    prompt: &'a str,
}

#[derive(Debug, Serialize)]
struct TelephonyConfig {
    ringing_timeout_secs: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    twilio_machine_detection: Option<MachineDetection>,
}

#[derive(Debug, Serialize)]
struct MachineDetection {
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<[DetectionAction; 1]>,
}

/// What is done once it is known who answered.
#[derive(Debug, Serialize)]
struct DetectionAction {
    action: &'static str,
    answered_by: [&'static str; 2],
}

/// With `enable` a machine is told as soon as it is heard, and so is a fax.
const HANG_UP: DetectionAction = DetectionAction { action: "hang_up", answered_by: ["machine_start", "fax"] };

impl<'a> From<&'a CallOrder> for OutboundCall<'a> {
    fn from(order: &'a CallOrder) -> Self {
        // `enable` gives its verdict as soon as there is one, not after the greeting. Only Twilio
        // can do it.
        let detects = order.machine_detection && order.line == Line::Twilio;
        // It can say nothing by itself: a campaign that wants that is refused.
        let hangs_up = order.on_voicemail == Some(VoicemailOrder::HangUp);
        let actions = hangs_up.then_some([HANG_UP]);
        Self {
            agent_id: &order.agent_id,
            agent_phone_number_id: &order.phone_number_id,
            to_number: order.to.as_str(),
            conversation_initiation_client_data: ClientData::of_order(order),
            telephony_call_config: TelephonyConfig {
                ringing_timeout_secs: order.ringing_timeout_secs.clamp(MIN_RINGING_SECS, MAX_RINGING_SECS),
                twilio_machine_detection: detects.then_some(MachineDetection { mode: "enable", actions }),
            },
        }
    }
}

impl<'a> From<&'a CallOrder> for RegisterCall<'a> {
    fn from(order: &'a CallOrder) -> Self {
        Self {
            agent_id: &order.agent_id,
            from_number: order.from.as_str(),
            to_number: order.to.as_str(),
            direction: "outbound",
            conversation_initiation_client_data: ClientData::of_order(order),
        }
    }
}

impl<'a> ClientData<'a> {
    /// What a call of ours begins with.
    fn of_order(order: &'a CallOrder) -> Self {
        let agent = AgentOverride {
            first_message: order.first_message.as_deref(),
            language: order.language.as_deref(),
            prompt: order.prompt.as_deref().map(|prompt| PromptOverride { prompt }),
        };
        Self::new(&order.attempt, &order.variables, agent)
    }

    /// What a call of ours, or one that comes in, begins with.
    fn new(
        attempt: &'a AttemptId,
        variables: &'a BTreeMap<String, String>,
        agent: AgentOverride<'a>,
    ) -> Self {
        let mut dynamic_variables: BTreeMap<&str, &str> = variables
            .iter()
            .filter(|(name, _)| RESERVED_PREFIXES.iter().all(|prefix| !name.starts_with(prefix)))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        dynamic_variables.insert(ATTEMPT_VARIABLE, attempt.as_str());
        // Nothing at all unless something is overridden: an agent may forbid overrides.
        let given = agent.first_message.is_some() || agent.language.is_some() || agent.prompt.is_some();
        let conversation_config_override = given.then_some(ConfigOverride { agent });
        Self { user_id: attempt.as_str(), dynamic_variables, conversation_config_override }
    }

    /// What a call that comes in begins with.
    pub(super) fn of_script(attempt: &'a AttemptId, script: &'a Script) -> Self {
        let agent = AgentOverride {
            first_message: script.first_message.as_deref(),
            language: script.language.as_deref(),
            prompt: script.prompt.as_deref().map(|prompt| PromptOverride { prompt }),
        };
        Self::new(attempt, &script.variables, agent)
    }
}
