//! How a recording is asked for, and what the answers mean.

use carillon_domain::base::recording::MAX_RECORDING_BYTES;

use super::*;
use crate::scripted::{Scripted, answer, truncated};

fn call() -> ProviderCallId {
    ProviderCallId(CONVERSATION.to_owned())
}

async fn fetch(server: &Scripted) -> Result<Option<Download>, InquiryError> {
    client_of(server.url().to_owned()).recording(KEY, &call()).await
}

async fn whole(mut download: Download) -> Result<Vec<u8>, InquiryError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = download.chunk().await? {
        bytes.extend(chunk);
    }
    Ok(bytes)
}

#[tokio::test]
async fn a_recording_comes_in_the_providers_form_for_our_key() {
    let audio: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let server = Scripted::new(vec![answer("200 OK", &[("content-type", "audio/mpeg")], &audio)]);
    let download = fetch(&server).await.expect("an answer").expect("a recording");
    assert_eq!(download.format(), RecordingFormat::Mp3);
    assert_eq!(whole(download).await.expect("all of it"), audio);
    let request = &server.requests()[0];
    assert_eq!(request.target, format!("GET /v1/convai/conversations/{CONVERSATION}/audio"));
    assert_eq!(request.header(API_KEY_HEADER), Some(KEY));
}

#[tokio::test]
async fn a_format_is_what_the_answer_says_and_else_the_usual_one() {
    for (media_type, format) in [
        ("audio/wav", Some(RecordingFormat::Wav)),
        ("Audio/MPEG; charset=binary", Some(RecordingFormat::Mp3)),
        ("application/octet-stream", Some(RecordingFormat::Mp3)),
        ("text/html; charset=utf-8", None),
        ("application/json", None),
    ] {
        let server = Scripted::new(vec![answer("200 OK", &[("content-type", media_type)], b"RIFF")]);
        match (fetch(&server).await, format) {
            (Ok(Some(download)), Some(format)) => assert_eq!(download.format(), format, "{media_type}"),
            (Err(InquiryError::NoRecording(told)), None) => assert!(media_type.starts_with(&told)),
            (other, _) => panic!("{media_type}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn there_is_none_only_where_the_provider_says_so() {
    let gone = json!({"detail": {"status": "document_not_found"}}).to_string();
    let provider = Provider::answering(move |_| (404, gone.clone())).await;
    assert!(provider.client.recording(KEY, &call()).await.expect("an answer").is_none());
    assert_eq!(provider.seen().len(), 1);
    let words = br#"{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}"#;
    let refused = fetch(&Scripted::new(vec![answer("401 Unauthorized", &[], words)])).await;
    assert!(matches!(refused, Err(InquiryError::Refused { status: 401, reason }) if reason.contains("key")));
    let elsewhere = answer("302 Found", &[("location", "http://127.0.0.1:9/")], b"");
    let moved = fetch(&Scripted::new(vec![elsewhere])).await;
    assert!(matches!(moved, Err(InquiryError::Refused { status: 302, .. })), "{moved:?}");
    let odd = ProviderCallId("../agents".to_owned());
    let error = client_of(nowhere().await).recording(KEY, &odd).await.expect_err("no id");
    assert!(matches!(error, InquiryError::NoId));
}

#[tokio::test]
async fn one_that_breaks_off_is_none() {
    let broken = truncated("200 OK", &[("content-type", "audio/mpeg")], &[7; 50_000], 20_000);
    let download = fetch(&Scripted::new(vec![broken])).await.expect("an answer").expect("a recording");
    assert!(matches!(whole(download).await, Err(InquiryError::Unanswered(_))));
}

#[tokio::test]
async fn one_that_is_too_large_is_not_even_begun() {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: {}\r\n\r\n",
        MAX_RECORDING_BYTES + 1
    );
    let error = fetch(&Scripted::new(vec![head.into_bytes()])).await.expect_err("too large");
    assert!(matches!(error, InquiryError::RecordingTooLarge));
}

#[tokio::test]
async fn one_that_does_not_come_in_time_is_no_answer() {
    let listener = listener().await;
    let timeouts = Timeouts { recording: SHORT, ..Timeouts::default() };
    let client = ElevenLabs { timeouts, ..client_of(url_of(&listener)) };
    let error = client.recording(KEY, &call()).await.expect_err("no answer");
    assert!(matches!(error, InquiryError::Unanswered(_)));
}
