//! The single table: keys, entities, access patterns.
//!
//! The table is the only truth. Queues and indexes hold hints; whoever acts reads here, strongly,
//! and writes under a condition. [`Store::commit`] is the one way in which decisions of the
//! domain become writes.

mod active_attempts;
mod api_keys;
mod attempt_context;
mod caller_numbers;
mod calls;
mod campaigns;
mod commit;
mod credentials;
mod credits;
mod due_index;
mod evidence;
mod idempotency;
mod imports;
mod interactions;
mod item;
pub mod keys;
mod leads;
mod lists;
mod number_records;
mod parallel;
mod planning;
mod removal;
mod schema;
mod table;
mod voice_access;
mod voices;

pub use attempt_context::{AttemptContext, Voice, VoiceKeys};
pub use calls::{CallTrail, ProviderCall};
pub use campaigns::WorkspaceState;
pub use commit::CommitError;
pub use credits::TopUpPage;
pub use due_index::{DUE_STEP_MS, DuePlace, DueRange, DueRangeRead, MAX_COUNTED, Waiting, due_step};
pub use evidence::{EvidenceEntry, EvidencePage};
pub use idempotency::{Admission, IdempotencyRecord, StoredResponse};
pub use imports::RejectedRow;
pub use interactions::EndedPage;
pub use keys::LEAD_SHARDS;
pub use leads::{CREATE_BATCH, CreatedLeads, DueEntry, DuePage, RowOutcome};
pub use lists::{ListEntry, ListPage};
pub use parallel::{in_parallel, interrupted};
pub use planning::{Lease, PlanState, Release};
pub use schema::create_table;
pub use table::Store;
pub use voice_access::VoiceAccess;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

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
    /// The service refused or did not answer; the write may or may not have happened.
    #[error("the table did not answer ({code})")]
    Service {
        /// The service's code, or what was seen instead of an answer.
        code: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    fn codec(error: serde_dynamo::Error) -> Self {
        Self::Codec(error)
    }

    fn service<E>(error: SdkError<E>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let code = match &error {
            SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown").to_owned(),
            SdkError::TimeoutError(_) => "timeout".to_owned(),
            SdkError::DispatchFailure(_) => "no connection".to_owned(),
            _ => "unreadable answer".to_owned(),
        };
        Self::Service { code, source: Box::new(error) }
    }

    /// Whether a single write met a transaction.
    fn is_contention(&self) -> bool {
        matches!(self, Self::Service { code, .. } if code == "TransactionConflictException")
    }

    /// Whether the condition of a single write did not hold.
    fn is_condition(&self) -> bool {
        matches!(self, Self::Service { code, .. } if code == "ConditionalCheckFailedException")
    }
}
