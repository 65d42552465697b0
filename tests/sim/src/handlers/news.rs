//! As `shared/runtime`: news of an attempt, whoever brings it.

use carillon_domain::base::call::{CallReport, Placement, VoiceEvent};
use carillon_domain::calling::outcome::{self, OutcomeContext, Settlement};
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::campaign::{Command, PauseReason};
use carillon_domain::transaction::{Transaction, Write};

use super::lifecycle;
use crate::bug::Bug;
use crate::job::ProviderCall;
use crate::store::{AttemptContext, CommitError};
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
            Self::Ended(report) => outcome::needs_records(report),
            Self::Placed(placement) => *placement == Placement::Congested,
            Self::MachineDetected | Self::StillUp | Self::NotFound | Self::Overdue => false,
        }
    }

    fn decide(self, snapshot: &OutcomeContext<'_>) -> Settlement {
        match self {
            Self::Ended(report) => outcome::ended(snapshot, report),
            Self::MachineDetected => outcome::machine_detected(snapshot),
            Self::Placed(placement) => outcome::placed(snapshot, placement),
            Self::StillUp => outcome::still_up(snapshot),
            Self::NotFound => outcome::not_found(snapshot),
            Self::Overdue => outcome::overdue(snapshot),
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
        let mut around = world.attempt_context(ws, call).await?;
        if news.needs_records() {
            let lead = around.lead.as_ref().map_or(&[][..], |lead| &lead.numbers);
            let numbers =
                around.active_attempt.as_ref().map_or(lead, |active_attempt| &active_attempt.person);
            around.records = world.records(ws, numbers).await?;
        }
        if world.has(Bug::ListsDialledNumberOnly) {
            around.records.retain(|record| record.number == call.number);
        }
        let mut settlement = news.decide(&OutcomeContext {
            now: world.now(),
            attempt: &call.attempt,
            active_attempt: around.active_attempt.as_deref(),
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
        if world.has(Bug::ChargedTwice) && around.active_attempt.is_none() {
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
        Write::UpdateInteraction { after, .. } if after.is_charged => {
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
    around: &AttemptContext,
    settlement: &Settlement,
) -> Result<(), NoAnswer> {
    if settlement.is_congested
        && let Some(active_attempt) = &around.active_attempt
    {
        let (now, number) = (world.now(), &active_attempt.caller_number);
        let rest = |rate_states: &mut RateStates| {
            rate_states.numbers.entry(number.clone()).or_default().congest(now)
        };
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
