//! The business of Carillon in sentences.
//!
//! Nothing here does I/O, waits, reads a clock or draws a random number: time, ids and
//! randomness are arguments. A decision takes what was loaded and answers with a value: a
//! refusal with a name, or a [`write::Transaction`] that the store commits as a whole.

pub mod assistant;
pub mod breaker;
pub mod call;
pub mod campaign;
pub mod caps;
pub mod channel;
pub mod credits;
pub mod dial;
pub mod eligibility;
pub mod evidence;
pub mod explain;
#[cfg(test)]
mod fixtures;
pub mod flight;
pub mod forecast;
pub mod hours;
pub mod ids;
pub mod inbound;
pub mod intake;
pub mod interaction;
pub mod invariants;
pub mod lead;
pub mod number_record;
pub mod numbering;
pub mod pacing;
pub mod phone;
pub mod plan;
pub mod pool;
pub mod request;
pub mod retry;
pub mod rules;
pub mod schedule;
pub mod script;
pub mod sequence;
pub mod settle;
pub mod share;
pub mod tally;
pub mod template;
pub mod time;
pub mod workspace;
pub mod write;
pub mod zone;
