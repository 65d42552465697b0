//! When a person may be called first.

use std::ops::ControlFlow;

use super::eligibility::{Question, Refusal};
use crate::base::time::Timestamp;

/// How many moments are tried: each is the end of a refusal, and few chains of them are longer than
/// three.
const MAX_STEPS: usize = 64;

/// The first allowed moment, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstAllowed<T> {
    At(Timestamp),
    /// Whoever asked stopped at a refusal.
    Stopped(T),
    /// A refusal does not end by itself.
    Never,
    /// None was found up to this moment.
    NotInSight(Timestamp),
}

/// The first moment from `from` on at which a call may be placed in `window_ms`: asks at the end of each
/// refusal, and at the moment that `seen_at` makes of it, when a planner sees the lead; none ends the
/// search. `on_refusal` hears of each refusal and its moment.
pub fn first_allowed<T>(
    question: &Question<'_>,
    from: Timestamp,
    window_ms: i64,
    seen_at: impl Fn(Timestamp) -> Option<Timestamp>,
    mut on_refusal: impl FnMut(&Refusal, Timestamp) -> ControlFlow<T>,
) -> FirstAllowed<T> {
    let mut at = from;
    for _ in 0..MAX_STEPS {
        let Some(seen_at) = seen_at(at) else { return FirstAllowed::Never };
        at = seen_at;
        let refusal = match question.answer(at, at.plus_ms(window_ms)) {
            Ok(_) => return FirstAllowed::At(at),
            Err(refusal) => refusal,
        };
        if let ControlFlow::Break(stopped) = on_refusal(&refusal, at) {
            return FirstAllowed::Stopped(stopped);
        }
        match refusal.until().filter(|until| *until > at) {
            Some(until) => at = until,
            None => return FirstAllowed::Never,
        }
    }
    FirstAllowed::NotInSight(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::reason::ReasonCode;
    use crate::base::time::{HOUR_MS, MINUTE_MS};
    use crate::fixtures::{self, NOW};
    use crate::policy::rules::Rulebook;
    use crate::records::active_attempt::DialCause;
    use crate::records::lead::{Lead, LeadState};

    #[test]
    fn it_is_asked_at_the_end_of_each_refusal() {
        let (campaign, workspace) = (fixtures::campaign(), fixtures::workspace());
        // Monday 12:00 in Berlin, where calls are made from 9:00 to 18:00.
        let due_at = NOW.plus_ms(7 * HOUR_MS);
        let lead = Lead { state: LeadState::RetryScheduled { due_at }, ..fixtures::lead(1) };
        let question = Question {
            lead: &lead,
            campaign: &campaign,
            workspace: &workspace,
            rules: Rulebook::builtin(),
            records: &[],
            cause: DialCause::Retry,
        };
        let mut heard = Vec::new();
        let first = first_allowed(&question, NOW, MINUTE_MS, Some, |refusal, at| {
            heard.push((refusal.code(), at));
            ControlFlow::<()>::Continue(())
        });
        assert_eq!(heard, [(ReasonCode::NotDue, NOW), (ReasonCode::OutsideHours, due_at)]);
        let FirstAllowed::At(at) = first else { panic!("tomorrow: {first:?}") };
        assert_eq!(at.since_ms(NOW) / HOUR_MS, 21);
        assert!(question.answer(at, at.plus_ms(MINUTE_MS)).is_ok());
        let stopped =
            first_allowed(&question, NOW, MINUTE_MS, Some, |refusal, _| ControlFlow::Break(refusal.code()));
        assert_eq!(stopped, FirstAllowed::Stopped(ReasonCode::NotDue));
        let unseen = first_allowed(&question, NOW, MINUTE_MS, |_| None, |_, _| ControlFlow::Break(()));
        assert_eq!(unseen, FirstAllowed::Never);
    }
}
