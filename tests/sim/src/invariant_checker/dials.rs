//! Dials: V1 to V4 and V6.

use std::rc::Rc;

use carillon_domain::base::call::{Consequence, Outcome};
use carillon_domain::base::ids::{AttemptId, InteractionId, LeadId};
use carillon_domain::base::outcome::{AttemptOutcome, MessageOutcome};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::lead::{Lead, LeadState, SkipReason};
use carillon_domain::reporting::invariants::{self, Invariant};

use super::Workspace;
use super::{Alarm, Dialled, Watch, about, is_in_turn};
use crate::ports::written::Written;

impl Watch {
    /// Somebody who is on the line turns out to have other numbers too.
    pub(super) fn learn(&mut self, lead: &Lead, now: Timestamp) {
        let talks_until = self.talks_until.get(&lead.id).copied().filter(|until| *until > now);
        if let (Some(until), true) = (talks_until, lead.numbers.len() > 1) {
            for number in lead.phones() {
                let busy_until = self.busy_until.entry(number.clone()).or_default();
                *busy_until = until.max(*busy_until);
            }
        }
    }

    /// V1 on a lead with which a call is up: it changes with that call's end alone. Who wished no
    /// more calls in it is not to be called under any of their numbers.
    pub(super) fn changing(
        &mut self,
        workspace: &Workspace,
        written: &[Written],
        after: &Lead,
    ) -> Result<(), Alarm> {
        let before = workspace.leads.get(&after.id).map(|lead| &lead.state);
        if let LeadState::CallbackScheduled { .. } = after.state {
            *self.called_back.entry((after.id.clone(), after.run, after.step)).or_default() += 1;
        }
        if after.state == LeadState::Pending && before.is_some_and(LeadState::is_settled) {
            self.begin_anew(&after.id);
        }
        let Some(LeadState::InProgress { attempt, before: stood }) = before else { return Ok(()) };
        if matches!(&after.state, LeadState::InProgress { attempt: still, .. } if still == attempt) {
            return Ok(());
        }
        let is_of_it = |number: &E164| workspace.active.get(number).is_some_and(|it| it.attempt == *attempt);
        let ends_it = |write: &Written| matches!(write, Written::AttemptRemoved(number) if is_of_it(number));
        if !written.iter().any(ends_it) {
            let what = format!("{} is let go while {attempt} is up", after.id);
            return Err(Alarm::new(Invariant::OneLiveAttempt, what, &[&after.id, attempt]));
        }
        // Whom somebody called by hand may have stood so before, on a list that they are off by now.
        if after.state == (LeadState::Skipped { reason: SkipReason::DoNotCall }) && after.state != **stood {
            let listed = |number| (ListName::do_not_call(), number);
            self.opted_out.extend(after.person().into_iter().map(listed));
        }
        Ok(())
    }

    /// V1 on a lead that is removed: not while a call with it is up.
    pub(super) fn leaving(
        &mut self,
        workspace: &Workspace,
        written: &[Written],
        id: &LeadId,
    ) -> Result<(), Alarm> {
        self.begin_anew(id);
        let state = workspace.leads.get(id).map(|lead| &lead.state);
        let Some(LeadState::InProgress { attempt, .. }) = state else { return Ok(()) };
        let is_of_it = |number: &E164| workspace.active.get(number).is_some_and(|it| it.attempt == *attempt);
        let ends_it = |write: &Written| matches!(write, Written::AttemptRemoved(number) if is_of_it(number));
        if written.iter().any(ends_it) {
            return Ok(());
        }
        let what = format!("{id} is removed while {attempt} is up");
        Err(Alarm::new(Invariant::OneLiveAttempt, what, &[id, attempt]))
    }

    /// What was tried before counts no more.
    fn begin_anew(&mut self, lead: &LeadId) {
        self.spent.retain(|(of, ..), _| of != lead);
        self.by_hand.retain(|(of, ..), _| of != lead);
        self.called_back.retain(|(of, ..), _| of != lead);
    }

    /// V1, V3 and V6 on a dial.
    pub(super) fn dialling(
        &mut self,
        ws: usize,
        workspace: &Workspace,
        written: &[Written],
        active: &ActiveAttempt,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let forbidden = |what| Err(about(active, what)(Invariant::NoForbiddenDial));
        let lead = written.iter().find_map(|write| match write {
            Written::Lead(lead) => Some(lead),
            _ => None,
        });
        let (Some(lead), Some(stored)) = (lead, workspace.campaigns.get(&active.campaign)) else {
            return forbidden("dialled without its lead");
        };
        if lead.person() != active.person {
            return Err(about(active, "not all of the person's numbers")(Invariant::OneLiveAttempt));
        }
        let is_busy = |number| self.busy_until.get(number).is_some_and(|until| *until > now);
        if lead.phones().any(is_busy) {
            return Err(about(active, "two calls with one person")(Invariant::OneLiveAttempt));
        }
        let common = ListName::do_not_call();
        let mut counting = stored.spec.suppression_lists.iter().chain([&common]);
        let is_off = |list: &ListName| {
            lead.phones().any(|number| self.opted_out.contains(&(list.clone(), number.clone())))
        };
        if counting.any(is_off) {
            return forbidden("dialled after an opt-out");
        }
        let before = workspace.leads.get(&active.lead);
        let round = (lead.id.clone(), lead.run, lead.step);
        let by_hand = self.by_hand.entry(round.clone()).or_default();
        *by_hand += u32::from(!is_in_turn(active));
        let known = self.acknowledged.get(&active.campaign).unwrap_or(stored);
        let allowed =
            known.spec.retry.max_attempts + self.called_back.get(&round).copied().unwrap_or_default();
        let bound = allowed + *by_hand;
        let is_wished = before.is_some_and(|lead| matches!(lead.state, LeadState::CallbackScheduled { .. }));
        let (stored, known) = (Rc::clone(stored), Rc::clone(known));
        let dialled = Dialled {
            at: now,
            ws,
            active: Rc::new(active.clone()),
            round,
            stored,
            known,
            allowed,
            is_wished,
        };
        self.dialled.insert(active.attempt.clone(), dialled);
        if !is_in_turn(active) {
            return Ok(());
        }
        if before.is_none_or(|lead| !lead.state.is_waiting()) {
            return forbidden("dialled though the lead does not wait");
        }
        if self.stopped.contains(&active.campaign) {
            return forbidden("dialled after a pause or cancellation");
        }
        if is_wished {
            return Ok(());
        }
        invariants::attempts_bounded(lead, bound, 0).map_err(about(active, "one attempt too many"))
    }

    /// V2, V4 and V5 on a dial that reaches the provider.
    pub(super) fn arriving(
        &mut self,
        workspace: &Workspace,
        attempt: &AttemptId,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let Some(dialled) = self.dialled.get(attempt) else { return Ok(()) };
        let active = Rc::clone(&dialled.active);
        if !self.arrived.insert(attempt.clone()) {
            return Err(about(&active, "placed twice")(Invariant::PlacedOnce));
        }
        if let Some(lead) = workspace.leads.get(&active.lead) {
            let is_open = dialled.permits(|campaign| {
                let (zone, _) = Zone::of(lead.profile.timezone, &active.number);
                let hours = campaign.hours_for(active.channel, &zone, &workspace.rules);
                if is_in_turn(&active) {
                    invariants::inside_hours(&hours, now).is_ok()
                        && campaign.begins_at(now).is_none()
                        && !campaign.is_over(now)
                } else {
                    hours.lawful_until(now).is_some()
                }
            });
            if !is_open {
                return Err(about(&active, "outside the hours")(Invariant::InsideHours));
            }
        }
        self.within_rates(workspace, &active, now)
    }

    /// V3, V4 and V5 on a call that the provider has made.
    pub(super) fn placed(
        &mut self,
        workspace: &Workspace,
        attempt: &AttemptId,
        first: Outcome,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Alarm> {
        let Some(dialled) = self.dialled.get(attempt) else { return Ok(()) };
        let active = Rc::clone(&dialled.active);
        let lead = workspace.leads.get(&active.lead);
        for number in &lead.map_or_else(|| active.person.clone(), |lead| lead.person()) {
            let busy_until = self.busy_until.entry(number.clone()).or_default();
            *busy_until = ends_at.max(*busy_until);
        }
        self.talks_until.insert(active.lead.clone(), ends_at);
        self.failing.went_through(&active, now);
        self.calls.within_caps(workspace, dialled, now)?;
        let is_spent = !matches!(first.consequence(), Consequence::TakenBack | Consequence::AccountFault);
        if is_spent && is_in_turn(&active) {
            let spent = self.spent.entry(dialled.round.clone()).or_default();
            *spent += 1;
            if *spent > dialled.allowed && !dialled.is_wished {
                return Err(about(&active, "one call too many")(Invariant::AttemptsBounded));
            }
        }
        self.within_day(workspace, &active, now)?;
        self.one_more_up(workspace, &active, now, ends_at)
    }

    /// V3 and V4 on a text that the carrier has taken. It keeps nobody busy: its person may be on the line.
    pub(super) fn texted(
        &mut self,
        workspace: &Workspace,
        attempt: &AttemptId,
        end: MessageOutcome,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let Some(dialled) = self.dialled.get(attempt) else { return Ok(()) };
        let active = Rc::clone(&dialled.active);
        self.calls.within_caps(workspace, dialled, now)?;
        let consequence = AttemptOutcome::from(end).consequence();
        if matches!(consequence, Consequence::TakenBack | Consequence::AccountFault) || !is_in_turn(&active) {
            return Ok(());
        }
        let spent = self.spent.entry(dialled.round.clone()).or_default();
        *spent += 1;
        if *spent > dialled.allowed && !dialled.is_wished {
            return Err(about(&active, "one text too many")(Invariant::AttemptsBounded));
        }
        Ok(())
    }

    /// V1 on a call that came in: nobody dials its person until it is over. One that joins another call
    /// with the person has no record yet, and marks nobody as busy.
    pub(super) fn came_in(
        &mut self,
        workspace: &Workspace,
        attempt: &AttemptId,
        caller: &E164,
        ends_at: Timestamp,
    ) {
        let Some(interaction) = workspace.interactions.get(&InteractionId::of(attempt)) else {
            return;
        };
        let lead = workspace.leads.get(&interaction.lead);
        let numbers = lead.map(|lead| lead.person()).unwrap_or_default();
        let person = || numbers.iter().chain([caller]);
        let is_up = |active: &Rc<ActiveAttempt>| active.dialled_at().is_some() && active.attempt != *attempt;
        if person().filter_map(|number| workspace.active.get(number)).any(is_up) {
            return;
        }
        self.answered.insert(attempt.clone());
        for number in person() {
            let busy_until = self.busy_until.entry(number.clone()).or_default();
            *busy_until = ends_at.max(*busy_until);
        }
    }
}

impl Dialled {
    /// V6 on a call that is about to start.
    pub(super) fn starting(&self, now: Timestamp) -> Result<(), Alarm> {
        invariants::starts_soon(self.at, now).map_err(about(&self.active, "the call starts too late"))
    }
}
