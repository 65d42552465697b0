//! What is told about all this: events, explanations, forecasts, and the invariants that must hold.

pub mod events;
pub mod explain;
pub mod forecast;
pub mod invariants;
