//! The business of Carillon in sentences.
//!
//! Nothing here does I/O, waits, reads a clock or draws a random number: time, ids and
//! randomness are arguments. A decision takes what was loaded and answers with a value: a
//! refusal with a name, or a [`write::Transaction`] that the store commits as a whole.

pub mod assistant;
pub mod call;
pub mod campaign;
pub mod dial;
#[cfg(test)]
mod fixtures;
pub mod flight;
pub mod hours;
pub mod ids;
pub mod intake;
pub mod interaction;
pub mod invariants;
pub mod lead;
pub mod numbering;
pub mod pacing;
pub mod phone;
pub mod plan;
pub mod request;
pub mod retry;
pub mod settle;
pub mod tally;
pub mod template;
pub mod time;
pub mod write;
pub mod zone;
