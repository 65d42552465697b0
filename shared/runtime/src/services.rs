//! The flows that several functions share.

pub mod answered_calls;
pub mod call_updates;
pub mod carrier_forms;
pub mod deliveries;
pub mod effects;
pub mod exports;
pub mod file_rows;
pub mod inbound_calls;
pub mod interactions;
pub mod lead_search;
pub mod lifecycle;
pub mod mappings;
pub mod placing;
pub mod recordings;
pub mod replies;
pub mod suppression;
pub mod voice_events;
