//! The whole of Carillon in one process, with a simulated phone network.
//!
//! The same functions as on AWS, over stand-ins for its services: an embedded table, queues and
//! an upload folder on disk, timers, and a phone network that speaks the provider's contract.

pub mod arguments;
mod bucket;
mod data_folder;
mod demo;
mod draw;
mod expiry;
mod first_start;
mod functions;
mod gateway;
mod journal;
pub mod language_model_simulator;
pub mod message_simulator;
pub mod provider_simulator;
mod start_error;
mod steady_clock;
mod system;
pub mod table;
pub mod twilio;
pub mod webhook_faults;
pub mod wiring;
pub mod workers;

use mimalloc::MiMalloc;

/// A fifth of what a call takes here is asking for memory and giving it back, with the allocator of glibc.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

pub use demo::{DemoError, demo};
pub use functions::queues_of;
pub use start_error::StartError;
pub use system::{LocalSettings, LocalSystem, TABLE};
