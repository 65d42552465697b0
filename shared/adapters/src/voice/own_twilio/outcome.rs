//! What the states of a call mean: the one table.

use carillon_domain::base::call::{CallReport, Outcome};

use crate::voice::carrier::of_sip;

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegState {
    /// It waits, rings or is up.
    Up,
    /// Somebody, or something, answered, and it is over: what was said knows the agent's provider.
    Answered,
    /// Nobody answered.
    Ended(CallReport),
}

/// What a state says, with the final SIP answer that it comes with.
pub(super) fn of_status(status: &str, sip_code: Option<i64>) -> LegState {
    let outcome = match status {
        "queued" | "initiated" | "ringing" | "in-progress" => return LegState::Up,
        "completed" => return LegState::Answered,
        "busy" => Outcome::Busy,
        // Only whoever has the account's key can cancel a call, before somebody answers.
        "no-answer" | "canceled" => Outcome::NoAnswer,
        "failed" => match sip_code.and_then(of_sip) {
            // A network on the way there refuses Twilio, which says nothing of our account.
            Some(Outcome::AccountRefused) | None => Outcome::Failed,
            Some(outcome) => outcome,
        },
        // Whatever comes to be.
        _ => Outcome::Error,
    };
    let words = match sip_code {
        Some(code) => format!("{status} (SIP {code})"),
        None => status.to_owned(),
    };
    LegState::Ended(CallReport::bare(outcome, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: &str, sip_code: Option<i64>) -> Option<Outcome> {
        match of_status(status, sip_code) {
            LegState::Ended(report) => Some(report.outcome),
            LegState::Up | LegState::Answered => None,
        }
    }

    #[test]
    fn every_state_of_a_call_is_up_answered_or_an_end() {
        for status in ["queued", "initiated", "ringing", "in-progress"] {
            assert_eq!(of_status(status, None), LegState::Up, "{status}");
        }
        assert_eq!(of_status("completed", Some(200)), LegState::Answered);
        for (status, sip_code, meant) in [
            ("busy", Some(486), Outcome::Busy),
            ("no-answer", None, Outcome::NoAnswer),
            ("canceled", None, Outcome::NoAnswer),
            ("failed", Some(404), Outcome::InvalidNumber),
            ("failed", Some(484), Outcome::InvalidNumber),
            ("failed", Some(487), Outcome::NoAnswer),
            ("failed", Some(603), Outcome::Declined),
            ("failed", Some(608), Outcome::Blocked),
            ("failed", Some(403), Outcome::Failed),
            ("failed", Some(503), Outcome::Failed),
            ("failed", None, Outcome::Failed),
            ("evaporated", None, Outcome::Error),
        ] {
            assert_eq!(outcome(status, sip_code), Some(meant), "{status} {sip_code:?}");
        }
        let LegState::Ended(report) = of_status("failed", Some(404)) else { panic!("it has failed") };
        assert_eq!(report.end_reason, "failed (SIP 404)");
    }
}
