//! The business of Carillon in sentences.
//!
//! Nothing here does I/O, waits, reads a clock or draws a random number: time, ids and
//! randomness are arguments. A decision takes what was loaded and answers with a value: a
//! refusal with a name, or a [`transaction::Transaction`] that the store commits as a whole.

pub mod analysis;
pub mod base;
pub mod bug;
pub mod calling;
pub mod compliance;
#[cfg(test)]
mod fixtures;
pub mod importing;
#[cfg(feature = "openapi")]
mod openapi;
pub mod planning;
pub mod policy;
pub mod records;
pub mod reporting;
pub mod transaction;
#[cfg(feature = "openapi")]
mod written_as;
