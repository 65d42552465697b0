//! The words of a refusal: answers and files say the same.

use std::fmt;

use super::{DialRefusal, Refusal};
use crate::policy::caps::Capped;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CampaignNotRunning(status) => write!(f, "the campaign is {}", status.as_str()),
            Self::PeriodNotBegun(at) => write!(f, "the campaign's period begins {at}"),
            Self::PeriodOver => f.write_str("the campaign's period is over"),
            Self::Settled(status) => write!(f, "the lead is {}", status.name()),
            Self::Suspended => f.write_str("the lead is suspended"),
            Self::InProgress => f.write_str("a call is in progress"),
            Self::NotDue(at) => write!(f, "the lead is not due before {at}"),
            Self::AttemptsUsedUp => f.write_str("no attempts are left"),
            Self::NoConsent => f.write_str("the campaign needs consent, and none is known"),
            Self::NumberClass(class) => {
                write!(f, "the number is of the class {class}, which the workspace does not allow")
            }
            Self::DoNotCall(list) => write!(f, "the person is on the list {list}"),
            Self::TextFails(fault) => {
                write!(f, "what is to be said can't be made of the lead's values: {fault}")
            }
            Self::Capped(Capped { until, .. }) => {
                write!(f, "the person was called often enough; the next call is allowed {until}")
            }
            Self::OutsideHours { opens_at, closed } => {
                f.write_str("calls are not allowed there now")?;
                if let Some(closed) = closed {
                    write!(f, ": {closed}")?;
                }
                match opens_at {
                    Some(at) => write!(f, "; the next allowed moment is {at}"),
                    None => f.write_str("; no allowed moment is in sight"),
                }
            }
        }
    }
}

impl fmt::Display for DialRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SlotOver => "its slot was over",
            Self::NoSlotInTime => "no slot was free in time",
            Self::LeadGone => "the lead is gone",
            Self::NumbersChanged => "the person's numbers have changed",
            Self::StepChanged => "the lead has come to another step meanwhile",
            Self::AssistantUnusable => "the assistant or its caller number can't be used",
            Self::NoProviderKey => "the workspace has no key for its voice provider",
            Self::ProviderCongested => "the voice provider was full",
            Self::Refused(refusal) => return refusal.fmt(f),
        })
    }
}
