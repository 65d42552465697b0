//! What the model makes of a conversation, in the form that it is asked for.

use serde_json::Value;

use super::conversation::Conversation;

mod callback;
mod fields;
mod judgement;

/// The forms in which it can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    CallJudgement,
    CriteriaEvaluation,
    FieldExtraction,
    CallbackRequest,
}

impl Schema {
    pub(super) const ALL: [Self; 4] =
        [Self::CallJudgement, Self::CriteriaEvaluation, Self::FieldExtraction, Self::CallbackRequest];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CallJudgement => "call_judgement",
            Self::CriteriaEvaluation => "criteria_evaluation",
            Self::FieldExtraction => "field_extraction",
            Self::CallbackRequest => "callback_request",
        }
    }

    /// The form of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|schema| schema.name() == name)
    }

    /// The form that a text names first.
    pub(super) fn named_in(text: &str) -> Option<Self> {
        let named = Self::ALL.into_iter().filter_map(|schema| Some((text.find(schema.name())?, schema)));
        named.min_by_key(|(at, _)| *at).map(|(_, schema)| schema)
    }

    /// The answer to a prompt.
    pub(super) fn answer(self, prompt: &str) -> Value {
        let conversation = Conversation::read(prompt);
        match self {
            Self::CallJudgement => judgement::judge(&conversation),
            Self::CriteriaEvaluation => judgement::evaluate(&conversation),
            Self::FieldExtraction => fields::extract(&conversation, prompt),
            Self::CallbackRequest => callback::find(&conversation, prompt),
        }
    }

    /// The same answer resting on what is not in the conversation.
    pub(super) fn unfounded(self, mut answer: Value) -> Value {
        const NO_SUCH_TURN: u32 = 999;
        match self {
            Self::CallJudgement | Self::CriteriaEvaluation => {
                answer["evidence_turns"] = Value::from(vec![NO_SUCH_TURN]);
            }
            Self::FieldExtraction => {
                for field in answer["fields"].as_array_mut().into_iter().flatten() {
                    field["turn"] = NO_SUCH_TURN.into();
                }
            }
            Self::CallbackRequest => answer["quote"] = "Nobody in this call has said that.".into(),
        }
        answer
    }
}

/// The answer without its last field, and with one that nobody asked for.
pub(super) fn misshapen(mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        let last = fields.keys().next_back().cloned();
        last.and_then(|last| fields.remove(&last));
        fields.insert("confidence".to_owned(), 1.into());
    }
    answer
}
