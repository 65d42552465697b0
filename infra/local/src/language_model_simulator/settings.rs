//! What can be set on the model.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::draw::Draw;

/// What can be set on the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSettings {
    pub seed: u64,
    /// What callers must send as a bearer token.
    pub api_key: String,
    /// What callers must call it.
    pub model: String,
    pub faults: ModelFaults,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            api_key: "sk-local".to_owned(),
            model: "local-reader".to_owned(),
            faults: ModelFaults::default(),
        }
    }
}

/// What may go wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelFault {
    /// HTTP 503.
    Outage,
    /// HTTP 429, with `Retry-After: 1`.
    Busy,
    /// It takes [`ModelFaults::slow_ms`].
    Slow,
    /// Prose in place of JSON.
    NotJson,
    /// It would rather not answer.
    Refusal,
    /// Half of the answer, cut off at the limit of tokens.
    CutOff,
    /// It rests on turns, or words, that the conversation does not have.
    WrongTurns,
    /// One field is missing, and there is one that nobody asked for.
    WrongField,
}

impl ModelFault {
    pub const ALL: [Self; 8] = [
        Self::Outage,
        Self::Busy,
        Self::Slow,
        Self::NotJson,
        Self::Refusal,
        Self::CutOff,
        Self::WrongTurns,
        Self::WrongField,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Outage => "outage",
            Self::Busy => "busy",
            Self::Slow => "slow",
            Self::NotJson => "not_json",
            Self::Refusal => "refusal",
            Self::CutOff => "cut_off",
            Self::WrongTurns => "wrong_turns",
            Self::WrongField => "wrong_field",
        }
    }
}

/// There is no such fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no fault of language models has this name")]
pub struct UnknownModelFault;

impl FromStr for ModelFault {
    type Err = UnknownModelFault;

    fn from_str(text: &str) -> Result<Self, UnknownModelFault> {
        Self::ALL.into_iter().find(|fault| fault.name() == text).ok_or(UnknownModelFault)
    }
}

/// How often something goes wrong; one thing at most with each answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelFaults {
    /// How often each happens, in a thousand answers.
    pub permille: BTreeMap<ModelFault, u16>,
    /// How long a slow answer takes, in milliseconds.
    pub slow_ms: u64,
}

impl ModelFaults {
    /// The same, with a fault that happens so many times in a thousand.
    #[must_use]
    pub fn with(mut self, fault: ModelFault, permille: u16) -> Self {
        self.permille.insert(fault, permille);
        self
    }

    /// What goes wrong this time, if anything does.
    pub(super) fn drawn(&self, draw: &mut Draw) -> Option<ModelFault> {
        let mut left = draw.below(1_000);
        for (fault, permille) in &self.permille {
            match left.checked_sub(u64::from(*permille)) {
                Some(rest) => left = rest,
                None => return Some(*fault),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_happens_as_often_as_it_is_set() {
        let faults = ModelFaults::default()
            .with(ModelFault::Busy, 100)
            .with(ModelFault::Slow, 0)
            .with(ModelFault::Refusal, 250);
        let mut draw = Draw::keyed(3, &["faults"]);
        let mut seen: BTreeMap<Option<ModelFault>, u32> = BTreeMap::new();
        for _ in 0..20_000 {
            *seen.entry(faults.drawn(&mut draw)).or_default() += 1;
        }
        let times = |fault| seen.get(&fault).copied().unwrap_or_default();
        assert!((1_800..2_200).contains(&times(Some(ModelFault::Busy))), "{seen:?}");
        assert!((4_700..5_300).contains(&times(Some(ModelFault::Refusal))), "{seen:?}");
        assert_eq!(seen.len(), 3, "a fault that is set to nothing never happens: {seen:?}");
    }
}
