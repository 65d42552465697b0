//! The one way in which an attempt ends, whoever brings the news.

use crate::base::call::{CallReport, Consequence, Outcome, Placement, Wish};
use crate::base::ids::AttemptId;
use crate::base::time::Timestamp;
use crate::calling::inbound;
use crate::policy::do_not_call::{ListName, Listing};
use crate::policy::rate_limit::CONGESTION_REST_MS;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptEvent, ActiveAttemptNext};
use crate::records::campaign::{Campaign, CampaignStatus, Command};
use crate::records::counters::{Counter, Counters};
use crate::records::interaction::{Direction, Interaction};
use crate::records::lead::{Lead, LeadState};
use crate::records::number_record::NumberRecord;
use crate::transaction::{Failed, Running, Stage, Transaction, Write};

mod late_report;
mod next;
#[cfg(test)]
mod tests;

pub(crate) use late_report::raise;
pub(crate) use next::following;

use late_report::late;
use next::next_of;

/// What was read about an attempt of which there is news.
#[derive(Debug, Clone)]
pub struct OutcomeContext<'a> {
    pub now: Timestamp,
    /// The attempt that the news is about.
    pub attempt: &'a AttemptId,
    /// The active attempt of its number, whoever's that is by now.
    pub active_attempt: Option<&'a ActiveAttempt>,
    pub lead: Option<&'a Lead>,
    pub campaign: Option<&'a Campaign>,
    /// The interaction that records the attempt.
    pub interaction: Option<&'a Interaction>,
    /// What is known of the person's numbers; read only where [`needs_records`] says so.
    pub records: &'a [NumberRecord],
}

/// What follows from the news.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settlement {
    /// To be committed; empty if nothing changes.
    pub transaction: Transaction,
    /// A slot became free, or there is work again: look at the workspace.
    pub is_slot_free: bool,
    /// The campaign must pause: the provider refuses us.
    pub is_account_refused: bool,
    /// The caller number must rest: the provider is full.
    pub is_congested: bool,
}

impl<'a> OutcomeContext<'a> {
    /// The attempt's own active attempt, if it still flies.
    pub(crate) fn live(&self) -> Option<&'a ActiveAttempt> {
        self.active_attempt.filter(|active_attempt| {
            active_attempt.attempt == *self.attempt && active_attempt.dialled_at().is_some()
        })
    }

    /// What the person wished, as far as it can be kept.
    pub(crate) fn wish(&self, report: &CallReport) -> Option<Wish> {
        let dialled_at = self.live().and_then(ActiveAttempt::dialled_at);
        let began_at = dialled_at.or(self.interaction.map(|record| record.started_at));
        report.wish?.kept(began_at.unwrap_or(self.now), self.now)
    }

    /// The lead, and what it came from, if this attempt is the one that is in progress.
    fn in_progress(&self) -> Option<(&'a Lead, &'a LeadState)> {
        let lead = self.lead?;
        match &lead.state {
            LeadState::InProgress { attempt, before } if attempt == self.attempt => Some((lead, before)),
            LeadState::InProgress { .. }
            | LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed => None,
        }
    }
}

/// The attempt is over, as the provider says.
pub fn ended(facts: &OutcomeContext<'_>, report: &CallReport) -> Settlement {
    match facts.live() {
        _ if facts.interaction.is_some_and(|record| record.direction == Direction::Inbound) => {
            inbound::ended(facts, report)
        }
        Some(active_attempt) => end(facts, active_attempt, report),
        None => late(facts, report),
    }
}

/// The end transaction: active attempt gone, lead's next state, interaction, counters.
fn end(facts: &OutcomeContext<'_>, active_attempt: &ActiveAttempt, report: &CallReport) -> Settlement {
    let now = facts.now;
    let outcome = facts.interaction.map_or(report.outcome, |interaction| interaction.judged(report.outcome));
    let mut transaction = Transaction::of(remove(active_attempt));
    let mut counters = Counters::default();
    if let (Some((lead, before)), Some(campaign)) = (facts.in_progress(), facts.campaign) {
        let next = next_of(campaign, lead, &active_attempt.number, outcome, facts.wish(report), now);
        let after = lead.ended(before, outcome, next, now);
        counters.merge(&Counters::of_move((before, lead.is_attempted), (&after.state, after.is_attempted)));
        if after.state.is_waiting() {
            transaction.0.extend(reopen(campaign, now));
        }
        transaction.push(Write::UpdateLead { before: lead.clone(), after });
    }
    if let Some(interaction) = facts.interaction {
        let after = interaction.ended(report, now);
        count_end(&mut counters, outcome, &after);
        transaction.push(Write::UpdateInteraction { before: interaction.clone(), after });
    }
    if active_attempt.is_charged && counters.get(Counter::CostMicros) != 0 {
        let micros = counters.get(Counter::CostMicros);
        transaction.push(Write::Charge { lead: active_attempt.lead.clone(), micros });
    }
    if !counters.is_empty() {
        transaction.push(Write::Count {
            campaign: active_attempt.campaign.clone(),
            lead: active_attempt.lead.clone(),
            counters,
        });
    }
    if outcome.is_technical_failure() {
        transaction.push(Write::NoteFailure(Failed::Campaign(active_attempt.campaign.clone())));
        transaction.push(Write::NoteFailure(Failed::CallerNumber(active_attempt.caller_number.clone())));
    }
    if report.wish == Some(Wish::DoNotCall) {
        list(&mut transaction, facts);
    }
    Settlement {
        transaction,
        is_slot_free: true,
        is_account_refused: outcome.consequence() == Consequence::AccountFault,
        is_congested: false,
    }
}

/// A call by hand may leave a lead to be called again in a campaign that had completed: nobody else
/// would see that there is work again.
pub(crate) fn reopen(campaign: &Campaign, now: Timestamp) -> Vec<Write> {
    if campaign.status != CampaignStatus::Completed {
        return Vec::new();
    }
    let Ok(reopened) = campaign.apply(Command::Reopen, now) else { return Vec::new() };
    let (id, running) = (campaign.id.clone(), Running::Still);
    vec![
        Write::UpdateCampaign { before: campaign.clone(), after: reopened },
        Write::InvalidatePlan { campaign: id, active: true, running, at: now },
    ]
}

/// Puts the person's numbers on the common do-not-call list.
pub(crate) fn list(transaction: &mut Transaction, facts: &OutcomeContext<'_>) {
    let list = ListName::do_not_call();
    for record in facts.records.iter().filter(|record| !record.lists.contains_key(&list)) {
        let listing = Listing { at: facts.now, source: "call".to_owned(), reason: None };
        transaction.push(Write::UpdateNumber(record.listed(list.clone(), listing.clone())));
        transaction.push(Write::AddToDnc { list: list.clone(), number: record.number.clone(), listing });
    }
}

fn count_end(counters: &mut Counters, outcome: Outcome, after: &Interaction) {
    counters.add(Counter::Ended(outcome), 1);
    counters.add(Counter::TalkSecs, i64::from(after.duration_secs));
    counters.add(Counter::CostMicros, cost(after));
}

fn cost(interaction: &Interaction) -> i64 {
    interaction.cost_micros.and_then(|micros| i64::try_from(micros).ok()).unwrap_or_default()
}

pub(crate) fn remove(active_attempt: &ActiveAttempt) -> Write {
    Write::RemoveActiveAttempt {
        number: active_attempt.number.clone(),
        attempt: active_attempt.attempt.clone(),
        stage: Stage::Dialling,
    }
}

/// The provider's answer to the dial itself.
pub fn placed(facts: &OutcomeContext<'_>, placement: &Placement) -> Settlement {
    match placement {
        Placement::Accepted { .. } | Placement::Unknown { .. } => Settlement::default(),
        Placement::Refused { outcome, reason } => ended(facts, &CallReport::bare(*outcome, reason.clone())),
        Placement::Congested => congested(facts),
    }
}

/// Whether the records of the person's numbers have to be read for this report: it changes them.
pub fn needs_records(report: &CallReport) -> bool {
    report.wish == Some(Wish::DoNotCall)
}

/// The provider was full: no call was made, so none is counted, not even against a cap, and the
/// caller number rests.
fn congested(facts: &OutcomeContext<'_>) -> Settlement {
    let Some(active_attempt) = facts.live() else { return Settlement::default() };
    let now = facts.now;
    let mut transaction = Transaction::of(remove(active_attempt));
    if let Some((lead, before)) = facts.in_progress() {
        let after = lead.congested(before, now.plus_ms(CONGESTION_REST_MS), now);
        let mut counters = Counters::default();
        counters.move_lead(before, &after.state);
        transaction.push(Write::UpdateLead { before: lead.clone(), after });
        if !counters.is_empty() {
            transaction.push(Write::Count {
                campaign: active_attempt.campaign.clone(),
                lead: active_attempt.lead.clone(),
                counters,
            });
        }
    }
    if let Some(interaction) = facts.interaction {
        let after = interaction.refused("provider congested", now);
        transaction.push(Write::UpdateInteraction { before: interaction.clone(), after });
    }
    if let Some(dialled_at) = active_attempt.dialled_at() {
        let forget = |record: &NumberRecord| Write::UpdateNumber(record.not_called_after_all(dialled_at));
        transaction.0.extend(facts.records.iter().map(forget));
    }
    Settlement { transaction, is_slot_free: true, is_congested: true, ..Settlement::default() }
}

/// The provider says that the call is still up.
pub fn still_up(facts: &OutcomeContext<'_>) -> Settlement {
    follow(facts, &ActiveAttemptEvent::StillUp)
}

/// The provider has never heard of the attempt.
pub fn not_found(facts: &OutcomeContext<'_>) -> Settlement {
    follow(facts, &ActiveAttemptEvent::NotFound)
}

/// Nobody could be asked about the attempt for too long: it is spent.
pub fn overdue(facts: &OutcomeContext<'_>) -> Settlement {
    follow(facts, &ActiveAttemptEvent::Clock)
}

fn follow(facts: &OutcomeContext<'_>, event: &ActiveAttemptEvent) -> Settlement {
    let Some(active_attempt) = facts.live() else { return Settlement::default() };
    match active_attempt.on(event, facts.now) {
        Ok(ActiveAttemptNext::GiveUp) => ended(facts, &CallReport::bare(Outcome::Unheard, "no result")),
        Ok(ActiveAttemptNext::Become(state)) => Settlement {
            transaction: Transaction::of(Write::Renew(ActiveAttempt { state, ..active_attempt.clone() })),
            ..Settlement::default()
        },
        Ok(
            ActiveAttemptNext::Stay
            | ActiveAttemptNext::Ask(_)
            | ActiveAttemptNext::Release
            | ActiveAttemptNext::End,
        )
        | Err(_) => Settlement::default(),
    }
}

/// The carrier heard a machine.
///
/// While the call is up this is noted and decides at its end. Afterwards the record is corrected;
/// the lead is not called again on the word of a machine detector alone.
pub fn machine_detected(facts: &OutcomeContext<'_>) -> Settlement {
    let Some(interaction) = facts.interaction.filter(|record| !record.machine_detected) else {
        return Settlement::default();
    };
    let mut after = interaction.clone();
    after.version += 1;
    after.machine_detected = true;
    let mut transaction = Transaction::default();
    if let Some(recorded) = interaction.outcome.filter(|outcome| outcome.is_answered()) {
        let outcome = after.judged(recorded);
        after.outcome = Some(outcome);
        after.status = crate::records::interaction::InteractionStatus::of(outcome);
        let mut counters = Counters::default();
        counters.add(Counter::Ended(recorded), -1);
        counters.add(Counter::Ended(outcome), 1);
        if !counters.is_empty() {
            transaction.push(Write::Count {
                campaign: interaction.campaign.clone(),
                lead: interaction.lead.clone(),
                counters,
            });
        }
    }
    transaction.push(Write::UpdateInteraction { before: interaction.clone(), after });
    Settlement { transaction, ..Settlement::default() }
}
