//! Placing calls, ending them, and asking what became of them.

use std::time::Duration;

use carillon_domain::base::call::{
    CallOrder, CallReport, Inquiry, Outcome, Placement, ProviderCallId, VoicemailOrder,
};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::active_attempt::LISTING_LAG_MS;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::outcome::{LegState, of_status};
use super::placement::WORDING;
use super::webhook::said;
use crate::provider::InquiryError;
use crate::twilio::account::{Credentials, moment};
use crate::twilio::{BASE_URL, RETRY_ALL};
use crate::voice::exchange;
use crate::voice::inquiry::plain_id;

/// How long a dial may take: it is answered once Twilio has the call.
const DIAL_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a question, or a word about a call that is up, may take. Twilio waits as long for our answer to its webhooks.
const INQUIRY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time to ring that Twilio takes, in seconds.
const MAX_RINGING_SECS: u16 = 600;
/// How far Twilio's clock may be from ours, in milliseconds.
const MAX_SKEW_MS: i64 = MINUTE_MS;
/// How long after its call the agent's provider may not list a conversation, and has it all the same, in milliseconds.
const CONVERSATION_LAG_MS: i64 = 2 * MINUTE_MS;
/// Calls on one page of the list, the latest first: those between two numbers.
const PAGE_SIZE: &str = "100";
/// What is told of a call that was answered, and has no conversation.
const NOT_CONNECTED: &str = "completed, and the agent was not connected";

/// The addresses of ours to which Twilio turns about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallAddresses {
    /// Asked what is to be done once somebody has answered.
    pub answer: String,
    /// Told how the call ended.
    pub status: String,
    /// Told whether a machine answered.
    pub machine: String,
}

/// The call of our own account, by what is known of it: its conversation alone bears our id.
#[derive(Debug, Clone, Copy)]
pub struct Leg<'a> {
    pub credentials: &'a str,
    pub from: &'a E164,
    pub to: &'a E164,
}

#[derive(Debug, Clone)]
pub(in crate::voice) struct OwnTwilio {
    http: reqwest::Client,
    base_url: String,
}

#[derive(Debug, Deserialize)]
struct Page {
    calls: Vec<Call>,
}

/// A call as the list has it. One that waits in Twilio's queue has not started yet.
#[derive(Debug, Deserialize)]
struct Call {
    sid: String,
    status: String,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    end_time: Option<String>,
}

impl OwnTwilio {
    /// Twilio at its own address, or at another.
    pub(in crate::voice) fn new(http: reqwest::Client, base_url: Option<String>) -> Self {
        let base_url = base_url.as_deref().unwrap_or(BASE_URL).trim_end_matches('/').to_owned();
        Self { http, base_url }
    }

    pub(in crate::voice) async fn place(
        &self,
        credentials: &str,
        order: &CallOrder,
        addresses: &CallAddresses,
    ) -> Placement {
        let Some(credentials) = Credentials::parse(credentials) else {
            let reason = format!("the credentials are not {}", Credentials::FORM);
            return Placement::Refused { outcome: Outcome::AccountRefused, reason };
        };
        let timeout_secs = order.ringing_timeout_secs.clamp(1, MAX_RINGING_SECS).to_string();
        let (status, machine) =
            (format!("{}{RETRY_ALL}", addresses.status), format!("{}{RETRY_ALL}", addresses.machine));
        let mut form = vec![
            ("To", order.to.as_str()),
            ("From", order.from.as_str()),
            ("Url", &addresses.answer),
            ("StatusCallback", &status),
            // Comes with whatever state is the last.
            ("StatusCallbackEvent", "completed"),
            ("Timeout", &timeout_secs),
        ];
        if order.machine_detection {
            let mode = match &order.on_voicemail {
                // A message is for whatever records it: after the greeting.
                Some(VoicemailOrder::Say(_)) => "DetectMessageEnd",
                Some(VoicemailOrder::HangUp) | None => "Enable",
            };
            form.extend([
                ("MachineDetection", mode),
                ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", machine.as_str()),
            ]);
        }
        let request = self.http.post(self.calls_of(&credentials, ".json")).form(&form);
        exchange::dial(credentials.authorize(request), DIAL_TIMEOUT, WORDING).await
    }

    /// Ends a call of this order that is up, once a text is said if there is one.
    pub(in crate::voice) async fn end(
        &self,
        credentials: &str,
        call: &ProviderCallId,
        order: &CallOrder,
        end: &VoicemailOrder,
    ) -> Result<(), InquiryError> {
        let credentials = Credentials::parse(credentials).ok_or(InquiryError::BadCredentials)?;
        let form = match end {
            VoicemailOrder::HangUp => [("Status", "completed".to_owned())],
            VoicemailOrder::Say(text) => [("Twiml", said(text, order.language.as_deref(), &order.to))],
        };
        let url = self.calls_of(&credentials, &format!("/{}.json", plain_id(call)?));
        let request = credentials.authorize(self.http.post(url).form(&form));
        exchange::ask::<IgnoredAny>(request, INQUIRY_TIMEOUT, WORDING).await.map(drop)
    }

    /// What became of the call of an attempt of which no conversation is known.
    pub(in crate::voice) async fn inquire(
        &self,
        leg: Leg<'_>,
        placed_at: Timestamp,
        now: Timestamp,
    ) -> Result<Inquiry, InquiryError> {
        let credentials = Credentials::parse(leg.credentials).ok_or(InquiryError::BadCredentials)?;
        // Not from a moment on: what has not started is in no such list, and may ring yet.
        let query = [("To", leg.to.as_str()), ("From", leg.from.as_str()), ("PageSize", PAGE_SIZE)];
        let request = self.http.get(self.calls_of(&credentials, ".json")).query(&query);
        let page: Page = exchange::ask(credentials.authorize(request), INQUIRY_TIMEOUT, WORDING).await?;
        let apart_ms = |call: &&Call| call.created_at().map(|at| at.since_ms(placed_at).abs());
        let found = page.calls.iter().filter(|call| call.is_sought(leg, placed_at)).min_by_key(apart_ms);
        Ok(found.map_or(Inquiry::NotFound, |call| call.inquiry(now)))
    }

    fn calls_of(&self, credentials: &Credentials<'_>, rest: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/Calls{rest}", self.base_url, credentials.account)
    }
}

impl Call {
    fn created_at(&self) -> Option<Timestamp> {
        moment(self.date_created.as_deref())
    }

    /// Whether it may be the one that was placed then: from our number.
    fn is_sought(&self, leg: Leg<'_>, placed_at: Timestamp) -> bool {
        let (earliest, latest) = (placed_at.plus_ms(-MAX_SKEW_MS), placed_at.plus_ms(LISTING_LAG_MS));
        let is_in_time = self.created_at().is_some_and(|at| (earliest..=latest).contains(&at));
        let is_ours = self.direction.as_deref().is_none_or(|direction| direction == "outbound-api");
        let is_from =
            self.from.as_deref().is_none_or(|from| from.parse::<E164>().is_ok_and(|from| from == *leg.from));
        is_in_time && is_ours && is_from
    }

    fn inquiry(&self, now: Timestamp) -> Inquiry {
        let call = ProviderCallId(self.sid.clone());
        // The list does not tell the SIP answer.
        match of_status(&self.status, None) {
            LegState::Up => Inquiry::InProgress { call },
            LegState::Ended(report) => Inquiry::Ended { call, report },
            LegState::Answered => {
                let ended_at = moment(self.end_time.as_deref());
                if ended_at.is_some_and(|at| now.since_ms(at) < CONVERSATION_LAG_MS) {
                    return Inquiry::InProgress { call };
                }
                Inquiry::Ended { call, report: CallReport::bare(Outcome::Error, NOT_CONNECTED) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
