//! Reports of an attempt that flies no more.

use super::context::OutcomeContext;
use super::record::{asked, list, raise};
use crate::base::call::PersonRequest;
use crate::base::outcome::Report;
use crate::records::lead::{Lead, LeadState, SkipReason};
use crate::transaction::Transaction;

/// The record may rise, never fall; the lead only if that was its last attempt and the person turns out
/// to have been reached. That somebody does not want to be called always counts. Says besides whether
/// there is work again.
pub(super) fn late(facts: &OutcomeContext<'_>, report: &Report<'_>) -> (Transaction, bool) {
    let mut transaction = Transaction::default();
    transaction.extend(list(facts, report));
    match facts.interaction {
        Some(interaction) if interaction.is_raised_by(*report) => {
            transaction.extend(raise(facts, interaction, report));
        }
        Some(interaction) => transaction.extend(asked(interaction, report)),
        None => {}
    }
    let mut is_work = false;
    if let (false, Some(lead)) = (transaction.0.is_empty(), facts.lead)
        && let Some(after) = lead_after_all(facts, lead, report)
    {
        is_work = after.state.is_waiting();
        transaction.extend(Transaction::change_lead(lead, after).0);
    }
    if let (true, Some(campaign)) = (is_work, facts.campaign) {
        transaction.extend(Transaction::reopen(campaign, facts.now).0);
    }
    (transaction, is_work)
}

/// What a late report still makes of its lead.
fn lead_after_all(facts: &OutcomeContext<'_>, lead: &Lead, report: &Report<'_>) -> Option<Lead> {
    let is_open = match lead.state {
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::Exhausted
        | LeadState::Failed => true,
        LeadState::InProgress { .. } | LeadState::Completed | LeadState::Skipped { .. } => false,
    };
    if let Some(list) = facts.list_for(report) {
        let is_settled = matches!(lead.state, LeadState::Completed) && !list.is_default();
        return (is_open || is_settled).then(|| lead.skipped(SkipReason::of_list(&list), facts.now));
    }
    let was_last = lead.last.as_ref().is_some_and(|last| last.attempt == *facts.attempt);
    let asked = facts.interaction.and_then(|record| record.news(report));
    if let (LeadState::Completed, true, Some(PersonRequest::Callback { at })) = (&lead.state, was_last, asked)
    {
        return Some(lead.rescheduled(at, facts.now));
    }
    let outcome = facts
        .interaction
        .map_or(report.outcome, |record| record.judged(report.outcome, report.duration_secs));
    let is_reached = outcome.is_contact();
    if !(was_last && is_open && is_reached) {
        return None;
    }
    let reached = lead.reached_after_all(outcome, facts.now);
    Some(match report.request {
        Some(PersonRequest::Callback { at }) => {
            Lead { version: reached.version, ..reached.rescheduled(at, facts.now) }
        }
        Some(PersonRequest::CallbackWhen { .. } | PersonRequest::Unclear | PersonRequest::DoNotCall)
        | None => reached,
    })
}
