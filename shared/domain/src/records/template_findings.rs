//! What the templates of a campaign lack among its leads.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::ids::LeadId;
use crate::records::text_fault::{Text, TextFault};

/// Most leads that are named for each finding.
pub const MAX_EXAMPLES: usize = 5;

/// What was found. Two parts of the leads are merged into what the whole would have given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Leads that were looked at.
    pub leads: u64,
    /// Those of them that can't be called, because a text of the call can't be made.
    pub unspeakable: u64,
    /// Variables that some lead lacks, by the name that templates have for them.
    pub missing: BTreeMap<String, Missing>,
    /// Texts that can't be made for some lead.
    pub failing: BTreeMap<Text, Failing>,
}

/// A variable that some lead lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub leads: u64,
    /// The first of them by their ids.
    pub examples: BTreeSet<LeadId>,
    /// The texts that name it without a fallback.
    pub texts: BTreeSet<Text>,
    /// Whether the assistant needs it.
    pub is_required: bool,
}

/// A text that can't be made for some lead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    pub leads: u64,
    /// The first of them by their ids, with what is wrong.
    pub examples: BTreeMap<LeadId, TextFault>,
}

impl Findings {
    /// Adds what was found among other leads.
    pub fn merge(&mut self, other: Self) {
        self.leads += other.leads;
        self.unspeakable += other.unspeakable;
        for (name, missing) in other.missing {
            self.missing.entry(name).or_default().merge(missing);
        }
        for (text, failing) in other.failing {
            self.failing.entry(text).or_default().merge(failing);
        }
    }
}

impl Missing {
    pub(crate) fn merge(&mut self, other: Self) {
        self.leads += other.leads;
        self.examples.extend(other.examples);
        while self.examples.len() > MAX_EXAMPLES {
            self.examples.pop_last();
        }
        self.texts.extend(other.texts);
        self.is_required |= other.is_required;
    }
}

impl Failing {
    pub(crate) fn merge(&mut self, other: Self) {
        self.leads += other.leads;
        self.examples.extend(other.examples);
        while self.examples.len() > MAX_EXAMPLES {
            self.examples.pop_last();
        }
    }
}
