//! The record of an attempt and the counters that follow it.

use super::context::OutcomeContext;
use crate::base::ids::LeadId;
use crate::base::outcome::Report;
use crate::bug::{Switch, planted};
use crate::policy::do_not_call::Listing;
use crate::records::counters::Counters;
use crate::records::interaction::Interaction;
use crate::records::number_record::NumberRecord;
use crate::transaction::{Transaction, Write};

/// How much of a request's words goes with its number, in characters.
const MAX_WORDS_LEN: usize = 200;

/// The record as it is once it says more, and the counters with it.
pub(super) fn raise(
    facts: &OutcomeContext<'_>,
    interaction: &Interaction,
    report: &Report<'_>,
) -> Vec<Write> {
    let after = interaction.ended(*report, facts.now);
    let mut counters = Counters::default();
    counters.take(&Counters::of_end(interaction));
    counters.merge(&Counters::of_end(&after));
    let charge = charge(&interaction.lead, &counters);
    let count = Write::count(&interaction.lead, counters);
    let update = Write::UpdateInteraction { before: interaction.clone(), after };
    std::iter::once(update).chain(charge).chain(count).collect()
}

/// The record once a later word of the same call, which raises nothing else, tells a request, what the assistant noted, or
/// of a recording.
pub(super) fn asked(interaction: &Interaction, report: &Report<'_>) -> Option<Write> {
    let is_told = interaction.news(report).is_some() || interaction.noted(report).is_some();
    if !is_told && !interaction.is_recorded_by(report) {
        return None;
    }
    let (before, after) = (interaction.clone(), interaction.asked(report));
    Some(Write::UpdateInteraction { before, after })
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

/// The provider has the text: should nobody tell more, it was sent, and cost this.
pub(super) fn accepted(facts: &OutcomeContext<'_>, cost_micros: Option<u64>) -> Transaction {
    let is_news = |record: &&Interaction| {
        !record.is_accepted || (cost_micros.is_some() && record.cost_micros != cost_micros)
    };
    let open = facts.interaction.filter(|record| record.outcome.is_none()).filter(is_news);
    let note = open.map(|before| {
        let cost_micros = cost_micros.or(before.cost_micros);
        let after =
            Interaction { version: before.version + 1, is_accepted: true, cost_micros, ..before.clone() };
        Write::UpdateInteraction { before: before.clone(), after }
    });
    note.into_iter().collect::<Vec<_>>().into()
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

/// What these counters book to the workspace's credits.
pub(super) fn charge(lead: &LeadId, counters: &Counters) -> Option<Write> {
    let micros = counters.all_cost_micros();
    (micros != 0).then(|| Write::Charge { lead: lead.clone(), micros })
}

/// Puts the person's numbers on the list that their request names, if it is new.
pub(super) fn list(facts: &OutcomeContext<'_>, report: &Report<'_>) -> Vec<Write> {
    let Some(list) = facts.list_for(report) else { return Vec::new() };
    let is_dialled =
        |record: &NumberRecord| facts.active_attempt.is_some_and(|it| it.number == record.number);
    let unlisted = facts.records.iter().filter(|record| {
        !record.lists.contains_key(&list) && (!planted(Switch::ListsDialledNumberOnly) || is_dialled(record))
    });
    let listing =
        Listing { at: facts.now, source: report.outcome.channel().name().to_owned(), reason: words(report) };
    unlisted.flat_map(|record| Write::listing(record, &list, &listing)).collect()
}

/// What was asked for, as it was noted, for whoever looks at the list.
fn words(report: &Report<'_>) -> Option<String> {
    let words: String = report.request_words.chars().take(MAX_WORDS_LEN).collect();
    (!words.is_empty()).then_some(words)
}

/// Recounts the attempts that are known of the person's numbers, in what is written of a number already where one is.
pub(super) fn recount(
    facts: &OutcomeContext<'_>,
    transaction: &mut Transaction,
    recount: impl Fn(&mut NumberRecord),
) {
    for record in facts.records {
        let written = transaction.0.iter_mut().find_map(|write| match write {
            Write::UpdateNumber(after) if after.number == record.number => Some(after),
            _ => None,
        });
        match written {
            Some(written) => recount(written),
            None => transaction.push(Write::UpdateNumber(record.recounted(&recount))),
        }
    }
}
