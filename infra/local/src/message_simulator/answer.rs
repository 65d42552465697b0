//! What the carrier answers a request with.

use serde_json::{Value, json};

/// An HTTP answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn refusal(status: u16, code: u32) -> Self {
        let more_info = format!("https://www.twilio.com/docs/errors/{code}");
        let body = json!({ "code": code, "message": "refused", "more_info": more_info, "status": status });
        Self { status, body }
    }

    pub(super) fn broken() -> Self {
        Self { status: 503, body: json!({ "message": "Service Unavailable", "status": 503 }) }
    }
}
