//! ElevenLabs Agents: calls over Twilio numbers and SIP trunks, and their webhooks.
//!
//! The facts are those of the vendor's Python SDK 2.78.0 and of its documentation; where a rule
//! rests on what integrators have seen instead, the rule says so.

#[cfg(test)]
mod arbitrary;
mod client;
mod collected;
pub(super) mod initiation;
mod outcome;
mod placement;
mod python_literal;
mod report;
mod request;
pub(super) mod signature;
mod trace;
pub(super) mod webhook;
mod wire;

pub(super) use client::ElevenLabs;
