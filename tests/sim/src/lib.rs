//! The simulation: the real functions under faults, by seed.
//!
//! A run is one thread in virtual time. Its seed draws people, campaigns, clients, the fault rates and
//! every single fault. The functions of the product work on the table in memory and against a simulated
//! provider; wherever one sends a request, another may go on, or it dies. First comes a storm, in which
//! nothing may be broken; then it calms down, and everything has to end.

mod bug;
mod carrier;
mod clients;
mod event_queue;
mod executor;
mod fault_rates;
mod final_checks;
mod functions;
mod invariant_checker;
mod ports;
mod provider;
mod rng;
mod run;
mod scenario;
mod simulation;
mod stream;
mod survey;
mod trace;

pub use bug::Bug;
pub use run::{Breach, Report, run, trace};
pub use survey::Survey;
