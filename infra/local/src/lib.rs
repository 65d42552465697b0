//! The whole of Carillon in one process, with a simulated phone network.

pub mod network;
pub mod table;
pub mod wiring;
