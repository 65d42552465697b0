//! What a refusal means for a lead that waits.

use super::{Question, Refusal};
use crate::base::subscriber::Subscriber;
use crate::base::time::{HOUR_MS, Timestamp};
use crate::records::lead::{Hold, HoldCause, Lead, SkipReason};
use crate::records::number_record::NumberRecord;

/// What follows for a lead that was found and may not be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it is looked at again when its time comes.
    Wait,
    /// It is settled or put off: the lead as it becomes.
    Become(Box<Lead>),
}

/// How long a lead is put off at most before it is looked at again, in milliseconds: what holds it may
/// be changed by hand.
pub const MAX_HOLD_MS: i64 = 12 * HOUR_MS;

/// What would settle the lead of the question as soon as its turn comes, at a moment, if anything would.
pub fn settling(question: &Question<'_>, at: Timestamp) -> Option<Refusal> {
    let settles = |refusal: &Refusal| match consequence(question, refusal, at) {
        Verdict::Become(lead) => lead.state.is_settled(),
        Verdict::Wait => *refusal == Refusal::PeriodOver,
    };
    question.refusals(at).into_iter().find(settles)
}

/// What a refusal means for a lead that waits.
pub fn consequence(question: &Question<'_>, refusal: &Refusal, now: Timestamp) -> Verdict {
    let Question { lead, campaign, .. } = question;
    if !lead.state.is_waiting() {
        return Verdict::Wait;
    }
    let hold = |until: Timestamp, cause| {
        let until = until.min(now.plus_ms(MAX_HOLD_MS));
        Verdict::Become(Box::new(lead.held(Hold { until, cause }, now)))
    };
    match refusal {
        Refusal::AttemptsUsedUp => Verdict::Become(Box::new(lead.exhausted(now))),
        Refusal::NoConsent => Verdict::Become(Box::new(lead.skipped(SkipReason::NoConsent, now))),
        Refusal::NumberClass(_) => {
            let allowed = question.workspace.allowed_number_classes;
            let other = lead.passed_to(|number| allowed.refusal_of(number).is_none(), now);
            let skip = || lead.skipped(SkipReason::NumberClass, now);
            Verdict::Become(Box::new(other.unwrap_or_else(skip)))
        }
        Refusal::TextFails(fault) => Verdict::Become(Box::new(lead.unspeakable(fault.clone(), now))),
        Refusal::DoNotCall(list) => {
            let is_on = |record: &&NumberRecord| record.lists.contains_key(list);
            let listed = Subscriber::all(question.records.iter().filter(is_on).map(|record| &record.number));
            let skipped = lead.skipped(SkipReason::of_list(list), now);
            Verdict::Become(Box::new(
                skipped.with_listed(list, |number| listed.contains(&Subscriber::of(number))),
            ))
        }
        Refusal::Capped(capped) if campaign.is_over(capped.until) => {
            Verdict::Become(Box::new(lead.over(now)))
        }
        Refusal::Capped(capped) => hold(capped.until, HoldCause::Cap(capped.cap.source.clone())),
        // Leads that wait by zone are not looked for while theirs is closed. The others make room for
        // those behind them, even if no allowed moment is in sight.
        Refusal::OutsideHours { opens_at, .. }
            if lead.due().is_some_and(|(class, _)| !class.is_by_zone()) =>
        {
            hold(opens_at.unwrap_or(now.plus_ms(MAX_HOLD_MS)), HoldCause::Hours)
        }
        Refusal::OutsideHours { .. }
        | Refusal::CampaignNotRunning(_)
        | Refusal::PeriodNotBegun(_)
        | Refusal::PeriodOver
        | Refusal::Settled(_)
        | Refusal::Suspended
        | Refusal::InProgress
        | Refusal::NotDue(_) => Verdict::Wait,
    }
}
