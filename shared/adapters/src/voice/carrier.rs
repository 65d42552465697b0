//! What carriers say of calls, whoever passes it on.

use carillon_domain::base::call::Outcome;

/// What a final SIP answer (RFC 3261, section 21; RFC 8197, 8688) says; none if it is no code of one.
pub(super) fn of_sip(code: i64) -> Option<Outcome> {
    Some(match code {
        486 | 600 => Outcome::Busy,
        408 | 480 | 487 => Outcome::NoAnswer,
        404 | 410 | 484 | 604 => Outcome::InvalidNumber,
        // The person declined; refused as unwanted.
        603 => Outcome::Declined,
        607 | 608 => Outcome::Blocked,
        // The trunk, or its credentials.
        401 | 403 | 407 => Outcome::AccountRefused,
        400..=699 => Outcome::Failed,
        _ => return None,
    })
}

/// The carrier's verdict that a fax answered.
pub(super) const FAX: &str = "fax";

/// Whether the carrier's verdict (`answering_machine_detection`) is that no person answered: a
/// machine in any of its forms, or a fax. `human` and `unknown` say nothing.
pub(super) fn is_machine(answered_by: &str) -> bool {
    answered_by.starts_with("machine") || answered_by == FAX
}
