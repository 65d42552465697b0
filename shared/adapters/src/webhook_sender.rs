//! Sends events to addresses that customers have given; `reach` says where these may lead.

mod signature;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use carillon_domain::records::webhook_delivery::{
    MAX_ANSWER_CHARS, MAX_ANSWER_HEADERS, NoAnswer, TryResult, WebhookDelivery,
};
use carillon_domain::records::webhook_endpoint::MAX_URL_BYTES;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, Url};

pub use crate::reach::{Reach, UrlError};
use crate::reach::{asked_to_wait_ms, chain, is_forbidden_host};
use crate::secrets::Secret;
pub use signature::{SECRET_BYTES, secret_of, sign};

/// How long an endpoint may take to answer, with the connection.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How much of an answer is read, in bytes.
const MAX_ANSWER_BYTES: usize = 4_096;
/// How much of a header or a complaint is kept, in characters.
const MAX_TEXT_CHARS: usize = 200;

/// The headers of Standard Webhooks (standardwebhooks.com), and one of ours that names the delivery which is repeated.
pub const ID_HEADER: &str = "webhook-id";
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
pub const SIGNATURE_HEADER: &str = "webhook-signature";
pub const REPLAY_HEADER: &str = "webhook-replay-of";

/// What came back, and how long the endpoint asks us to wait, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub result: TryResult,
    pub asked_to_wait_ms: Option<i64>,
}

/// The way out for webhooks.
#[derive(Debug, Clone)]
pub struct WebhookSender {
    http: Client,
    reach: Reach,
}

impl WebhookSender {
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(reach: Reach) -> Result<Self, reqwest::Error> {
        let http = reach.client().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).build()?;
        Ok(Self { http, reach })
    }

    /// Whether webhooks may go to an address, as far as it can be told without asking DNS.
    ///
    /// # Errors
    /// [`UrlError`]
    pub fn check(&self, url: &str) -> Result<(), UrlError> {
        self.checked(url).map(drop)
    }

    fn checked(&self, text: &str) -> Result<Url, UrlError> {
        if text.len() > MAX_URL_BYTES {
            return Err(UrlError::TooLong(text.len()));
        }
        self.reach.checked(text)
    }

    /// Sends a delivery once, signed with each of these secrets at this moment, in seconds since 1970.
    pub async fn send(
        &self,
        url: &str,
        delivery: &WebhookDelivery,
        secrets: &[Secret],
        timestamp: i64,
    ) -> Sent {
        let url = match self.checked(url) {
            Ok(url) => url,
            Err(error) => return no_answer(NoAnswer::ForbiddenAddress, error.to_string()),
        };
        let (id, body) = (delivery.id.as_str(), delivery.body.as_bytes());
        let signatures: Option<Vec<String>> =
            secrets.iter().map(|secret| signature::sign(secret, id, timestamp, body)).collect();
        let Some(signatures) = signatures.filter(|all| !all.is_empty()) else {
            return no_answer(NoAnswer::NoSecret, "its secret is not there, or damaged; make a new one");
        };
        let mut request = self
            .http
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(ID_HEADER, id)
            .header(TIMESTAMP_HEADER, timestamp)
            .header(SIGNATURE_HEADER, signatures.join(" "))
            .body(delivery.body.clone());
        if let Some(first) = &delivery.replay_of {
            request = request.header(REPLAY_HEADER, first.as_str());
        }
        match request.send().await {
            Ok(response) => answered(response).await,
            Err(error) => no_answer(cause_of(&error), chain(&error)),
        }
    }
}

fn no_answer(cause: NoAnswer, detail: impl Into<String>) -> Sent {
    let result = TryResult::NoAnswer { cause, detail: cut(&detail.into(), MAX_ANSWER_CHARS) };
    Sent { result, asked_to_wait_ms: None }
}

/// The answer; whoever has sent a status has answered, whatever becomes of the rest.
async fn answered(mut response: Response) -> Sent {
    let status = response.status().as_u16();
    let asked_to_wait_ms =
        response.headers().get(RETRY_AFTER).and_then(|wait| asked_to_wait_ms(wait.to_str().ok()?));
    let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), cut(&String::from_utf8_lossy(value.as_bytes()), MAX_TEXT_CHARS))
    };
    // Cookies are nobody's business here.
    let kept = response.headers().iter().filter(|(name, _)| *name != http::header::SET_COOKIE);
    let headers: BTreeMap<_, _> = kept.take(MAX_ANSWER_HEADERS).map(shown).collect();
    let mut body = Vec::new();
    while body.len() < MAX_ANSWER_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    let body = cut(&String::from_utf8_lossy(&body), MAX_ANSWER_CHARS);
    Sent { result: TryResult::Answered { status, headers, body }, asked_to_wait_ms }
}

fn cause_of(error: &reqwest::Error) -> NoAnswer {
    if is_forbidden_host(error) {
        NoAnswer::ForbiddenAddress
    } else if error.is_timeout() {
        NoAnswer::TimedOut
    } else if error.is_connect() {
        NoAnswer::NotConnected
    } else {
        NoAnswer::BrokeOff
    }
}

fn cut(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}
