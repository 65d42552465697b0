//! What becomes of a lead that waits, if nobody calls it by hand and nothing else is edited.

use std::ops::ControlFlow;

use crate::base::time::Timestamp;
use crate::compliance::allowed_moments::{FirstAllowed, first_allowed};
use crate::compliance::eligibility::{Question, Refusal, Verdict, consequence};
use crate::records::lead::{LeadState, SkipReason};

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
    let seen_at = |at| if is_by_zone { question.hours().next_callable(at, window_ms) } else { Some(at) };
    let settles = |refusal: &Refusal, at| {
        let fate = match (refusal, consequence(question, refusal, at)) {
            // What is left then is skipped.
            (Refusal::PeriodOver, _) => Some(Projection::Skipped(SkipReason::PeriodOver)),
            (_, Verdict::Become(lead)) => settled(&lead.state),
            (_, Verdict::Wait) => None,
        };
        fate.map_or(ControlFlow::Continue(()), ControlFlow::Break)
    };
    match first_allowed(question, now, window_ms, seen_at, settles) {
        FirstAllowed::At(at) => Projection::At(at),
        FirstAllowed::Stopped(fate) => fate,
        FirstAllowed::Never | FirstAllowed::NotInSight(_) => unseen,
    }
}

/// How a lead is settled that is not called; none if it is not settled.
const fn settled(state: &LeadState) -> Option<Projection> {
    match state {
        LeadState::Skipped { reason } => Some(Projection::Skipped(*reason)),
        LeadState::Completed | LeadState::Exhausted | LeadState::Failed => Some(Projection::Exhausted),
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::InProgress { .. }
        | LeadState::Suspended { .. } => None,
    }
}
