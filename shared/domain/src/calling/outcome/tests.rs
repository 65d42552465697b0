//! What becomes of leads, step by step and request by request.

mod messages;
mod refusals;

use super::*;
use crate::base::call::{CallReport, MAX_CALLBACK_AHEAD_MS, Outcome, PersonRequest};
use crate::base::channel::Channel;
use crate::base::time::{DAY_MS, MINUTE_MS};
use crate::base::timing::SOONEST_MS;
use crate::fixtures::{self, NOW};
use crate::policy::cadence::{Cadence, Step};
use crate::policy::do_not_call::{ListName, Listing};
use crate::records::active_attempt::ActiveAttemptState;
use crate::records::campaign::Campaign;
use crate::records::interaction::Interaction;
use crate::records::interaction::InteractionStatus;
use crate::records::lead::SkipReason;
use crate::records::lead::{Lead, LeadState};

/// A dialled active attempt of a lead that has several numbers, and the lead while its call is up.
fn dialled(lead: &Lead) -> (ActiveAttempt, Lead) {
    let state = ActiveAttemptState::Dialling {
        dialled_at: NOW,
        by: "run".into(),
        start_by: NOW,
        lease_until: NOW.plus_ms(MINUTE_MS),
    };
    let number = lead.next_number().clone();
    let active_attempt = ActiveAttempt { state, number, ..fixtures::claimed(lead, NOW) };
    let up = lead.dialled(&active_attempt, NOW);
    (active_attempt, up)
}

fn end(campaign: &Campaign, lead: &Lead, report: &CallReport, records: &[NumberRecord]) -> Settlement {
    let (active_attempt, up) = dialled(lead);
    let interaction = Interaction::dialled(&active_attempt, NOW);
    decide(
        &OutcomeContext {
            now: NOW,
            attempt: &active_attempt.attempt,
            active_attempt: Some(&active_attempt),
            lead: Some(&up),
            campaign: Some(campaign),
            interaction: Some(&interaction),
            records,
        },
        CallUpdate::Ended(report),
    )
}

fn lead_after(settlement: &Settlement) -> Lead {
    let lead = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateLead { after, .. } => Some(after.clone()),
        _ => None,
    });
    lead.expect("the lead changes")
}

fn after(campaign: &Campaign, lead: &Lead, outcome: Outcome) -> Lead {
    lead_after(&end(campaign, lead, &CallReport::bare(outcome, ""), &[]))
}

fn with_numbers(count: u32) -> Lead {
    Lead { numbers: (1..=count).map(fixtures::number).collect(), ..fixtures::lead(1) }
}

#[test]
fn numbers_are_tried_in_order_and_a_dead_one_is_passed_over() {
    let campaign = fixtures::campaign();
    let lead = with_numbers(3);
    assert_eq!(lead.next_number(), &fixtures::number(1));
    let missed = after(&campaign, &lead, Outcome::NoAnswer);
    assert_eq!(missed.next_number(), &fixtures::number(2));
    let dead = after(&campaign, &missed, Outcome::InvalidNumber);
    assert_eq!((dead.state.name(), dead.next_number()), ("retry_scheduled", &fixtures::number(3)));
    assert_eq!(dead.dead_numbers.get(&fixtures::number(2)), Some(&Outcome::InvalidNumber));
    // Only the first and the third are left, and round again.
    let mut patient = campaign.clone();
    patient.spec.retry.max_attempts = 9;
    let third = after(&patient, &dead, Outcome::Busy);
    assert_eq!(third.next_number(), &fixtures::number(1));
    assert_eq!(after(&patient, &third, Outcome::Busy).next_number(), &fixtures::number(3));
    // The only number there is.
    assert_eq!(after(&campaign, &fixtures::lead(1), Outcome::InvalidNumber).state.name(), "failed");
}

#[test]
fn an_attempt_that_is_taken_back_leaves_the_turn_where_it_is() {
    let failed = after(&fixtures::campaign(), &with_numbers(2), Outcome::Failed);
    assert_eq!((failed.attempts, failed.next_number()), (0, &fixtures::number(1)));
    assert!(!failed.is_attempted);
}

#[test]
fn a_step_that_is_over_gives_way_to_the_one_that_follows_its_outcome() {
    let mut campaign = fixtures::campaign();
    campaign.spec.retry.max_attempts = 1;
    let later =
        Step { channel: Channel::Call, delay_minutes: 90, after: [InteractionStatus::NoAnswer].into() };
    let first = Step { channel: Channel::Call, delay_minutes: 0, after: std::collections::BTreeSet::new() };
    campaign.spec.cadence = Cadence::try_from(vec![first, later]).expect("a cadence");
    let next = after(&campaign, &fixtures::lead(1), Outcome::NoAnswer);
    assert_eq!((next.step, next.attempts, next.is_attempted), (1, 0, true));
    assert_eq!(next.state, LeadState::RetryScheduled { due_at: NOW.plus_ms(90 * MINUTE_MS) });
    assert_eq!(after(&campaign, &next, Outcome::NoAnswer).state, LeadState::Exhausted);
    assert_eq!(after(&campaign, &fixtures::lead(1), Outcome::Busy).state, LeadState::Exhausted);
}

#[test]
fn a_callback_is_kept_at_the_number_where_it_was_made() {
    let at = NOW.plus_ms(3 * 60 * MINUTE_MS);
    let callback = |at| CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let asked = lead_after(&end(&fixtures::campaign(), &with_numbers(2), &callback(at), &[]));
    assert_eq!(asked.state, LeadState::CallbackScheduled { due_at: at });
    assert_eq!(asked.next_number(), &fixtures::number(1));
    // Never so soon that a plan that found nothing would overlook it.
    let soon = lead_after(&end(&fixtures::campaign(), &with_numbers(2), &callback(NOW), &[]));
    assert_eq!(soon.state, LeadState::CallbackScheduled { due_at: NOW.plus_ms(SOONEST_MS) });
}

#[test]
fn a_moment_that_nobody_can_have_asked_for_is_an_unclear_wish() {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    let (active_attempt, _) = dialled(&lead);
    let recorded = Interaction::dialled(&active_attempt, NOW)
        .ended(&CallReport::bare(Outcome::Unheard, "no result"), NOW);
    let missed = after(&campaign, &lead, Outcome::Unheard);
    for (ahead_ms, is_kept) in [
        (-1, false),
        (MAX_CALLBACK_AHEAD_MS, true),
        (MAX_CALLBACK_AHEAD_MS + 1, false),
        (73 * 366 * DAY_MS, false),
        (i64::MAX, false),
    ] {
        let request = Some(PersonRequest::Callback { at: NOW.plus_ms(ahead_ms) });
        let report = CallReport { request, ..CallReport::bare(Outcome::Completed, "hangup") };
        let state = if is_kept { "callback_scheduled" } else { "skipped" };
        assert_eq!(lead_after(&end(&campaign, &lead, &report, &[])).state.name(), state, "{ahead_ms}");
        let late = OutcomeContext {
            now: NOW,
            attempt: &active_attempt.attempt,
            active_attempt: None,
            lead: Some(&missed),
            campaign: Some(&campaign),
            interaction: Some(&recorded),
            records: &[],
        };
        assert_eq!(
            lead_after(&decide(&late, CallUpdate::Ended(&report))).state.name(),
            state,
            "late, {ahead_ms}"
        );
    }
}

#[test]
fn a_moment_that_has_passed_since_the_call_is_now() {
    let lead = fixtures::lead(1);
    let (active_attempt, _) = dialled(&lead);
    let recorded = Interaction::dialled(&active_attempt, NOW)
        .ended(&CallReport::bare(Outcome::Unheard, "no result"), NOW);
    let missed = after(&fixtures::campaign(), &lead, Outcome::Unheard);
    let at = NOW.plus_ms(5 * MINUTE_MS);
    let now = NOW.plus_ms(60 * MINUTE_MS);
    let facts = OutcomeContext {
        now,
        attempt: &active_attempt.attempt,
        active_attempt: None,
        lead: Some(&missed),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&recorded),
        records: &[],
    };
    let report = CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let due_at = now.plus_ms(SOONEST_MS);
    assert_eq!(
        lead_after(&decide(&facts, CallUpdate::Ended(&report))).state,
        LeadState::CallbackScheduled { due_at }
    );
}

#[test]
fn a_request_never_to_be_called_puts_all_numbers_of_the_person_on_the_list() {
    let lead = with_numbers(2);
    let records: Vec<_> = lead.numbers.iter().cloned().map(NumberRecord::unknown).collect();
    let report = CallReport {
        request: Some(PersonRequest::DoNotCall),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    assert!(CallUpdate::Ended(&report).needs_records());
    let settlement = end(&fixtures::campaign(), &lead, &report, &records);
    assert_eq!(lead_after(&settlement).state, LeadState::Skipped { reason: SkipReason::DoNotCall });
    let listed = settlement.transaction.0.iter().filter(|write| matches!(write, Write::AddToDnc { .. }));
    assert_eq!(listed.count(), 2);
}

#[test]
fn what_nobody_can_read_rests_the_person_until_it_is_settled() {
    let (campaign, lead) = (fixtures::campaign(), with_numbers(2));
    let records: Vec<_> = lead.numbers.iter().cloned().map(NumberRecord::unknown).collect();
    let report = CallReport {
        request: Some(PersonRequest::Unclear),
        request_words: "only on Sundays".to_owned(),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let settlement = end(&campaign, &lead, &report, &records);
    assert_eq!(lead_after(&settlement).state, LeadState::Skipped { reason: SkipReason::UnclearWish });
    let listed = settlement.transaction.0.iter().filter_map(|write| match write {
        Write::AddToDnc { list, listing, .. } => Some((list.as_str(), listing.reason.as_deref())),
        _ => None,
    });
    assert_eq!(listed.collect::<Vec<_>>(), [("unclear_wishes", Some("only on Sundays")); 2]);
    assert!(records[0].listed(ListName::unclear_wishes(), listing()).suppressed_by(&[].into()).is_some());
}

#[test]
fn the_same_word_of_the_same_call_lists_nobody_again() {
    let lead = fixtures::lead(1);
    let (active_attempt, _) = dialled(&lead);
    let records = [NumberRecord::unknown(fixtures::number(1))];
    let report =
        |request| CallReport { request: Some(request), ..CallReport::bare(Outcome::Completed, "hangup") };
    let kept = PersonRequest::Unclear;
    let recorded = Interaction::dialled(&active_attempt, NOW).ended(&report(kept), NOW);
    let settled = after(&fixtures::campaign(), &lead, Outcome::Completed);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: None,
        lead: Some(&settled),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&recorded),
        records: &records,
    };
    assert_eq!(decide(&facts, CallUpdate::Ended(&report(kept))), Settlement::default());
    let stricter = decide(&facts, CallUpdate::Ended(&report(PersonRequest::DoNotCall)));
    assert_eq!(stricter.transaction.listed().count(), 1, "a stricter word of the same call counts");
}

fn listing() -> Listing {
    Listing { at: NOW, source: "call".into(), reason: None }
}

#[test]
fn a_call_is_charged_once_and_a_late_report_only_the_difference() {
    let lead = fixtures::lead(1);
    let (active_attempt, up) = dialled(&lead);
    let campaign = fixtures::campaign();
    let interaction = Interaction::dialled(&active_attempt, NOW);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: Some(&active_attempt),
        lead: Some(&up),
        campaign: Some(&campaign),
        interaction: Some(&interaction),
        records: &[],
    };
    let report = |outcome, cost| CallReport { cost_micros: Some(cost), ..CallReport::bare(outcome, "") };
    let charged = |settlement: &Settlement| {
        let micros = |write: &Write| match write {
            Write::Charge { micros, .. } => Some(*micros),
            _ => None,
        };
        settlement.transaction.0.iter().filter_map(micros).collect::<Vec<_>>()
    };
    assert_eq!(charged(&decide(&facts, CallUpdate::Ended(&report(Outcome::NoAnswer, 500)))), [500]);
    let recorded = interaction.ended(&report(Outcome::NoAnswer, 500), NOW);
    let late = OutcomeContext { active_attempt: None, interaction: Some(&recorded), ..facts };
    assert_eq!(charged(&decide(&late, CallUpdate::Ended(&report(Outcome::Completed, 700)))), [200]);
    assert_eq!(charged(&decide(&late, CallUpdate::Ended(&report(Outcome::NoAnswer, 700)))), [] as [i64; 0]);
}

#[test]
fn a_call_of_unknown_cost_is_charged_by_its_tariff_until_the_provider_says_more() {
    let lead = fixtures::lead(1);
    let (active_attempt, _) = dialled(&lead);
    let active_attempt = ActiveAttempt { price_micros: 120_000, ..active_attempt };
    let report = |outcome, duration_secs, cost_micros| CallReport {
        duration_secs,
        cost_micros,
        ..CallReport::bare(outcome, "")
    };
    let dialled = Interaction::dialled(&active_attempt, NOW);
    assert_eq!(dialled.ended(&report(Outcome::NoAnswer, 0, None), NOW).cost_micros, None);
    let ended = dialled.ended(&report(Outcome::Incomplete, 30, None), NOW);
    assert_eq!(ended.cost_micros, Some(60_000));
    let longer = ended.ended(&report(Outcome::Completed, 60, None), NOW);
    assert_eq!(longer.cost_micros, Some(120_000));
    let told = ended.ended(&report(Outcome::Completed, 60, Some(50_000)), NOW);
    assert_eq!(told.cost_micros, Some(50_000));
    assert_eq!(told.ended(&report(Outcome::Completed, 90, None), NOW).cost_micros, Some(50_000));
}

#[test]
fn a_call_that_was_never_made_counts_against_no_cap() {
    let lead = fixtures::lead(1);
    let (active_attempt, up) = dialled(&lead);
    let latest = crate::records::number_record::LatestAttempt {
        attempt: active_attempt.attempt.clone(),
        lead: lead.id.clone(),
    };
    let record = NumberRecord::unknown(fixtures::number(1)).called(latest, NOW);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: Some(&active_attempt),
        lead: Some(&up),
        campaign: Some(&fixtures::campaign()),
        interaction: None,
        records: std::slice::from_ref(&record),
    };
    let settlement = decide(&facts, CallUpdate::Placed(&Placement::Congested));
    let forgotten = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateNumber(record) => Some(crate::records::number_record::attempts([record])),
        _ => None,
    });
    assert_eq!(forgotten, Some(Vec::new()));
    assert_eq!(lead_after(&settlement).attempts, 0);
}

#[test]
fn a_call_for_which_we_came_too_late_leaves_everything_as_it_was() {
    let lead = fixtures::lead(1);
    let (active_attempt, up) = dialled(&lead);
    let interaction = Interaction::dialled(&active_attempt, NOW);
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: Some(&active_attempt),
        lead: Some(&up),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&interaction),
        records: &[],
    };
    let settlement = decide(&facts, CallUpdate::Placed(&Placement::TooLate));
    let after = lead_after(&settlement);
    assert_eq!((after.state, after.attempts), (LeadState::Pending, 0));
    let record = settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateInteraction { after, .. } => Some(after.refusal.clone()),
        _ => None,
    });
    assert_eq!(record, Some(Some(DialRefusal::SlotOver)));
    let counts = |write: &Write| match write {
        Write::Count { counters, .. } => !counters.is_empty(),
        Write::NoteFailure(_) => true,
        _ => false,
    };
    let counted: Vec<_> = settlement.transaction.0.iter().filter(|write| counts(write)).collect();
    assert!(counted.iter().all(|write| matches!(write, Write::Count { .. })), "{counted:?}");
    assert_eq!(settlement.effects, [Effect::HintPlanner]);
}

#[test]
fn a_callback_in_a_late_report_is_kept() {
    let missed = after(&fixtures::campaign(), &fixtures::lead(1), Outcome::Unheard);
    let (active_attempt, _) = dialled(&fixtures::lead(1));
    let recorded = Interaction::dialled(&active_attempt, NOW)
        .ended(&CallReport::bare(Outcome::Unheard, "no result"), NOW);
    let at = NOW.plus_ms(60 * MINUTE_MS);
    let report = CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "hangup")
    };
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: None,
        lead: Some(&missed),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&recorded),
        records: &[],
    };
    assert_eq!(
        lead_after(&decide(&facts, CallUpdate::Ended(&report))).state,
        LeadState::CallbackScheduled { due_at: at }
    );
}

#[test]
fn a_late_callback_is_kept_at_the_hours_of_the_number_at_which_it_was_made() {
    let mut lead = with_numbers(1);
    lead.profile.timezone = None;
    lead.numbers.push("+12125550123".parse().expect("a number"));
    let first = after(&fixtures::campaign(), &lead, Outcome::NoAnswer);
    let second = after(&fixtures::campaign(), &first, Outcome::Unheard);
    assert_eq!(second.zone.key(), "Europe/Berlin@DE", "the first number's turn again");
    let (active_attempt, _) = dialled(&first);
    let recorded =
        Interaction::dialled(&active_attempt, NOW).ended(&CallReport::bare(Outcome::Unheard, ""), NOW);
    let at = NOW.plus_ms(60 * MINUTE_MS);
    let report = CallReport {
        request: Some(PersonRequest::Callback { at }),
        ..CallReport::bare(Outcome::Completed, "")
    };
    let facts = OutcomeContext {
        now: NOW,
        attempt: &active_attempt.attempt,
        active_attempt: None,
        lead: Some(&second),
        campaign: Some(&fixtures::campaign()),
        interaction: Some(&recorded),
        records: &[],
    };
    assert_eq!(lead_after(&decide(&facts, CallUpdate::Ended(&report))).zone.key(), "America/New_York@US-NY");
}

/// What the record and the lead become of a call that the carrier takes for a machine, whichever is told first.
fn with_verdict(is_fax: bool, talk_secs: u32, is_verdict_first: bool) -> (Outcome, &'static str) {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    let report = CallReport { duration_secs: talk_secs, ..CallReport::bare(Outcome::Completed, "") };
    let verdict = CallUpdate::MachineDetected { is_fax };
    let updates = if is_verdict_first {
        [verdict, CallUpdate::Ended(&report)]
    } else {
        [CallUpdate::Ended(&report), verdict]
    };
    let (active_attempt, mut lead) = dialled(&lead);
    let mut record = Interaction::dialled(&active_attempt, NOW);
    let mut live = Some(&active_attempt);
    for update in updates {
        let facts = OutcomeContext {
            now: NOW,
            attempt: &active_attempt.attempt,
            active_attempt: live,
            lead: Some(&lead),
            campaign: Some(&campaign),
            interaction: Some(&record),
            records: &[],
        };
        let settlement = decide(&facts, update);
        if matches!(update, CallUpdate::Ended(_)) {
            live = None;
        }
        for write in settlement.transaction.0 {
            match write {
                Write::UpdateLead { after, .. } => lead = after,
                Write::UpdateInteraction { after, .. } => record = after,
                _ => {}
            }
        }
    }
    let Some(AttemptOutcome::Call(outcome)) = record.outcome else { panic!("no call: {record:?}") };
    assert_eq!(lead.last.and_then(|last| last.outcome), Some(outcome.into()), "they never disagree");
    (outcome, lead.state.name())
}

#[test]
fn a_verdict_of_a_machine_undoes_no_long_talk_and_a_fax_is_not_called_again() {
    for is_verdict_first in [true, false] {
        assert_eq!(with_verdict(false, 180, is_verdict_first), (Outcome::Completed, "completed"));
        assert_eq!(with_verdict(true, 180, is_verdict_first), (Outcome::Completed, "completed"));
    }
    assert_eq!(with_verdict(false, 10, true), (Outcome::Voicemail, "retry_scheduled"));
    assert_eq!(with_verdict(false, 10, false), (Outcome::Completed, "completed"));
    assert_eq!(with_verdict(true, 10, true), (Outcome::InvalidNumber, "failed"));
}
