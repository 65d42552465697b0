//! The one door through which an attempt ends or changes, whoever brings the update: a webhook, the
//! provider's answer to the dial or to a question, the end of a lease, a late report, a call that came in.

use crate::base::call::{Consequence, Outcome, PersonRequest, Placement};
use crate::base::channel::Channel;
use crate::base::ids::InteractionId;
use crate::base::outcome::{AttemptOutcome, MessageOutcome, Report, ToldBy};
use crate::policy::rate_limit::CONGESTION_REST_MS;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptEvent, ActiveAttemptNext};
use crate::records::campaign::{Campaign, PauseReason};
use crate::records::counters::Counters;
use crate::records::interaction::Direction;
use crate::records::lead::{Lead, LeadState, SkipReason};
use crate::records::refusal::DialRefusal;
use crate::transaction::{Failed, Transaction, Write};

mod context;
mod effect;
mod inbound;
mod late_report;
mod next;
mod record;
#[cfg(test)]
mod tests;

pub use context::{CallUpdate, OutcomeContext};
pub use effect::{Effect, Settlement};
pub(crate) use next::following;

/// What follows from an update of an attempt.
///
/// The same update twice, late or out of order changes nothing that is true already.
pub fn decide(facts: &OutcomeContext<'_>, update: CallUpdate<'_>) -> Settlement {
    if update.channel().is_some_and(|told| facts.channel().is_some_and(|own| own != told)) {
        return Settlement::default();
    }
    let mut settlement = match update {
        CallUpdate::Ended(report) => ended(facts, &report.into()),
        CallUpdate::MessageEnded(report) => ended(facts, &report.into()),
        CallUpdate::Found(report) => ended(facts, &Report { told_by: ToldBy::Inquiry, ..report.into() }),
        CallUpdate::MessageFound(report) => {
            ended(facts, &Report { told_by: ToldBy::Inquiry, ..report.into() })
        }
        CallUpdate::NoReply => {
            let said = facts.interaction.and_then(|record| record.end_reason.as_deref());
            let report = Report::bare(MessageOutcome::NoReply, said.unwrap_or_default());
            ended(facts, &Report { told_by: ToldBy::Deadline, ..report })
        }
        CallUpdate::MachineDetected { is_fax } => quietly(record::machine_detected(facts, is_fax)),
        CallUpdate::Changed => changed(facts),
        CallUpdate::Placed(placement) => placed(facts, placement, |outcome| Report::bare(*outcome, "")),
        CallUpdate::Sent(placement) => placed(facts, placement, |refusal| Report {
            request: refusal.request,
            ..Report::bare(refusal.outcome, "")
        }),
        CallUpdate::Accepted { cost_micros } => quietly(record::accepted(facts, cost_micros)),
        CallUpdate::StillUp => follow(facts, &ActiveAttemptEvent::StillUp),
        CallUpdate::NotFound => follow(facts, &ActiveAttemptEvent::NotFound),
        CallUpdate::Overdue => follow(facts, &ActiveAttemptEvent::Clock),
    };
    if settlement.transaction.0.is_empty() {
        settlement.effects.clear();
    }
    settlement
}

fn quietly(transaction: Transaction) -> Settlement {
    Settlement { transaction, effects: Vec::new() }
}

/// The attempt is over, as the provider says.
fn ended(facts: &OutcomeContext<'_>, report: &Report<'_>) -> Settlement {
    let report = &facts.with_kept_request(*report);
    let is_inbound = facts.interaction.is_some_and(|record| record.direction == Direction::Inbound);
    let mut effects = Vec::new();
    if !report.transcript.is_empty() {
        let id = InteractionId::of(facts.attempt);
        effects.push(Effect::KeepTranscript(id, report.transcript.to_vec()));
    }
    let (transaction, is_work) = match facts.live() {
        // Besides the slot that none was: the person may be called again.
        live if is_inbound => (inbound::ended(facts, report), live.is_some()),
        Some(active_attempt) => {
            let pause = pause_after(facts, facts.judged(report));
            effects
                .extend(pause.map(|reason| Effect::PauseCampaign(active_attempt.campaign.clone(), reason)));
            (end(facts, active_attempt, report), true)
        }
        None => late_report::late(facts, report),
    };
    let listed: Vec<_> = transaction.listed().cloned().collect();
    if let (false, Some(list)) = (listed.is_empty(), facts.list_for(report)) {
        effects.push(Effect::WithdrawQueued(list, listed));
    }
    effects.extend(recording_to_copy(facts, &transaction));
    if is_work {
        effects.push(Effect::HintPlanner);
    }
    Settlement { transaction, effects }
}

/// The copy of a recording that is heard of now, where the campaign keeps them.
fn recording_to_copy(facts: &OutcomeContext<'_>, transaction: &Transaction) -> Option<Effect> {
    facts.campaign?.spec.recording_retention?;
    transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction { before, after } => {
            let is_news = after.has_recording && !before.has_recording;
            (is_news && after.provider_record.is_some()).then(|| Effect::CopyRecording(after.id.clone()))
        }
        _ => None,
    })
}

/// Why the campaign can't go on after a call that ended so, if it can't.
fn pause_after(facts: &OutcomeContext<'_>, outcome: AttemptOutcome) -> Option<PauseReason> {
    let active_attempt = facts.live()?;
    // With a test, it may be the assistant for tests alone.
    if outcome.consequence() == Consequence::AccountFault && !active_attempt.is_test {
        return Some(PauseReason::ProviderRefused);
    }
    let after = campaign_after(facts, active_attempt, outcome)?;
    after.is_rejected().then_some(PauseReason::RequestsRejected)
}

/// The campaign, if a call that ended so changes it. A test says nothing of it: another assistant may be tried.
fn campaign_after(
    facts: &OutcomeContext<'_>,
    active_attempt: &ActiveAttempt,
    outcome: AttemptOutcome,
) -> Option<Campaign> {
    let campaign = facts.campaign.filter(|_| !active_attempt.is_test)?;
    campaign.after_call(&active_attempt.lead, outcome)
}

/// The end transaction: active attempt gone, lead's next state, interaction, counters.
fn end(facts: &OutcomeContext<'_>, active_attempt: &ActiveAttempt, report: &Report<'_>) -> Transaction {
    let (now, outcome) = (facts.now, facts.judged(report));
    let mut transaction = Transaction::end_attempt(active_attempt);
    let mut counters = Counters::default();
    let mut was_last = false;
    if let (Some((lead, before)), Some(campaign)) = (facts.in_progress(), facts.campaign) {
        let known = lead.since_resumed(campaign.running_since);
        let next = next::next_of(campaign, &known, &active_attempt.number, outcome, report, now);
        let mut after = known.ended(before, outcome, next, now).told(report);
        if report.request.is_some_and(PersonRequest::is_open) {
            after = Lead { version: after.version, ..after.skipped(SkipReason::UnclearWish, now) };
        }
        after = after.in_channel_of(&campaign.spec.cadence);
        was_last = after.state == LeadState::Exhausted;
        if after.state.is_waiting() && !after.is_leaving {
            transaction.extend(Transaction::reopen(campaign, now).0);
        }
        transaction.push(after_call(lead, after, &mut counters));
    }
    if let Some(interaction) = facts.interaction {
        let mut after = interaction.ended(*report, now);
        if was_last {
            after.status = after.status.of_last_attempt();
        }
        counters.merge(&Counters::of_end(&after));
        transaction.push(Write::UpdateInteraction { before: interaction.clone(), after });
    }
    transaction.extend(record::charge(&active_attempt.lead, &counters));
    transaction.extend(Write::count(&active_attempt.lead, counters));
    let after = campaign_after(facts, active_attempt, outcome);
    let changed = facts.campaign.zip(after);
    transaction
        .extend(changed.map(|(before, after)| Write::UpdateCampaign { before: before.clone(), after }));
    if outcome.is_technical_failure() && !active_attempt.is_test {
        transaction.push(Write::NoteFailure(Failed::Campaign(active_attempt.campaign.clone())));
        transaction.push(Write::NoteFailure(Failed::CallerNumber(active_attempt.caller_number.clone())));
    }
    transaction.extend(record::list(facts, report));
    transaction
}

/// What becomes of a lead once its call is over: one that was to be removed is gone.
fn after_call(lead: &Lead, after: Lead, counters: &mut Counters) -> Write {
    if lead.is_leaving {
        counters.merge(&Counters::of_removal(lead));
        return Write::RemoveLead(lead.clone());
    }
    counters.merge(&Counters::of_move(lead, &after));
    Write::UpdateLead { before: lead.clone(), after }
}

/// The provider's answer to the dial, or to the text, itself.
fn placed<'r, O>(
    facts: &OutcomeContext<'_>,
    placement: &'r Placement<O>,
    refused: impl Fn(&'r O) -> Report<'r>,
) -> Settlement {
    match placement {
        Placement::Accepted { .. } => Settlement::default(),
        Placement::Unknown { reason } => quietly(record::doubtful(facts, reason)),
        Placement::Refused { outcome, reason } => {
            let told_by = ToldBy::Placement;
            never_made(facts, Report { end_reason: reason, told_by, ..refused(outcome) })
        }
        Placement::Congested => {
            let due_at = facts.now.plus_ms(CONGESTION_REST_MS);
            let mut settlement = not_made(facts, DialRefusal::ProviderCongested, |lead, before| {
                lead.congested(before, due_at, facts.now)
            });
            if let Some(active_attempt) = facts.live() {
                let number = active_attempt.caller_number.clone();
                settlement.effects.push(Effect::RestCallerNumber(number, active_attempt.channel));
            }
            settlement
        }
        // Our own delay is no matter of theirs: the lead is where it was, and its turn comes at once.
        Placement::TooLate => {
            not_made(facts, DialRefusal::SlotOver, |lead, before| lead.not_called(before, facts.now))
        }
    }
}

/// The end of an attempt of which nothing left us: it is not counted against a cap.
fn never_made(facts: &OutcomeContext<'_>, report: Report<'_>) -> Settlement {
    let mut settlement = ended(facts, &Report { never_left: true, ..report });
    forget(facts, &mut settlement.transaction);
    settlement.effects.splice(0..0, uncounted(facts));
    settlement
}

/// The attempt as one that was never made, among those of the number that it was to be made from.
fn uncounted(facts: &OutcomeContext<'_>) -> Option<Effect> {
    let active_attempt = facts.live().filter(|live| live.channel == Channel::Call)?;
    Some(Effect::UncountAttempt(active_attempt.caller_number.clone(), active_attempt.dialled_at()?))
}

/// Takes the attempt, which was never made, out of what is known of the person's numbers.
fn forget(facts: &OutcomeContext<'_>, transaction: &mut Transaction) {
    let Some(dialled_at) = facts.live().and_then(ActiveAttempt::dialled_at) else { return };
    record::recount(facts, transaction, |record| record.forget(dialled_at));
}

/// No call was made, so none is counted, not even against a cap.
fn not_made(
    facts: &OutcomeContext<'_>,
    why: DialRefusal,
    then: impl FnOnce(&Lead, &LeadState) -> Lead,
) -> Settlement {
    let Some(active_attempt) = facts.live() else { return Settlement::default() };
    let now = facts.now;
    let mut transaction = Transaction::end_attempt(active_attempt);
    if let Some((lead, before)) = facts.in_progress() {
        let mut counters = Counters::default();
        let mut after = then(lead, before);
        if let Some(campaign) = facts.campaign {
            after = after.in_channel_of(&campaign.spec.cadence);
        }
        transaction.push(after_call(lead, after, &mut counters));
        transaction.extend(Write::count(&active_attempt.lead, counters));
    }
    if let Some(interaction) = facts.interaction {
        let after = interaction.refused(why, now);
        transaction.push(Write::UpdateInteraction { before: interaction.clone(), after });
    }
    forget(facts, &mut transaction);
    let effects = uncounted(facts).into_iter().chain([Effect::HintPlanner]).collect();
    Settlement { transaction, effects }
}

/// Something happened to the call: its lease is over at once, so that the planner has the provider asked.
fn changed(facts: &OutcomeContext<'_>) -> Settlement {
    let asked_at_once = facts.live().and_then(|live| live.leased_until(facts.now.plus_ms(-1)));
    let Some(active_attempt) = asked_at_once else { return Settlement::default() };
    Settlement {
        transaction: Transaction::of(Write::Renew(active_attempt)),
        effects: vec![Effect::HintPlanner],
    }
}

/// What an event makes of an active attempt that is still up.
fn follow(facts: &OutcomeContext<'_>, event: &ActiveAttemptEvent) -> Settlement {
    let Some(active_attempt) = facts.live() else { return Settlement::default() };
    match active_attempt.on(event, facts.now) {
        Ok(ActiveAttemptNext::GiveUp) => {
            let outcome = given_up(active_attempt.channel, event);
            // What was seen instead of an answer to the dial.
            let seen = facts.interaction.and_then(|record| record.end_reason.as_deref());
            let told_by = match event {
                ActiveAttemptEvent::Clock => ToldBy::Deadline,
                _ => ToldBy::Inquiry,
            };
            let report = Report { told_by, ..Report::bare(outcome, seen.unwrap_or_default()) };
            if outcome == Outcome::Failed.into() { never_made(facts, report) } else { ended(facts, &report) }
        }
        Ok(ActiveAttemptNext::Become(state)) => {
            quietly(Transaction::of(Write::Renew(ActiveAttempt { state, ..active_attempt.clone() })))
        }
        Ok(
            ActiveAttemptNext::Stay
            | ActiveAttemptNext::Ask(_)
            | ActiveAttemptNext::Release
            | ActiveAttemptNext::End,
        )
        | Err(_) => Settlement::default(),
    }
}

/// How an attempt ends of which nobody tells more: a call that the provider has never heard of was not made,
/// a text that it knows was sent, at least.
fn given_up(channel: Channel, event: &ActiveAttemptEvent) -> AttemptOutcome {
    match (channel, event) {
        (Channel::Call, ActiveAttemptEvent::NotFound) => Outcome::Failed.into(),
        (Channel::Call, _) => Outcome::Unheard.into(),
        (Channel::Sms, ActiveAttemptEvent::StillUp) => MessageOutcome::Sent.into(),
        (Channel::Sms, _) => MessageOutcome::Unconfirmed.into(),
    }
}
