//! As `shared/runtime`: news of an attempt, whoever brings it.

use carillon_domain::call::{CallReport, Placement, VoiceEvent};
use carillon_domain::campaign::{Command, PauseReason};
use carillon_domain::pacing::Paces;
use carillon_domain::settle::{self, SettleScene, Settlement};
use carillon_domain::write::{Transaction, Write};

use super::lifecycle;
use crate::bug::Bug;
use crate::job::ProviderCall;
use crate::store::{CommitError, Surroundings};
use crate::world::{NoAnswer, World};

/// How often a settlement is decided anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// What became known of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) enum News<'a> {
    Ended(&'a CallReport),
    MachineDetected,
    Placed(&'a Placement),
    StillUp,
    NotFound,
    Overdue,
}

impl<'a> News<'a> {
    /// The news that an event brings, if it brings any.
    pub(super) fn of(event: &'a VoiceEvent) -> Option<Self> {
        match event {
            VoiceEvent::Ended { report, .. } => Some(Self::Ended(report)),
            VoiceEvent::MachineDetected { .. } => Some(Self::MachineDetected),
            VoiceEvent::Ignored { .. } => None,
        }
    }

    /// Whether what is known of the person's numbers has to be read.
    fn needs_records(self) -> bool {
        match self {
            Self::Ended(report) => settle::needs_records(report),
            Self::Placed(placement) => *placement == Placement::Congested,
            Self::MachineDetected | Self::StillUp | Self::NotFound | Self::Overdue => false,
        }
    }

    fn decide(self, scene: &SettleScene<'_>) -> Settlement {
        match self {
            Self::Ended(report) => settle::ended(scene, report),
            Self::MachineDetected => settle::machine_detected(scene),
            Self::Placed(placement) => settle::placed(scene, placement),
            Self::StillUp => settle::still_up(scene),
            Self::NotFound => settle::not_found(scene),
            Self::Overdue => settle::overdue(scene),
        }
    }
}

/// Takes news of an attempt: decides, writes, and tells those who wait for the slot.
pub(super) async fn take(
    world: &World,
    ws: usize,
    call: &ProviderCall,
    news: News<'_>,
) -> Result<(), NoAnswer> {
    let mut unacknowledged = None;
    for _ in 0..TRIES {
        let mut around = world.surroundings(ws, call).await?;
        if news.needs_records() {
            let lead = around.lead.as_ref().map_or(&[][..], |lead| &lead.numbers);
            let numbers = around.flight.as_ref().map_or(lead, |flight| &flight.person);
            around.records = world.records(ws, numbers).await?;
        }
        if world.has(Bug::ListsDialledNumberOnly) {
            around.records.retain(|record| record.number == call.number);
        }
        let mut settlement = news.decide(&SettleScene {
            now: world.now(),
            attempt: &call.attempt,
            flight: around.flight.as_deref(),
            lead: around.lead.as_deref(),
            campaign: around.campaign.as_deref(),
            interaction: around.interaction.as_deref(),
            records: &around.records,
        });
        if settlement.transaction.0.is_empty() {
            return match unacknowledged {
                Some((around, settlement)) => follow_up(world, ws, call, &around, &settlement).await,
                None => Ok(()),
            };
        }
        let mut transaction = std::mem::take(&mut settlement.transaction);
        if world.has(Bug::ChargedTwice) && around.flight.is_none() {
            charge_again(&mut transaction);
        }
        match commit(world, ws, transaction).await {
            Ok(()) => return follow_up(world, ws, call, &around, &settlement).await,
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => unacknowledged = Some((around, settlement)),
        }
    }
    Err(NoAnswer)
}

async fn commit(world: &World, ws: usize, mut transaction: Transaction) -> Result<(), CommitError> {
    if !world.has(Bug::CountsApart) {
        return world.commit(ws, transaction).await;
    }
    let is_count = |write: &Write| matches!(write, Write::Count { .. });
    let counts: Vec<Write> = transaction.0.iter().filter(|write| is_count(write)).cloned().collect();
    transaction.0.retain(|write| !is_count(write));
    world.commit(ws, transaction).await?;
    world.commit(ws, Transaction(counts)).await
}

/// Books the whole cost of a late report, whatever was booked of it before.
fn charge_again(transaction: &mut Transaction) {
    let charge = transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction(after) if after.is_charged => {
            let micros = after.cost_micros.filter(|micros| *micros > 0)?;
            Some(Write::Charge { lead: after.lead.clone(), micros: micros.cast_signed() })
        }
        _ => None,
    });
    transaction.0.extend(charge);
}

/// What follows from a settlement once it is written.
async fn follow_up(
    world: &World,
    ws: usize,
    call: &ProviderCall,
    around: &Surroundings,
    settlement: &Settlement,
) -> Result<(), NoAnswer> {
    if settlement.is_congested
        && let Some(flight) = &around.flight
    {
        let (now, number) = (world.now(), &flight.caller_number);
        let rest = |paces: &mut Paces| paces.numbers.entry(number.clone()).or_default().congest(now);
        world.update_paces(ws, now, rest).await?;
    }
    if settlement.is_account_refused {
        let pause = Command::Pause { reason: PauseReason::ProviderRefused };
        lifecycle::command(world, ws, &call.lead.campaign(), pause).await?;
    }
    if settlement.is_slot_free {
        // A hint that is lost is made up for by the next tick.
        let _ = world.hint(ws, 0).await;
    }
    Ok(())
}
