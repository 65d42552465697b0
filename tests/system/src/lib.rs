//! The real handlers over the embedded table, on a virtual clock.

pub mod api;
pub mod checks;
pub mod harness;
pub mod people;
pub mod weather;
pub mod world;
