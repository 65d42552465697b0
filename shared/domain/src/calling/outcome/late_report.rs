//! News of an attempt that flies no more.

use super::{OutcomeContext, Settlement, cost, count_end, list, reopen};
use crate::base::call::{CallReport, Outcome, Wish};
use crate::records::counters::{Counter, Counters};
use crate::records::interaction::Interaction;
use crate::records::lead::{Lead, LeadState, SkipReason};
use crate::transaction::{Transaction, Write};

/// News of an attempt that flies no more: the record may rise, never fall; the lead only if that
/// was its last attempt and the person turns out to have been reached. That somebody does not want to
/// be called always counts.
pub(super) fn late(facts: &OutcomeContext<'_>, report: &CallReport) -> Settlement {
    let mut transaction = Transaction::default();
    if report.wish == Some(Wish::DoNotCall) {
        list(&mut transaction, facts);
    }
    let raised = facts.interaction.filter(|record| record.is_raised_by(report.outcome));
    if let Some(interaction) = raised {
        transaction.extend(raise(facts, interaction, report));
    }
    let mut is_work = false;
    if let (false, Some(lead)) = (transaction.0.is_empty(), facts.lead)
        && let Some(after) = lead_after_all(facts, lead, report)
    {
        is_work = after.state.is_waiting();
        transaction.extend(lead.settle(after));
    }
    if let (true, Some(campaign)) = (is_work, facts.campaign) {
        transaction.0.extend(reopen(campaign, facts.now));
    }
    Settlement { transaction, is_slot_free: is_work, ..Settlement::default() }
}

/// The record as it is once it says more, and the counters with it.
pub(crate) fn raise(
    facts: &OutcomeContext<'_>,
    interaction: &Interaction,
    report: &CallReport,
) -> Vec<Write> {
    let after = interaction.ended(report, facts.now);
    let mut counters = Counters::default();
    if let Some(recorded) = interaction.outcome {
        counters.add(Counter::Ended(recorded), -1);
        counters.add(Counter::TalkSecs, -i64::from(interaction.duration_secs));
        counters.add(Counter::CostMicros, -cost(interaction));
    }
    count_end(&mut counters, interaction.judged(report.outcome), &after);
    let (campaign, lead) = (interaction.campaign.clone(), interaction.lead.clone());
    let micros = counters.get(Counter::CostMicros);
    let charge =
        (interaction.is_charged && micros != 0).then(|| Write::Charge { lead: lead.clone(), micros });
    let count = (!counters.is_empty()).then_some(Write::Count { campaign, lead, counters });
    std::iter::once(Write::UpdateInteraction { before: interaction.clone(), after })
        .chain(charge)
        .chain(count)
        .collect()
}

/// What a late report still makes of its lead.
fn lead_after_all(facts: &OutcomeContext<'_>, lead: &Lead, report: &CallReport) -> Option<Lead> {
    let is_open = match lead.state {
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::Exhausted
        | LeadState::Failed => true,
        LeadState::InProgress { .. } | LeadState::Completed | LeadState::Skipped { .. } => false,
    };
    if report.wish == Some(Wish::DoNotCall) {
        return is_open.then(|| lead.skipped(SkipReason::DoNotCall, facts.now));
    }
    let outcome = facts.interaction.map_or(report.outcome, |record| record.judged(report.outcome));
    let was_last = lead.last.as_ref().is_some_and(|last| last.attempt == *facts.attempt);
    let is_reached = matches!(outcome, Outcome::Completed | Outcome::Incomplete);
    if !(was_last && is_open && is_reached) {
        return None;
    }
    let reached = lead.reached_after_all(outcome, facts.now);
    Some(match facts.wish(report) {
        Some(Wish::CallBack { at }) => {
            Lead { version: reached.version, ..reached.rescheduled(at, facts.now) }
        }
        Some(Wish::DoNotCall) | None => reached,
    })
}
