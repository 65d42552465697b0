//! What is told about all this: sums, events, explanations, forecasts, and the invariants that must hold.

pub mod breakdown;
pub mod events;
pub mod explain;
pub mod forecast;
pub mod invariants;
