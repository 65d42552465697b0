//! Which leads are looked for.

use serde::{Deserialize, Serialize};

use super::entry::IndexedLead;
use crate::base::outcome::AttemptOutcome;
use crate::records::lead::LeadStatus;

/// Which leads are looked for: those that meet all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusFilter>,
    /// How their last attempt ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<AttemptOutcome>,
    /// A tag that they have, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

impl StatusFilter {
    /// Those that are one state each.
    pub const EXACT: [Self; 8] = [
        Self::Pending,
        Self::InProgress,
        Self::RetryScheduled,
        Self::CallbackScheduled,
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

    pub fn takes<S: AsRef<str>>(&self, lead: &IndexedLead<S>) -> bool {
        let outcome = lead.outcome.as_ref().map(AsRef::as_ref);
        self.status.is_none_or(|status| status.takes(lead.status.as_ref()))
            && self.outcome.is_none_or(|asked| outcome == Some(asked.name()))
            && self.tag.as_ref().is_none_or(|tag| lead.tags.iter().any(|own| is_same(own.as_ref(), tag)))
            && self
                .search
                .as_ref()
                .is_none_or(|search| search.finds(lead.name.as_ref().map(AsRef::as_ref), lead.numbers()))
    }
}

/// Whether two texts are the same but for their case.
fn is_same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// A part of a name, in any case, or of a number.
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
        (!self.digits.is_empty() && numbers.any(|number| number.contains(&self.digits)))
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
