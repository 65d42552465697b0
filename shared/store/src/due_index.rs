//! What waits in the due index: how much in one place now, or all of a campaign by its times.

mod ranges;
mod waiting;

pub use ranges::{DUE_STEP_MS, DuePlace, DueRange, DueRangeRead, due_step};
pub use waiting::{MAX_COUNTED, Waiting};
