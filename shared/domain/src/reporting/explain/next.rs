//! When a lead may be called next.

use std::ops::ControlFlow;

use super::prospect::{Prospect, prospect};
use super::{Case, Cause, Lasts, Reason, refused};
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::compliance::allowed_moments::{FirstAllowed, first_allowed};
use crate::compliance::eligibility::Refusal;
use crate::planning::{self, NoCapacity};

/// The first moment at which the lead may be called, as far as it can be told; adds to the reasons
/// what will forbid it at a later moment only.
pub(super) fn possible(case: &Case<'_>, reasons: &mut Vec<Reason>) -> Option<Timestamp> {
    if reasons.iter().any(|reason| reason.lasts() == Lasts::UntilChanged) {
        return None;
    }
    let Prospect { campaign, lead, from } = prospect(case)?;
    let question = case.question_of(&lead, &campaign);
    let window_ms = case.campaign.window_ms();
    // The question tells of the other reasons again, one after another.
    let unasked = reasons.iter().filter(|reason| !is_asked_again(reason.code())).filter_map(Reason::until);
    let no_capacity_now = planning::capacity_for(case.snapshot, case.campaign, Some(case.lead)).err();
    let from = unasked.chain(no_capacity_now.and_then(NoCapacity::until)).fold(from, Timestamp::max);
    let tell = |refusal: &Refusal, at| {
        let cause = refused::cause(case, &question, refusal, at);
        if reasons.iter().all(|known| known.code() != cause.code()) {
            let from = (at > case.snapshot.now).then_some(at);
            reasons.push(Reason { cause, from });
        }
        ControlFlow::<()>::Continue(())
    };
    match first_allowed(&question, from, window_ms, Some, tell) {
        FirstAllowed::At(at) => Some(at),
        FirstAllowed::Stopped(()) | FirstAllowed::Never => None,
        FirstAllowed::NotInSight(at) => {
            reasons.push(Reason { cause: Cause::NotInSight(at), from: Some(at) });
            None
        }
    }
}

/// Whether the question about a later moment tells of it again.
const fn is_asked_again(code: ReasonCode) -> bool {
    use ReasonCode as C;
    matches!(code, C::NotDue | C::Capped | C::OutsideHours | C::PeriodNotBegun | C::Settled)
}
