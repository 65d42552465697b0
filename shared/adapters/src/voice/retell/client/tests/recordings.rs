//! How a recording is asked for, and where its link may lead.

use super::*;
use crate::scripted::{Scripted, answer};

fn call() -> ProviderCallId {
    ProviderCallId(CALL.to_owned())
}

/// A provider that tells of a call with these fields.
fn telling(fields: &Value) -> Scripted {
    Scripted::new(vec![answer("200 OK", &[], fields.to_string().as_bytes())])
}

async fn fetch(client: &Retell) -> Result<Option<Download>, InquiryError> {
    client.recording(KEY, &call()).await
}

#[tokio::test]
async fn the_link_is_asked_for_with_the_key_and_followed_without() {
    let store = Scripted::new(vec![answer("200 OK", &[("content-type", "audio/wav")], b"RIFF")]);
    let link = format!("{}/rec/recording.wav?signature=s3cret", store.url());
    let provider = telling(&json!({"call_id": CALL, "recording_url": link}));
    let client = client_of(provider.url().to_owned());
    let mut download = fetch(&client).await.expect("an answer").expect("a recording");
    assert_eq!(download.format(), RecordingFormat::Wav);
    assert_eq!(download.chunk().await.expect("a piece").as_deref(), Some(&b"RIFF"[..]));
    assert_eq!(download.chunk().await.expect("the end"), None);
    let (asked, followed) = (&provider.requests()[0], &store.requests()[0]);
    assert_eq!(asked.target, format!("GET /v2/get-call/{CALL}"));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(followed.target, "GET /rec/recording.wav?signature=s3cret");
    assert_eq!(followed.header("authorization"), None);
}

#[tokio::test]
async fn there_is_none_without_a_link_or_without_a_call() {
    let unrecorded = telling(&json!({"call_id": CALL, "recording_url": "", "call_status": "ended"}));
    let unknown = Scripted::new(vec![answer("404 Not Found", &[], b"{}")]);
    for provider in [unrecorded, unknown] {
        let client = client_of(provider.url().to_owned());
        assert!(fetch(&client).await.expect("an answer").is_none());
    }
    let store =
        Scripted::new(vec![answer("403 Forbidden", &[], b"<Error><Code>AccessDenied</Code></Error>")]);
    let link = format!("{}/recording.wav", store.url());
    let client = client_of(telling(&json!({"recording_url": link})).url().to_owned());
    match fetch(&client).await {
        Err(InquiryError::Refused { status: 403, reason }) => assert_eq!(reason, "HTTP 403"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_provider_itself_may_not_lead_us_into_our_own_network() {
    for link in [
        "http://recordings.example/a.wav",
        "https://127.0.0.1/a.wav",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a.wav",
        "https://key:word@recordings.example/a.wav",
        "file:///etc/passwd",
    ] {
        let provider = telling(&json!({"recording_url": link}));
        // As where no other address is set for the provider.
        let client = Retell { reach: Reach::Public, ..client_of(provider.url().to_owned()) };
        let error = fetch(&client).await.expect_err(link);
        assert!(matches!(error, InquiryError::ForbiddenLink(_)), "{link}: {error:?}");
    }
    let provider = telling(&json!({"recording_url": "https://localhost:9/a.wav"}));
    let client = Retell { reach: Reach::Public, ..client_of(provider.url().to_owned()) };
    let error = fetch(&client).await.expect_err("a name that leads to this machine");
    let InquiryError::Unanswered(cause) = error else { panic!("{error:?}") };
    assert!(!cause.to_string().contains("localhost"), "no link in logs: {cause}");
    assert_eq!(Retell::new(http_client().expect("a client"), None).reach, Reach::Public);
}
