//! What each answer to a dial means.

use carillon_domain::base::call::ProviderCallId;
use reqwest::StatusCode;

use super::*;
use crate::voice::placement::{MAX_REASON_CHARS, answered, complaint};

fn judge(status: u16, body: &str) -> Placement {
    answered(StatusCode::from_u16(status).expect("a status"), body.as_bytes(), WORDING)
}

fn accepted(ids: &[&str]) -> Placement {
    Placement::Accepted { calls: ids.iter().map(|id| ProviderCallId((*id).to_owned())).collect() }
}

#[test]
fn success_gives_every_id_and_the_conversation_first() {
    let twilio = r#"{"success":true,"message":"Success","conversation_id":"conv_1","callSid":"CA1"}"#;
    assert_eq!(judge(200, twilio), accepted(&["conv_1", "CA1"]));
    let sip = r#"{"success":true,"message":"Success","conversation_id":"conv_1","sip_call_id":"SCL_1"}"#;
    assert_eq!(judge(200, sip), accepted(&["conv_1", "SCL_1"]));
    let carrier = r#"{"success":true,"message":"Success","conversation_id":null,"callSid":"CA1"}"#;
    assert_eq!(judge(200, carrier), accepted(&["CA1"]));
}

#[test]
fn the_flag_counts_not_the_status() {
    let body = r#"{"success":false,"message":"No route","conversation_id":null,"callSid":null}"#;
    let refused = Placement::Refused { outcome: Outcome::Failed, reason: "No route".to_owned() };
    assert_eq!(judge(200, body), refused);
}

#[test]
fn a_success_that_cannot_be_followed_is_unknown() {
    for body in [
        r#"{"success":true,"message":"Success","conversation_id":null,"callSid":null}"#,
        r#"{"success":true,"conversation_id":""}"#,
        r#"{"message":"Success","conversation_id":"conv_1"}"#,
        "<html>",
        "",
    ] {
        assert!(matches!(judge(200, body), Placement::Unknown { .. }), "{body}");
    }
}

#[test]
fn each_error_status_has_its_meaning() {
    for status in [401, 402, 403, 404] {
        let placement = judge(status, "");
        let reason = format!("HTTP {status}");
        assert_eq!(placement, Placement::Refused { outcome: Outcome::AccountRefused, reason });
    }
    for status in [400, 409, 413, 422] {
        let placement = judge(status, "");
        let reason = format!("HTTP {status}");
        assert_eq!(placement, Placement::Refused { outcome: Outcome::RequestRejected, reason });
    }
    assert_eq!(judge(429, "busy"), Placement::Congested);
    for status in [302, 307, 408, 500, 502, 503, 504, 520] {
        let placement = judge(status, "");
        assert_eq!(placement, Placement::Unknown { reason: format!("HTTP {status}") });
    }
}

#[test]
fn the_providers_complaint_is_kept_in_its_own_words() {
    let words = |body: &str| complaint(StatusCode::UNPROCESSABLE_ENTITY, body.as_bytes(), WORDING);
    let faults = r#"{"detail":[{"loc":["body","to_number"],"msg":"Field required","type":"missing"},
        {"loc":["body","items",0],"msg":"Bad","type":"x"}]}"#;
    assert_eq!(words(faults), "HTTP 422: body.to_number: Field required; body.items.0: Bad");
    let status = r#"{"detail":{"status":"payment_required","message":"Pay first"}}"#;
    assert_eq!(words(status), "HTTP 422: payment_required: Pay first");
    assert_eq!(words(r#"{"detail":{"status":"invalid_api_key"}}"#), "HTTP 422: invalid_api_key");
    assert_eq!(words(r#"{"detail":"Not Found"}"#), "HTTP 422: Not Found");
    assert_eq!(words(" Bad Gateway\n"), "HTTP 422: Bad Gateway");
    assert_eq!(words(&"ä".repeat(5_000)), format!("HTTP 422: {}", "ä".repeat(MAX_REASON_CHARS)));
}
