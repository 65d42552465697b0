//! Leads that stand in for those of a population while a plan looks at them.

use super::lead_queue::{NO_CALLER, Track};
use crate::base::channel::Channel;
use crate::base::ids::{AttemptId, CallerNumberId, CampaignId, LeadId};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::importing::LeadDraft;
use crate::records::campaign::CampaignSpec;
use crate::records::lead::{Consent, DueClass, FileOrder, Hold, HoldCause, LastAttempt, Lead, LeadState};

/// A lead of a campaign that can be made any of its leads.
pub(super) fn blank(campaign: &CampaignId, number: &E164, now: Timestamp) -> Lead {
    let draft = LeadDraft::new(number.clone(), []);
    let order = FileOrder { at: now, row: 0 };
    let mut lead = draft.into_lead(LeadId::derive(campaign, number), order, None, now);
    // Those without consent are not among the leads of a population.
    lead.profile.consent = Some(Consent { source: String::new(), at: now, channel: None, proof: None });
    lead
}

/// Makes a stand-in the lead of a track that waits in a class since it fell due.
pub(super) fn cast(
    lead: &mut Lead,
    (class, due_at): (DueClass, Timestamp),
    track: &Track,
    number: &E164,
    zone: &Zone,
) {
    lead.zone.clone_from(zone);
    if let Some(own) = lead.numbers.first_mut() {
        own.number.clone_from(number);
    }
    lead.state = match class {
        DueClass::FirstSubmission | DueClass::Fresh => LeadState::Pending,
        DueClass::Callback => LeadState::CallbackScheduled { due_at },
        DueClass::Retry | DueClass::Text => LeadState::RetryScheduled { due_at },
    };
    lead.is_first_submission = class == DueClass::FirstSubmission;
    lead.order.at = due_at;
    lead.hold = track.is_held.then_some(Hold { until: due_at, cause: HoldCause::Hours });
    lead.attempts = u32::from(track.attempts);
    lead.failed = u32::from(track.failed);
    lead.step = track.step;
    lead.channel = if class == DueClass::Text { Channel::Sms } else { Channel::Call };
    lead.last = None;
}

/// Notes the number that the lead was called from, where the campaign calls from the same one again.
pub(super) fn recall(
    lead: &mut Lead,
    spec: &CampaignSpec,
    track: &Track,
    callers: &[CallerNumberId],
    now: Timestamp,
) {
    if !spec.same_number_for_retries || track.caller == NO_CALLER {
        return;
    }
    lead.last = callers.get(usize::from(track.caller)).map(|caller| LastAttempt {
        attempt: AttemptId::new(now, [0; 10]),
        dialled_at: now,
        number: None,
        caller_number: Some(caller.clone()),
        channel: Channel::Call,
        step: 0,
        outcome: None,
        qualification: None,
        duration_secs: None,
    });
}
