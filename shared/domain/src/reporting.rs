//! What is told about all this: explanations, forecasts, and the invariants that must hold.

pub mod explain;
pub mod forecast;
pub mod invariants;
