//! The simulation: the pure core under faults, by seed.
//!
//! A run is one thread in virtual time. Its seed draws people, campaigns, clients, the weather
//! and every single fault; the functions of `handlers` work step by step on the model of the
//! table in `table`, against the provider of `provider`, while `watch` looks on. First comes
//! a storm, in which nothing may be broken; then it calms down, and everything has to end.

mod agenda;
mod bug;
mod cast;
mod draw;
mod errands;
mod handlers;
mod job;
mod map;
mod provider;
mod run;
mod store;
mod survey;
mod table;
mod tale;
mod tasks;
mod trace;
mod verdict;
mod watch;
mod weather;
mod world;

pub use bug::Bug;
pub use run::{Breach, Report, run, trace};
pub use survey::Survey;
