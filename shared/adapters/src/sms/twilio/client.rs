//! Sending messages, and asking what became of them.

use std::time::Duration;

use carillon_domain::base::call::{Inquiry, PersonRequest, Placement, ProviderCallId};
use carillon_domain::base::message::{MessageEvent, MessageOrder, MessageRefusal};
use carillon_domain::base::outcome::{MessageOutcome, MessageReport};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::active_attempt::{LISTING_LAG_MS, VALIDITY_SECS};
use reqwest::StatusCode;
use serde::Deserialize;

use super::outcome::{CONGESTED, OPTED_OUT, of_code, of_status};
use crate::provider::{BodyError, InquiryError, read};
use crate::sms::Sought;
use crate::twilio::account::{self, Credentials, day, moment};
use crate::twilio::{BASE_URL, RETRY_ALL};

/// How long sending may take: it is answered once Twilio has the message.
const SEND_TIMEOUT: Duration = Duration::from_secs(15);
const INQUIRY_TIMEOUT: Duration = Duration::from_secs(10);
/// How far the provider's clock may be from ours, in milliseconds.
const MAX_SKEW_MS: i64 = MINUTE_MS;
/// Messages on one page of the list: those of a day to one number.
const PAGE_SIZE: u8 = 100;
/// Longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// What credentials have to be, where they are not.
///
/// # Errors
/// Their form.
pub(in crate::sms) fn check_credentials(credentials: &str) -> Result<(), &'static str> {
    Credentials::parse(credentials).map(drop).ok_or(Credentials::FORM)
}

#[derive(Debug, Clone)]
pub(in crate::sms) struct Twilio {
    http: reqwest::Client,
    base_url: String,
}

#[derive(Debug, Deserialize)]
struct Accepted {
    sid: String,
}

#[derive(Debug, Deserialize)]
struct Page {
    messages: Vec<Message>,
}

/// A message as the list has it.
#[derive(Debug, Deserialize)]
struct Message {
    sid: String,
    status: String,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default)]
    price: Option<String>,
    #[serde(default)]
    price_unit: Option<String>,
}

impl Twilio {
    /// The provider at its own address, or at another.
    pub(in crate::sms) fn new(http: reqwest::Client, base_url: Option<String>) -> Self {
        let base_url = base_url.as_deref().unwrap_or(BASE_URL).trim_end_matches('/').to_owned();
        Self { http, base_url }
    }

    pub(in crate::sms) async fn send(
        &self,
        credentials: &str,
        order: &MessageOrder,
        status_url: &str,
    ) -> Placement<MessageRefusal> {
        let Some(credentials) = Credentials::parse(credentials) else {
            let reason = "the credentials are not <account sid>:<auth token>".to_owned();
            return refused(MessageOutcome::SenderRefused, reason);
        };
        let validity_secs = VALIDITY_SECS.to_string();
        let status_url = format!("{status_url}{RETRY_ALL}");
        let mut form = vec![
            ("To", order.to.as_str()),
            ("From", order.from.as_str()),
            ("Body", &order.text),
            ("StatusCallback", &status_url),
            ("ValidityPeriod", &validity_secs),
        ];
        form.extend(order.messaging_service.as_deref().map(|service| ("MessagingServiceSid", service)));
        let request = self.http.post(self.messages_of(&credentials)).form(&form);
        match credentials.authorize(request).timeout(SEND_TIMEOUT).send().await {
            Ok(response) => {
                let status = response.status();
                answered(status, &read(response, MAX_ANSWER_BYTES).await.unwrap_or_default())
            }
            Err(error) => unanswered(&error),
        }
    }

    pub(in crate::sms) async fn inquire(
        &self,
        credentials: &str,
        sought: Sought<'_>,
    ) -> Result<Inquiry<MessageReport>, InquiryError> {
        let credentials = Credentials::parse(credentials).ok_or(InquiryError::BadCredentials)?;
        let day = day(sought.sent_at.plus_ms(-MAX_SKEW_MS));
        let page_size = PAGE_SIZE.to_string();
        let query =
            [("To", sought.to.as_str()), ("DateSent>", day.as_str()), ("PageSize", page_size.as_str())];
        let request = self.http.get(self.messages_of(&credentials)).query(&query);
        let response = credentials.authorize(request).timeout(INQUIRY_TIMEOUT).send().await;
        let response = response.map_err(|error| InquiryError::Unanswered(error.without_url().into()))?;
        let status = response.status();
        let body = read(response, MAX_ANSWER_BYTES).await.map_err(|error| match error {
            BodyError::Lost(error) => InquiryError::Unanswered(error.without_url().into()),
            BodyError::TooLong => InquiryError::TooLong,
        })?;
        if status != StatusCode::OK {
            return Err(InquiryError::Refused {
                status: status.as_u16(),
                reason: account::reason(status, &body).1,
            });
        }
        let page: Page = serde_json::from_slice(&body).map_err(InquiryError::Unreadable)?;
        let found = page
            .messages
            .iter()
            .filter(|message| message.is_sought(sought))
            // The provider may have changed letters, or put something before; and the same text may have gone to the same
            // number for another campaign just before.
            .min_by_key(|message| (!message.says(sought), message.apart_ms(sought)));
        Ok(found.map_or(Inquiry::NotFound, Message::inquiry))
    }

    fn messages_of(&self, credentials: &Credentials<'_>) -> String {
        format!("{}/2010-04-01/Accounts/{}/Messages.json", self.base_url, credentials.account)
    }
}

impl Message {
    fn created_at(&self) -> Option<Timestamp> {
        moment(self.date_created.as_deref())
    }

    /// How far it lies from the moment at which it was sent.
    fn apart_ms(&self, sought: Sought<'_>) -> Option<i64> {
        self.created_at().map(|at| at.since_ms(sought.sent_at).abs())
    }

    /// Whether it may be the one that was sent then: from our number.
    fn is_sought(&self, sought: Sought<'_>) -> bool {
        let earliest = sought.sent_at.plus_ms(-MAX_SKEW_MS);
        let latest = sought.sent_at.plus_ms(LISTING_LAG_MS);
        let is_in_time = self.created_at().is_some_and(|at| (earliest..=latest).contains(&at));
        // What answers a message that came in is an `outbound-reply`.
        let is_order = |direction: &str| direction.starts_with("outbound") && direction != "outbound-reply";
        let is_ours = self.direction.as_deref().is_none_or(is_order);
        let is_from = self
            .from
            .as_deref()
            .is_none_or(|from| from.parse::<E164>().is_ok_and(|from| from == *sought.from));
        is_in_time && is_ours && is_from
    }

    fn says(&self, sought: Sought<'_>) -> bool {
        self.body.as_deref().is_some_and(|body| sought.text == Some(body))
    }

    fn inquiry(&self) -> Inquiry<MessageReport> {
        let call = ProviderCallId(self.sid.clone());
        match of_status(&self.status, self.error_code, self.cost_micros()) {
            MessageEvent::Ended(report) => Inquiry::Ended { call, report },
            MessageEvent::OnItsWay { .. } => Inquiry::InProgress { call },
        }
    }

    /// Prices are told as negative amounts.
    fn cost_micros(&self) -> Option<u64> {
        let price: f64 = self.price.as_deref()?.parse().ok()?;
        let is_dollars = self.price_unit.as_deref().is_some_and(|unit| unit.eq_ignore_ascii_case("USD"));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a price of one message")]
        let micros = (price.abs() * 1_000_000.0).round() as u64;
        is_dollars.then_some(micros)
    }
}

/// Judges an answer: a message counts as not sent only where the provider says so.
fn answered(status: StatusCode, body: &[u8]) -> Placement<MessageRefusal> {
    let (code, reason) = account::reason(status, body);
    match (status.as_u16(), code) {
        (200..=299, _) => match serde_json::from_slice::<Accepted>(body) {
            Ok(accepted) => Placement::Accepted { calls: vec![ProviderCallId(accepted.sid)] },
            Err(error) => Placement::Unknown { reason: format!("unreadable answer: {error}") },
        },
        (429, _) => Placement::Congested,
        (400..=499, Some(code)) if CONGESTED.contains(&code) => Placement::Congested,
        (400..=499, Some(OPTED_OUT)) => {
            let request = Some(PersonRequest::DoNotCall);
            Placement::Refused {
                outcome: MessageRefusal { outcome: MessageOutcome::Filtered, request },
                reason,
            }
        }
        (401, _) => refused(MessageOutcome::SenderRefused, reason),
        (408, _) => Placement::Unknown { reason },
        (403 | 404, code) => refused(code.and_then(of_code).unwrap_or(MessageOutcome::SenderRefused), reason),
        (400..=499, code) => refused(code.and_then(of_code).unwrap_or(MessageOutcome::TextRejected), reason),
        // A message may exist: nothing says that it was refused before it was taken.
        _ => Placement::Unknown { reason },
    }
}

/// Judges that no answer came, or that it broke off.
fn unanswered(error: &reqwest::Error) -> Placement<MessageRefusal> {
    if error.is_builder() {
        refused(MessageOutcome::SenderRefused, format!("the request cannot be made: {error}"))
    } else if error.is_connect() {
        refused(MessageOutcome::NotSent, "no connection".to_owned())
    } else if error.is_timeout() {
        Placement::Unknown { reason: format!("no answer within {} s", SEND_TIMEOUT.as_secs()) }
    } else {
        Placement::Unknown { reason: "connection lost".to_owned() }
    }
}

const fn refused(outcome: MessageOutcome, reason: String) -> Placement<MessageRefusal> {
    Placement::Refused { outcome: MessageRefusal { outcome, request: None }, reason }
}

#[cfg(test)]
mod tests;
