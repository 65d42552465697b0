//! How this provider answers a dial, and how it complains.

use carillon_domain::base::call::Placement;
use serde::Deserialize;

use super::wire::PlacedCall;
use crate::voice::exchange::Wording;
use crate::voice::lenient::{call_id, lenient};

pub(super) const WORDING: Wording = Wording { placed, complaint, by_code: |_| None };

/// Judges a 2xx answer. A call that we have no id of is one that we cannot follow, only ask for.
fn placed(body: &[u8]) -> Placement {
    let answer: PlacedCall = match serde_json::from_slice(body) {
        Ok(answer) => answer,
        Err(error) => return Placement::Unknown { reason: format!("unreadable answer: {error}") },
    };
    match call_id([&answer.call_id]) {
        Some(call) => Placement::Accepted { calls: vec![call] },
        None => Placement::Unknown { reason: "success without an id".to_owned() },
    }
}

/// An error's form: `{"status": "error", "message": "…"}`.
#[derive(Deserialize)]
struct Complaint {
    #[serde(default, deserialize_with = "lenient")]
    message: Option<String>,
}

fn complaint(body: &[u8]) -> Option<String> {
    let Complaint { message } = serde_json::from_slice(body).ok()?;
    message
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::call::{Outcome, ProviderCallId};
    use reqwest::StatusCode;

    use super::*;
    use crate::voice::placement::answered;

    fn judge(status: u16, body: &str) -> Placement {
        answered(StatusCode::from_u16(status).expect("a status"), body.as_bytes(), WORDING)
    }

    #[test]
    fn a_call_is_known_by_its_id() {
        let calls = vec![ProviderCallId("call_1".to_owned())];
        let body = r#"{"call_id":"call_1","call_status":"registered","agent_id":"agent_1"}"#;
        assert_eq!(judge(201, body), Placement::Accepted { calls });
    }

    #[test]
    fn a_success_that_cannot_be_followed_is_unknown() {
        for body in
            [r#"{"call_status":"registered"}"#, r#"{"call_id":" "}"#, r#"{"call_id":7}"#, "<html>", ""]
        {
            assert!(matches!(judge(201, body), Placement::Unknown { .. }), "{body}");
        }
    }

    #[test]
    fn the_providers_complaint_is_kept_in_its_own_words() {
        let refused = |outcome, reason: &str| Placement::Refused { outcome, reason: reason.to_owned() };
        let body = r#"{"status":"error","message":"Cannot find requested asset under given api key."}"#;
        let reason = "HTTP 422: Cannot find requested asset under given api key.";
        assert_eq!(judge(422, body), refused(Outcome::RequestRejected, reason));
        assert_eq!(judge(402, "Pay first"), refused(Outcome::AccountRefused, "HTTP 402: Pay first"));
        assert_eq!(
            judge(400, r#"{"message":null}"#),
            refused(Outcome::RequestRejected, r#"HTTP 400: {"message":null}"#)
        );
    }
}
