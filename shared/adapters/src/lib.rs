//! One folder for each neighbour: providers of calls and of texts, queues, files, secrets, consumers of events, the endpoints
//! that webhooks go to, language models; the clock; random bits.
//!
//! A neighbour with several forms is a closed enum: the one on AWS, the one on this machine.

#[cfg(test)]
mod arbitrary;
pub mod clock;
pub mod consumers;
pub mod files;
pub mod language_model;
pub mod provider;
pub mod queue;
pub mod random;
mod reach;
#[cfg(test)]
mod recording;
#[cfg(all(test, feature = "local"))]
mod scratch;
#[cfg(test)]
mod scripted;
pub mod secrets;
pub mod sms;
pub mod twilio;
pub mod voice;
pub mod webhook_sender;
