//! Who sends our text messages, and tells us what became of them and what people reply.
//!
//! A provider is one folder here and one variant of `MessageProvider`. What `client` and `webhook` ask of it, each in one
//! match, is all that the rest knows of a provider:
//!
//! - send a text, once, with our id of the attempt in the address to which it is to tell of it; and say what is
//!   known of an attempt by the two numbers, among the texts since it was sent;
//! - whether a webhook is authentic, and what it says; or, of AWS, which tells by a queue, what a message there says.

pub mod aws;
mod client;
pub mod twilio;
pub mod webhook;

#[cfg(feature = "local")]
pub use client::SmsInProcess;
pub use client::{OptedOutPage, Sms, Sought, Told};

use carillon_domain::base::message::MessageProvider;

use crate::twilio::account::Credentials;

/// The secret with which the provider signs, where it is a part of its credentials: with an auth token, and not with a key.
pub fn signing_secret(provider: MessageProvider, credentials: &str) -> Option<&str> {
    match provider {
        MessageProvider::Twilio => Credentials::parse(credentials)?.auth_token(),
        MessageProvider::Aws => None,
    }
}

/// What credentials have to be, where they are not.
///
/// # Errors
/// Their form.
pub fn check_credentials(provider: MessageProvider, credentials: &str) -> Result<(), &'static str> {
    match provider {
        MessageProvider::Twilio => twilio::check_credentials(credentials),
        MessageProvider::Aws => Err("none: AWS is reached with the role of this installation"),
    }
}
