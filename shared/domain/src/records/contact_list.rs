//! Contact lists: contacts that somebody has put together. How many are on one is counted beside it.

use serde::{Deserialize, Serialize};

use crate::base::ids::ContactListId;
use crate::base::time::Timestamp;

/// A list of contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactList {
    pub id: ContactListId,
    pub version: u64,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is being deleted: it is gone for everybody but who deletes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_closed: bool,
    pub created_at: Timestamp,
    /// When it was last changed; contacts that come and go don't count.
    pub updated_at: Timestamp,
}

impl ContactList {
    /// The list once it takes nobody any more and is to be removed.
    pub fn closed(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, is_closed: true, updated_at: now, ..self.clone() }
    }
}
