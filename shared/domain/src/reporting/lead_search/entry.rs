//! What the search index keeps of a lead.

use serde::{Deserialize, Serialize};

use crate::base::phone::E164;
use crate::records::lead::{Lead, Searchable};

/// An entry of the search index, with texts of its own (`String`) or of what it was read from (`&str`).
/// Of two entries of one lead the one of the higher version counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry<S> {
    Lead(IndexedLead<S>),
    /// There is no such lead any more.
    Removed {
        number_hash: S,
        version: u64,
    },
}

/// A lead, as far as it is searched and sorted. States are kept by their names, so that the form outlives
/// another state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedLead<S> {
    /// The part of its id that tells it from the campaign's others.
    pub number_hash: S,
    pub version: u64,
    /// Its place in the file order: when the file came, in milliseconds, and the row.
    pub arrived_ms: i64,
    pub row: u64,
    pub created_ms: i64,
    pub status: S,
    /// How its last attempt ended.
    pub outcome: Option<S>,
    /// When it was last dialled, in milliseconds.
    pub last_call_ms: Option<i64>,
    /// How long the last call took.
    pub last_call_secs: Option<u32>,
    pub name: Option<S>,
    pub primary_number: S,
    pub other_numbers: Vec<S>,
    pub tags: Vec<S>,
}

impl Entry<String> {
    /// What is kept of this lead.
    pub fn of(lead: &Lead) -> Self {
        Self::Lead(IndexedLead::of(lead))
    }

    /// That this lead was removed.
    pub fn removed(lead: &Lead) -> Self {
        Self::Removed { number_hash: lead.id.number_hash().to_owned(), version: lead.version + 1 }
    }

    /// The same with its texts borrowed.
    pub fn borrowed(&self) -> Entry<&str> {
        match self {
            Self::Lead(lead) => Entry::Lead(lead.borrowed()),
            Self::Removed { number_hash, version } => Entry::Removed { number_hash, version: *version },
        }
    }
}

impl<S: AsRef<str>> Entry<S> {
    pub fn number_hash(&self) -> &str {
        match self {
            Self::Lead(lead) => lead.number_hash.as_ref(),
            Self::Removed { number_hash, .. } => number_hash.as_ref(),
        }
    }

    pub const fn version(&self) -> u64 {
        match self {
            Self::Lead(lead) => lead.version,
            Self::Removed { version, .. } => *version,
        }
    }

    /// The lead, unless it was removed.
    pub const fn lead(&self) -> Option<&IndexedLead<S>> {
        match self {
            Self::Lead(lead) => Some(lead),
            Self::Removed { .. } => None,
        }
    }
}

impl IndexedLead<String> {
    /// What is kept of this lead.
    pub fn of(lead: &Lead) -> Self {
        let last = lead.last.as_ref();
        let mut numbers = lead.phones().map(E164::to_string);
        Self {
            number_hash: lead.id.number_hash().to_owned(),
            version: lead.version,
            arrived_ms: lead.order.at.as_millis(),
            row: lead.order.row,
            created_ms: lead.created_at.as_millis(),
            status: lead.state.name().to_owned(),
            outcome: last.and_then(|last| last.outcome).map(|outcome| outcome.name().to_owned()),
            last_call_ms: last.map(|last| last.dialled_at.as_millis()),
            last_call_secs: last.and_then(|last| last.duration_secs),
            name: lead.profile.name.clone(),
            primary_number: numbers.next().unwrap_or_default(),
            other_numbers: numbers.collect(),
            tags: lead.profile.tags.clone(),
        }
    }

    fn borrowed(&self) -> IndexedLead<&str> {
        IndexedLead {
            number_hash: &self.number_hash,
            version: self.version,
            arrived_ms: self.arrived_ms,
            row: self.row,
            created_ms: self.created_ms,
            status: &self.status,
            outcome: self.outcome.as_deref(),
            last_call_ms: self.last_call_ms,
            last_call_secs: self.last_call_secs,
            name: self.name.as_deref(),
            primary_number: &self.primary_number,
            other_numbers: self.other_numbers.iter().map(String::as_str).collect(),
            tags: self.tags.iter().map(String::as_str).collect(),
        }
    }
}

impl<S: AsRef<str>> IndexedLead<S> {
    /// Whether two entries differ in more than their version: a change that nobody could search for or sort
    /// by is not worth an entry.
    pub fn says_the_same(&self, other: &Self) -> bool
    where
        S: Clone + PartialEq,
    {
        Self { version: other.version, ..self.clone() } == *other
    }
}

impl<S: AsRef<str>> Searchable for IndexedLead<S> {
    fn status(&self) -> &str {
        self.status.as_ref()
    }

    fn outcome(&self) -> Option<&str> {
        self.outcome.as_ref().map(AsRef::as_ref)
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(AsRef::as_ref)
    }

    fn name(&self) -> Option<&str> {
        self.name.as_ref().map(AsRef::as_ref)
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.primary_number).chain(&self.other_numbers).map(AsRef::as_ref)
    }
}
