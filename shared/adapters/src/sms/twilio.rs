//! Twilio Programmable Messaging.
//!
//! The facts are those of the vendor's OpenAPI document, of its Python package 9.13.0 and of its pages of error codes.

#[cfg(test)]
mod arbitrary;
mod client;
mod outcome;
pub(super) mod webhook;

pub(super) use client::{Twilio, check_credentials};
