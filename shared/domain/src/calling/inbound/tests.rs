//! Whose a call that comes in is, and what it leaves behind.

use super::*;
use crate::base::call::MAX_CALLBACK_AHEAD_MS;
use crate::base::call::{CallReport, Outcome, PersonRequest};
use crate::base::time::{DAY_MS, MINUTE_MS};
use crate::calling::outcome::{self, CallUpdate, OutcomeContext};
use crate::fixtures::{self, NOW};
use crate::records::active_attempt::{ActiveAttemptEvent, ActiveAttemptNext, INBOUND_MAX_AGE_MS};
use crate::records::campaign::CampaignStatus;
use crate::records::campaign::PauseReason;
use crate::records::counters::Counter;
use crate::records::counters::Counters;
use crate::records::interaction::{Direction, StartedBy};
use crate::records::lead::Profile;
use crate::records::lead::{LeadNumber, LeadState, SkipReason};
use crate::records::number_record::NumberRecord;
use crate::reporting::invariants;

fn caller() -> E164 {
    fixtures::number(1)
}

fn answer_with(lead: &Lead, active_attempts: &[ActiveAttempt]) -> Inbound {
    let (attempt, campaign, called) =
        (fixtures::attempt(5), fixtures::campaign(), fixtures::caller_number(1));
    answer(&InboundContext {
        at: NOW,
        attempt: &attempt,
        caller: &caller(),
        called: &called,
        lead,
        campaign: &campaign,
        active_attempts,
        price_micros: 0,
    })
}

/// A call of this lead's person that is up: its active attempt and its record.
fn open(lead: &Lead) -> (ActiveAttempt, Interaction) {
    let Inbound::Open(Settlement { transaction, .. }) = answer_with(lead, &[]) else {
        panic!("nobody is on a line")
    };
    let [Write::Claim(active_attempt), Write::OpenInteraction(interaction)] = transaction.0.as_slice() else {
        panic!("active attempt and record: {transaction:?}");
    };
    (active_attempt.clone(), interaction.clone())
}

fn report(outcome: Outcome, request: Option<PersonRequest>) -> CallReport {
    CallReport { request, duration_secs: 30, ..CallReport::bare(outcome, "over") }
}

fn end(
    lead: &Lead,
    active_attempt: Option<&ActiveAttempt>,
    interaction: &Interaction,
    report: &CallReport,
) -> Settlement {
    end_in(&fixtures::campaign(), lead, active_attempt, interaction, report)
}

fn end_in(
    campaign: &Campaign,
    lead: &Lead,
    active_attempt: Option<&ActiveAttempt>,
    interaction: &Interaction,
    report: &CallReport,
) -> Settlement {
    outcome::decide(
        &OutcomeContext {
            now: NOW.plus_ms(MINUTE_MS),
            attempt: &fixtures::attempt(5),
            active_attempt,
            lead: Some(lead),
            campaign: Some(campaign),
            interaction: Some(interaction),
            records: &[NumberRecord::unknown(caller())],
        },
        CallUpdate::Ended(report),
    )
}

fn lead_of(settlement: &Settlement) -> Option<&Lead> {
    settlement.transaction.0.iter().find_map(|write| match write {
        Write::UpdateLead { after, .. } => Some(after),
        _ => None,
    })
}

/// What is counted; in one write, because a transaction may touch an item once only.
fn tally_of(settlement: &Settlement) -> Counters {
    let counts = settlement.transaction.0.iter().filter(|write| matches!(write, Write::Count { .. }));
    assert!(counts.count() <= 1);
    let mut sum = Counters::default();
    for write in &settlement.transaction.0 {
        if let Write::Count { counters, .. } = write {
            sum.merge(counters);
        }
    }
    sum
}

fn retrying() -> Lead {
    let due_at = NOW.plus_ms(30 * MINUTE_MS);
    Lead { state: LeadState::RetryScheduled { due_at }, attempts: 1, ..fixtures::lead(1) }
}

#[test]
fn a_call_that_comes_in_is_the_persons_live_attempt_and_takes_no_slot() {
    let mut lead = retrying();
    lead.numbers = vec![LeadNumber::new(fixtures::number(2))];
    let (active_attempt, interaction) = open(&lead);
    assert_eq!((active_attempt.cause, active_attempt.holds_slot()), (DialCause::Inbound, false));
    assert_eq!(active_attempt.person, [fixtures::number(2), caller()]);
    assert_eq!(interaction.direction, Direction::Inbound);
    assert_eq!(interaction.started_by, StartedBy::Inbound);
    assert_eq!(interaction.number, Some(caller()));
    let ours = fixtures::active_attempt(2);
    assert!(
        invariants::one_live_attempt([&active_attempt, &ours]).is_err(),
        "nobody dials the person meanwhile"
    );
}

#[test]
fn what_is_only_chosen_is_taken_back_and_what_is_up_is_joined() {
    let lead = retrying();
    let chosen = fixtures::claimed(&lead, NOW);
    assert_eq!(answer_with(&lead, std::slice::from_ref(&chosen)), Inbound::TakeBack(vec![chosen.clone()]));
    let by = ActiveAttemptEvent::Dial { by: "run".to_owned() };
    let Ok(ActiveAttemptNext::Become(state)) = chosen.on(&by, NOW) else { panic!("its slot has come") };
    assert_eq!(answer_with(&lead, &[ActiveAttempt { state, ..chosen }]), Inbound::Join);
    assert_eq!(answer_with(&lead, &[open(&lead).0]), Inbound::Known);
}

#[test]
fn an_answered_call_settles_a_lead_that_waits() {
    let lead = retrying();
    let (active_attempt, interaction) = open(&lead);
    for outcome in [Outcome::Completed, Outcome::Incomplete] {
        let settlement = end(&lead, Some(&active_attempt), &interaction, &report(outcome, None));
        let after = lead_of(&settlement).expect("the lead follows");
        assert_eq!((&after.state, after.attempts), (&LeadState::Completed, 1));
        let counters = tally_of(&settlement);
        let changed = [Counter::RetryScheduled, Counter::Completed, Counter::Ended(outcome), Counter::Placed];
        assert_eq!(changed.map(|counter| counters.get(counter)), [-1, 1, 1, 0]);
        assert_eq!(counters.answer_rate(), None, "they called");
        assert!(matches!(settlement.transaction.0.first(), Some(Write::RemoveActiveAttempt { .. })));
        assert_eq!(settlement.effects, [Effect::HintPlanner]);
    }
    for outcome in [Outcome::Voicemail, Outcome::Error, Outcome::Unheard] {
        let settlement = end(&lead, Some(&active_attempt), &interaction, &report(outcome, None));
        assert_eq!(lead_of(&settlement), None, "{outcome:?}");
        let has_failed =
            settlement.transaction.0.iter().any(|write| matches!(write, Write::NoteFailure { .. }));
        assert!(!has_failed, "no breaker of ours heard of it");
    }
}

#[test]
fn a_settled_lead_stays_and_one_in_a_call_of_ours_has_nothing_to_go_back_to() {
    let (active_attempt, interaction) = open(&retrying());
    let talked = report(Outcome::Completed, None);
    for state in [LeadState::Completed, LeadState::Exhausted, LeadState::Failed] {
        let lead = Lead { state, ..retrying() };
        assert_eq!(lead_of(&end(&lead, Some(&active_attempt), &interaction, &talked)), None);
    }
    let dialled = retrying().dialled(&fixtures::claimed(&retrying(), NOW), NOW);
    let settlement = end(&dialled, None, &interaction, &talked);
    let after = lead_of(&settlement).expect("the lead follows");
    let LeadState::InProgress { attempt, before } = &after.state else { panic!("{after:?}") };
    assert_eq!((attempt, before.as_ref()), (&fixtures::attempt(9), &LeadState::Completed));
    assert_eq!(tally_of(&settlement).get(Counter::RetryScheduled), -1);
    let request = Some(PersonRequest::DoNotCall);
    assert_eq!(lead_of(&end(&dialled, None, &interaction, &report(Outcome::Completed, request))), None);
}

#[test]
fn requests_hold_as_in_any_call() {
    let lead = retrying();
    let (active_attempt, interaction) = open(&lead);
    let refused = report(Outcome::Completed, Some(PersonRequest::DoNotCall));
    let settlement = end(&lead, Some(&active_attempt), &interaction, &refused);
    let skipped = LeadState::Skipped { reason: SkipReason::DoNotCall };
    assert_eq!(lead_of(&settlement).map(|lead| &lead.state), Some(&skipped));
    assert!(settlement.transaction.0.iter().any(|write| matches!(write, Write::AddToDnc { .. })));
    let at = NOW.plus_ms(90 * MINUTE_MS);
    for state in [lead.state.clone(), LeadState::Completed] {
        let lead = Lead { state, ..lead.clone() };
        let asked = report(Outcome::Completed, Some(PersonRequest::Callback { at }));
        let settlement = end(&lead, Some(&active_attempt), &interaction, &asked);
        let due = LeadState::CallbackScheduled { due_at: at };
        assert_eq!(lead_of(&settlement).map(|lead| &lead.state), Some(&due));
    }
    let beyond = NOW.plus_ms(MAX_CALLBACK_AHEAD_MS + DAY_MS);
    let slip = report(Outcome::Completed, Some(PersonRequest::Callback { at: beyond }));
    let settlement = end(&lead, Some(&active_attempt), &interaction, &slip);
    let unclear = LeadState::Skipped { reason: SkipReason::UnclearWish };
    assert_eq!(lead_of(&settlement).map(|lead| &lead.state), Some(&unclear));
}

#[test]
fn a_callback_opens_a_campaign_that_had_completed_and_is_open_in_one_that_is_cancelled() {
    let lead = Lead { state: LeadState::Completed, ..fixtures::lead(1) };
    let (active_attempt, interaction) = open(&lead);
    let asked = report(Outcome::Completed, Some(PersonRequest::Callback { at: NOW.plus_ms(DAY_MS) }));
    let end = |status| {
        let campaign = Campaign { status, ..fixtures::campaign() };
        let settlement = end_in(&campaign, &lead, Some(&active_attempt), &interaction, &asked);
        let opens =
            |write: &Write| matches!(write, Write::UpdateCampaign { after, .. } if after.status.is_running());
        let state = lead_of(&settlement).map(|lead| lead.state.name());
        (state, settlement.transaction.0.iter().any(opens))
    };
    let waits = Some("callback_scheduled");
    assert_eq!(end(CampaignStatus::Completed), (waits, true));
    assert_eq!(end(CampaignStatus::Paused { reason: PauseReason::Requested }), (waits, false));
    assert_eq!(end(CampaignStatus::Cancelled), (Some("skipped"), false));
}

#[test]
fn who_calls_from_another_number_is_called_back_there() {
    let numbers = vec!["+12125550123".parse().expect("a number"), caller()];
    let numbers = numbers.into_iter().map(LeadNumber::new).collect();
    let lead = Lead { numbers, state: LeadState::Completed, ..fixtures::lead(1) };
    let lead = Lead { profile: Profile { timezone: None, ..lead.profile.clone() }, ..lead };
    let (active_attempt, interaction) = open(&lead);
    let asked = report(Outcome::Completed, Some(PersonRequest::Callback { at: NOW.plus_ms(DAY_MS) }));
    let settlement = end(&lead, Some(&active_attempt), &interaction, &asked);
    let after = lead_of(&settlement).expect("it waits");
    assert_eq!(after.next_number(), &caller());
    assert_eq!(after.zone.key(), "Europe/Berlin@DE", "at the hours and under the law of that number");
}

#[test]
fn the_same_end_twice_counts_once_and_a_better_word_may_come_late() {
    let lead = retrying();
    let (_, interaction) = open(&lead);
    let unheard = interaction.ended(&report(Outcome::Unheard, None), NOW);
    let settlement = end(&lead, None, &unheard, &report(Outcome::Completed, None));
    assert_eq!(lead_of(&settlement).map(|lead| &lead.state), Some(&LeadState::Completed));
    let counters = tally_of(&settlement);
    let ended = [Outcome::Unheard, Outcome::Completed].map(|outcome| counters.get(Counter::Ended(outcome)));
    assert_eq!(ended, [-1, 1]);
    let talked = interaction.ended(&report(Outcome::Completed, None), NOW);
    assert_eq!(end(&lead, None, &talked, &report(Outcome::Completed, None)), Settlement::default());
}

#[test]
fn silence_is_asked_about_and_ends_within_the_hour() {
    let (mut active_attempt, _) = open(&retrying());
    let on = |active_attempt: &ActiveAttempt, event, age_ms| {
        active_attempt.on(&event, NOW.plus_ms(age_ms)).expect("it is up")
    };
    let ActiveAttemptNext::Ask(state) = on(&active_attempt, ActiveAttemptEvent::Clock, LEASE_MS + 1) else {
        panic!("silent")
    };
    active_attempt.state = state;
    assert_eq!(on(&active_attempt, ActiveAttemptEvent::NotFound, 30 * MINUTE_MS), ActiveAttemptNext::Stay);
    assert!(matches!(
        on(&active_attempt, ActiveAttemptEvent::StillUp, 30 * MINUTE_MS),
        ActiveAttemptNext::Become(_)
    ));
    assert_eq!(
        on(&active_attempt, ActiveAttemptEvent::Clock, INBOUND_MAX_AGE_MS + 1),
        ActiveAttemptNext::GiveUp
    );
}
