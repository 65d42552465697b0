//! The record of an attempt and the counters that follow it.

use super::context::OutcomeContext;
use crate::base::ids::LeadId;
use crate::base::outcome::{AttemptOutcome, Report};
use crate::bug::{Switch, planted};
use crate::policy::do_not_call::{ListName, Listing};
use crate::records::counters::{Counter, Counters};
use crate::records::interaction::Interaction;
use crate::records::number_record::NumberRecord;
use crate::transaction::{Transaction, Write};

/// The record as it is once it says more, and the counters with it.
pub(super) fn raise(
    facts: &OutcomeContext<'_>,
    interaction: &Interaction,
    report: &Report<'_>,
) -> Vec<Write> {
    let after = interaction.ended(*report, facts.now);
    let mut counters = Counters::default();
    if let Some(recorded) = interaction.outcome {
        counters.add(Counter::of_outcome(recorded), -1);
        counters.add(Counter::secs_of(recorded), -i64::from(interaction.duration_secs));
        counters.add(Counter::CostMicros, -cost(interaction));
    }
    count_end(&mut counters, interaction.judged(report.outcome, report.duration_secs), &after);
    let charge = charge(&interaction.lead, &counters);
    let count = Write::count(&interaction.lead, counters);
    let update = Write::UpdateInteraction { before: interaction.clone(), after };
    std::iter::once(update).chain(charge).chain(count).collect()
}

/// The carrier heard a machine. While the call is up this is noted, and decides at its end.
///
/// Afterwards it changes nothing: the lead was settled on what is recorded, and is not called again on the word
/// of a machine detector alone.
pub(super) fn machine_detected(facts: &OutcomeContext<'_>, is_fax: bool) -> Transaction {
    let is_open = |record: &&Interaction| record.outcome.is_none();
    let is_news = |record: &&Interaction| !record.machine_detected || (is_fax && !record.fax_detected);
    let Some(interaction) = facts.interaction.filter(is_open).filter(is_news) else {
        return Transaction::default();
    };
    let mut after = interaction.clone();
    after.version += 1;
    after.machine_detected = true;
    after.fax_detected |= is_fax;
    Transaction::of(Write::UpdateInteraction { before: interaction.clone(), after })
}

/// What was seen instead of an answer to the dial, until more is known.
pub(super) fn doubtful(facts: &OutcomeContext<'_>, seen: &str) -> Transaction {
    let open = facts.interaction.filter(|record| record.outcome.is_none() && facts.live().is_some());
    let note = open.filter(|record| record.end_reason.as_deref() != Some(seen)).map(|before| {
        let after =
            Interaction { version: before.version + 1, end_reason: Some(seen.to_owned()), ..before.clone() };
        Write::UpdateInteraction { before: before.clone(), after }
    });
    note.into_iter().collect::<Vec<_>>().into()
}

pub(super) fn count_end(counters: &mut Counters, outcome: AttemptOutcome, after: &Interaction) {
    counters.add(Counter::of_outcome(outcome), 1);
    counters.add(Counter::secs_of(outcome), i64::from(after.duration_secs));
    counters.add(Counter::CostMicros, cost(after));
}

/// What these counters book to the workspace's credits.
pub(super) fn charge(lead: &LeadId, counters: &Counters) -> Option<Write> {
    let micros = counters.get(Counter::CostMicros);
    (micros != 0).then(|| Write::Charge { lead: lead.clone(), micros })
}

/// Puts the person's numbers on the common do-not-call list.
pub(super) fn list(facts: &OutcomeContext<'_>) -> Vec<Write> {
    let list = ListName::do_not_call();
    let is_dialled =
        |record: &NumberRecord| facts.active_attempt.is_some_and(|it| it.number == record.number);
    let unlisted = facts.records.iter().filter(|record| {
        !record.lists.contains_key(&list) && (!planted(Switch::ListsDialledNumberOnly) || is_dialled(record))
    });
    let listing = Listing { at: facts.now, source: "call".to_owned(), reason: None };
    unlisted.flat_map(|record| Write::listing(record, &list, &listing)).collect()
}

fn cost(interaction: &Interaction) -> i64 {
    interaction.cost_micros.and_then(|micros| i64::try_from(micros).ok()).unwrap_or_default()
}
