//! Twilio Programmable Messaging.
//!
//! The facts are those of the vendor's OpenAPI document, of its Python package 9.13.0 and of its pages of error codes.

#[cfg(test)]
mod arbitrary;
mod client;
mod outcome;
mod signature;
pub(super) mod webhook;

pub(super) use client::{RETRY_ALL, Twilio, check_credentials};
pub use signature::{HEADER, signature, verify};
