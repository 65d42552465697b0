//! Placing calls, and asking what became of them.

use std::time::Duration;

use carillon_domain::base::call::{CallOrder, Inquiry, Placement, ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::recording::RecordingFormat;
use carillon_domain::base::time::Timestamp;
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use super::placement::WORDING;
use super::request::{CallsOfAttempt, CreatePhoneCall};
use super::wire::{Call, CallPage};
use crate::provider::{CONNECT_TIMEOUT, InquiryError};
use crate::reach::Reach;
use crate::voice::download::{self, Download};
use crate::voice::exchange::{self, Wording};
use crate::voice::inquiry::{plain_id, weightier};

const BASE_URL: &str = "https://api.retellai.com";
/// How long a dial may take: it is answered once the call has an id, before it rings.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long one question about a call may take.
const INQUIRY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a recording may take, to its last byte; whoever takes it has five minutes for all.
const RECORDING_TIMEOUT: Duration = Duration::from_secs(200);
/// What a store of files that refuses a link says is not the provider's word.
const WORDING_OF_LINKS: Wording = Wording { complaint: |_| Some(String::new()), ..WORDING };
/// Most pages that are read for one attempt.
const MAX_PAGES: usize = 5;

/// How long to wait for the provider.
#[derive(Debug, Clone, Copy)]
struct Timeouts {
    dial: Duration,
    /// For each request of an inquiry.
    inquiry: Duration,
    /// For a recording, to its end.
    recording: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { dial: DIAL_TIMEOUT, inquiry: INQUIRY_TIMEOUT, recording: RECORDING_TIMEOUT }
    }
}

#[derive(Debug, Clone)]
pub(in crate::voice) struct Retell {
    http: reqwest::Client,
    base_url: String,
    /// Where the links in its answers may lead: with an address that somebody has set, to his own network, too.
    reach: Reach,
    timeouts: Timeouts,
}

impl Retell {
    /// The provider at its own address, or at another, with the usual time-outs.
    pub(in crate::voice) fn new(http: reqwest::Client, base_url: Option<String>) -> Self {
        let reach = if base_url.is_some() { Reach::Anywhere } else { Reach::Public };
        let base_url = base_url.as_deref().unwrap_or(BASE_URL).trim_end_matches('/').to_owned();
        Self { http, base_url, reach, timeouts: Timeouts::default() }
    }

    pub(in crate::voice) async fn place(&self, api_key: &str, order: &CallOrder) -> Placement {
        let url = format!("{}/v2/create-phone-call", self.base_url);
        let request = self.http.post(url).json(&CreatePhoneCall::from(order)).bearer_auth(api_key);
        exchange::dial(request, self.timeouts.dial, WORDING).await
    }

    /// By the attempt's id alone: a call that never connected has no start to be found by.
    pub(in crate::voice) async fn inquire(
        &self,
        api_key: &str,
        attempt: &AttemptId,
    ) -> Result<Inquiry, InquiryError> {
        let mut known = Inquiry::NotFound;
        for listed in self.calls_of(api_key, attempt).await? {
            let call = self.call(api_key, &listed).await?;
            // Were the filter ever ignored, a stranger's call must not become this one's.
            if call.attempt().is_none_or(|named| named == *attempt) {
                known = weightier(known, inquiry(listed, &call));
            }
        }
        Ok(known)
    }

    pub(in crate::voice) async fn look_up(
        &self,
        api_key: &str,
        id: &ProviderCallId,
        now: Timestamp,
    ) -> Result<Option<VoiceEvent>, InquiryError> {
        let call = self.call(api_key, id).await?;
        Ok(call.is_over().then(|| call.ended(id.clone(), now)))
    }

    /// Its link leads out of the provider's API, and is followed without the key.
    pub(in crate::voice) async fn recording(
        &self,
        api_key: &str,
        id: &ProviderCallId,
    ) -> Result<Option<Download>, InquiryError> {
        let call = match self.call(api_key, id).await {
            Err(InquiryError::Refused { status, .. }) if status == StatusCode::NOT_FOUND.as_u16() => {
                return Ok(None);
            }
            call => call?,
        };
        let Some(link) = call.recording_link() else { return Ok(None) };
        let url = self.reach.checked(link).map_err(InquiryError::ForbiddenLink)?;
        let http = self.reach.client().connect_timeout(CONNECT_TIMEOUT).build();
        let http = http.map_err(|error| InquiryError::Unanswered(error.into()))?;
        let request = http.get(url).timeout(self.timeouts.recording);
        download::begin(request, RecordingFormat::Wav, WORDING_OF_LINKS).await
    }

    async fn call(&self, api_key: &str, id: &ProviderCallId) -> Result<Call, InquiryError> {
        let url = format!("{}/v2/get-call/{}", self.base_url, plain_id(id)?);
        self.ask(api_key, self.http.get(url)).await
    }

    /// The provider's ids of all calls that bear the attempt's id.
    async fn calls_of(
        &self,
        api_key: &str,
        attempt: &AttemptId,
    ) -> Result<Vec<ProviderCallId>, InquiryError> {
        let url = format!("{}/v3/list-calls", self.base_url);
        let mut calls = Vec::new();
        let mut key: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let question = CallsOfAttempt::new(attempt, key.as_deref());
            let page: CallPage = self.ask(api_key, self.http.post(&url).json(&question)).await?;
            calls.extend(page.items.into_iter().map(|listed| ProviderCallId(listed.call_id)));
            if !page.has_more {
                return Ok(calls);
            }
            key = Some(page.pagination_key.ok_or(InquiryError::NoCursor)?);
        }
        Err(InquiryError::TooMany)
    }

    /// One question and its answer.
    async fn ask<T: DeserializeOwned>(
        &self,
        api_key: &str,
        request: RequestBuilder,
    ) -> Result<T, InquiryError> {
        exchange::ask(request.bearer_auth(api_key), self.timeouts.inquiry, WORDING).await
    }
}

/// What the provider's record says of its call.
fn inquiry(id: ProviderCallId, call: &Call) -> Inquiry {
    if call.is_over() {
        Inquiry::Ended { call: id, report: call.report() }
    } else {
        Inquiry::InProgress { call: id }
    }
}

#[cfg(test)]
mod tests;
