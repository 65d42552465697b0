//! What the carrier answers a request with.

use serde_json::{Value, json};

use crate::twilio;

/// An HTTP answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn refusal(status: u16, code: u32) -> Self {
        Self { status, body: twilio::refusal(status, code) }
    }

    pub(super) fn broken() -> Self {
        Self { status: 503, body: json!({ "message": "Service Unavailable", "status": 503 }) }
    }
}
