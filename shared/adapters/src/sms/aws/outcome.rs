//! What the events of a text mean: the one table.

use carillon_domain::base::outcome::MessageOutcome;

use MessageOutcome as M;

/// What an event says of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    OnItsWay,
    Ended(MessageOutcome),
}

/// The types of events that there are of texts (`EventType` of the service's model), and what they mean by its user
/// guide, "Event types for SMS, MMS, and voice". None of another type.
#[rustfmt::skip]
pub(super) fn of_event(event_type: &str) -> Option<Said> {
    Some(match event_type {
        "TEXT_QUEUED" | "TEXT_PENDING" | "TEXT_SENT" => Said::OnItsWay,
        // The carrier has it. In some countries nothing more comes: then it counts as sent, as any text without a receipt.
        "TEXT_SUCCESSFUL" => Said::OnItsWay,
        "TEXT_DELIVERED" => Said::Ended(M::Delivered),
        "TEXT_INVALID" => Said::Ended(M::NotTextable),             // the number is none
        "TEXT_INVALID_MESSAGE" => Said::Ended(M::TextRejected),    // the text can't be sent
        "TEXT_UNREACHABLE" => Said::Ended(M::Undelivered),         // handset not reachable
        "TEXT_CARRIER_UNREACHABLE" => Said::Ended(M::Undelivered), // the carrier has a fault that may pass
        "TEXT_BLOCKED" => Said::Ended(M::Filtered),                // by handset or carrier, for this person
        "TEXT_CARRIER_BLOCKED" => Said::Ended(M::Filtered),        // by the carrier
        "TEXT_SPAM" => Said::Ended(M::Filtered),                   // taken for spam
        "TEXT_PROTECT_BLOCKED" => Said::Ended(M::Filtered),        // by our account's own protection
        "TEXT_TTL_EXPIRED" => Said::Ended(M::NotSent),             // its validity ran out
        // A fault of theirs, or no word of the carrier for 72 hours: nobody knows.
        "TEXT_UNKNOWN" => Said::Ended(M::Unconfirmed),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The types of events of texts, as the service's model lists them (botocore 1.44.5).
    const TYPES: [&str; 15] = [
        "TEXT_SENT",
        "TEXT_PENDING",
        "TEXT_QUEUED",
        "TEXT_SUCCESSFUL",
        "TEXT_DELIVERED",
        "TEXT_INVALID",
        "TEXT_INVALID_MESSAGE",
        "TEXT_UNREACHABLE",
        "TEXT_CARRIER_UNREACHABLE",
        "TEXT_BLOCKED",
        "TEXT_CARRIER_BLOCKED",
        "TEXT_SPAM",
        "TEXT_UNKNOWN",
        "TEXT_TTL_EXPIRED",
        "TEXT_PROTECT_BLOCKED",
    ];

    #[test]
    fn every_type_is_on_its_way_or_an_end() {
        let ends: Vec<_> = TYPES
            .into_iter()
            .filter_map(|event_type| match of_event(event_type).expect("it is in the table") {
                Said::OnItsWay => None,
                Said::Ended(outcome) => Some((event_type, outcome)),
            })
            .collect();
        assert_eq!(
            ends,
            [
                ("TEXT_DELIVERED", M::Delivered),
                ("TEXT_INVALID", M::NotTextable),
                ("TEXT_INVALID_MESSAGE", M::TextRejected),
                ("TEXT_UNREACHABLE", M::Undelivered),
                ("TEXT_CARRIER_UNREACHABLE", M::Undelivered),
                ("TEXT_BLOCKED", M::Filtered),
                ("TEXT_CARRIER_BLOCKED", M::Filtered),
                ("TEXT_SPAM", M::Filtered),
                ("TEXT_UNKNOWN", M::Unconfirmed),
                ("TEXT_TTL_EXPIRED", M::NotSent),
                ("TEXT_PROTECT_BLOCKED", M::Filtered),
            ]
        );
    }

    #[test]
    fn what_is_none_of_a_text_is_not_guessed() {
        for event_type in ["", "TEXT_ALL", "TEXT_EVAPORATED", "text_delivered", "VOICE_BUSY", "MEDIA_SPAM"] {
            assert_eq!(of_event(event_type), None, "{event_type}");
        }
    }
}
