//! Which leads are meant: by where they stand, how their last attempt ended, their tags, their names and numbers.

use serde::{Deserialize, Serialize};

use super::{Lead, LeadStatus};
use crate::base::outcome::AttemptOutcome;
use crate::base::phone::E164;

/// The leads that all of these hold for; all leads if there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LeadFilter {
    /// Only those in this state, or group of states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub status: Option<StatusFilter>,
    /// Only those whose last attempt ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<AttemptOutcome>,
    /// Only those with this tag, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Only those with this in their name, in any case, or in one of their numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub search: Option<TextSearch>,
}

/// A state of leads, or a group of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    Pending,
    InProgress,
    RetryScheduled,
    CallbackScheduled,
    Suspended,
    Completed,
    Exhausted,
    Skipped,
    Failed,
    /// Those that wait for a call: pending, for a retry or for a call-back.
    Waiting,
    /// Those for whom nothing more is done, and nothing went wrong: completed, exhausted or skipped.
    Done,
    /// Those that failed.
    Error,
}

/// What a filter asks of a lead, or of what is kept of it elsewhere.
pub trait Searchable {
    /// The name of its status.
    fn status(&self) -> &str;

    /// The name of how its last attempt ended.
    fn outcome(&self) -> Option<&str>;

    fn tags(&self) -> impl Iterator<Item = &str>;

    fn name(&self) -> Option<&str>;

    fn numbers(&self) -> impl Iterator<Item = &str>;
}

impl Searchable for Lead {
    fn status(&self) -> &str {
        self.state.name()
    }

    fn outcome(&self) -> Option<&str> {
        self.last.as_ref()?.outcome.map(AttemptOutcome::name)
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        self.profile.tags.iter().map(String::as_str)
    }

    fn name(&self) -> Option<&str> {
        self.profile.name.as_deref()
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        self.phones().map(E164::as_str)
    }
}

impl StatusFilter {
    /// Those that are one state each.
    pub const EXACT: [Self; 9] = [
        Self::Pending,
        Self::InProgress,
        Self::RetryScheduled,
        Self::CallbackScheduled,
        Self::Suspended,
        Self::Completed,
        Self::Exhausted,
        Self::Skipped,
        Self::Failed,
    ];

    fn takes(self, status: &str) -> bool {
        let any = |statuses: &[LeadStatus]| statuses.iter().any(|one| one.name() == status);
        match self {
            Self::Pending => any(&[LeadStatus::Pending]),
            Self::InProgress => any(&[LeadStatus::InProgress]),
            Self::RetryScheduled => any(&[LeadStatus::RetryScheduled]),
            Self::CallbackScheduled => any(&[LeadStatus::CallbackScheduled]),
            Self::Suspended => any(&[LeadStatus::Suspended]),
            Self::Completed => any(&[LeadStatus::Completed]),
            Self::Exhausted => any(&[LeadStatus::Exhausted]),
            Self::Skipped => any(&[LeadStatus::Skipped]),
            Self::Failed | Self::Error => any(&[LeadStatus::Failed]),
            Self::Waiting => {
                any(&[LeadStatus::Pending, LeadStatus::RetryScheduled, LeadStatus::CallbackScheduled])
            }
            Self::Done => any(&[LeadStatus::Completed, LeadStatus::Exhausted, LeadStatus::Skipped]),
        }
    }
}

impl LeadFilter {
    /// Whether it takes every lead.
    pub fn takes_all(&self) -> bool {
        *self == Self::default()
    }

    pub fn takes(&self, lead: &impl Searchable) -> bool {
        self.status.is_none_or(|status| status.takes(lead.status()))
            && self.outcome.is_none_or(|asked| lead.outcome() == Some(asked.name()))
            && self.tag.as_ref().is_none_or(|tag| lead.tags().any(|own| is_same(own, tag)))
            && self.search.as_ref().is_none_or(|search| search.finds(lead.name(), lead.numbers()))
    }
}

/// Whether two texts are the same but for their case.
fn is_same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// A part of a name, in any case, or of a number. A text that says nothing is found everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct TextSearch {
    words: String,
    /// The digits, where the text may be a number.
    digits: String,
}

impl TextSearch {
    /// None for a text that says nothing.
    pub fn new(text: &str) -> Option<Self> {
        let search = Self::from(text.to_owned());
        (!search.words.is_empty()).then_some(search)
    }

    /// Whether this name, or one of these numbers, has it.
    pub fn finds<'a>(&self, name: Option<&str>, mut numbers: impl Iterator<Item = &'a str>) -> bool {
        self.words.is_empty()
            || (!self.digits.is_empty() && numbers.any(|number| number.contains(&self.digits)))
            || name.is_some_and(|name| self.is_in(name))
    }

    fn is_in(&self, name: &str) -> bool {
        // Most names are plain, and looked at where they lie.
        if name.is_ascii() && self.words.is_ascii() {
            let (name, words) = (name.as_bytes(), self.words.as_bytes());
            return name.windows(words.len()).any(|part| part.eq_ignore_ascii_case(words));
        }
        name.to_lowercase().contains(&self.words)
    }
}

impl From<String> for TextSearch {
    fn from(text: String) -> Self {
        let words = text.trim().to_lowercase();
        let is_number = words.chars().all(|c| c.is_ascii_digit() || "+ -./()".contains(c));
        let digits = words.chars().filter(|c| is_number && c.is_ascii_digit()).collect();
        Self { words, digits }
    }
}

impl From<TextSearch> for String {
    fn from(search: TextSearch) -> Self {
        search.words
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
        for (json, takes) in [
            ("{}", true),
            (r#"{"status": "exhausted"}"#, true),
            (r#"{"status": "done"}"#, true),
            (r#"{"status": "waiting"}"#, false),
            (r#"{"status": "completed"}"#, false),
            (r#"{"outcome": "no_answer", "tag": "VIP", "search": "EXAMPLE"}"#, true),
            (r#"{"outcome": "busy", "tag": "vip"}"#, false),
            (r#"{"outcome": "no_answer", "tag": "vi"}"#, false),
            (r#"{"search": "0302312"}"#, false),
            (r#"{"search": "+49 30 2312"}"#, true),
            (r#"{"search": "  "}"#, true),
        ] {
            assert_eq!(filter(json).takes(&lead), takes, "{json}");
        }
        assert!(!filter(r#"{"outcome": "no_answer"}"#).takes(&fixtures::lead(2)), "never called");
    }

    #[test]
    fn a_state_is_a_filter_of_its_own_or_in_a_group() {
        for exact in StatusFilter::EXACT {
            let name = serde_json::to_value(exact).expect("a name");
            let taken: Vec<_> = StatusFilter::EXACT
                .into_iter()
                .filter(|other| other.takes(name.as_str().expect("a text")))
                .collect();
            assert_eq!(taken, [exact]);
        }
    }
}
