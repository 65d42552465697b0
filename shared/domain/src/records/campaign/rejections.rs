//! Calls and texts that the provider finds wrong: one may be its lead's fault, those of several are the settings'.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Campaign;
use crate::base::call::Outcome;
use crate::base::channel::Channel;
use crate::base::ids::LeadId;
use crate::base::outcome::{AttemptOutcome, MessageOutcome};

/// So many wrong calls in a row, and the campaign is to be paused: of so many leads, or of fewer as long as no other
/// call of it reaches anybody.
const MAX_REJECTED_IN_A_ROW: u8 = 3;
/// So many in a row, and it is to be paused whoever's they are.
const MAX_REJECTED_OF_ANYBODY: u8 = 10;

/// The calls, or texts, that the provider has found wrong since one got through, or since somebody let the campaign go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rejections {
    #[serde(skip_serializing_if = "is_zero")]
    calls: u8,
    /// Whose they were; no more than are needed to tell.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    leads: BTreeSet<LeadId>,
    /// Whether calls of others rang meanwhile. A request may be found wrong only once somebody answers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    others_rang: bool,
    /// Whether any call got through since somebody let the campaign go on: the settings were right then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    got_through: bool,
}

impl Campaign {
    /// The campaign once a call to a lead of its has ended so; none if that tells nothing new of its settings.
    pub fn after_call(&self, lead: &LeadId, outcome: AttemptOutcome) -> Option<Self> {
        let before = self.rejections_of(outcome.channel());
        let rejections = before.after(lead, outcome);
        if !self.status.is_running() || rejections == *before {
            return None;
        }
        let mut after = Self { version: self.version + 1, ..self.clone() };
        match outcome.channel() {
            Channel::Call => after.rejections = rejections,
            Channel::Sms => after.text_rejections = rejections,
        }
        Some(after)
    }

    /// Whether the provider finds its calls wrong, or its texts, and not one lead's alone.
    pub fn is_rejected(&self) -> bool {
        Channel::ALL.into_iter().any(|channel| self.rejections_of(channel).are_of_the_settings())
    }

    const fn rejections_of(&self, channel: Channel) -> &Rejections {
        match channel {
            Channel::Call => &self.rejections,
            Channel::Sms => &self.text_rejections,
        }
    }

    /// Whether calls of it get through, as far as is known once this call to a lead of its has ended so: then it is
    /// not at fault if one of them is found wrong.
    pub fn gets_through(&self, lead: &LeadId, outcome: AttemptOutcome) -> bool {
        let is_rejected = self.after_call(lead, outcome).is_some_and(|after| after.is_rejected());
        self.rejections_of(outcome.channel()).got_through && !is_rejected
    }
}

impl Rejections {
    fn after(&self, lead: &LeadId, outcome: AttemptOutcome) -> Self {
        match outcome {
            AttemptOutcome::Call(outcome) => self.after_call(lead, outcome),
            AttemptOutcome::Message(outcome) => self.after_text(lead, outcome),
        }
    }

    /// Whether they are not one lead's alone.
    fn are_of_the_settings(&self) -> bool {
        let Self { calls, leads, others_rang, got_through } = self;
        let of_whom = u8::try_from(leads.len()).unwrap_or(u8::MAX);
        let is_of_one = of_whom < 2 && *got_through;
        of_whom >= MAX_REJECTED_IN_A_ROW
            || (*calls >= MAX_REJECTED_IN_A_ROW && !others_rang && !is_of_one)
            || *calls >= MAX_REJECTED_OF_ANYBODY
    }

    fn with(&self, lead: &LeadId) -> Self {
        let mut after = Self { calls: self.calls.saturating_add(1), ..self.clone() };
        if self.leads.len() < usize::from(MAX_REJECTED_IN_A_ROW) {
            after.leads.insert(lead.clone());
        }
        after
    }

    fn after_text(&self, lead: &LeadId, outcome: MessageOutcome) -> Self {
        match outcome {
            MessageOutcome::TextRejected => self.with(lead),
            MessageOutcome::Sent
            | MessageOutcome::Undelivered
            | MessageOutcome::Delivered
            | MessageOutcome::NoReply
            | MessageOutcome::Replied => Self { got_through: true, ..Self::default() },
            // None of them shows whether the request was right.
            MessageOutcome::Unconfirmed
            | MessageOutcome::SenderRefused
            | MessageOutcome::NotSent
            | MessageOutcome::Filtered
            | MessageOutcome::NotTextable
            | MessageOutcome::Received => self.clone(),
        }
    }

    fn after_call(&self, lead: &LeadId, outcome: Outcome) -> Self {
        let mut after = self.clone();
        match outcome {
            Outcome::RequestRejected => return self.with(lead),
            Outcome::Voicemail | Outcome::Incomplete | Outcome::Completed => {
                return Self { got_through: true, ..Self::default() };
            }
            Outcome::Declined | Outcome::NoAnswer | Outcome::Busy => {
                after.others_rang |= self.calls > 0 && !self.leads.contains(lead);
            }
            // None of them shows whether the request was right.
            Outcome::Failed
            | Outcome::AccountRefused
            | Outcome::Unheard
            | Outcome::Error
            | Outcome::Blocked
            | Outcome::InvalidNumber => {}
        }
        after
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(calls: &u8) -> bool {
    *calls == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, NOW};
    use crate::records::campaign::{Command, PauseReason};

    /// The campaign after calls to leads, by their number.
    fn after(calls: &[(u32, Outcome)]) -> Campaign {
        calls.iter().fold(fixtures::campaign(), |campaign, (lead, outcome)| {
            campaign.after_call(&fixtures::lead(*lead).id, (*outcome).into()).unwrap_or(campaign)
        })
    }

    #[test]
    fn texts_are_counted_apart_from_calls() {
        let lead = |n| fixtures::lead(n).id;
        let mut campaign = fixtures::campaign();
        for n in 1..=3 {
            assert!(!campaign.is_rejected());
            campaign = campaign.after_call(&lead(n), MessageOutcome::TextRejected.into()).expect("news");
            campaign = campaign.after_call(&lead(9), Outcome::Completed.into()).unwrap_or(campaign);
        }
        assert!(campaign.is_rejected(), "calls that get through show nothing of texts");
        let sent = campaign.after_call(&lead(4), MessageOutcome::Delivered.into()).expect("news");
        assert!(!sent.is_rejected());
        assert!(sent.gets_through(&lead(1), MessageOutcome::TextRejected.into()));
    }

    #[test]
    fn three_in_a_row_are_the_settings_fault_and_one_lead_is_not() {
        use Outcome::{Busy, Completed, Failed, NoAnswer, RequestRejected as Rejected, Voicemail};
        for (calls, is_rejected) in [
            (&[(1, Rejected), (2, Rejected)][..], false),
            (&[(1, Rejected), (2, Rejected), (3, Rejected)], true),
            (&[(1, Rejected), (4, Failed), (2, Rejected), (3, Rejected)], true),
            // Who does not answer shows nothing.
            (&[(1, Rejected), (4, NoAnswer), (2, Rejected), (5, Busy), (3, Rejected)], true),
            (&[(1, Rejected), (4, Completed), (2, Rejected), (3, Rejected)], false),
            (&[(1, Rejected), (2, Rejected), (4, Voicemail), (3, Rejected)], false),
            // The only one whom it calls.
            (&[(1, Rejected), (1, Rejected), (1, Rejected)], true),
            (&[(1, Rejected), (4, NoAnswer), (1, Rejected), (1, Rejected)], false),
            (&[(4, Completed), (1, Rejected), (1, Rejected), (1, Rejected)], false),
        ] {
            assert_eq!(after(calls).is_rejected(), is_rejected, "{calls:?}");
        }
        let mut calls = vec![(1, Rejected); 9];
        calls.insert(1, (4, NoAnswer));
        assert!(!after(&calls).is_rejected());
        calls.push((1, Rejected));
        assert!(after(&calls).is_rejected(), "in the end somebody has to look at it");
    }

    #[test]
    fn who_resumes_it_gives_it_a_fresh_start() {
        let pause = Command::Pause { reason: PauseReason::RequestsRejected };
        let calls = [(9, Outcome::Completed), (1, Outcome::RequestRejected), (2, Outcome::RequestRejected)];
        let calls = [&calls[..], &[(3, Outcome::RequestRejected)]].concat();
        let paused = after(&calls).apply(pause, NOW).expect("it runs");
        let resumed = paused.apply(Command::Resume, NOW).expect("it rests");
        assert!(!resumed.is_rejected());
        assert!(!resumed.gets_through(&fixtures::lead(1).id, Outcome::RequestRejected.into()));
    }
}
