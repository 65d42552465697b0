//! Who sends our text messages, and tells us what became of them and what people reply.
//!
//! A provider is one folder here and one variant of `MessageProvider`. What it is asked, each in one match, stands in
//! [`Sms`] and below it:
//!
//! - send a text, once, with our id of the attempt in the address to which it is to tell of it; and say what is
//!   known of an attempt by the two numbers, among the texts since it was sent;
//! - whether a webhook is authentic, and what it says.

mod client;
pub mod twilio;

#[cfg(feature = "local")]
pub use client::SmsInProcess;
pub use client::{Sms, Sought};
