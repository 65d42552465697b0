//! Calls that the provider finds wrong: one may be its lead's fault, several in a row are the settings'.

use super::Campaign;
use crate::base::call::Outcome;
use crate::base::outcome::AttemptOutcome;

/// So many calls in a row that the provider finds wrong, and the campaign is to be paused.
const MAX_REJECTED_IN_A_ROW: u8 = 3;

impl Campaign {
    /// The campaign once a call of its has ended so; none if that tells nothing new of its settings.
    pub fn after_call(&self, outcome: AttemptOutcome) -> Option<Self> {
        let AttemptOutcome::Call(outcome) = outcome else { return None };
        let rejected_in_a_row = match outcome {
            Outcome::RequestRejected => self.rejected_in_a_row.saturating_add(1),
            // None of them shows whether the request was right.
            Outcome::Failed | Outcome::AccountRefused | Outcome::Unheard => return None,
            Outcome::Error
            | Outcome::Blocked
            | Outcome::InvalidNumber
            | Outcome::Declined
            | Outcome::NoAnswer
            | Outcome::Busy
            | Outcome::Voicemail
            | Outcome::Incomplete
            | Outcome::Completed => 0,
        };
        let is_new = self.status.is_running() && rejected_in_a_row != self.rejected_in_a_row;
        is_new.then(|| Self { version: self.version + 1, rejected_in_a_row, ..self.clone() })
    }

    /// Whether the provider finds all of its calls wrong.
    pub const fn is_rejected(&self) -> bool {
        self.rejected_in_a_row >= MAX_REJECTED_IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, NOW};
    use crate::records::campaign::{Command, PauseReason};

    fn after(outcomes: &[Outcome]) -> Campaign {
        outcomes.iter().fold(fixtures::campaign(), |campaign, outcome| {
            campaign.after_call((*outcome).into()).unwrap_or(campaign)
        })
    }

    #[test]
    fn three_in_a_row_are_the_settings_fault_and_one_lead_is_not() {
        use Outcome::{Completed, Failed, NoAnswer, RequestRejected as Rejected};
        for (outcomes, is_rejected) in [
            (&[Rejected, Rejected][..], false),
            (&[Rejected, Rejected, Rejected], true),
            (&[Rejected, Failed, Rejected, Rejected], true),
            (&[Rejected, Completed, Rejected, NoAnswer, Rejected], false),
        ] {
            assert_eq!(after(outcomes).is_rejected(), is_rejected, "{outcomes:?}");
        }
    }

    #[test]
    fn who_resumes_it_gives_it_a_fresh_start() {
        let pause = Command::Pause { reason: PauseReason::RequestsRejected };
        let paused = after(&[Outcome::RequestRejected; 3]).apply(pause, NOW).expect("it runs");
        assert!(!paused.apply(Command::Resume, NOW).expect("it rests").is_rejected());
    }
}
