//! What the provider is sent: the body of a dial, and of the question which calls an attempt has.

use std::collections::BTreeMap;

use carillon_domain::base::call::{CallOrder, VoicemailOrder};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::calling::personalization::Script;
use serde::Serialize;

use super::locale;

/// What carries our id of the attempt: in `metadata`, and as a dynamic variable.
pub(super) const ATTEMPT: &str = "attempt_id";
/// Dynamic variables with what the campaign sets. Only the first message and the language can be overridden, and
/// the first message of a Retell LLM alone: any agent can be written so that it says or follows these.
const FIRST_MESSAGE_VARIABLE: &str = "carillon_first_message";
const PROMPT_VARIABLE: &str = "carillon_prompt";
const LANGUAGE_VARIABLE: &str = "carillon_language";
/// Shortest time to ring that the provider takes, in seconds.
const MIN_RINGING_SECS: u16 = 5;
/// Longest time to ring that the provider takes, in seconds.
const MAX_RINGING_SECS: u16 = 300;
/// Milliseconds in a second, as the provider counts the time to ring.
const MS_PER_SEC: u32 = 1_000;
/// Calls on one page of their list. One attempt has one; more would be a fault.
const PAGE_SIZE: u8 = 10;

/// The body of `POST /v2/create-phone-call`.
#[derive(Debug, Serialize)]
pub(super) struct CreatePhoneCall<'a> {
    from_number: &'a str,
    to_number: &'a str,
    override_agent_id: &'a str,
    metadata: Metadata<'a>,
    retell_llm_dynamic_variables: BTreeMap<&'a str, &'a str>,
    agent_override: AgentOverride<'a>,
    /// For an hour the same key makes no second call.
    idempotency_key: &'a str,
}

/// What comes back with every word of the call.
#[derive(Debug, Serialize)]
pub(super) struct Metadata<'a> {
    attempt_id: &'a str,
}

/// Settings of the agent for one call.
#[derive(Debug, Default, Serialize)]
pub(super) struct AgentOverride<'a> {
    agent: AgentSettings<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retell_llm: Option<LlmSettings<'a>>,
}

#[derive(Debug, Default, Serialize)]
struct AgentSettings<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ring_duration_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voicemail_option: Option<VoicemailOption<'a>>,
}

#[derive(Debug, Serialize)]
struct LlmSettings<'a> {
    start_speaker: &'static str,
    begin_message: &'a str,
}

/// That machines are listened for, and what is done about one.
#[derive(Debug, Serialize)]
struct VoicemailOption<'a> {
    action: VoicemailAction<'a>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum VoicemailAction<'a> {
    #[serde(rename = "hangup")]
    HangUp,
    StaticText {
        text: &'a str,
    },
}

impl<'a> From<&'a CallOrder> for CreatePhoneCall<'a> {
    fn from(order: &'a CallOrder) -> Self {
        let texts = Texts {
            first_message: order.first_message.as_deref(),
            prompt: order.prompt.as_deref(),
            language: order.language.as_deref(),
        };
        let locale = texts.language.and_then(|language| locale::of(language, Some(&order.to)));
        let ringing_secs = order.ringing_timeout_secs.clamp(MIN_RINGING_SECS, MAX_RINGING_SECS);
        let action = match &order.on_voicemail {
            Some(VoicemailOrder::Say(text)) => VoicemailAction::StaticText { text },
            // It listens for the sake of an action alone.
            Some(VoicemailOrder::HangUp) | None => VoicemailAction::HangUp,
        };
        let agent = AgentSettings {
            language: locale,
            ring_duration_ms: Some(u32::from(ringing_secs) * MS_PER_SEC),
            // Else it stays as the agent is set up.
            voicemail_option: order.machine_detection.then_some(VoicemailOption { action }),
        };
        Self {
            from_number: &order.phone_number_id,
            to_number: order.to.as_str(),
            override_agent_id: &order.agent_id,
            metadata: Metadata::of(&order.attempt),
            retell_llm_dynamic_variables: texts.variables(&order.attempt, &order.variables),
            agent_override: AgentOverride { agent, retell_llm: texts.llm() },
            idempotency_key: order.attempt.as_str(),
        }
    }
}

impl<'a> Metadata<'a> {
    fn of(attempt: &'a AttemptId) -> Self {
        Self { attempt_id: attempt.as_str() }
    }
}

/// What the campaign or the caller sets for one call.
#[derive(Clone, Copy)]
struct Texts<'a> {
    first_message: Option<&'a str>,
    prompt: Option<&'a str>,
    language: Option<&'a str>,
}

impl<'a> Texts<'a> {
    fn llm(self) -> Option<LlmSettings<'a>> {
        self.first_message.map(|begin_message| LlmSettings { start_speaker: "agent", begin_message })
    }

    fn variables(
        self,
        attempt: &'a AttemptId,
        variables: &'a BTreeMap<String, String>,
    ) -> BTreeMap<&'a str, &'a str> {
        let ours = [
            (ATTEMPT, Some(attempt.as_str())),
            (FIRST_MESSAGE_VARIABLE, self.first_message),
            (PROMPT_VARIABLE, self.prompt),
            (LANGUAGE_VARIABLE, self.language),
        ];
        let given = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        given.chain(ours.into_iter().filter_map(|(name, value)| Some((name, value?)))).collect()
    }
}

/// What a call that comes in begins with.
#[derive(Debug, Serialize)]
pub(super) struct CallInbound<'a> {
    metadata: Metadata<'a>,
    dynamic_variables: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_override: Option<AgentOverride<'a>>,
}

impl<'a> CallInbound<'a> {
    pub(super) fn of_script(attempt: &'a AttemptId, script: &'a Script) -> Self {
        let texts = Texts {
            first_message: script.first_message.as_deref(),
            prompt: script.prompt.as_deref(),
            language: script.language.as_deref(),
        };
        let language = texts.language.and_then(|language| locale::of(language, None));
        let agent = AgentSettings { language, ..AgentSettings::default() };
        let retell_llm = texts.llm();
        let is_given = language.is_some() || retell_llm.is_some();
        Self {
            metadata: Metadata::of(attempt),
            dynamic_variables: texts.variables(attempt, &script.variables),
            agent_override: is_given.then_some(AgentOverride { agent, retell_llm }),
        }
    }
}

/// The body of `POST /v3/list-calls`: the calls of one attempt.
#[derive(Debug, Serialize)]
pub(super) struct CallsOfAttempt<'a> {
    filter_criteria: FilterCriteria<'a>,
    limit: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination_key: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct FilterCriteria<'a> {
    metadata: [MetadataFilter<'a>; 1],
}

#[derive(Debug, Serialize)]
struct MetadataFilter<'a> {
    key: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    op: &'static str,
    value: &'a str,
}

impl<'a> CallsOfAttempt<'a> {
    /// The first page, or the one that this key is of.
    pub(super) fn new(attempt: &'a AttemptId, pagination_key: Option<&'a str>) -> Self {
        let is_ours = MetadataFilter { key: ATTEMPT, kind: "string", op: "eq", value: attempt.as_str() };
        Self { filter_criteria: FilterCriteria { metadata: [is_ours] }, limit: PAGE_SIZE, pagination_key }
    }
}
