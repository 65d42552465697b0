//! A message, as it is ordered, kept, listed and seen by a test.

use std::ops::RangeInclusive;

use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Answer;
use super::person::Fate;
use crate::twilio::attempt_in;

/// How long it takes until a text is sent on, in milliseconds.
pub(super) const SENT_AFTER_MS: RangeInclusive<i64> = 200..=900;
/// How long from then until its receipt comes, in milliseconds.
pub(super) const RECEIPT_AFTER_MS: RangeInclusive<i64> = 500..=3_000;

/// A text that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) to: String,
    pub(super) from: String,
    pub(super) text: String,
    pub(super) status_url: Option<String>,
}

/// A message in either direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub sid: String,
    pub at: Timestamp,
    pub from: String,
    pub to: String,
    pub text: String,
    /// Where its states are told; none of one that came from a person.
    pub status_url: Option<String>,
    /// None of one that came from a person.
    pub fate: Option<Fate>,
    pub is_inbound: bool,
    /// The text of ours that a person replies to with it.
    pub answers: Option<String>,
    /// The webhooks that will tell of it.
    pub posts: Vec<Post>,
    /// What the person replies, and when.
    pub reply: Option<(String, Timestamp)>,
}

/// A webhook that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub at: Timestamp,
    /// The state that it tells; none of a message that came in.
    pub status: Option<String>,
}

/// What a test sees of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    pub at: Timestamp,
    pub from: String,
    pub to: String,
    pub text: String,
    /// Our attempt, of one of ours that names it.
    pub attempt: Option<String>,
    pub fate: Option<Fate>,
    pub is_inbound: bool,
    /// Whether we said it at once, in the answer to a webhook.
    pub is_answer: bool,
}

impl Message {
    /// Our attempt, as the address of its states names it.
    pub(super) fn attempt(&self) -> Option<String> {
        attempt_in(self.status_url.as_deref()?)
    }

    pub(super) fn taken(&self, account: &str) -> Answer {
        let body = json!({ "sid": self.sid, "status": "queued", "account_sid": account, "to": self.to,
            "from": self.from, "body": self.text, "direction": "outbound-api", "error_code": null });
        Answer { status: 201, body }
    }

    /// The state that it has reached by now.
    pub(super) fn listed(&self, now: Timestamp) -> Value {
        let over_at = self.at.plus_ms(SENT_AFTER_MS.end() + RECEIPT_AFTER_MS.end());
        let (status, code) = match self.fate {
            _ if now < over_at => ("sent", None),
            Some(Fate::Delivered) => ("delivered", None),
            Some(Fate::Undelivered(code)) => ("undelivered", Some(code)),
            Some(Fate::Silent) | None => ("sent", None),
        };
        let at = rfc2822(self.at);
        json!({ "sid": self.sid, "status": status, "error_code": code, "direction": "outbound-api",
            "from": self.from, "to": self.to, "body": self.text, "date_created": at, "price": null,
            "price_unit": "USD" })
    }
}

/// A moment as the provider writes it (RFC 2822).
fn rfc2822(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp_millis(at.as_millis()).unwrap_or_default().to_rfc2822()
}
