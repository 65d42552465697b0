//! One request to a provider, and its answer.

use std::time::Duration;

use carillon_domain::base::call::{Outcome, Placement};
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use super::placement::{answered, complaint, unanswered};
use crate::provider::{BodyError, InquiryError, read};

/// Longest answer that is read, in bytes; an hour of transcript is some hundred thousand.
pub(super) const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// How a provider words its answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wording {
    /// What a 2xx answer to a dial says.
    pub(super) placed: fn(&[u8]) -> Placement,
    /// What an error complains of; none if its body is of another form.
    pub(super) complaint: fn(&[u8]) -> Option<String>,
    /// What a code of the provider's own in a 4xx answer to a dial says; none if the HTTP status has to do.
    pub(super) by_code: fn(&[u8]) -> Option<Meaning>,
}

/// What a provider's own code says of a dial: no call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Congested,
    Refused(Outcome),
}

/// Asks for a call, once.
pub(super) async fn dial(request: RequestBuilder, timeout: Duration, wording: Wording) -> Placement {
    let response = match request.timeout(timeout).send().await {
        Ok(response) => response,
        Err(error) => return unanswered(&error, timeout),
    };
    let status = response.status();
    match read(response, MAX_ANSWER_BYTES).await {
        Ok(body) => answered(status, &body, wording),
        // The status alone says enough if it is an error's.
        Err(_) if !status.is_success() => answered(status, &[], wording),
        Err(BodyError::Lost(error)) => unanswered(&error, timeout),
        Err(BodyError::TooLong) => Placement::Unknown { reason: "the answer is too long".to_owned() },
    }
}

/// One question and its answer.
pub(super) async fn ask<T: DeserializeOwned>(
    request: RequestBuilder,
    timeout: Duration,
    wording: Wording,
) -> Result<T, InquiryError> {
    let body = ask_bytes(request, timeout, wording).await?;
    serde_json::from_slice(&body).map_err(InquiryError::Unreadable)
}

/// The same where the answer is a text.
pub(super) async fn ask_text(
    request: RequestBuilder,
    timeout: Duration,
    wording: Wording,
) -> Result<String, InquiryError> {
    let body = ask_bytes(request, timeout, wording).await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

async fn ask_bytes(
    request: RequestBuilder,
    timeout: Duration,
    wording: Wording,
) -> Result<Vec<u8>, InquiryError> {
    let response = request
        .timeout(timeout)
        .send()
        .await
        .map_err(|error| InquiryError::Unanswered(error.without_url().into()))?;
    let status = response.status();
    let body = read(response, MAX_ANSWER_BYTES).await.map_err(|error| match error {
        BodyError::Lost(error) => InquiryError::Unanswered(error.without_url().into()),
        BodyError::TooLong => InquiryError::TooLong,
    })?;
    if status != StatusCode::OK {
        let reason = complaint(status, &body, wording);
        return Err(InquiryError::Refused { status: status.as_u16(), reason });
    }
    Ok(body)
}
