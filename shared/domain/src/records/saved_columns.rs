//! Which columns of a campaign's results somebody wants to see, until they say otherwise.

use serde::{Deserialize, Serialize};

use crate::base::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedColumns {
    /// Their names, in order.
    pub columns: Vec<String>,
    pub updated_at: Timestamp,
}
