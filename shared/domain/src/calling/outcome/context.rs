//! What is read about an attempt, and what becomes known of it.

use chrono_tz::Tz;

use crate::base::call::{CallReport, PersonRequest, Placement, VoiceEvent};
use crate::base::channel::Channel;
use crate::base::ids::AttemptId;
use crate::base::message::MessageRefusal;
use crate::base::outcome::{AttemptOutcome, MessageReport, Report};
use crate::base::phone::E164;
use crate::base::time::{SECOND_MS, Timestamp};
use crate::base::zone::Zone;
use crate::policy::do_not_call::ListName;
use crate::records::active_attempt::ActiveAttempt;
use crate::records::campaign::{Campaign, CampaignStatus};
use crate::records::interaction::{Direction, Interaction};
use crate::records::lead::{Lead, LeadState};
use crate::records::number_record::NumberRecord;

/// What was read about an attempt of which there is an update.
#[derive(Debug, Clone)]
pub struct OutcomeContext<'a> {
    pub now: Timestamp,
    pub attempt: &'a AttemptId,
    /// The active attempt of its number, whoever's that is by now.
    pub active_attempt: Option<&'a ActiveAttempt>,
    pub lead: Option<&'a Lead>,
    pub campaign: Option<&'a Campaign>,
    pub interaction: Option<&'a Interaction>,
    /// What is known of the person's numbers; read only where [`OutcomeContext::needs_records`] says so.
    pub records: &'a [NumberRecord],
}

/// What became known of an attempt.
#[derive(Debug, Clone, Copy)]
pub enum CallUpdate<'a> {
    Ended(&'a CallReport),
    /// The same where the provider was asked.
    Found(&'a CallReport),
    /// A text came to its end.
    MessageEnded(&'a MessageReport),
    /// The same where the provider was asked.
    MessageFound(&'a MessageReport),
    /// The step of a text is over, and nobody replied.
    NoReply,
    /// The carrier heard a machine.
    MachineDetected {
        is_fax: bool,
    },
    /// Something happened to the call: whoever knows is to be asked.
    Changed,
    /// The provider's answer to the dial.
    Placed(&'a Placement),
    /// The provider's answer to a text.
    Sent(&'a Placement<MessageRefusal>),
    /// A provider that can't be asked later says that it has a text, and what it costs if it knows.
    Accepted {
        cost_micros: Option<u64>,
    },
    StillUp,
    /// The provider has never heard of it.
    NotFound,
    /// Nobody could be asked for too long: its lease is over for good.
    Overdue,
}

impl<'a> CallUpdate<'a> {
    /// What a provider's event tells, if it tells anything.
    pub fn of(event: &'a VoiceEvent) -> Option<Self> {
        match event {
            VoiceEvent::Ended { report, .. } => Some(Self::Ended(report)),
            VoiceEvent::MachineDetected { is_fax, .. } => Some(Self::MachineDetected { is_fax: *is_fax }),
            VoiceEvent::Changed { .. } => Some(Self::Changed),
            VoiceEvent::Unknown { .. } | VoiceEvent::Ignored { .. } => None,
        }
    }

    /// The channel of which it speaks, if it is one alone: what is said of another is no word of the attempt.
    pub(super) const fn channel(self) -> Option<Channel> {
        match self {
            Self::Ended(_)
            | Self::Found(_)
            | Self::MachineDetected { .. }
            | Self::Changed
            | Self::Placed(_) => Some(Channel::Call),
            Self::MessageEnded(_)
            | Self::MessageFound(_)
            | Self::NoReply
            | Self::Sent(_)
            | Self::Accepted { .. } => Some(Channel::Sms),
            Self::StillUp | Self::NotFound | Self::Overdue => None,
        }
    }

    /// Whether it changes what is known of the person's numbers, whatever is recorded.
    pub(super) fn changes_numbers(self) -> bool {
        match self {
            Self::Ended(CallReport { request, .. })
            | Self::Found(CallReport { request, .. })
            | Self::MessageEnded(MessageReport { request, .. })
            | Self::MessageFound(MessageReport { request, .. }) => {
                // A call-back may turn out to be one that can't be kept.
                request.is_some()
            }
            Self::Placed(placement) => !placement.may_be_made(),
            Self::Sent(placement) => !placement.may_be_made(),
            Self::NotFound => true,
            Self::NoReply
            | Self::MachineDetected { .. }
            | Self::Changed
            | Self::Accepted { .. }
            | Self::StillUp
            | Self::Overdue => false,
        }
    }
}

impl<'a> OutcomeContext<'a> {
    /// The attempt's own active attempt, if it still flies.
    pub(super) fn live(&self) -> Option<&'a ActiveAttempt> {
        self.active_attempt.filter(|active_attempt| {
            active_attempt.attempt == *self.attempt && active_attempt.dialled_at().is_some()
        })
    }

    /// Every number of the person whose records are to be read.
    pub fn person(&self) -> Vec<E164> {
        match (self.active_attempt, self.lead) {
            (Some(active_attempt), _) => active_attempt.person.clone(),
            (None, Some(lead)) => lead.person(),
            // Their campaign was removed: what they ask for counts all the same.
            (None, None) => self.interaction.and_then(|record| record.number.clone()).into_iter().collect(),
        }
    }

    /// How the attempt reaches the person, as far as it is known.
    pub(super) fn channel(&self) -> Option<Channel> {
        let live = self.live().map(|active_attempt| active_attempt.channel);
        live.or(self.interaction.map(|record| record.channel))
    }

    /// The report with what the person asked for as far as it can be kept; what can't is for a person to settle.
    pub(super) fn with_kept_request<'r>(&self, report: Report<'r>) -> Report<'r> {
        let Some(asked) = report.request else { return report };
        let dialled_at = self.live().and_then(ActiveAttempt::dialled_at);
        let began_at = dialled_at.or(self.interaction.map(|record| record.started_at)).unwrap_or(self.now);
        let is_news = self.interaction.is_none_or(|record| asked.is_news_after(record.request));
        let request = match asked.kept(began_at, self.now, &self.clocks()) {
            PersonRequest::Callback { at } if is_news && !self.takes_callback(at) => PersonRequest::Unclear,
            // Somebody took them off the list after they had said so.
            PersonRequest::DoNotCall if is_news && self.was_removed_since(began_at, &report) => {
                PersonRequest::Unclear
            }
            request => request,
        };
        Report { request: Some(request), ..report }
    }

    /// Whether the lead can be called back then, as its person asks in this call.
    fn takes_callback(&self, at: Timestamp) -> bool {
        let (Some(lead), Some(campaign)) = (self.lead, self.campaign) else { return false };
        let calls_then = campaign.status != CampaignStatus::Cancelled && !campaign.is_over(at);
        let is_inbound = self.interaction.is_some_and(|record| record.direction == Direction::Inbound);
        calls_then
            && match &lead.state {
                LeadState::InProgress { attempt, .. } => attempt == self.attempt,
                LeadState::Skipped { .. } => false,
                LeadState::Pending
                | LeadState::RetryScheduled { .. }
                | LeadState::CallbackScheduled { .. }
                | LeadState::Suspended { .. }
                | LeadState::Completed
                | LeadState::Exhausted
                | LeadState::Failed => is_inbound || self.was_last(lead),
            }
    }

    /// Whether a number of theirs was taken off the list after the call in which they asked for it.
    fn was_removed_since(&self, began_at: Timestamp, report: &Report<'_>) -> bool {
        let said_at = began_at.plus_ms(i64::from(report.duration_secs) * SECOND_MS);
        let list = ListName::do_not_call();
        self.records.iter().any(|record| record.was_removed_since(&list, said_at))
    }

    /// How it ended, once the carrier's verdict is counted in.
    pub(super) fn judged(&self, report: &Report<'_>) -> AttemptOutcome {
        self.interaction.map_or(report.outcome, |record| record.judged(report.outcome, report.duration_secs))
    }

    /// Whether an update changes what is known of the person's numbers: it may tell of a call that was taken for one that
    /// was never made.
    pub fn needs_records(&self, update: CallUpdate<'_>) -> bool {
        update.changes_numbers() || self.interaction.is_some_and(|record| record.never_left)
    }

    /// Whether no attempt of the lead came after this one.
    pub(super) fn was_last(&self, lead: &Lead) -> bool {
        lead.last.as_ref().is_some_and(|last| last.attempt == *self.attempt)
    }

    /// The clocks that the person may have meant: of where the number is that they spoke at.
    fn clocks(&self) -> Vec<Tz> {
        let number = self.live().map(|live| &live.number);
        let number = number.or(self.interaction.and_then(|record| record.number.as_ref()));
        let own = self.lead.and_then(|lead| lead.profile.timezone);
        let zone = number.map(|number| Zone::of(own, number).0);
        let places = zone.map(|zone| zone.places().to_vec()).filter(|places| !places.is_empty());
        places.unwrap_or_else(|| self.campaign.map(|campaign| campaign.spec.time_zone).into_iter().collect())
    }

    /// The list that the request of a report puts the person's numbers on, unless that word was taken up before.
    pub(super) fn list_for(&self, report: &Report<'_>) -> Option<ListName> {
        let request = match self.interaction {
            Some(interaction) => interaction.news(report),
            None => report.request,
        };
        match request? {
            PersonRequest::DoNotCall => Some(ListName::do_not_call()),
            PersonRequest::Unclear | PersonRequest::CallbackWhen { .. } => Some(ListName::unclear_wishes()),
            PersonRequest::Callback { .. } => None,
        }
    }

    /// The lead, and what it came from, if this attempt is the one that is in progress.
    pub(super) fn in_progress(&self) -> Option<(&'a Lead, &'a LeadState)> {
        let lead = self.lead?;
        match &lead.state {
            LeadState::InProgress { attempt, before } if attempt == self.attempt => Some((lead, before)),
            LeadState::InProgress { .. }
            | LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Suspended { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed => None,
        }
    }
}
