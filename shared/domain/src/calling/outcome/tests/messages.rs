//! What becomes of leads that were texted.

use super::*;
use crate::base::channel::Channel;
use crate::base::message::MessageRefusal;
use crate::base::outcome::{AttemptOutcome, MessageOutcome, MessageReport};
use crate::records::active_attempt::RECEIPT_WITHIN_MS;
use crate::records::counters::Counter;
use crate::records::number_record::{LatestAttempt, attempts};
use crate::reporting::invariants;

fn sent(lead: &Lead) -> (ActiveAttempt, Lead, Interaction) {
    let (call, _) = dialled(lead);
    let text = ActiveAttempt { channel: Channel::Sms, ..call };
    let interaction = Interaction::dialled(&text, NOW);
    (text.clone(), lead.dialled(&text, NOW), interaction)
}

fn told(update: CallUpdate<'_>, ahead_ms: i64) -> Settlement {
    let (text, up, interaction) = sent(&fixtures::lead(1));
    let facts = OutcomeContext {
        now: NOW.plus_ms(ahead_ms),
        attempt: &text.attempt,
        active_attempt: Some(&text),
        lead: Some(&up),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&interaction),
        records: &[],
    };
    decide(&facts, update)
}

fn report(outcome: MessageOutcome) -> MessageReport {
    MessageReport { outcome, end_reason: "30003".into(), cost_micros: Some(7), request: None }
}

fn record(settlement: &Settlement) -> Interaction {
    let record = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction { after, .. } => Some(after.clone()),
        _ => None,
    });
    record.expect("the record changes")
}

#[test]
fn a_delivered_text_completes_and_an_undelivered_one_is_retried() {
    for (outcome, state, status) in [
        (MessageOutcome::Delivered, "completed", InteractionStatus::Delivered),
        (MessageOutcome::Sent, "completed", InteractionStatus::Sent),
        (MessageOutcome::Replied, "completed", InteractionStatus::Replied),
        (MessageOutcome::Undelivered, "retry_scheduled", InteractionStatus::Undelivered),
        (MessageOutcome::NotSent, "retry_scheduled", InteractionStatus::Error),
        (MessageOutcome::NotTextable, "failed", InteractionStatus::Error),
    ] {
        let settlement = told(CallUpdate::MessageEnded(&report(outcome)), 0);
        let (after, record) = (lead_after(&settlement), record(&settlement));
        assert_eq!((after.state.name(), record.status), (state, status), "{outcome:?}");
        assert_eq!(record.outcome, Some(AttemptOutcome::Message(outcome)));
        assert!(after.numbers[0].status.is_usable(), "it may still be called");
        let counted = settlement.transaction.0.iter().find_map(|write| match write {
            Write::Count { counters, .. } => Some(counters),
            _ => None,
        });
        let counters = counted.expect("it is counted");
        assert_eq!((counters.get(Counter::Messages(outcome)), counters.get(Counter::CostMicros)), (1, 7));
        assert!(invariants::ends_agree(counters, [&record]).is_ok());
    }
}

#[test]
fn a_word_about_a_call_is_none_about_a_text() {
    let busy = CallReport::bare(Outcome::Busy, "busy");
    assert_eq!(told(CallUpdate::Ended(&busy), 0), Settlement::default());
    assert_eq!(told(CallUpdate::MachineDetected { is_fax: false }, 0), Settlement::default());
    let (_, _, interaction) = sent(&fixtures::lead(1));
    assert!(
        !interaction.is_raised_by(Report::bare(Outcome::Completed, ""))
            && interaction.is_raised_by(Report::bare(MessageOutcome::Sent, ""))
    );
}

#[test]
fn a_text_without_a_receipt_counts_as_sent_and_one_that_nobody_knows_does_not() {
    assert_eq!(told(CallUpdate::NotFound, 0), Settlement::default());
    let after_ms = RECEIPT_WITHIN_MS + 1;
    let outcome = |update| record(&told(update, after_ms)).outcome;
    assert_eq!(outcome(CallUpdate::StillUp), Some(MessageOutcome::Sent.into()));
    // It is asked about once more, and given up only where nobody answers.
    assert_eq!(told(CallUpdate::Overdue, after_ms), Settlement::default());
    let overdue = record(&told(CallUpdate::Overdue, 2 * after_ms)).outcome;
    assert_eq!(overdue, Some(MessageOutcome::Unconfirmed.into()));
    assert_eq!(outcome(CallUpdate::NotFound), Some(MessageOutcome::Unconfirmed.into()));
}

#[test]
fn that_a_provider_has_a_text_is_noted_once_and_changes_nothing_else() {
    let settlement = told(CallUpdate::Accepted { cost_micros: None }, 0);
    let (_, _, before) = sent(&fixtures::lead(1));
    let noted = record(&settlement);
    assert_eq!(noted, Interaction { is_accepted: true, version: before.version + 1, ..before.clone() });
    assert_eq!((settlement.transaction.0.len(), settlement.effects), (1, Vec::new()));
    let (text, up, _) = sent(&fixtures::lead(1));
    let again = |interaction: &Interaction| {
        let facts = OutcomeContext {
            now: NOW,
            attempt: &text.attempt,
            active_attempt: Some(&text),
            lead: Some(&up),
            campaign: Some(&fixtures::campaign()),
            interaction: Some(interaction),
            records: &[],
        };
        decide(&facts, CallUpdate::Accepted { cost_micros: None })
    };
    assert_eq!(again(&noted), Settlement::default());
    assert_eq!(again(&before.ended(&report(MessageOutcome::Delivered), NOW)), Settlement::default());
    let call = Interaction { channel: Channel::Call, ..before };
    let facts = OutcomeContext {
        now: NOW,
        attempt: &text.attempt,
        active_attempt: None,
        lead: None,
        campaign: None,
        interaction: Some(&call),
        records: &[],
    };
    assert_eq!(
        decide(&facts, CallUpdate::Accepted { cost_micros: None }),
        Settlement::default(),
        "no call is a text"
    );
}

#[test]
fn a_late_receipt_raises_the_record_and_never_lowers_it() {
    let (text, _, interaction) = sent(&fixtures::lead(1));
    let settlement = told(CallUpdate::MessageEnded(&report(MessageOutcome::Undelivered)), 0);
    let missed = lead_after(&settlement);
    let recorded = interaction.ended(&report(MessageOutcome::Undelivered), NOW);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &text.attempt,
        active_attempt: None,
        lead: Some(&missed),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&recorded),
        records: &[],
    };
    let late = decide(&facts, CallUpdate::MessageEnded(&report(MessageOutcome::Delivered)));
    assert_eq!(lead_after(&late).state, LeadState::Completed);
    let lower = decide(&facts, CallUpdate::MessageEnded(&report(MessageOutcome::Sent)));
    assert_eq!(lower, Settlement::default());
}

#[test]
fn who_replies_not_to_be_texted_is_put_on_the_list_and_off_the_queue() {
    let lead = fixtures::lead(1);
    let (text, up, interaction) = sent(&lead);
    let stop = MessageReport { request: Some(PersonRequest::DoNotCall), ..report(MessageOutcome::Replied) };
    assert!(CallUpdate::MessageEnded(&stop).changes_numbers());
    let facts = OutcomeContext {
        now: NOW,
        attempt: &text.attempt,
        active_attempt: Some(&text),
        lead: Some(&up),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&interaction),
        records: &[NumberRecord::unknown(fixtures::number(1))],
    };
    let settlement = decide(&facts, CallUpdate::MessageEnded(&stop));
    assert_eq!(lead_after(&settlement).state, LeadState::Skipped { reason: SkipReason::DoNotCall });
    assert!(
        settlement
            .effects
            .contains(&Effect::WithdrawQueued(ListName::do_not_call(), vec![fixtures::number(1)]))
    );
}

/// The campaign that texts first, with a step that follows how that ended.
fn texting(after: InteractionStatus) -> Campaign {
    let steps = vec![
        Step { channel: Channel::Sms, delay_minutes: 0, after: [].into() },
        Step { channel: Channel::Call, delay_minutes: 60, after: [after].into() },
    ];
    let mut campaign = fixtures::campaign();
    campaign.spec.cadence = Cadence::try_from(steps).expect("a cadence");
    campaign
}

/// The lead once its text ended so, and once more was told of it much later.
fn told_late(campaign: &Campaign, first: MessageOutcome, late: MessageOutcome) -> (Lead, Option<Lead>) {
    let (text, up, interaction) = sent(&fixtures::lead(1));
    let facts = OutcomeContext {
        now: NOW,
        attempt: &text.attempt,
        active_attempt: Some(&text),
        lead: Some(&up),
        campaign: Some(campaign),
        interaction: Some(&interaction),
        records: &[],
    };
    let after = lead_after(&decide(&facts, CallUpdate::MessageEnded(&report(first))));
    let recorded = interaction.ended(&report(first), NOW);
    let facts = OutcomeContext {
        now: NOW.plus_ms(30 * MINUTE_MS),
        active_attempt: None,
        lead: Some(&after),
        interaction: Some(&recorded),
        ..facts
    };
    let settlement = decide(&facts, CallUpdate::MessageEnded(&report(late)));
    let changed = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateLead { after, .. } => Some(after.clone()),
        _ => None,
    });
    let version = changed.as_ref().map(|changed| changed.version);
    assert!(version.is_none_or(|version| version == after.version + 1), "each write is one version");
    (after, changed)
}

#[test]
fn a_late_receipt_leaves_the_lead_at_the_step_that_it_waits_for() {
    let campaign = texting(InteractionStatus::NoReply);
    let (waits, after) = told_late(&campaign, MessageOutcome::Sent, MessageOutcome::Delivered);
    let after = after.expect("the outcome is noted");
    assert_eq!((waits.step, after.step, &after.state), (1, 1, &waits.state));
    let noted = after.last.and_then(|last| last.outcome);
    assert_eq!(noted, Some(MessageOutcome::Delivered.into()));
}

#[test]
fn a_late_receipt_begins_the_step_that_follows_it() {
    let campaign = texting(InteractionStatus::Delivered);
    let (sent, after) = told_late(&campaign, MessageOutcome::Sent, MessageOutcome::Delivered);
    let after = after.expect("it goes on");
    assert_eq!((sent.state, after.step, after.channel), (LeadState::Completed, 1, Channel::Call));
    assert!(after.state.is_waiting());
}

#[test]
fn a_reply_is_noted_of_a_lead_that_was_reached_already() {
    let (before, after) =
        told_late(&fixtures::campaign(), MessageOutcome::Delivered, MessageOutcome::Replied);
    let after = after.expect("it is noted");
    assert_eq!((before.state, &after.state), (LeadState::Completed, &LeadState::Completed));
    assert_eq!(after.last.and_then(|last| last.outcome), Some(MessageOutcome::Replied.into()));
}

#[test]
fn whoever_the_provider_says_has_opted_out_is_listed_and_the_text_not_counted() {
    let (text, up, interaction) = sent(&fixtures::lead(1));
    let latest = LatestAttempt { attempt: text.attempt.clone(), lead: up.id.clone() };
    let record = NumberRecord::unknown(text.number.clone()).called(latest, NOW);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &text.attempt,
        active_attempt: Some(&text),
        lead: Some(&up),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&interaction),
        records: std::slice::from_ref(&record),
    };
    let refusal =
        MessageRefusal { outcome: MessageOutcome::Filtered, request: Some(PersonRequest::DoNotCall) };
    let refused = Placement::Refused { outcome: refusal, reason: "21610: opted out".to_owned() };
    let settlement = decide(&facts, CallUpdate::Sent(&refused));
    assert_eq!(settlement.transaction.touched_twice(), None);
    let known = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateNumber(after) => Some(after),
        _ => None,
    });
    let known = known.expect("the number is listed");
    assert_eq!((known.version, attempts([known])), (record.version + 1, Vec::new()));
    let listing = &known.lists[&ListName::do_not_call()];
    assert_eq!(listing.source, "sms", "START takes it back");
    assert_eq!(lead_after(&settlement).state, LeadState::Skipped { reason: SkipReason::DoNotCall });
}

#[test]
fn texts_that_the_provider_finds_wrong_pause_the_campaign_and_lose_nobody() {
    let rejected = told(CallUpdate::MessageEnded(&report(MessageOutcome::TextRejected)), 0);
    assert_eq!(lead_after(&rejected).state.name(), "retry_scheduled");
    let refused = told(CallUpdate::MessageEnded(&report(MessageOutcome::SenderRefused)), 0);
    assert_eq!(lead_after(&refused).state.name(), "retry_scheduled");
    let pauses = |settlement: &Settlement| {
        settlement.effects.iter().any(|effect| matches!(effect, Effect::PauseCampaign(..)))
    };
    assert!(pauses(&refused) && !pauses(&rejected), "one may be its lead's fault");
}
