//! As `shared/runtime`: news of an attempt, whoever brings it.

use carillon_domain::calling::outcome::{self, Effect, OutcomeContext, Settlement};
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::campaign::Command;
use carillon_domain::transaction::{Transaction, Write};

use super::lifecycle;
use crate::bug::Bug;
use crate::job::ProviderCall;
use crate::store::CommitError;
use crate::world::{NoAnswer, World};

/// How often a settlement is decided anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

pub(super) use carillon_domain::calling::outcome::CallUpdate as News;

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
        let snapshot = OutcomeContext {
            now: world.now(),
            attempt: &call.attempt,
            active_attempt: around.active_attempt.as_deref(),
            lead: around.lead.as_deref(),
            campaign: around.campaign.as_deref(),
            interaction: around.interaction.as_deref(),
            records: &around.records,
        };
        let mut settlement = outcome::decide(&snapshot, news);
        if settlement.transaction.0.is_empty() {
            return match unacknowledged {
                Some(settlement) => follow_up(world, ws, &settlement).await,
                None => Ok(()),
            };
        }
        let mut transaction = std::mem::take(&mut settlement.transaction);
        if world.has(Bug::ChargedTwice) && around.active_attempt.is_none() {
            charge_again(&mut transaction);
        }
        match commit(world, ws, transaction).await {
            Ok(()) => return follow_up(world, ws, &settlement).await,
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => unacknowledged = Some(settlement),
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
async fn follow_up(world: &World, ws: usize, settlement: &Settlement) -> Result<(), NoAnswer> {
    for effect in &settlement.effects {
        match effect {
            Effect::RestCallerNumber(number) => {
                let now = world.now();
                let rest = |rate_states: &mut RateStates| {
                    rate_states.numbers.entry(number.clone()).or_default().congest(now)
                };
                world.update_paces(ws, now, rest).await?;
            }
            Effect::PauseCampaign(campaign, reason) => {
                lifecycle::command(world, ws, campaign, Command::Pause { reason: *reason }).await?;
            }
            // A hint that is lost is made up for by the next tick.
            Effect::HintPlanner => drop(world.hint(ws, 0).await),
            Effect::KeepTranscript(..) | Effect::WithdrawQueued(_) | Effect::RevokeClaims(_) => {}
        }
    }
    Ok(())
}
