//! Composition: the [`Context`](context::Context) that handlers get, the messages between functions, batches with partial
//! failures, and the flows that several functions share.

pub mod batch;
pub mod context;
pub mod forecast_input;
#[cfg(feature = "aws")]
pub mod lambda;
pub mod messages;
pub mod planning_snapshot;
pub mod services;
