//! What a language model is asked about a conversation that is over, and what its answer means.
//!
//! A question carries what others have written: the transcript, the client's goal and criteria. Each of these is one
//! line of JSON, so nothing that stands in it can end its part of the question or begin another.

pub mod evaluation;
pub mod goal_test;
pub mod judgement;
mod prompt;
mod schema;
pub mod verdict;
