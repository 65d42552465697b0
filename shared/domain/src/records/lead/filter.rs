//! Which leads are meant: by where they stand, how their latest call ended, their tags, their names and numbers.

use serde::{Deserialize, Serialize};

use super::{Lead, LeadStatus};
use crate::base::outcome::AttemptOutcome;
use crate::base::phone::E164;

/// The leads that all of these hold for; all leads if there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LeadFilter {
    /// Only those in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<LeadStatus>,
    /// Only those whose latest call or text ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<AttemptOutcome>,
    /// Only those with this tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Only those with this in their name, in any case, or in one of their numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

/// A part of a name or of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    words: String,
    digits: String,
}

impl LeadFilter {
    /// Whether a lead is among those that are meant.
    pub fn finds(&self, lead: &Lead) -> bool {
        let last = || lead.last.as_ref().and_then(|last| last.outcome);
        self.status.is_none_or(|status| status == lead.state.status())
            && self.outcome.is_none_or(|outcome| last() == Some(outcome))
            && self.tag.as_ref().is_none_or(|tag| lead.profile.tags.contains(tag))
            && self
                .search
                .as_deref()
                .and_then(Search::new)
                .is_none_or(|search| search.finds(lead.profile.name.as_deref(), &lead.numbers))
    }
}

impl Search {
    /// None for a text that says nothing.
    pub fn new(text: &str) -> Option<Self> {
        let words = text.trim().to_lowercase();
        let is_number = words.chars().all(|c| c.is_ascii_digit() || "+ -./()".contains(c));
        let digits = words.chars().filter(|c| is_number && c.is_ascii_digit()).collect();
        (!words.is_empty()).then_some(Self { words, digits })
    }

    /// Whether this name, or one of these numbers, has it.
    pub fn finds<'a>(&self, name: Option<&str>, numbers: impl IntoIterator<Item = &'a E164>) -> bool {
        let in_number = |number: &E164| !self.digits.is_empty() && number.digits().contains(&self.digits);
        name.is_some_and(|name| name.to_lowercase().contains(&self.words))
            || numbers.into_iter().any(in_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::call::Outcome;
    use crate::fixtures::{self, NOW};
    use crate::policy::retry::Next;

    #[test]
    fn all_that_is_asked_for_must_hold() {
        let mut lead = fixtures::lead(1);
        lead.profile.name = Some("Ana Example".into());
        lead.profile.tags = vec!["vip".into()];
        let lead = lead.dialled(&fixtures::claimed(&lead, NOW), NOW).ended(
            &lead.state,
            Outcome::NoAnswer,
            Next::Exhausted,
            NOW,
        );
        let filter = |json: &str| serde_json::from_str::<LeadFilter>(json).expect("a filter");
        for (json, finds) in [
            ("{}", true),
            (r#"{"status": "exhausted"}"#, true),
            (r#"{"status": "completed"}"#, false),
            (r#"{"outcome": "no_answer", "tag": "vip", "search": "EXAMPLE"}"#, true),
            (r#"{"outcome": "busy", "tag": "vip"}"#, false),
            (r#"{"outcome": "no_answer", "tag": "vi"}"#, false),
            (r#"{"search": "0302312"}"#, false),
            (r#"{"search": "+49 30 2312"}"#, true),
            (r#"{"search": "  "}"#, true),
        ] {
            assert_eq!(filter(json).finds(&lead), finds, "{json}");
        }
        assert!(!filter(r#"{"outcome": "no_answer"}"#).finds(&fixtures::lead(2)), "never called");
    }
}
