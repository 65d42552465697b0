//! The single table: keys, entities, access patterns.
//!
//! The table is the only truth. Queues and indexes hold hints; whoever acts reads here, strongly,
//! and writes under a condition. [`Store::commit`] is the one way in which decisions of the
//! domain become writes.

mod access;
mod active_attempts;
mod api_keys;
mod attempt_context;
mod audit;
mod caller_numbers;
mod calls;
mod campaigns;
mod changes;
mod commit;
mod conditions;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod credentials;
mod credits;
mod due_index;
mod dynamo;
mod event_numbers;
mod evidence;
mod idempotency;
mod imports;
mod interactions;
mod item;
pub mod keys;
mod leads;
mod lists;
mod memory;
mod number_records;
mod parallel;
mod planning;
mod removal;
pub mod table;
mod voice_access;
mod voices;

pub use access::Store;
pub use attempt_context::{AttemptContext, Voice, VoiceKeys};
pub use audit::{AuditFilter, AuditPage};
pub use calls::{CallTrail, ProviderCall};
pub use campaigns::WorkspaceState;
pub use changes::{HEARD_PREFIXES, change_of};
pub use commit::CommitError;
pub use credits::TopUpPage;
pub use due_index::{DUE_STEP_MS, DuePlace, DueRange, DueRangeRead, MAX_COUNTED, Waiting, due_step};
pub use dynamo::{DynamoTable, create_table};
pub use evidence::{EvidenceEntry, EvidencePage};
pub use idempotency::{Admission, IdempotencyRecord, StoredResponse};
pub use imports::RejectedRow;
pub use interactions::EndedPage;
pub use keys::LEAD_SHARDS;
pub use leads::{CREATE_BATCH, CreatedLeads, DueEntry, DuePage, RowOutcome};
pub use lists::{ListEntry, ListPage};
pub use memory::MemoryTable;
pub use parallel::in_parallel;
pub use planning::{Lease, PlanState, Release};
pub use voice_access::VoiceAccess;

use table::TableError;

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
    /// A transcript can't be packed or unpacked.
    #[error("a transcript can't be packed or unpacked")]
    Transcript(#[source] std::io::Error),
    /// A write may or may not have happened.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl StoreError {
    /// Others kept changing what was to be changed.
    fn contended(what: impl Into<String>) -> Self {
        TableError::unanswered("contended", what.into()).into()
    }
}
