//! Reports of an attempt that flies no more.

use super::context::OutcomeContext;
use super::next::following;
use super::record::{asked, list, raise, recount};
use crate::base::call::PersonRequest;
use crate::base::channel::Channel;
use crate::base::outcome::{AttemptOutcome, Report};
use crate::policy::retry::{Ended, Next};
use crate::records::interaction::Interaction;
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
            if interaction.never_left && !report.never_left {
                count_after_all(facts, interaction, &mut transaction);
            }
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

/// Puts a call of ours, which was taken for one that was never made, back into what is known of the person's numbers: caps
/// count it.
fn count_after_all(facts: &OutcomeContext<'_>, interaction: &Interaction, transaction: &mut Transaction) {
    if interaction.is_test {
        return;
    }
    recount(facts, transaction, |record| record.recall(interaction.started_at));
}

/// What a late report still makes of its lead.
fn lead_after_all(facts: &OutcomeContext<'_>, lead: &Lead, report: &Report<'_>) -> Option<Lead> {
    let is_open = match lead.state {
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::Suspended { .. }
        | LeadState::Exhausted
        | LeadState::Failed => true,
        LeadState::InProgress { .. } | LeadState::Completed | LeadState::Skipped { .. } => false,
    };
    let is_note_alone =
        |record: &&Interaction| !record.is_raised_by(*report) && record.news(report).is_none();
    if let Some(record) = facts.interaction.filter(is_note_alone) {
        return noted(facts, lead, record, report);
    }
    let (was_last, outcome) = (facts.was_last(lead), facts.judged(report));
    let is_reached = was_last && is_open && outcome.is_contact();
    let reached = match followed(facts, lead, outcome) {
        Some(next) if was_last => Some(next),
        _ => is_reached.then(|| lead.reached_after_all(outcome, facts.now).told(report).noted()),
    };
    let version = lead.version + 1;
    if let Some(list) = facts.list_for(report) {
        let is_settled = match lead.state {
            LeadState::Completed => !list.is_default(),
            // What is open turns out to be an opt-out.
            _ => lead.state.is_at_rest() && list.is_default(),
        };
        let skipped = || reached.as_ref().unwrap_or(lead).skipped(SkipReason::of_list(&list), facts.now);
        return (is_open || is_settled).then(|| Lead { version, ..skipped() });
    }
    let asked = facts.interaction.map_or(report.request, |record| record.news(report));
    match (reached, asked) {
        (reached, Some(PersonRequest::Callback { at })) if was_last => {
            let rescheduled = reached.as_ref().unwrap_or(lead).rescheduled(at, facts.now);
            Some(Lead { version, ..rescheduled.still_suspended(lead) })
        }
        // It was taken up before.
        (Some(reached), _) => Some(match (&lead.state, report.request) {
            (LeadState::CallbackScheduled { due_at }, Some(PersonRequest::Callback { .. })) => {
                Lead { version, ..reached.rescheduled(*due_at, facts.now) }
            }
            _ => reached,
        }),
        (None, _) => None,
    }
}

/// The lead once the assistant's note has come behind the end of its last call: where it stood, or, if it was settled by
/// that, at the step that follows the note.
fn noted(facts: &OutcomeContext<'_>, lead: &Lead, record: &Interaction, report: &Report<'_>) -> Option<Lead> {
    let outcome = facts.judged(report);
    let qualification = record.noted(report)?;
    if !facts.was_last(lead) || !outcome.is_contact() {
        return None;
    }
    let known = lead.clone().qualified(outcome, report);
    let known = Lead { version: lead.version + 1, updated_at: facts.now, ..known };
    let settled_by_it = facts.campaign.filter(|_| lead.state == LeadState::Completed);
    let (Some(campaign), Some(last)) = (settled_by_it, lead.last.as_ref()) else { return Some(known) };
    let ended = Ended { qualification: Some(qualification), ..ended(lead, outcome) };
    Some(match following(campaign, last.step, ended, facts.now) {
        Next::Step { step, due_at } => {
            let next = known.going_on(step, due_at, facts.now).in_channel_of(&campaign.spec.cadence);
            Lead { version: known.version, ..next }
        }
        _ => known,
    })
}

/// The end of a lead's last attempt, where nothing is to be tried again.
const fn ended(lead: &Lead, outcome: AttemptOutcome) -> Ended {
    Ended {
        outcome,
        qualification: None,
        attempts: lead.attempts,
        taken_back: 0,
        others_get_through: true,
        has_other_number: false,
    }
}

/// The lead once more is known of its last text: at the step that follows that, if its campaign has one; where it
/// was, if it waits for that step or was reached already. Who is to be called back is called.
fn followed(facts: &OutcomeContext<'_>, lead: &Lead, outcome: AttemptOutcome) -> Option<Lead> {
    let goes_on = match lead.state {
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::Suspended { .. }
        | LeadState::Completed
        | LeadState::Exhausted
        | LeadState::Failed => outcome.channel() == Channel::Sms && outcome.is_contact(),
        LeadState::CallbackScheduled { .. } | LeadState::InProgress { .. } | LeadState::Skipped { .. } => {
            false
        }
    };
    let (campaign, last) = (facts.campaign.filter(|_| goes_on)?, lead.last.as_ref()?);
    let ended = ended(lead, outcome);
    let known = lead.known_after_all(outcome, facts.now);
    match following(campaign, last.step, ended, facts.now) {
        // It waits for that step since it was taken to be so.
        Next::Step { step, .. } if lead.step == step && !lead.state.is_settled() => Some(known),
        Next::Step { step, due_at } => {
            let next = known.going_on(step, due_at, facts.now).in_channel_of(&campaign.spec.cadence);
            Some(Lead { version: known.version, ..next })
        }
        _ => (lead.state == LeadState::Completed).then_some(known),
    }
}
