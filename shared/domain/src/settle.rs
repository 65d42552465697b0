//! The one way in which an attempt ends, whoever brings the news.

use crate::call::{CallReport, Consequence, Outcome, Placement, Wish};
use crate::campaign::{Campaign, CampaignStatus, Command};
use crate::flight::{Flight, FlightEvent, FlightNext};
use crate::ids::AttemptId;
use crate::inbound;
use crate::interaction::{Direction, Interaction};
use crate::lead::{Lead, LeadState};
use crate::number_record::{ListName, Listing, NumberRecord};
use crate::pacing::CONGESTION_REST_MS;
use crate::tally::{Counter, Tally};
use crate::time::Timestamp;
use crate::write::{Failed, Running, Stage, Transaction, Write};

mod late;
mod next;
#[cfg(test)]
mod tests;

pub(crate) use late::raise;
pub(crate) use next::following;

use late::late;
use next::next_of;

/// What was read about an attempt of which there is news.
#[derive(Debug, Clone)]
pub struct SettleScene<'a> {
    /// The moment it is.
    pub now: Timestamp,
    /// The attempt that the news is about.
    pub attempt: &'a AttemptId,
    /// The flight of its number, whoever's that is by now.
    pub flight: Option<&'a Flight>,
    /// The lead.
    pub lead: Option<&'a Lead>,
    /// The campaign.
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

impl<'a> SettleScene<'a> {
    /// The attempt's own flight, if it still flies.
    pub(crate) fn live(&self) -> Option<&'a Flight> {
        self.flight.filter(|flight| flight.attempt == *self.attempt && flight.dialled_at().is_some())
    }

    /// What the person wished, as far as it can be kept.
    pub(crate) fn wish(&self, report: &CallReport) -> Option<Wish> {
        let dialled_at = self.live().and_then(Flight::dialled_at);
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
pub fn ended(scene: &SettleScene<'_>, report: &CallReport) -> Settlement {
    match scene.live() {
        _ if scene.interaction.is_some_and(|record| record.direction == Direction::Inbound) => {
            inbound::ended(scene, report)
        }
        Some(flight) => end(scene, flight, report),
        None => late(scene, report),
    }
}

/// The end transaction: flight gone, lead's next state, interaction, counters.
fn end(scene: &SettleScene<'_>, flight: &Flight, report: &CallReport) -> Settlement {
    let now = scene.now;
    let outcome = scene.interaction.map_or(report.outcome, |interaction| interaction.judged(report.outcome));
    let mut transaction = Transaction::of(remove(flight));
    let mut tally = Tally::default();
    if let (Some((lead, before)), Some(campaign)) = (scene.in_progress(), scene.campaign) {
        let next = next_of(campaign, lead, &flight.number, outcome, scene.wish(report), now);
        let after = lead.ended(before, outcome, next, now);
        tally.merge(&Tally::of_move((before, lead.is_attempted), (&after.state, after.is_attempted)));
        if after.state.is_waiting() {
            transaction.0.extend(reopen(campaign, now));
        }
        transaction.push(Write::UpdateLead(after));
    }
    if let Some(interaction) = scene.interaction {
        let after = interaction.ended(report, now);
        count_end(&mut tally, outcome, &after);
        transaction.push(Write::UpdateInteraction(after));
    }
    if flight.is_charged && tally.get(Counter::CostMicros) != 0 {
        let micros = tally.get(Counter::CostMicros);
        transaction.push(Write::Charge { lead: flight.lead.clone(), micros });
    }
    if !tally.is_empty() {
        transaction.push(Write::Count {
            campaign: flight.campaign.clone(),
            lead: flight.lead.clone(),
            tally,
        });
    }
    if outcome.is_technical_failure() {
        transaction.push(Write::NoteFailure(Failed::Campaign(flight.campaign.clone())));
        transaction.push(Write::NoteFailure(Failed::CallerNumber(flight.caller_number.clone())));
    }
    if report.wish == Some(Wish::DoNotCall) {
        list(&mut transaction, scene);
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
    let (campaign, running) = (campaign.id.clone(), Running::Still);
    vec![Write::UpdateCampaign(reopened), Write::Supersede { campaign, active: true, running, at: now }]
}

/// Puts the person's numbers on the common do-not-call list.
pub(crate) fn list(transaction: &mut Transaction, scene: &SettleScene<'_>) {
    let list = ListName::do_not_call();
    for record in scene.records.iter().filter(|record| !record.lists.contains_key(&list)) {
        let listing = Listing { at: scene.now, source: "call".to_owned(), reason: None };
        transaction.push(Write::UpdateNumber(record.listed(list.clone(), listing.clone())));
        transaction.push(Write::Enlist { list: list.clone(), number: record.number.clone(), listing });
    }
}

fn count_end(tally: &mut Tally, outcome: Outcome, after: &Interaction) {
    tally.add(Counter::Ended(outcome), 1);
    tally.add(Counter::TalkSecs, i64::from(after.duration_secs));
    tally.add(Counter::CostMicros, cost(after));
}

fn cost(interaction: &Interaction) -> i64 {
    interaction.cost_micros.and_then(|micros| i64::try_from(micros).ok()).unwrap_or_default()
}

pub(crate) fn remove(flight: &Flight) -> Write {
    Write::RemoveFlight {
        number: flight.number.clone(),
        attempt: flight.attempt.clone(),
        stage: Stage::Dialling,
    }
}

/// The provider's answer to the dial itself.
pub fn placed(scene: &SettleScene<'_>, placement: &Placement) -> Settlement {
    match placement {
        Placement::Accepted { .. } | Placement::Unknown { .. } => Settlement::default(),
        Placement::Refused { outcome, reason } => ended(scene, &CallReport::bare(*outcome, reason.clone())),
        Placement::Congested => congested(scene),
    }
}

/// Whether the records of the person's numbers have to be read for this report: it changes them.
pub fn needs_records(report: &CallReport) -> bool {
    report.wish == Some(Wish::DoNotCall)
}

/// The provider was full: no call was made, so none is counted, not even against a cap, and the
/// caller number rests.
fn congested(scene: &SettleScene<'_>) -> Settlement {
    let Some(flight) = scene.live() else { return Settlement::default() };
    let now = scene.now;
    let mut transaction = Transaction::of(remove(flight));
    if let Some((lead, before)) = scene.in_progress() {
        let after = lead.congested(before, now.plus_ms(CONGESTION_REST_MS), now);
        let mut tally = Tally::default();
        tally.move_lead(before, &after.state);
        transaction.push(Write::UpdateLead(after));
        if !tally.is_empty() {
            transaction.push(Write::Count {
                campaign: flight.campaign.clone(),
                lead: flight.lead.clone(),
                tally,
            });
        }
    }
    if let Some(interaction) = scene.interaction {
        transaction.push(Write::UpdateInteraction(interaction.refused("provider congested", now)));
    }
    if let Some(dialled_at) = flight.dialled_at() {
        let forget = |record: &NumberRecord| Write::UpdateNumber(record.not_called_after_all(dialled_at));
        transaction.0.extend(scene.records.iter().map(forget));
    }
    Settlement { transaction, is_slot_free: true, is_congested: true, ..Settlement::default() }
}

/// The provider says that the call is still up.
pub fn still_up(scene: &SettleScene<'_>) -> Settlement {
    follow(scene, &FlightEvent::StillUp)
}

/// The provider has never heard of the attempt.
pub fn not_found(scene: &SettleScene<'_>) -> Settlement {
    follow(scene, &FlightEvent::NotFound)
}

/// Nobody could be asked about the attempt for too long: it is spent.
pub fn overdue(scene: &SettleScene<'_>) -> Settlement {
    follow(scene, &FlightEvent::Clock)
}

fn follow(scene: &SettleScene<'_>, event: &FlightEvent) -> Settlement {
    let Some(flight) = scene.live() else { return Settlement::default() };
    match flight.on(event, scene.now) {
        Ok(FlightNext::GiveUp) => ended(scene, &CallReport::bare(Outcome::Unheard, "no result")),
        Ok(FlightNext::Become(state)) => Settlement {
            transaction: Transaction::of(Write::Renew(Flight { state, ..flight.clone() })),
            ..Settlement::default()
        },
        Ok(FlightNext::Stay | FlightNext::Ask(_) | FlightNext::Release | FlightNext::End) | Err(_) => {
            Settlement::default()
        }
    }
}

/// The carrier heard a machine.
///
/// While the call is up this is noted and decides at its end. Afterwards the record is corrected;
/// the lead is not called again on the word of a machine detector alone.
pub fn machine_detected(scene: &SettleScene<'_>) -> Settlement {
    let Some(interaction) = scene.interaction.filter(|record| !record.machine_detected) else {
        return Settlement::default();
    };
    let mut after = interaction.clone();
    after.version += 1;
    after.machine_detected = true;
    let mut transaction = Transaction::default();
    if let Some(recorded) = interaction.outcome.filter(|outcome| outcome.is_answered()) {
        let outcome = after.judged(recorded);
        after.outcome = Some(outcome);
        after.status = crate::interaction::InteractionStatus::of(outcome);
        let mut tally = Tally::default();
        tally.add(Counter::Ended(recorded), -1);
        tally.add(Counter::Ended(outcome), 1);
        if !tally.is_empty() {
            transaction.push(Write::Count {
                campaign: interaction.campaign.clone(),
                lead: interaction.lead.clone(),
                tally,
            });
        }
    }
    transaction.push(Write::UpdateInteraction(after));
    Settlement { transaction, ..Settlement::default() }
}
