//! What a job tells of each lead or contact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::ids::{ContactId, LeadId};
use crate::base::numbering::NumberClass;
use crate::records::campaign::OnDuplicate;
use crate::records::lead::{ActionRefusal, LeadStatus};

/// What became of one of those to whom a job does something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum JobResult {
    Lead(LeadResult),
    Contact(ContactResult),
}

/// What became of one lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadResult {
    pub lead: LeadId,
    pub outcome: LeadOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadOutcome {
    /// Where the lead stands since; none if it is gone.
    Done(Option<LeadStatus>),
    Refused(ActionRefusal),
}

/// What contacts bring into a campaign besides what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactBatch {
    /// Values of the assistant's variables that hold for all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overwrites: BTreeMap<String, String>,
    /// What all of them are tagged with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What a contact does of whose numbers one is a lead already.
    pub on_duplicate: OnDuplicate,
}

/// What became of one contact that was to be a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactResult {
    pub contact: ContactId,
    pub outcome: ContactOutcome,
    /// Whether a do-not-call list that counts for the campaign has a number of theirs: nobody calls the lead as long
    /// as that is so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_suppressed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactOutcome {
    /// They are this lead now.
    Created(LeadId),
    /// This lead, which has a number of theirs, holds what they say.
    Updated(LeadId),
    Refused(ContactRefusal),
}

/// Why a contact is not made a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "data", rename_all = "snake_case")]
pub enum ContactRefusal {
    /// There is no such contact.
    NotThere,
    /// One of its numbers is this lead already.
    LeadExists(LeadId),
    /// All of its numbers are of classes that the workspace does not allow, the first one of this.
    NumberClass(NumberClass),
    /// The lead would carry more than a lead may; why.
    TooMuch(String),
}

impl JobResult {
    pub const fn is_refused(&self) -> bool {
        match self {
            Self::Lead(result) => matches!(result.outcome, LeadOutcome::Refused(_)),
            Self::Contact(result) => matches!(result.outcome, ContactOutcome::Refused(_)),
        }
    }

    /// The id of the one of whom it tells.
    pub fn of(&self) -> &str {
        match self {
            Self::Lead(result) => result.lead.as_str(),
            Self::Contact(result) => result.contact.as_str(),
        }
    }
}
