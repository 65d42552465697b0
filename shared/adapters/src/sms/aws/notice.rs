//! What AWS tells of texts: events of ours, and those that come in. Each is a message of a topic, as JSON.

use carillon_domain::base::ids::{AttemptId, LeadId, WorkspaceId};
use carillon_domain::base::message::{InboundMessage, MessageEvent};
use carillon_domain::base::outcome::MessageReport;
use carillon_domain::base::phone::E164;
use serde::Deserialize;
use serde_json::Value;

use super::outcome::{Said, of_event};
use super::{ATTEMPT, LEAD, WORKSPACE};

/// Dollars are told with a fraction; we count millionths.
const MICROS_PER_DOLLAR: f64 = 1e6;
/// More than a text can cost, in dollars: what is above is a mistake.
const MAX_PRICE_DOLLARS: f64 = 1_000.0;

/// Something that AWS told us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// What became of a text of ours.
    Status(Status),
    Inbound(InboundMessage),
    /// It speaks of nothing that is ours: a text that no attempt sent, or one from somebody without a number.
    NotOurs,
}

/// What became of a text of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub workspace: WorkspaceId,
    pub attempt: AttemptId,
    pub lead: LeadId,
    pub number: E164,
    pub event: MessageEvent,
}

/// Something can't be read as what AWS tells; it is to be kept for a person.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    #[error("it is neither an event of a text nor a text that came in")]
    Malformed(#[from] serde_json::Error),
    #[error("a text came in, without an id or to what is no number")]
    ToNoNumber,
    #[error("there is no type of event `{0}` of texts in our table")]
    UnknownType(String),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Told {
    Event(Event),
    Inbound(Inbound),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: String,
    #[serde(default)]
    destination_phone_number: Option<String>,
    #[serde(default)]
    message_status_description: Option<String>,
    #[serde(default)]
    context: Option<Value>,
    #[serde(default)]
    total_message_price: Option<f64>,
    #[serde(default)]
    total_carrier_fee: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inbound {
    inbound_message_id: String,
    origination_number: String,
    destination_number: String,
    #[serde(default)]
    message_body: Option<String>,
}

/// Reads what was told.
///
/// # Errors
/// [`NoticeError`]: it is none of what is told, or of a type that we do not know.
pub fn parse(told: &Value) -> Result<Notice, NoticeError> {
    match Told::deserialize(told)? {
        Told::Event(event) => event.notice(),
        Told::Inbound(inbound) => inbound.notice(),
    }
}

impl Event {
    fn notice(self) -> Result<Notice, NoticeError> {
        let Some(said) = of_event(&self.event_type) else {
            return Err(NoticeError::UnknownType(self.event_type));
        };
        let Some((workspace, attempt, lead, number)) = self.subject() else { return Ok(Notice::NotOurs) };
        let event = match said {
            Said::OnItsWay => MessageEvent::OnItsWay { cost_micros: self.cost_micros() },
            Said::Ended(outcome) => MessageEvent::Ended(MessageReport {
                outcome,
                end_reason: self.words(),
                cost_micros: self.cost_micros(),
                request: None,
            }),
        };
        Ok(Notice::Status(Status { workspace, attempt, lead, number, event }))
    }

    /// Whose text it is, by what we gave with it.
    fn subject(&self) -> Option<(WorkspaceId, AttemptId, LeadId, E164)> {
        let context = self.context.as_ref()?;
        let named = |name: &str| context.get(name)?.as_str();
        Some((
            named(WORKSPACE)?.parse().ok()?,
            named(ATTEMPT)?.parse().ok()?,
            named(LEAD)?.parse().ok()?,
            self.destination_phone_number.as_deref()?.parse().ok()?,
        ))
    }

    fn words(&self) -> String {
        match self.message_status_description.as_deref() {
            None | Some("") => self.event_type.clone(),
            Some(described) => format!("{}: {described}", self.event_type),
        }
    }

    /// What AWS charges for the text, and the carrier's fee with it.
    fn cost_micros(&self) -> Option<u64> {
        let dollars = self.total_message_price? + self.total_carrier_fee.unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a price of one message")]
        let micros = (dollars * MICROS_PER_DOLLAR).round() as u64;
        (0.0..=MAX_PRICE_DOLLARS).contains(&dollars).then_some(micros)
    }
}

impl Inbound {
    fn notice(self) -> Result<Notice, NoticeError> {
        // Whoever has no number can't be called or texted.
        let Ok(from) = self.origination_number.parse() else { return Ok(Notice::NotOurs) };
        match self.destination_number.parse() {
            Ok(to) if !self.inbound_message_id.is_empty() => Ok(Notice::Inbound(InboundMessage {
                id: self.inbound_message_id,
                from,
                to,
                text: self.message_body.unwrap_or_default(),
                // AWS tells by no field what it took a text for.
                keyword: None,
            })),
            // A short code, say: somebody may have opted out there.
            _ => Err(NoticeError::ToNoNumber),
        }
    }
}

#[cfg(test)]
mod tests;
