//! What is told about all this: sums, events and their deliveries, explanations, forecasts, lists of leads, exports, and the invariants that
//! must hold.

pub mod breakdown;
pub mod deliveries;
pub mod events;
pub mod explain;
pub mod export;
pub mod forecast;
pub mod invariants;
pub mod lead_search;
