//! What providers tell of text messages by webhooks: what became of one of ours, and those that come in.

use carillon_domain::base::message::{InboundMessage, MessageEvent, MessageProvider};
use carillon_domain::base::phone::E164;
use http::HeaderMap;

use super::twilio;
use crate::provider::{SignatureError, WebhookAnswer};
use crate::twilio::form::fields;
use crate::twilio::{RETRY_ALL, verify as verify_twilio};

/// Checks that a webhook comes from the provider, under any of `secrets`, for while a secret is changed both count.
/// `url` is the address as the provider knows it, with its query.
///
/// # Errors
/// When it is not to be believed; answer 401.
pub fn verify(
    provider: MessageProvider,
    headers: &HeaderMap,
    url: &str,
    raw_body: &[u8],
    secrets: &[&str],
) -> Result<(), SignatureError> {
    match provider {
        MessageProvider::Twilio => verify_twilio(headers, url, &fields(raw_body), secrets),
        MessageProvider::Aws => Err(SignatureError::NoWebhooks),
    }
}

/// The number that a status is about, and what it says; none if it is no status.
pub fn parse_status(provider: MessageProvider, raw_body: &[u8]) -> Option<(E164, MessageEvent)> {
    match provider {
        MessageProvider::Twilio => twilio::webhook::status(&fields(raw_body)),
        MessageProvider::Aws => None,
    }
}

/// A text that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    Message(InboundMessage),
    /// Whoever sent it has no telephone number: a short code, another network.
    OfNoNumber,
}

/// A text that came in; none if it is none, or to no number.
pub fn parse_inbound(provider: MessageProvider, raw_body: &[u8]) -> Option<Inbound> {
    match provider {
        MessageProvider::Twilio => twilio::webhook::inbound(&fields(raw_body)),
        MessageProvider::Aws => None,
    }
}

/// The answer, with what is to be said to the person at once, if anything.
pub fn answer(provider: MessageProvider, reply: Option<&str>) -> WebhookAnswer {
    match provider {
        MessageProvider::Twilio => twilio::webhook::answer(reply),
        MessageProvider::Aws => WebhookAnswer { media_type: "text/plain", body: String::new() },
    }
}

/// The address to set with the provider for messages that come in: ours, with how often one is to be told. None for one
/// that has no webhooks.
pub fn inbound_address(provider: MessageProvider, url: &str) -> Option<String> {
    match provider {
        MessageProvider::Twilio => Some(format!("{url}{}", RETRY_ALL)),
        MessageProvider::Aws => None,
    }
}
