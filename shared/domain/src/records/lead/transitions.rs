//! What happens to a lead, turn by turn.

use super::{
    Hold, LastAttempt, Lead, LeadNumber, LeadState, NumberAttempt, NumberStatus, Rejected, SkipReason,
};
use crate::base::call::{CALLBACK_WINDOW_MS, Consequence};
use crate::base::channel::Channel;
use crate::base::outcome::{AttemptOutcome, Report};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::bug::{Switch, planted};
use crate::policy::cadence::Cadence;
use crate::policy::do_not_call::ListName;
use crate::policy::retry::Next;
use crate::policy::schedule::RunTakes;
use crate::records::active_attempt::{ActiveAttempt, DialCause};
use crate::records::text_fault::TextFault;

impl Lead {
    /// The lead once the dial of an active attempt is committed.
    pub fn dialled(&self, active_attempt: &ActiveAttempt, now: Timestamp) -> Self {
        let state = LeadState::InProgress {
            attempt: active_attempt.attempt.clone(),
            before: Box::new(self.state.clone()),
        };
        let last = LastAttempt {
            attempt: active_attempt.attempt.clone(),
            dialled_at: now,
            number: Some(active_attempt.number.clone()),
            caller_number: Some(active_attempt.caller_number.clone()),
            channel: active_attempt.channel,
            step: self.step,
            outcome: None,
            duration_secs: None,
        };
        Self { attempts: self.attempts + 1, last: Some(last), hold: None, ..self.in_state(state, now) }
    }

    /// The lead after its attempt ended so; `before` is what it came from.
    ///
    /// A settled lead that was called by hand and missed goes back to where it stood.
    pub fn ended(
        &self,
        before: &LeadState,
        outcome: impl Into<AttemptOutcome>,
        next: Next,
        now: Timestamp,
    ) -> Self {
        let outcome = outcome.into();
        let stood = before.suspended().unwrap_or(before);
        let state = match next {
            Next::Completed => LeadState::Completed,
            Next::DoNotCall => LeadState::Skipped { reason: SkipReason::DoNotCall },
            Next::Callback { at } => LeadState::CallbackScheduled { due_at: at },
            Next::Retry { .. } | Next::Step { .. } | Next::Exhausted | Next::Failed if stood.is_settled() => {
                stood.clone()
            }
            // What the person asked for was not made yet.
            Next::Retry { due_at, counted: false }
                if matches!(stood, LeadState::CallbackScheduled { .. }) =>
            {
                LeadState::CallbackScheduled { due_at }
            }
            Next::Retry { due_at, .. } | Next::Step { due_at, .. } => LeadState::RetryScheduled { due_at },
            Next::Exhausted => LeadState::Exhausted,
            Next::Failed => LeadState::Failed,
        };
        let state = before.then(state);
        let last = self.last.clone().map(|last| LastAttempt { outcome: Some(outcome), ..last });
        let mut after = Self { last, ..self.in_state(state, now) }.noted();
        if next == Next::DoNotCall {
            after.numbers.iter_mut().for_each(|number| number.status = NumberStatus::DoNotCall);
        }
        // The one that settles the lead was no more of an attempt than those before it.
        let is_last_failure = next == Next::Failed && outcome.consequence() == Consequence::TakenBack;
        if is_last_failure || matches!(next, Next::Retry { counted: false, .. }) {
            after.attempts = self.attempts.saturating_sub(1);
            after.take_back(outcome, now);
        } else {
            after.is_attempted = true;
            after.pass_number_on();
        }
        if let Next::Step { step, .. } = next
            && !stood.is_settled()
        {
            after.begin_step(step);
        }
        after.where_next_number_is()
    }

    fn begin_step(&mut self, step: u8) {
        (self.step, self.attempts, self.failed, self.rejected) = (step, 0, 0, None);
    }

    /// The lead at a step of the cadence that follows what it turned out to have been reached with.
    pub(crate) fn going_on(&self, step: u8, due_at: Timestamp, now: Timestamp) -> Self {
        let waits = self.state.then(LeadState::RetryScheduled { due_at });
        let mut after = Self { hold: None, ..self.in_state(waits, now) };
        after.begin_step(step);
        after.where_next_number_is()
    }

    /// The lead with how the step reaches the person that it is at.
    #[must_use]
    pub fn in_channel_of(self, cadence: &Cadence) -> Self {
        Self { channel: cadence.channel(self.step), ..self }
    }

    /// The lead with how long its last attempt took, and what the assistant noted in it.
    #[must_use]
    pub fn told(mut self, report: &Report<'_>) -> Self {
        if let Some(last) = &mut self.last {
            last.duration_secs = Some(report.duration_secs);
        }
        match self.last.as_ref().and_then(|last| last.outcome) {
            Some(outcome) => self.qualified(outcome, report),
            None => self,
        }
    }

    /// The lead with what the assistant noted in a call that ended so: of a machine there is nothing to note.
    #[must_use]
    pub fn qualified(self, outcome: AttemptOutcome, report: &Report<'_>) -> Self {
        let noted = report.qualification.filter(|_| outcome.is_contact());
        Self { qualification: noted.or(self.qualification), ..self }
    }

    /// How many attempts were taken back for what an outcome stands for: an outage is not held against a
    /// lead whose request turns out to be wrong.
    pub(crate) fn taken_back_as(&self, outcome: AttemptOutcome) -> u32 {
        if outcome.is_rejection() { self.rejected.map_or(0, |rejected| rejected.times) } else { self.failed }
    }

    fn take_back(&mut self, outcome: AttemptOutcome, now: Timestamp) {
        if outcome.is_rejection() {
            let Rejected { times, since } = self.rejected.unwrap_or(Rejected { times: 0, since: now });
            self.rejected = Some(Rejected { times: times + 1, since });
        } else if outcome.consequence() == Consequence::TakenBack {
            self.failed += 1;
        }
    }

    /// The lead without what was found wrong before its campaign was let go on at this moment.
    pub(crate) fn since_resumed(&self, at: Option<Timestamp>) -> Self {
        let rejected = self.rejected.filter(|rejected| at.is_none_or(|at| rejected.since >= at));
        Self { rejected, ..self.clone() }
    }

    /// It is the turn of the number after the one that was dialled.
    fn pass_number_on(&mut self) {
        let Some(dialled) = self.last.as_ref().and_then(|last| last.number.as_ref()) else { return };
        if let Some(place) = self.numbers.iter().position(|one| one.number == *dialled) {
            let next = (place + 1) % self.numbers.len();
            self.next_number_index = u8::try_from(next).unwrap_or_default();
        }
    }

    /// The lead with the end of its latest attempt noted on the number that was dialled.
    pub(crate) fn noted(mut self) -> Self {
        if let Some(LastAttempt { number: Some(dialled), dialled_at, outcome: Some(outcome), .. }) =
            &self.last
            && let Some(number) = self.numbers.iter_mut().find(|one| one.number == *dialled)
        {
            number.note(NumberAttempt { at: *dialled_at, outcome: *outcome });
        }
        self
    }

    /// The lead with those of its numbers marked that are on a list; what is still open marks none.
    pub fn with_listed(mut self, list: &ListName, is_listed: impl Fn(&E164) -> bool) -> Self {
        let marked = |one: &&mut LeadNumber| !list.is_of_unclear_wishes() && is_listed(&one.number);
        self.numbers.iter_mut().filter(marked).for_each(|one| one.status = NumberStatus::DoNotCall);
        self
    }

    /// The lead with the turn at a number that may be called; none if there is none, or if it waits to be
    /// called back, which is done at one number alone.
    pub fn passed_to(&self, may_be_called: impl Fn(&E164) -> bool, now: Timestamp) -> Option<Self> {
        if matches!(self.state, LeadState::CallbackScheduled { .. }) {
            return None;
        }
        let may_be_next = |number: &E164| self.is_usable(number) && may_be_called(number);
        let place = self.phones().position(may_be_next)?;
        let next_number_index = u8::try_from(place).ok()?;
        Some(Self { next_number_index, ..self.clone() }.in_state(self.state.clone(), now))
    }

    /// The lead after its attempt turned out never to have been made.
    pub fn congested(&self, before: &LeadState, due_at: Timestamp, now: Timestamp) -> Self {
        let stood = before.suspended().unwrap_or(before);
        let state = match stood {
            settled if settled.is_settled() => settled.clone(),
            // Called by hand before its time.
            LeadState::RetryScheduled { due_at: later } if *later > due_at => stood.clone(),
            LeadState::CallbackScheduled { due_at: callback } => {
                LeadState::CallbackScheduled { due_at: due_at.max(*callback) }
            }
            _ => LeadState::RetryScheduled { due_at },
        };
        Self { attempts: self.attempts.saturating_sub(1), ..self.in_state(before.then(state), now) }
    }

    /// The lead as it was before an attempt for which we came too late.
    pub fn not_called(&self, before: &LeadState, now: Timestamp) -> Self {
        Self { attempts: self.attempts.saturating_sub(1), ..self.in_state(before.clone(), now) }
    }

    /// The lead settled as one that is not called; while it is only at rest it keeps where it stood.
    pub fn skipped(&self, reason: SkipReason, now: Timestamp) -> Self {
        let skipped = self.in_state(LeadState::Skipped { reason }, now);
        let stood = skipped.state.is_at_rest().then(|| match (&self.stood, &self.state) {
            (Some(stood), _) => stood.clone(),
            (None, LeadState::InProgress { before, .. }) => before.clone(),
            (None, state) => Box::new(state.clone()),
        });
        Self { stood, ..skipped }
    }

    /// The lead once its campaign's period is over: that it wants to be called back is for a person to settle.
    pub fn over(&self, now: Timestamp) -> Self {
        let over = self.skipped(SkipReason::PeriodOver, now);
        match self.state {
            LeadState::CallbackScheduled { .. } => {
                Self { version: over.version, ..over.skipped(SkipReason::UnclearWish, now) }
            }
            _ => over,
        }
    }

    /// The lead where it stood, once it turned out that the person wants nothing of us.
    pub fn resumed(&self, now: Timestamp) -> Self {
        // Whoever asked for something was reached.
        let stood = self.stood.as_deref().cloned().unwrap_or(LeadState::Completed);
        self.in_state(stood, now)
    }

    /// The lead failed, because a text can't be made of its values.
    pub fn unspeakable(&self, fault: TextFault, now: Timestamp) -> Self {
        Self { fault: Some(Box::new(fault)), ..self.in_state(LeadState::Failed, now) }
    }

    /// The lead settled without an attempt left.
    pub fn exhausted(&self, now: Timestamp) -> Self {
        self.in_state(LeadState::Exhausted, now)
    }

    pub fn held(&self, hold: Hold, now: Timestamp) -> Self {
        Self { hold: Some(hold), ..self.in_state(self.state.clone(), now) }
    }

    /// The lead, to be called back at a moment.
    pub fn rescheduled(&self, at: Timestamp, now: Timestamp) -> Self {
        Self { hold: None, ..self.in_state(LeadState::CallbackScheduled { due_at: at }, now) }
    }

    /// The lead with its turn in the cadence at another time.
    pub fn postponed(&self, at: Timestamp, now: Timestamp) -> Self {
        Self { hold: None, ..self.in_state(LeadState::RetryScheduled { due_at: at }, now) }
    }

    /// The same as [`rescheduled`](Self::rescheduled), under the number at which it was asked for, if that is one of the lead's.
    pub fn rescheduled_at(&self, number: &E164, at: Timestamp, now: Timestamp) -> Self {
        let mut lead = self.clone();
        if let Some(place) = self.phones().position(|other| other == number) {
            lead.next_number_index = u8::try_from(place).unwrap_or_default();
            lead.last = lead.last.map(|last| LastAttempt { number: Some(number.clone()), ..last });
        }
        lead.rescheduled(at, now)
    }

    /// The lead once its person asked for something: if it was suspended, it still is, and goes on with that.
    pub(crate) fn still_suspended(self, before: &Self) -> Self {
        Self { state: before.state.then(self.state.clone()), ..self }
    }

    /// The lead begun anew for a run of its campaign; none if the run does not take it.
    ///
    /// Who does not want to be called never is, nor one for testing that has been called, and one with whom a call is up is not
    /// disturbed.
    pub fn restarted(&self, run: u32, takes: RunTakes, now: Timestamp) -> Option<Self> {
        let is_taken = self.run < run
            && !(self.is_test && self.state.is_settled())
            && match &self.state {
                LeadState::InProgress { .. } => planted(Switch::RestartsWhoTalks),
                LeadState::Skipped { .. } | LeadState::Pending => false,
                LeadState::CallbackScheduled { .. } | LeadState::Suspended { .. } => false,
                LeadState::RetryScheduled { .. } | LeadState::Exhausted => takes != RunTakes::New,
                LeadState::Failed if self.fault.is_some() => takes != RunTakes::New,
                LeadState::Completed | LeadState::Failed => takes == RunTakes::All,
            };
        is_taken.then(|| self.anew(run, now))
    }

    /// The settled lead begun anew by hand, for a reason if one is given: all of its numbers are tried again.
    pub fn restarted_by_hand(&self, reason: Option<&str>, now: Timestamp) -> Self {
        let mut lead = self.anew(self.run, now);
        lead.restart_reason = reason.map(ToOwned::to_owned);
        for number in lead.numbers.iter_mut().filter(|number| !number.status.is_usable()) {
            number.status = NumberStatus::Untried;
        }
        lead.where_next_number_is()
    }

    fn anew(&self, run: u32, now: Timestamp) -> Self {
        Self {
            attempts: 0,
            failed: 0,
            rejected: None,
            next_number_index: 0,
            step: 0,
            channel: Channel::Call,
            run,
            hold: None,
            is_attempted: false,
            is_first_submission: false,
            qualification: None,
            restart_reason: None,
            ..self.in_state(LeadState::Pending, now)
        }
        .where_next_number_is()
    }

    /// The lead once a late report showed that its last attempt reached the person, or an answered
    /// call of theirs did.
    pub fn reached_after_all(&self, outcome: AttemptOutcome, now: Timestamp) -> Self {
        let last = self.last.clone().map(|last| LastAttempt { outcome: Some(outcome), ..last });
        Self { last, is_attempted: true, ..self.in_state(LeadState::Completed, now) }
    }

    /// The lead where it stands, once a late report told more of its last attempt.
    pub(crate) fn known_after_all(&self, outcome: AttemptOutcome, now: Timestamp) -> Self {
        let last = self.last.clone().map(|last| LastAttempt { outcome: Some(outcome), ..last });
        Self { version: self.version + 1, last, updated_at: now, ..self.clone() }.noted()
    }

    /// The lead in another state; while a call of ours is up, that is what the call's miss goes back to.
    pub(crate) fn standing_at(&self, standing: LeadState, now: Timestamp) -> Self {
        let state = match &self.state {
            LeadState::InProgress { attempt, .. } => {
                LeadState::InProgress { attempt: attempt.clone(), before: Box::new(standing) }
            }
            _ => standing,
        };
        self.in_state(state, now)
    }

    fn in_state(&self, state: LeadState, now: Timestamp) -> Self {
        let keeps_place = state.is_at_rest() || matches!(state, LeadState::InProgress { .. });
        let stood = self.stood.clone().filter(|_| keeps_place);
        Self { version: self.version + 1, state, stood, fault: None, updated_at: now, ..self.clone() }
            .where_next_number_is()
    }

    /// What a dial of the lead is due to, if it waits.
    ///
    /// A call-back that was missed, for want of a slot or through a pause, is made as a retry.
    pub fn dial_cause(&self, now: Timestamp) -> Option<DialCause> {
        let (class, due_at) = self.due()?;
        Some(match class {
            super::DueClass::FirstSubmission => DialCause::FirstSubmission,
            super::DueClass::Callback if now.since_ms(due_at) > CALLBACK_WINDOW_MS => DialCause::Retry,
            super::DueClass::Callback => DialCause::Callback,
            super::DueClass::Retry | super::DueClass::Text => DialCause::Retry,
            super::DueClass::Fresh => DialCause::Fresh,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::call::Outcome;
    use crate::base::time::{HOUR_MS, MINUTE_MS};
    use crate::fixtures::{self, NOW};

    /// A lead of Berlin whose second number is one of New York.
    fn of_two_places() -> Lead {
        let mut lead = fixtures::lead(1);
        lead.profile.timezone = None;
        lead.numbers.push(LeadNumber::new("+12125550123".parse().expect("a number")));
        lead.where_next_number_is()
    }

    fn zone_of(lead: &Lead) -> String {
        lead.zone.key()
    }

    /// The lead after a dial of its next number that ended so.
    fn after(lead: &Lead, outcome: Outcome, next: Next) -> Lead {
        let active_attempt =
            ActiveAttempt { number: lead.next_number().clone(), ..fixtures::claimed(lead, NOW) };
        lead.dialled(&active_attempt, NOW).ended(&lead.state, outcome, next, NOW)
    }

    #[test]
    fn a_lead_waits_where_the_number_is_whose_turn_it_is() {
        let lead = of_two_places();
        assert_eq!(zone_of(&lead), "Europe/Berlin@DE");
        let retry = Next::Retry { due_at: NOW.plus_ms(HOUR_MS), counted: true };
        let second = after(&lead, Outcome::NoAnswer, retry);
        assert_eq!(second.next_number().to_string(), "+12125550123");
        assert_eq!(zone_of(&second), "America/New_York@US-NY");
        let first = after(&second, Outcome::NoAnswer, retry);
        assert_eq!(zone_of(&first), "Europe/Berlin@DE", "round again");
        let callback = after(&second, Outcome::Completed, Next::Callback { at: NOW.plus_ms(HOUR_MS) });
        assert_eq!(zone_of(&callback), "America/New_York@US-NY", "the number at which it was asked for");
        let anew = second.ended(&LeadState::Pending, Outcome::NoAnswer, Next::Exhausted, NOW);
        let anew = anew.restarted(1, RunTakes::Unreached, NOW).expect("taken");
        assert_eq!(zone_of(&anew), "Europe/Berlin@DE", "a run begins with the first number");
        let both: Vec<String> = lead.zones().iter().map(crate::base::zone::Zone::key).collect();
        assert_eq!(both, ["America/New_York@US-NY", "Europe/Berlin@DE"]);
    }

    #[test]
    fn a_call_back_that_never_reached_the_person_is_still_one() {
        let callback = fixtures::lead(1).rescheduled(NOW, NOW);
        let due_at = NOW.plus_ms(MINUTE_MS);
        let failed = after(&callback, Outcome::Failed, Next::Retry { due_at, counted: false });
        assert_eq!((&failed.state, failed.attempts), (&LeadState::CallbackScheduled { due_at }, 0));
        let missed = after(&callback, Outcome::NoAnswer, Next::Retry { due_at, counted: true });
        assert_eq!((&missed.state, missed.attempts), (&LeadState::RetryScheduled { due_at }, 1));
    }

    #[test]
    fn a_run_takes_leads_that_came_one_by_one_like_all_others() {
        let mut lead = fixtures::lead(1);
        (lead.is_first_submission, lead.state) = (true, LeadState::Exhausted);
        let anew = lead.restarted(1, RunTakes::Unreached, NOW).expect("taken");
        assert_eq!(anew.due().map(|(class, _)| class), Some(super::super::DueClass::Fresh));
    }

    #[test]
    fn who_was_reached_after_all_was_attempted() {
        let lead = Lead { state: LeadState::RetryScheduled { due_at: NOW }, ..fixtures::lead(1) };
        assert!(lead.reached_after_all(Outcome::Completed.into(), NOW).is_attempted);
    }

    #[test]
    fn whoever_is_for_testing_is_called_in_no_later_run() {
        let of = |is_test: bool, state: LeadState| Lead { is_test, state, ..fixtures::lead(1) };
        let is_taken = |lead: &Lead| lead.restarted(1, RunTakes::All, NOW).is_some();
        for state in [LeadState::Completed, LeadState::Exhausted, LeadState::Failed] {
            assert!(is_taken(&of(false, state.clone())) && !is_taken(&of(true, state)));
        }
        // What it has begun it goes on with.
        assert!(is_taken(&of(true, LeadState::RetryScheduled { due_at: NOW })));
    }
}
