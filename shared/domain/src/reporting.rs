//! What is told about all this: events, explanations, forecasts, lists of leads, and the invariants that must hold.

pub mod events;
pub mod explain;
pub mod forecast;
pub mod invariants;
pub mod lead_search;
