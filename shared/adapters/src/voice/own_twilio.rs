//! Calls that our own Twilio account places, to which a provider's agent is connected once somebody has answered.
//!
//! The facts are those of the vendor's OpenAPI document, of its Python package 9.13.0 and of its pages. No more than one call a
//! second leaves an account unless it is allowed more: the rest wait in Twilio's own queue.

#[cfg(test)]
mod arbitrary;
mod client;
mod outcome;
mod placement;
pub mod webhook;

pub(super) use client::OwnTwilio;
pub use client::{CallAddresses, Leg};
