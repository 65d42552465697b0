//! Why the table did not do what was asked.

use crate::table::TableError;

/// The table could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A stored item does not have the form of its entity.
    #[error("an item of the table can't be read or written")]
    Codec(#[source] serde_dynamo::Error),
    /// A transaction writes the item of this key twice: nothing was written, and it never will be.
    #[error("a transaction writes {pk} {sk} twice")]
    TouchedTwice { pk: String, sk: String },
    /// A transcript is larger than an item may be.
    #[error("a transcript of {0} bytes, packed, does not fit into an item")]
    TranscriptTooLarge(usize),
    /// What an item holds packed can't be packed or unpacked.
    #[error("what an item holds packed can't be packed or unpacked")]
    Packed(#[source] std::io::Error),
    /// A write may or may not have happened.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl StoreError {
    /// Others kept changing what was to be changed.
    pub fn contended(what: impl Into<String>) -> Self {
        TableError::unanswered("contended", what.into()).into()
    }
}
