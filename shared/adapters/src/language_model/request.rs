//! What a model is asked by one request, whoever runs it.

use std::borrow::Cow;

use carillon_domain::base::language_model::Question;

use super::mechanism::Mechanism;

/// What a tool is there for that takes the answer.
pub(super) const TOOL_DESCRIPTION: &str = "Takes the answer.";

/// In place of an answer without a word: a turn must not be empty.
const NO_WORDS: &str = "(nothing)";

/// One request.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    /// What the provider calls it.
    pub(super) model: &'a str,
    pub(super) question: &'a Question,
    pub(super) mechanism: Mechanism,
    pub(super) repair: Option<&'a Repair>,
}

/// An answer that did not fit, and why.
pub(super) struct Repair {
    pub(super) answer: String,
    pub(super) fault: String,
}

/// Who says something in the conversation with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    Us,
    Model,
}

impl<'a> Request<'a> {
    /// The conversation so far, which the model is to continue. An answer that came as a tool's input is shown as text:
    /// every provider takes that.
    pub(super) fn turns(&self) -> Vec<(Speaker, Cow<'a, str>)> {
        let mut turns = vec![(Speaker::Us, self.prompt())];
        if let Some(Repair { answer, fault }) = self.repair {
            let answer = if answer.trim().is_empty() { NO_WORDS } else { answer };
            turns.push((Speaker::Model, answer.into()));
            let words = format!(
                "That answer can't be used: {fault}\nAnswer again, in the same form and in full, without this fault."
            );
            turns.push((Speaker::Us, words.into()));
        }
        turns
    }

    fn prompt(&self) -> Cow<'a, str> {
        let Question { prompt, schema, .. } = self.question;
        match self.mechanism {
            Mechanism::Schema | Mechanism::Tool => prompt.into(),
            Mechanism::Plain => format!(
                "{prompt}\nANSWER\nAnswer with one JSON object and nothing else. It must fit this JSON schema, with its \
                 fields in this order:\n{schema}"
            )
            .into(),
        }
    }
}
