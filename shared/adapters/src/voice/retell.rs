//! Retell AI: calls over numbers that are bought there or imported, and their webhooks.
//!
//! The facts are those of the vendor's Python SDK 6.2.13 and of its documentation.

#[cfg(test)]
mod arbitrary;
mod client;
pub(super) mod initiation;
mod locale;
mod outcome;
mod placement;
mod report;
mod request;
pub(super) mod signature;
pub(super) mod webhook;
mod wire;

pub(super) use client::Retell;
