//! What becomes of a lead that waits, if nobody calls it by hand and nothing else is edited.

use crate::base::time::Timestamp;
use crate::compliance::eligibility::{Question, Refusal, Verdict, consequence};
use crate::records::lead::{LeadState, SkipReason};

/// How many moments are tried: each is the end of a refusal, and few chains of them are longer than
/// three.
const MAX_STEPS: usize = 64;

/// What becomes of a lead that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Projection {
    /// It may be called, first at this moment.
    At(Timestamp),
    /// It waits for good: no moment is allowed.
    Never,
    /// It is settled: its attempts are used up.
    Exhausted,
    /// It is settled without a call.
    Skipped(SkipReason),
}

/// What becomes of the lead of a question, asked at the moments at which the planner would ask it;
/// `window_ms` is how long its campaign's claims stay open.
pub(super) fn fate(question: &Question<'_>, now: Timestamp, window_ms: i64) -> Projection {
    let Question { lead, campaign, .. } = question;
    // Those that wait by zone are looked at only while a call may be made there.
    let is_by_zone = lead.due().is_some_and(|(class, _)| class.is_by_zone());
    let unseen = if campaign.over_at().is_some() {
        Projection::Skipped(SkipReason::PeriodOver)
    } else {
        Projection::Never
    };
    let mut at = now;
    for _ in 0..MAX_STEPS {
        if is_by_zone {
            match question.hours().next_callable(at, window_ms) {
                Some(opens_at) => at = opens_at,
                None => return unseen,
            }
        }
        let refusal = match question.answer(at, at.plus_ms(window_ms)) {
            Ok(_) => return Projection::At(at),
            // What is left then is skipped.
            Err(Refusal::PeriodOver) => return Projection::Skipped(SkipReason::PeriodOver),
            Err(refusal) => refusal,
        };
        if let Verdict::Become(lead) = consequence(question, &refusal, at)
            && let Some(fate) = settled(&lead.state)
        {
            return fate;
        }
        match refusal.until().filter(|until| *until > at) {
            Some(until) => at = until,
            None => return unseen,
        }
    }
    unseen
}

/// How a lead is settled that is not called; none if it is not settled.
const fn settled(state: &LeadState) -> Option<Projection> {
    match state {
        LeadState::Skipped { reason } => Some(Projection::Skipped(*reason)),
        LeadState::Completed | LeadState::Exhausted | LeadState::Failed => Some(Projection::Exhausted),
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::InProgress { .. } => None,
    }
}
