//! What becomes of a lead by hand. A call that is up goes on; what was decided holds once it has ended.

use super::{ActionRefusal, Lead, LeadState, Profile};
use crate::base::time::Timestamp;

impl Lead {
    /// The lead at rest, until it is resumed.
    ///
    /// # Errors
    /// [`ActionRefusal::Settled`]: who is settled rests anyway.
    pub fn suspended(&self, now: Timestamp) -> Result<Self, ActionRefusal> {
        let standing = self.state.standing();
        match standing {
            LeadState::Suspended { .. } => Ok(self.clone()),
            waiting if waiting.is_waiting() => {
                let before = Box::new(waiting.clone());
                Ok(self.standing_at(LeadState::Suspended { before }, now))
            }
            settled => Err(ActionRefusal::Settled(settled.status())),
        }
    }

    /// The lead where it stood before it was suspended. What fell due meanwhile is due at once.
    ///
    /// # Errors
    /// [`ActionRefusal::NotSuspended`].
    pub fn let_go_on(&self, now: Timestamp) -> Result<Self, ActionRefusal> {
        match self.state.standing() {
            LeadState::Suspended { before } => Ok(self.standing_at(before.as_ref().clone(), now)),
            standing => Err(ActionRefusal::NotSuspended(standing.status())),
        }
    }

    /// The lead as one that needs no call any more.
    ///
    /// # Errors
    /// [`ActionRefusal::Settled`] if it was skipped: why counts for more.
    pub fn completed_by_hand(&self, now: Timestamp) -> Result<Self, ActionRefusal> {
        match self.state.standing() {
            LeadState::Completed => Ok(self.clone()),
            skipped @ LeadState::Skipped { .. } => Err(ActionRefusal::Settled(skipped.status())),
            LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Suspended { .. }
            | LeadState::InProgress { .. }
            | LeadState::Exhausted
            | LeadState::Failed => Ok(self.standing_at(LeadState::Completed, now)),
        }
    }

    /// The lead as one that is removed once its call has ended.
    pub fn leaving(&self, now: Timestamp) -> Self {
        if self.is_leaving {
            return self.clone();
        }
        Self { version: self.version + 1, is_leaving: true, updated_at: now, ..self.clone() }
    }

    /// The lead with another profile and the same numbers; itself if nothing is new.
    pub fn with_profile(&self, profile: Profile, now: Timestamp) -> Self {
        if profile == self.profile {
            return self.clone();
        }
        self.edited(profile, self.numbers.clone(), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::call::Outcome;
    use crate::base::time::HOUR_MS;
    use crate::fixtures::{self, NOW};
    use crate::policy::retry::Next;
    use crate::records::lead::LeadStatus;

    fn waiting() -> Vec<Lead> {
        let due_at = NOW.plus_ms(HOUR_MS);
        [LeadState::Pending, LeadState::RetryScheduled { due_at }, LeadState::CallbackScheduled { due_at }]
            .map(|state| Lead { state, ..fixtures::lead(1) })
            .into()
    }

    fn talking(lead: &Lead) -> Lead {
        lead.dialled(&fixtures::claimed(lead, NOW), NOW)
    }

    #[test]
    fn a_suspended_lead_waits_for_nothing_and_goes_on_where_it_stood() {
        for lead in waiting() {
            let suspended = lead.suspended(NOW).expect("it waits");
            assert_eq!((suspended.due(), suspended.is_due(NOW)), (None, false));
            assert!(!suspended.state.is_settled() && !suspended.state.is_waiting());
            assert_eq!(suspended.suspended(NOW), Ok(suspended.clone()), "twice is once");
            let resumed = suspended.let_go_on(NOW).expect("it was suspended");
            assert_eq!((&resumed.state, resumed.version), (&lead.state, lead.version + 2));
            assert_eq!(lead.let_go_on(NOW), Err(ActionRefusal::NotSuspended(lead.state.status())));
        }
    }

    #[test]
    fn a_lead_that_is_suspended_during_its_call_rests_after_it_unless_that_settles_it() {
        let due_at = NOW.plus_ms(HOUR_MS);
        let retry = Next::Retry { due_at, counted: true };
        let up = talking(&fixtures::lead(1));
        let suspended = up.suspended(NOW).expect("it will wait");
        let LeadState::InProgress { before, .. } = &suspended.state else { panic!("its call goes on") };
        let missed = suspended.ended(before, Outcome::NoAnswer, retry, NOW);
        assert_eq!(missed.state.suspended(), Some(&LeadState::RetryScheduled { due_at }));
        let asked = suspended.ended(before, Outcome::Completed, Next::Callback { at: due_at }, NOW);
        assert_eq!(asked.state.suspended(), Some(&LeadState::CallbackScheduled { due_at }));
        let reached = suspended.ended(before, Outcome::Completed, Next::Completed, NOW);
        assert_eq!(reached.state, LeadState::Completed);
        let not_made = suspended.congested(before, due_at, NOW);
        assert_eq!(not_made.state.suspended(), Some(&LeadState::RetryScheduled { due_at }));
        assert_eq!(suspended.not_called(before, NOW).state.suspended(), Some(&LeadState::Pending));
        assert_eq!(suspended.let_go_on(NOW).map(|lead| lead.state), Ok(up.state));
    }

    #[test]
    fn who_is_settled_is_not_suspended_and_who_was_skipped_not_completed() {
        let settled = |state| Lead { state, ..fixtures::lead(1) };
        let skipped = settled(LeadState::Skipped { reason: crate::records::lead::SkipReason::DoNotCall });
        for lead in [settled(LeadState::Completed), settled(LeadState::Failed), skipped.clone()] {
            assert_eq!(lead.suspended(NOW), Err(ActionRefusal::Settled(lead.state.status())));
            assert!(talking(&lead).suspended(NOW).is_err(), "called by hand");
        }
        assert_eq!(skipped.completed_by_hand(NOW), Err(ActionRefusal::Settled(LeadStatus::Skipped)));
        for lead in waiting().into_iter().chain([settled(LeadState::Exhausted)]) {
            assert_eq!(lead.completed_by_hand(NOW).map(|lead| lead.state), Ok(LeadState::Completed));
            let missed = talking(&lead).completed_by_hand(NOW).expect("a call is no hindrance");
            let LeadState::InProgress { before, .. } = &missed.state else { panic!("its call goes on") };
            let retry = Next::Retry { due_at: NOW, counted: true };
            assert_eq!(missed.ended(before, Outcome::NoAnswer, retry, NOW).state, LeadState::Completed);
        }
    }
}
