//! Placing calls, and asking what became of them.

use std::time::Duration;

use carillon_domain::base::call::{
    CallOrder, CallReport, Inquiry, Line, Placement, ProviderCallId, VoiceEvent,
};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::time::Timestamp;
use http::HeaderValue;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::placement::{answered, complaint, unanswered};
use super::request::OutboundCall;
use super::wire::{Conversation, ConversationPage};
use crate::voice::InquiryError;

const BASE_URL: &str = "https://api.elevenlabs.io";
/// The header that carries the account's key.
const API_KEY_HEADER: &str = "xi-api-key";
/// How long a dial over a Twilio number may take: it is answered once Twilio has the call.
const TWILIO_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a dial over a SIP trunk may take: it is answered once the person has picked up
/// (27 s and more were seen), so longer than it rings.
const SIP_TIMEOUT: Duration = Duration::from_secs(95);
/// How long one question about a call may take.
const INQUIRY_TIMEOUT: Duration = Duration::from_secs(10);
/// How far the provider's clock may be behind ours, in seconds.
const MAX_SKEW_SECS: i64 = 60;
/// Conversations on one page of their list. One attempt has one; more would be a fault.
const PAGE_SIZE: u8 = 10;
/// Most pages that are read for one attempt.
const MAX_PAGES: usize = 5;
/// Longest answer that is read, in bytes; an hour of transcript is some hundred thousand.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// How long to wait for the provider.
#[derive(Debug, Clone, Copy)]
struct Timeouts {
    /// For a dial over a Twilio number.
    twilio: Duration,
    /// For a dial over a SIP trunk.
    sip: Duration,
    /// For each request of an inquiry.
    inquiry: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { twilio: TWILIO_TIMEOUT, sip: SIP_TIMEOUT, inquiry: INQUIRY_TIMEOUT }
    }
}

/// Why an answer could not be read to its end.
enum BodyError {
    Lost(reqwest::Error),
    TooLong,
}

#[derive(Debug, Clone)]
pub(in crate::voice) struct ElevenLabs {
    http: reqwest::Client,
    base_url: String,
    timeouts: Timeouts,
}

impl ElevenLabs {
    /// The provider at its own address, or at another, with the usual time-outs.
    pub(in crate::voice) fn new(http: reqwest::Client, base_url: Option<String>) -> Self {
        let base_url = base_url.as_deref().unwrap_or(BASE_URL).trim_end_matches('/').to_owned();
        Self { http, base_url, timeouts: Timeouts::default() }
    }

    /// May take as long as the line's time-out; on a SIP trunk it usually takes until the person picks up.
    pub(in crate::voice) async fn place(&self, api_key: &str, order: &CallOrder) -> Placement {
        let (path, timeout) = match order.line {
            Line::Twilio => ("/v1/convai/twilio/outbound-call", self.timeouts.twilio),
            Line::SipTrunk => ("/v1/convai/sip-trunk/outbound-call", self.timeouts.sip),
        };
        let request = self.http.post(format!("{}{path}", self.base_url)).json(&OutboundCall::from(order));
        let response = match authorized(request, api_key).timeout(timeout).send().await {
            Ok(response) => response,
            Err(error) => return unanswered(&error, timeout),
        };
        let status = response.status();
        match read(response).await {
            Ok(body) => answered(status, &body),
            // The status alone says enough if it is an error's.
            Err(_) if !status.is_success() => answered(status, &[]),
            Err(BodyError::Lost(error)) => unanswered(&error, timeout),
            Err(BodyError::TooLong) => Placement::Unknown { reason: "the answer is too long".to_owned() },
        }
    }

    pub(in crate::voice) async fn inquire(
        &self,
        api_key: &str,
        attempt: &AttemptId,
        placed_at: Timestamp,
    ) -> Result<Inquiry, InquiryError> {
        let mut known = Inquiry::NotFound;
        for call in self.calls_of(api_key, attempt, placed_at).await? {
            let url = format!("{}/v1/convai/conversations/{}", self.base_url, call.0);
            let conversation: Conversation = self.ask(api_key, self.http.get(url)).await?;
            // Were the filter ever ignored, a stranger's call must not become this one's.
            if conversation.attempt().is_none_or(|named| named == *attempt) {
                known = weightier(known, inquiry(call, &conversation));
            }
        }
        Ok(known)
    }

    pub(in crate::voice) async fn look_up(
        &self,
        api_key: &str,
        call: &ProviderCallId,
        now: Timestamp,
    ) -> Result<Option<VoiceEvent>, InquiryError> {
        // Into the path goes what came from outside.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !call.0.chars().all(is_plain) {
            return Err(InquiryError::NoId);
        }
        let url = format!("{}/v1/convai/conversations/{}", self.base_url, call.0);
        let conversation: Conversation = self.ask(api_key, self.http.get(url)).await?;
        let (attempt, incoming) = (conversation.attempt(), conversation.incoming());
        Ok(match inquiry(call.clone(), &conversation) {
            Inquiry::Ended { call, report } => {
                Some(VoiceEvent::Ended { call, attempt, report, at: now, incoming })
            }
            Inquiry::NotFound | Inquiry::InProgress { .. } => None,
        })
    }

    /// The provider's ids of all calls that bear the attempt's id.
    async fn calls_of(
        &self,
        api_key: &str,
        attempt: &AttemptId,
        placed_at: Timestamp,
    ) -> Result<Vec<ProviderCallId>, InquiryError> {
        let url = format!("{}/v1/convai/conversations", self.base_url);
        let after = placed_at.as_secs().saturating_sub(MAX_SKEW_SECS).max(0).to_string();
        let page_size = PAGE_SIZE.to_string();
        let mut calls = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut query = vec![
                ("user_id", attempt.as_str()),
                ("call_start_after_unix", &after),
                ("page_size", &page_size),
            ];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: ConversationPage = self.ask(api_key, self.http.get(&url).query(&query)).await?;
            calls.extend(page.conversations.into_iter().map(|listed| ProviderCallId(listed.conversation_id)));
            if !page.has_more {
                return Ok(calls);
            }
            cursor = Some(page.next_cursor.ok_or(InquiryError::NoCursor)?);
        }
        Err(InquiryError::TooMany)
    }

    /// One question and its answer.
    async fn ask<T: DeserializeOwned>(
        &self,
        api_key: &str,
        request: RequestBuilder,
    ) -> Result<T, InquiryError> {
        let request = authorized(request, api_key).timeout(self.timeouts.inquiry);
        let response = request.send().await.map_err(|error| InquiryError::Unanswered(error.into()))?;
        let status = response.status();
        let body = read(response).await.map_err(|error| match error {
            BodyError::Lost(error) => InquiryError::Unanswered(error.into()),
            BodyError::TooLong => InquiryError::TooLong,
        })?;
        if status != StatusCode::OK {
            return Err(InquiryError::Refused { status: status.as_u16(), reason: complaint(status, &body) });
        }
        serde_json::from_slice(&body).map_err(InquiryError::Unreadable)
    }
}

/// The request with the account's key, which no log shows.
fn authorized(request: RequestBuilder, api_key: &str) -> RequestBuilder {
    match HeaderValue::from_str(api_key) {
        Ok(mut key) => {
            key.set_sensitive(true);
            request.header(API_KEY_HEADER, key)
        }
        // Left to the request's own error: such a key cannot be sent.
        Err(_) => request.header(API_KEY_HEADER, api_key),
    }
}

/// The whole answer, up to [`MAX_ANSWER_BYTES`].
async fn read(mut response: Response) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Lost)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(BodyError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a conversation says of its call. `done` and `failed` are its only last states.
fn inquiry(call: ProviderCallId, conversation: &Conversation) -> Inquiry {
    match conversation.status.as_deref() {
        Some("done" | "failed") => Inquiry::Ended { call, report: conversation.report() },
        _ => Inquiry::InProgress { call },
    }
}

/// Which of two conversations of one attempt counts: one that still goes on, else the one that
/// came further.
fn weightier(one: Inquiry, other: Inquiry) -> Inquiry {
    let weight = |inquiry: &Inquiry| match inquiry {
        Inquiry::NotFound => (0, None),
        Inquiry::Ended { report: CallReport { outcome, .. }, .. } => (1, Some(*outcome)),
        Inquiry::InProgress { .. } => (2, None),
    };
    if weight(&other) > weight(&one) { other } else { one }
}

#[cfg(test)]
mod tests;
