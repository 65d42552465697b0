//! A number of a lead: itself, and what is known of it alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::call::Outcome;
use crate::base::outcome::{AttemptOutcome, MessageOutcome};
use crate::base::phone::E164;
use crate::base::time::Timestamp;

/// One number of a lead. Stored as its bare text where nothing more is known of it: most leads are no larger for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct LeadNumber {
    pub number: E164,
    /// What it is called: `mobile`, `office`.
    pub label: Option<String>,
    /// Who answers there, where that is somebody else than the lead.
    pub name: Option<String>,
    /// Values for the templates of attempts at this number.
    pub variables: BTreeMap<String, String>,
    /// Values that outrank all others in these.
    pub overwrites: BTreeMap<String, String>,
    pub status: NumberStatus,
    /// The latest attempt at it that has ended.
    pub last: Option<NumberAttempt>,
}

/// What became of the attempts at a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NumberStatus {
    /// Nothing was found out yet.
    #[default]
    Untried,
    Reached,
    NoAnswer,
    Busy,
    Voicemail,
    /// It does not exist, or its network does not let us through.
    Invalid,
    /// It is on a list that forbids calls.
    DoNotCall,
}

/// An attempt at one number, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberAttempt {
    /// When it was dialled.
    pub at: Timestamp,
    pub outcome: AttemptOutcome,
}

impl NumberStatus {
    /// What an outcome says of the number that was dialled; none if it says nothing of it.
    const fn of(outcome: AttemptOutcome) -> Option<Self> {
        match outcome {
            AttemptOutcome::Call(outcome) => match outcome {
                Outcome::Completed | Outcome::Incomplete => Some(Self::Reached),
                Outcome::Voicemail => Some(Self::Voicemail),
                Outcome::Busy | Outcome::Declined => Some(Self::Busy),
                Outcome::NoAnswer => Some(Self::NoAnswer),
                Outcome::InvalidNumber | Outcome::Blocked => Some(Self::Invalid),
                Outcome::Unheard
                | Outcome::AccountRefused
                | Outcome::RequestRejected
                | Outcome::Error
                | Outcome::Failed => None,
            },
            AttemptOutcome::Message(MessageOutcome::Replied) => Some(Self::Reached),
            // A number that takes no texts may well be called.
            AttemptOutcome::Message(_) => None,
        }
    }

    /// Whether a number of which this is known may be dialled.
    pub const fn is_usable(self) -> bool {
        match self {
            Self::Untried | Self::Reached | Self::NoAnswer | Self::Busy | Self::Voicemail => true,
            Self::Invalid | Self::DoNotCall => false,
        }
    }
}

impl LeadNumber {
    /// The number alone, untried.
    pub const fn new(number: E164) -> Self {
        Self {
            number,
            label: None,
            name: None,
            variables: BTreeMap::new(),
            overwrites: BTreeMap::new(),
            status: NumberStatus::Untried,
            last: None,
        }
    }

    /// What was found of the same number stays with it; the rest is as it is given.
    pub(super) fn after(self, stored: &Self) -> Self {
        Self { status: stored.status, last: stored.last, ..self }
    }

    /// Notes how an attempt at it has ended.
    pub(super) fn note(&mut self, attempt: NumberAttempt) {
        self.status = NumberStatus::of(attempt.outcome).unwrap_or(self.status);
        self.last = Some(attempt);
    }
}

impl From<E164> for LeadNumber {
    fn from(number: E164) -> Self {
        Self::new(number)
    }
}

/// A number as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Bare(E164),
    Whole(Whole),
}

#[derive(Serialize, Deserialize)]
struct Whole {
    number: E164,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    overwrites: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "is_untried")]
    status: NumberStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<NumberAttempt>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_untried(status: &NumberStatus) -> bool {
    matches!(status, NumberStatus::Untried)
}

impl From<LeadNumber> for Stored {
    fn from(one: LeadNumber) -> Self {
        if one == LeadNumber::new(one.number.clone()) {
            return Self::Bare(one.number);
        }
        let LeadNumber { number, label, name, variables, overwrites, status, last } = one;
        Self::Whole(Whole { number, label, name, variables, overwrites, status, last })
    }
}

impl From<Stored> for LeadNumber {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Bare(number) => Self::new(number),
            Stored::Whole(Whole { number, label, name, variables, overwrites, status, last }) => {
                Self { number, label, name, variables, overwrites, status, last }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::{self, NOW};

    #[test]
    fn a_number_of_which_nothing_is_known_is_stored_as_itself() {
        let bare = LeadNumber::new(fixtures::number(1));
        assert_eq!(serde_json::to_value(&bare).expect("JSON"), json!(fixtures::number(1)));
        assert_eq!(serde_json::from_value::<LeadNumber>(json!(fixtures::number(1))).expect("a number"), bare);
        let mut known = LeadNumber { label: Some("office".into()), ..bare };
        known.overwrites.insert("greeting".into(), "Good morning".into());
        known.note(NumberAttempt { at: NOW, outcome: Outcome::Busy.into() });
        let stored = serde_json::to_value(&known).expect("JSON");
        assert_eq!(
            stored,
            json!({
                "number": fixtures::number(1), "label": "office", "overwrites": {"greeting": "Good morning"},
                "status": "busy", "last": {"at": NOW, "outcome": "busy"},
            })
        );
        assert_eq!(serde_json::from_value::<LeadNumber>(stored).expect("a number"), known);
    }

    #[test]
    fn what_says_nothing_of_the_number_leaves_its_status() {
        let mut number = LeadNumber::new(fixtures::number(1));
        for (outcome, status) in [
            (AttemptOutcome::from(Outcome::Failed), NumberStatus::Untried),
            (Outcome::NoAnswer.into(), NumberStatus::NoAnswer),
            (Outcome::Error.into(), NumberStatus::NoAnswer),
            (MessageOutcome::NotTextable.into(), NumberStatus::NoAnswer),
            (Outcome::Declined.into(), NumberStatus::Busy),
            (MessageOutcome::Replied.into(), NumberStatus::Reached),
            (Outcome::InvalidNumber.into(), NumberStatus::Invalid),
        ] {
            number.note(NumberAttempt { at: NOW, outcome });
            assert_eq!((number.status, number.last.map(|last| last.outcome)), (status, Some(outcome)));
        }
        assert!(!number.status.is_usable());
    }
}
