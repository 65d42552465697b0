//! What the states and error codes of messages mean: the one table.

use carillon_domain::base::call::PersonRequest;
use carillon_domain::base::message::MessageEvent;
use carillon_domain::base::outcome::{MessageOutcome, MessageReport};

use MessageOutcome as M;

/// The code with which Twilio says that the person has opted out, when it is asked and in a status alike.
pub(super) const OPTED_OUT: u32 = 21_610;
/// Too many requests, messages a second, or messages that wait.
pub(super) const CONGESTED: [u32; 4] = [20_429, 14_107, 21_611, 63_018];

/// Error codes of messages (<https://www.twilio.com/docs/api/errors>), by number. The vendor may change them: any
/// other is taken by what it comes with.
#[rustfmt::skip]
const CODES: [(u32, MessageOutcome); 48] = [
    // Account and sender: nothing can be sent until somebody mends it.
    (20_003, M::SenderRefused),   // authentication
    (20_005, M::SenderRefused),   // account not active
    (20_404, M::SenderRefused),   // the account or the service is not there
    (21_212, M::SenderRefused),   // From is no number
    (21_603, M::SenderRefused),   // no From
    (21_606, M::SenderRefused),   // From can't send to this number
    (21_609, M::SenderRefused),   // the address for statuses is none
    (21_659, M::SenderRefused),   // From is no number of the account
    (21_660, M::SenderRefused),   // From and account differ
    (21_661, M::SenderRefused),   // From can't send texts
    (21_703, M::SenderRefused),   // the service has no sender
    (21_704, M::SenderRefused),   // the service has no sender that fits
    (21_705, M::SenderRefused),   // no such service
    (30_002, M::SenderRefused),   // account suspended
    (30_032, M::SenderRefused),   // toll-free number not verified
    (30_034, M::SenderRefused),   // number not registered for A2P 10DLC
    (30_037, M::SenderRefused),   // outbound messaging is off
    // The text.
    (21_602, M::TextRejected),    // no body
    (21_617, M::TextRejected),    // longer than 1,600 characters
    (21_618, M::TextRejected),    // not in UTF-8
    (21_619, M::TextRejected),    // neither body nor media
    (30_010, M::TextRejected),    // dearer than allowed
    // The number.
    (21_211, M::NotTextable),     // no number
    (21_214, M::NotTextable),     // can't be reached
    (21_217, M::NotTextable),     // no number
    (21_265, M::NotTextable),     // a short code
    (21_612, M::NotTextable),     // not from this sender
    (21_614, M::NotTextable),     // no mobile number
    (30_005, M::NotTextable),     // unknown handset
    (30_006, M::NotTextable),     // a landline, or a carrier that is not reached
    // The way there.
    (21_408, M::Filtered),        // region not permitted
    (OPTED_OUT, M::Filtered),
    (30_004, M::Filtered),        // blocked
    (30_007, M::Filtered),        // filtered by the carrier
    (30_450, M::Filtered),        // blocked as a risk
    (30_453, M::Filtered),        // the same
    // Not this time.
    (30_001, M::NotSent),         // queue overflow
    (30_022, M::NotSent),         // rate of the carrier
    (30_023, M::NotSent),         // the day's cap of the carrier
    (30_027, M::NotSent),         // the same
    (30_036, M::NotSent),         // its validity ran out
    (30_610, M::NotSent),         // quiet hours
    (30_003, M::Undelivered),     // handset not reachable
    (30_008, M::Undelivered),     // unknown
    (30_009, M::Undelivered),     // a segment is missing
    (30_017, M::Undelivered),     // the carrier is congested
    (30_024, M::Undelivered),     // the number changed its carrier
    (30_410, M::Undelivered),     // the provider took too long
];

/// What an error code means, if it is one of the table.
pub(super) fn of_code(code: u32) -> Option<MessageOutcome> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, outcome)| *outcome)
}

/// What a status says, with the code that it comes with.
pub(super) fn of_status(status: &str, code: Option<u32>, cost_micros: Option<u64>) -> MessageEvent {
    let outcome = match status {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" | "receiving" | "received" => {
            return MessageEvent::OnItsWay { cost_micros };
        }
        "delivered" | "read" | "partially_delivered" => MessageOutcome::Delivered,
        "canceled" => MessageOutcome::NotSent,
        "undelivered" | "failed" => code.and_then(of_code).unwrap_or(MessageOutcome::Undelivered),
        // Whatever comes to be.
        _ => code.and_then(of_code).unwrap_or(MessageOutcome::Unconfirmed),
    };
    let words = match code {
        Some(code) => format!("{status} {code}"),
        None => status.to_owned(),
    };
    let request = (code == Some(OPTED_OUT)).then_some(PersonRequest::DoNotCall);
    MessageEvent::Ended(MessageReport { outcome, end_reason: words, cost_micros, request })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The states of a message, as the vendor's OpenAPI document lists them.
    const STATES: [&str; 13] = [
        "queued",
        "sending",
        "sent",
        "failed",
        "delivered",
        "undelivered",
        "receiving",
        "received",
        "accepted",
        "scheduled",
        "read",
        "partially_delivered",
        "canceled",
    ];

    fn outcome(status: &str, code: Option<u32>) -> Option<MessageOutcome> {
        match of_status(status, code, None) {
            MessageEvent::Ended(report) => Some(report.outcome),
            MessageEvent::OnItsWay { .. } => None,
        }
    }

    #[test]
    fn every_state_of_a_message_is_on_its_way_or_an_end() {
        let ends: Vec<_> = STATES.iter().filter_map(|state| Some((*state, outcome(state, None)?))).collect();
        assert_eq!(
            ends,
            [
                ("failed", M::Undelivered),
                ("delivered", M::Delivered),
                ("undelivered", M::Undelivered),
                ("read", M::Delivered),
                ("partially_delivered", M::Delivered),
                ("canceled", M::NotSent),
            ]
        );
        assert_eq!(outcome("evaporated", None), Some(M::Unconfirmed));
    }

    #[test]
    fn codes_say_what_kind_of_failure_it_was() {
        for (code, meant) in [
            (30_003, M::Undelivered),
            (30_005, M::NotTextable),
            (30_006, M::NotTextable),
            (30_007, M::Filtered),
            (30_034, M::SenderRefused),
            (30_610, M::NotSent),
            (99_999, M::Undelivered),
        ] {
            assert_eq!(outcome("undelivered", Some(code)), Some(meant), "{code}");
        }
        let MessageEvent::Ended(report) = of_status("failed", Some(OPTED_OUT), Some(7_500)) else {
            panic!("it has failed")
        };
        assert_eq!(report.request, Some(PersonRequest::DoNotCall), "on the callback as well");
        assert_eq!((report.end_reason.as_str(), report.cost_micros), ("failed 21610", Some(7_500)));
        let mut codes = CODES.map(|(code, _)| code);
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "each once");
    }
}
