//! The single table: keys, entities, access patterns.
//!
//! The table is the only truth. Queues and indexes hold hints; whoever acts reads here, strongly,
//! and writes under a condition. [`Store::commit`] is the one way in which decisions of the
//! domain become writes.

mod access;
mod active_attempts;
mod analyses;
mod answers;
mod api_keys;
mod attempt_context;
mod audit;
mod breakdown;
mod caller_numbers;
mod calls;
mod campaigns;
mod changes;
mod commit;
mod conditions;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod contact_lists;
mod contacts;
mod credentials;
mod credits;
mod due_index;
mod dynamo;
mod error;
mod event_numbers;
mod evidence;
mod idempotency;
mod imports;
mod interactions;
mod item;
mod jobs;
pub mod keys;
mod leads;
mod lists;
mod mappings;
mod memory;
mod number_records;
mod packed;
mod parallel;
mod planning;
mod provider_access;
mod recordings;
mod rejected_rows;
mod removal;
mod saved_columns;
mod search_index;
mod sender_grants;
pub mod table;
mod unread_events;
mod voices;
mod webhook_deliveries;
mod webhook_endpoints;

pub use access::Store;
pub use analyses::AnalysisContext;
pub use attempt_context::{AttemptContext, Voice, VoiceKeys};
pub use audit::{AuditFilter, AuditPage};
pub use breakdown::FOLD_EVENTS;
pub use calls::{CallTrail, ProviderCall};
pub use campaigns::WorkspaceState;
pub use changes::{HEARD_PREFIXES, REMOVED_PREFIXES, change_of};
pub use commit::CommitError;
pub use contacts::{ContactChange, ContactPage};
pub use credits::TopUpPage;
pub use due_index::{DUE_STEP_MS, DuePlace, DueRange, DueRangeRead, MAX_COUNTED, Waiting, due_step};
pub use dynamo::{DynamoTable, create_table};
pub use error::StoreError;
pub use event_numbers::Unnumbered;
pub use evidence::{EvidenceEntry, EvidencePage};
pub use idempotency::{Admission, IdempotencyRecord, StoredResponse};
pub use interactions::EndedPage;
pub use jobs::{JobFilter, JobPage, ResultPage, ResultPlace};
pub use keys::{CONTACT_SHARDS, LEAD_SHARDS};
pub use leads::{
    CREATE_BATCH, CreatedLeads, DueEntry, DuePage, Held, Holder, OrderPage, OrderPlace, RowOutcome,
};
pub use lists::{ListEntry, ListPage};
pub use memory::MemoryTable;
pub use parallel::in_parallel;
pub use planning::{Lease, PlanState, Release};
pub use provider_access::ProviderAccess;
pub use rejected_rows::{RejectedBy, RejectedRow};
pub use removal::{Removal, ToRemove};
pub use search_index::{
    EntriesError, FrameReader, IndexChange, IndexFile, Packer, SearchIndex, entries_in, framed,
};
pub use sender_grants::SenderGrant;
pub use webhook_deliveries::{DeliveryFilter, DeliveryPage, PendingDelivery};
pub use webhook_endpoints::{ENDPOINTS_REMEMBERED_MS, NO_ENDPOINTS_REMEMBERED_MS};
