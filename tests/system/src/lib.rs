//! The real handlers over the embedded table, on a virtual clock.

pub mod api;
mod carry;
pub mod checks;
pub mod context;
pub mod cost;
pub mod harness;
pub mod keys_written;
pub mod local_run;
pub mod model;
pub mod people;
pub mod process;
pub mod receiver;
pub mod refill;
pub mod scale;
pub mod scratch;
pub mod spent;
pub mod storm;
pub mod stream;
pub mod webhook;
