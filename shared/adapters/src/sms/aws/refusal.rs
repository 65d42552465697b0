//! What the errors of a sending mean: the one table.

use carillon_domain::base::call::{PersonRequest, Placement};
use carillon_domain::base::message::MessageRefusal;
use carillon_domain::base::outcome::MessageOutcome;

use MessageOutcome as M;

/// The person has opted out, with the number or with the account.
const OPTED_OUT: &str = "DESTINATION_PHONE_NUMBER_OPTED_OUT";
/// Longest reason that is kept, in characters.
const MAX_REASON_CHARS: usize = 300;

/// An error as the service tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Complaint<'a> {
    pub(super) status: u16,
    /// The name of the exception; none where it could not be read.
    pub(super) exception: Option<&'a str>,
    /// Its reason, one of the names that the model lists.
    pub(super) reason: Option<&'a str>,
    /// The first field that did not fit.
    pub(super) field: Option<&'a str>,
    pub(super) message: &'a str,
}

/// Reasons of errors (`ConflictExceptionReason`, `ValidationExceptionReason`, `ServiceQuotaExceededExceptionReason`,
/// `AccessDeniedExceptionReason` of the service's model) that say something else than their exception.
#[rustfmt::skip]
const REASONS: [(&str, MessageOutcome); 17] = [
    // The number.
    ("COUNTRY_CODE_MISMATCH", M::NotTextable),
    ("INTERNATIONAL_SENDING_NOT_SUPPORTED", M::NotTextable),       // not from this sender
    ("INVALID_IDENTITY_FOR_DESTINATION_COUNTRY", M::NotTextable),  // the same
    // The way there.
    (OPTED_OUT, M::Filtered),
    ("COUNTRY_NOT_ENABLED", M::Filtered),
    ("DESTINATION_COUNTRY_BLOCKED", M::Filtered),
    ("DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION", M::Filtered),
    ("DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE", M::Filtered),
    // Account and sender: nothing can be sent until somebody mends it.
    ("CHANNEL_NOT_ENABLED", M::SenderRefused),
    ("INVALID_ARN", M::SenderRefused),
    ("RESOURCE_NOT_ACCESSIBLE", M::SenderRefused),
    ("SENDER_ID_NOT_REGISTERED", M::SenderRefused),
    ("SENDER_ID_NOT_SUPPORTED", M::SenderRefused),
    ("SENDER_ID_REQUIRES_REGISTRATION", M::SenderRefused),
    ("UNKNOWN_OPERATION", M::SenderRefused),
    ("UNSPECIFIED_PARAMETER_NOT_SUPPORTED", M::SenderRefused),
    // Dearer than allowed.
    ("PRICE_OVER_THRESHOLD", M::TextRejected),
];

/// Whose fault a field is that did not fit, where it is not the text's.
const FIELDS: [(&str, MessageOutcome); 4] = [
    ("DestinationPhoneNumber", M::NotTextable),
    ("OriginationIdentity", M::SenderRefused),
    ("ConfigurationSetName", M::SenderRefused),
    ("MessageType", M::SenderRefused),
];

/// Judges an error: a text counts as not sent only where the service says so.
pub(super) fn judge(complaint: &Complaint<'_>) -> Placement<MessageRefusal> {
    let reason = complaint.words();
    let by_exception = match (complaint.exception, complaint.status) {
        (Some("ThrottlingException"), _) | (_, 429) => return Placement::Congested,
        // A text may exist.
        (Some("InternalServerException"), _) | (_, 408 | 500..) => return Placement::Unknown { reason },
        (Some("ValidationException"), _) => M::TextRejected,
        // The month's spend limit; an account that may send nothing, or a role; what sends is not there or not as it has to be.
        (
            Some(
                "ServiceQuotaExceededException"
                | "AccessDeniedException"
                | "ResourceNotFoundException"
                | "ConflictException",
            ),
            _,
        ) => M::SenderRefused,
        // Our signature, or what no list has.
        (Some(_), 400..) => M::SenderRefused,
        _ => return Placement::Unknown { reason },
    };
    let outcome = complaint.by_reason().or_else(|| complaint.by_field()).unwrap_or(by_exception);
    let request = (complaint.reason == Some(OPTED_OUT)).then_some(PersonRequest::DoNotCall);
    Placement::Refused { outcome: MessageRefusal { outcome, request }, reason }
}

impl Complaint<'_> {
    fn by_reason(&self) -> Option<MessageOutcome> {
        find(&REASONS, self.reason?)
    }

    fn by_field(&self) -> Option<MessageOutcome> {
        find(&FIELDS, self.field?)
    }

    fn words(&self) -> String {
        let name = self.reason.or(self.exception);
        let name = name.map_or_else(|| format!("HTTP {}", self.status), str::to_owned);
        let whole = if self.message.is_empty() { name } else { format!("{name}: {}", self.message) };
        whole.chars().take(MAX_REASON_CHARS).collect()
    }
}

fn find(table: &[(&str, MessageOutcome)], name: &str) -> Option<MessageOutcome> {
    table.iter().find(|(known, _)| *known == name).map(|(_, outcome)| *outcome)
}

#[cfg(test)]
mod tests;
