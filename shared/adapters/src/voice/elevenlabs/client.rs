//! Placing calls, and asking what became of them.

use std::time::Duration;

use carillon_domain::base::call::{CallOrder, Inquiry, Line, Outcome, Placement, ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::recording::RecordingFormat;
use carillon_domain::base::time::Timestamp;
use http::HeaderValue;
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;

use super::placement::WORDING;
use super::request::{OutboundCall, RegisterCall};
use super::wire::{Conversation, ConversationPage};
use crate::provider::InquiryError;
use crate::voice::download::{self, Download};
use crate::voice::exchange;
use crate::voice::inquiry::{plain_id, weightier};

const BASE_URL: &str = "https://api.elevenlabs.io";
/// The header that carries the account's key.
const API_KEY_HEADER: &str = "xi-api-key";
/// How long a dial over a Twilio number may take: it is answered once Twilio has the call.
const TWILIO_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a dial over a SIP trunk may take: it is answered once the person has picked up
/// (27 s and more were seen), so longer than it rings.
const SIP_TIMEOUT: Duration = Duration::from_secs(95);
/// How long it may take to have an agent for a call that somebody has answered: Twilio waits 15 seconds for it, and the
/// person on the line.
const REGISTER_TIMEOUT: Duration = Duration::from_secs(8);
/// How long one question about a call may take.
const INQUIRY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a recording may take, to its last byte; whoever takes it has five minutes for all.
const RECORDING_TIMEOUT: Duration = Duration::from_secs(200);
/// How far the provider's clock may be behind ours, in seconds.
const MAX_SKEW_SECS: i64 = 60;
/// Conversations on one page of their list. One attempt has one; more would be a fault.
const PAGE_SIZE: u8 = 10;
/// Most pages that are read for one attempt.
const MAX_PAGES: usize = 5;

/// How long to wait for the provider.
#[derive(Debug, Clone, Copy)]
struct Timeouts {
    /// For a dial over a Twilio number.
    twilio: Duration,
    /// For a dial over a SIP trunk.
    sip: Duration,
    /// For each request of an inquiry.
    inquiry: Duration,
    /// For a recording, to its end.
    recording: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            twilio: TWILIO_TIMEOUT,
            sip: SIP_TIMEOUT,
            inquiry: INQUIRY_TIMEOUT,
            recording: RECORDING_TIMEOUT,
        }
    }
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
            Line::OwnTwilio => return not_ours(),
            Line::SipTrunk => ("/v1/convai/sip-trunk/outbound-call", self.timeouts.sip),
        };
        let request = self.http.post(format!("{}{path}", self.base_url)).json(&OutboundCall::from(order));
        exchange::dial(authorized(request, api_key), timeout, WORDING).await
    }

    /// The TwiML by which an agent speaks in a call that our own account has placed.
    pub(in crate::voice) async fn register(
        &self,
        api_key: &str,
        order: &CallOrder,
    ) -> Result<String, InquiryError> {
        let url = format!("{}/v1/convai/twilio/register-call", self.base_url);
        let request = authorized(self.http.post(url).json(&RegisterCall::from(order)), api_key);
        let twiml = exchange::ask_text(request, REGISTER_TIMEOUT, WORDING).await?;
        if twiml.contains("<Response") { Ok(twiml) } else { Err(InquiryError::NoAgent) }
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
        let url = format!("{}/v1/convai/conversations/{}", self.base_url, plain_id(call)?);
        let conversation: Conversation = self.ask(api_key, self.http.get(url)).await?;
        let (attempt, incoming) = (conversation.attempt(), conversation.incoming());
        Ok(match inquiry(call.clone(), &conversation) {
            Inquiry::Ended { call, report } => {
                Some(VoiceEvent::Ended { call, attempt, report, at: now, incoming })
            }
            Inquiry::NotFound | Inquiry::InProgress { .. } => None,
        })
    }

    pub(in crate::voice) async fn recording(
        &self,
        api_key: &str,
        call: &ProviderCallId,
    ) -> Result<Option<Download>, InquiryError> {
        let url = format!("{}/v1/convai/conversations/{}/audio", self.base_url, plain_id(call)?);
        let request = authorized(self.http.get(url), api_key).timeout(self.timeouts.recording);
        download::begin(request, RecordingFormat::Mp3, WORDING).await
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
        exchange::ask(authorized(request, api_key), self.timeouts.inquiry, WORDING).await
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

/// A call that our own account is to place: the provider is asked for its agent later.
fn not_ours() -> Placement {
    let reason = "our own account places calls over this line".to_owned();
    Placement::Refused { outcome: Outcome::RequestRejected, reason }
}

/// What a conversation says of its call. `done` and `failed` are its only last states.
fn inquiry(call: ProviderCallId, conversation: &Conversation) -> Inquiry {
    match conversation.status.as_deref() {
        Some("done" | "failed") => Inquiry::Ended { call, report: conversation.report() },
        _ => Inquiry::InProgress { call },
    }
}

#[cfg(test)]
mod tests;
