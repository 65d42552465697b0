//! The end of a call that came in.

use super::context::OutcomeContext;
use super::record::{asked, list, raise};
use crate::base::call::PersonRequest;
use crate::base::outcome::{AttemptOutcome, Report};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::records::interaction::Interaction;
use crate::records::lead::{Lead, LeadState, SkipReason};
use crate::transaction::Transaction;

/// What is known already changes nothing; a better word may raise the record, as with any call.
pub(super) fn ended(facts: &OutcomeContext<'_>, report: &Report<'_>) -> Transaction {
    let mut transaction = facts.live().map(Transaction::end_attempt).unwrap_or_default();
    let is_raised = |record: &Interaction| record.is_raised_by(*report);
    let is_more = |record: &&Interaction| {
        is_raised(record) || record.news(report).is_some() || record.noted(report).is_some()
    };
    if let Some(interaction) = facts.interaction.filter(is_more) {
        if is_raised(interaction) {
            transaction.extend(raise(facts, interaction, report));
        } else {
            transaction.extend(asked(interaction, report));
        }
        let after =
            facts.lead.and_then(|lead| Some((lead, lead_after(lead, interaction, report, facts.now)?)));
        if let Some((lead, after)) = after {
            if let (true, Some(campaign)) = (after.state.is_waiting(), facts.campaign) {
                transaction.extend(Transaction::reopen(campaign, facts.now).0);
            }
            transaction.extend(Transaction::change_lead(lead, after).0);
        }
    }
    transaction.extend(list(facts, report));
    transaction
}

/// The lead as it follows a call of its person; none if it stays as it is.
fn lead_after(lead: &Lead, record: &Interaction, report: &Report<'_>, now: Timestamp) -> Option<Lead> {
    let outcome = record.judged(report.outcome, report.duration_secs);
    let known = lead.clone().qualified(outcome, report);
    let after = match record.news(report) {
        Some(request) => asking(&known, record.number.as_ref(), outcome, request, now),
        None if record.is_raised_by(*report) => reached(&known, outcome, now),
        // What the assistant noted came behind the end of the call.
        None => None,
    };
    let is_noted = known.qualification != lead.qualification;
    after.or_else(|| is_noted.then_some(Lead { version: lead.version + 1, updated_at: now, ..known }))
}

/// The lead whose person asked for something; none if it stays as it is.
fn asking(
    lead: &Lead,
    caller: Option<&E164>,
    outcome: AttemptOutcome,
    request: PersonRequest,
    now: Timestamp,
) -> Option<Lead> {
    let reason = match (&lead.state, request) {
        // A list forbids whatever follows the call that is up.
        (LeadState::InProgress { .. }, _) => return None,
        (LeadState::Skipped { .. }, PersonRequest::DoNotCall) if lead.state.is_at_rest() => {
            SkipReason::DoNotCall
        }
        (LeadState::Skipped { .. }, _) => return None,
        (_, PersonRequest::Callback { at }) => {
            let rescheduled = match caller {
                Some(caller) => lead.rescheduled_at(caller, at, now),
                None => lead.rescheduled(at, now),
            };
            return Some(rescheduled.still_suspended(lead));
        }
        (_, PersonRequest::DoNotCall) => SkipReason::DoNotCall,
        (_, PersonRequest::Unclear | PersonRequest::CallbackWhen { .. }) => SkipReason::UnclearWish,
    };
    // Should they want nothing, they were reached all the same.
    let is_reached = outcome.is_contact() && !lead.state.is_settled();
    let stood = is_reached.then(|| lead.reached_after_all(outcome, now));
    Some(Lead { version: lead.version + 1, ..stood.as_ref().unwrap_or(lead).skipped(reason, now) })
}

/// A lead that waits is completed once its person was reached. While another call to them is up, that
/// call's miss has nothing to go back to.
fn reached(lead: &Lead, outcome: AttemptOutcome, now: Timestamp) -> Option<Lead> {
    if !outcome.is_contact() {
        return None;
    }
    match &lead.state {
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::Suspended { .. } => Some(lead.reached_after_all(outcome, now)),
        LeadState::InProgress { before, .. } if !before.is_settled() => {
            Some(lead.standing_at(LeadState::Completed, now))
        }
        LeadState::InProgress { .. }
        | LeadState::Completed
        | LeadState::Exhausted
        | LeadState::Skipped { .. }
        | LeadState::Failed => None,
    }
}
