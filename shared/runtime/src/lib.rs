//! Composition: the [`World`](world::World) that handlers get, the messages between functions, batches with partial
//! failures, and the flows that several functions share.

pub mod batch;
pub mod crowd;
#[cfg(feature = "aws")]
pub mod lambda;
pub mod lifecycle;
pub mod messages;
pub mod news;
pub mod scene;
pub mod suppression;
pub mod world;
