//! How a model is brought to answer with JSON, and which way is known to work.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use carillon_domain::base::language_model::{LanguageModel, ModelProvider};

/// Most models of which a mechanism is remembered.
const MAX_KNOWN: usize = 1_000;

/// How a model is brought to answer with JSON of a schema, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mechanism {
    /// The provider lets the model write nothing else.
    Schema,
    /// The model must call a tool whose input is of the schema.
    Tool,
    /// The schema stands in the question.
    Plain,
}

impl Mechanism {
    /// What to try where a model doesn't take this one.
    pub(super) const fn next(self) -> Option<Self> {
        match self {
            Self::Schema => Some(Self::Tool),
            Self::Tool => Some(Self::Plain),
            Self::Plain => None,
        }
    }
}

/// A model, wherever it is.
type Name = (ModelProvider, Option<String>, String);

/// The models that don't take the first mechanism, and what they take: so that the refusals are not paid each time.
#[derive(Debug, Default)]
pub(super) struct KnownMechanisms(Mutex<BTreeMap<Name, Mechanism>>);

impl KnownMechanisms {
    /// What to begin with.
    pub(super) fn mechanism(&self, model: &LanguageModel) -> Mechanism {
        self.with(|known| known.get(&name(model)).copied()).unwrap_or(Mechanism::Schema)
    }

    pub(super) fn works(&self, model: &LanguageModel, mechanism: Mechanism) {
        if mechanism == Mechanism::Schema {
            return;
        }
        self.with(|known| {
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
            known.insert(name(model), mechanism);
        });
    }

    pub(super) fn forget(&self, model: &LanguageModel) {
        self.with(|known| known.remove(&name(model)));
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Name, Mechanism>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn name(model: &LanguageModel) -> Name {
    (model.provider, model.base_url.clone(), model.model.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str) -> LanguageModel {
        LanguageModel {
            provider: ModelProvider::OpenAi,
            model: name.to_owned(),
            base_url: None,
            input_price_micros: 0,
            output_price_micros: 0,
        }
    }

    #[test]
    fn what_works_is_known_by_model_and_address_until_it_works_no_more() {
        let known = KnownMechanisms::default();
        let elsewhere = LanguageModel { base_url: Some("https://models.example/v1".into()), ..model("a") };
        known.works(&model("a"), Mechanism::Tool);
        assert_eq!(known.mechanism(&model("a")), Mechanism::Tool);
        assert_eq!(known.mechanism(&elsewhere), Mechanism::Schema);
        known.forget(&model("a"));
        assert_eq!(known.mechanism(&model("a")), Mechanism::Schema);
    }

    #[test]
    fn what_is_known_has_a_bound() {
        let known = KnownMechanisms::default();
        for n in 0..2 * MAX_KNOWN {
            known.works(&model(&n.to_string()), Mechanism::Plain);
        }
        assert!(known.with(|known| known.len()) <= MAX_KNOWN);
    }
}
