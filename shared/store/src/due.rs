//! What waits in the due index: how much in one place now, or all of a campaign by its times.

mod stretches;
mod waiting;

pub use stretches::{DUE_STEP_MS, DuePlace, Stretch, StretchRead, due_step};
pub use waiting::{MAX_COUNTED, Waiting};
