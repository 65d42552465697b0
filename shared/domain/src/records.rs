//! What the table keeps: one file a record, with the states that it goes through.

pub mod active_attempt;
pub mod api_key;
pub mod audit;
pub mod campaign;
pub mod contact;
pub mod contact_list;
pub mod counters;
pub mod credits;
pub mod evidence;
pub mod export;
pub mod import;
pub mod interaction;
pub mod job;
pub mod lead;
pub mod mapping;
pub mod number_record;
pub mod recording;
pub mod refusal;
pub mod saved_columns;
pub mod tally;
pub mod template_findings;
pub mod text_fault;
pub mod unread_event;
pub mod webhook_delivery;
pub mod webhook_endpoint;
pub mod workspace;
