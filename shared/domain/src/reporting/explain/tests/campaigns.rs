//! Why campaigns are not calling.

use std::collections::BTreeSet;

use super::*;

fn zone() -> Zone {
    fixtures::lead(1).zone
}

fn population(due: usize) -> Population {
    Population { zone: Some(zone()), due, is_more: false, next_due_at: None }
}

fn counters(leads: i64, completed: i64) -> Counters {
    let mut counters = Counters::default();
    counters.add(Counter::Leads, leads);
    counters.add(Counter::Completed, completed);
    counters
}

fn told(snapshot: &PlanningSnapshot) -> CampaignExplanation {
    campaign(snapshot, &snapshot.campaigns[0], &counters(10, 0), &[population(10)])
}

#[test]
fn a_campaign_that_calls_has_nothing_to_explain() {
    let told = told(&snapshot());
    assert!(told.is_calling_now && told.reasons.is_empty());
    assert_eq!(told.next_possible_at, Some(NOW));
    assert_eq!(told.zones[0].open_until, Some(NOW.plus_ms(6 * HOUR_MS)));
    assert_eq!((told.zones[0].opens_at, &told.zones[0].closed, told.zones[0].due), (None, &None, 10));
    assert_eq!(told.slots, Use { limit: 5, held: 0 });
    assert_eq!((told.slots.free(), told.numbers[0].rate_per_minute), (5, Some(10)));
}

#[test]
fn who_holds_the_slots_is_counted_by_campaign() {
    let mut snapshot = snapshot();
    let other = CampaignId::new(NOW, [9; 10]);
    snapshot.active_attempts = (1..6).map(|n| talking(&fixtures::lead(n))).collect();
    snapshot.active_attempts[0].campaign = other.clone();
    // Takes none of our slots.
    snapshot.active_attempts.push(ActiveAttempt { cause: DialCause::Inbound, ..talking(&fixtures::lead(7)) });
    snapshot.workspace.concurrent_limit = 5;
    let told = told(&snapshot);
    assert_eq!(codes(&told.reasons), [ReasonCode::WorkspaceFull]);
    assert_eq!(told.capacity.workspace, Use { limit: 5, held: 5 });
    let held: Vec<_> = told.capacity.campaigns.into_iter().collect();
    assert_eq!(held, [(fixtures::campaign_id(), 4), (other, 1)]);
    assert_eq!((told.slots.held, told.numbers[0].in_flight), (4, 5));
    assert_eq!(told.next_possible_at, Some(NOW), "as soon as one of them ends");
}

#[test]
fn a_campaign_that_ramps_up_shows_its_limit_of_now() {
    let mut snapshot = snapshot();
    snapshot.campaigns[0].campaign.spec.ramp_up_minutes = 60;
    let told = told(&snapshot);
    assert!(told.slots.limit < 5, "{:?}", told.slots);
}

#[test]
fn closed_zones_say_when_they_open_and_why_they_are_closed() {
    let evening = at(&snapshot(), NOW.plus_ms(8 * HOUR_MS));
    let told = told(&evening);
    assert_eq!(codes(&told.reasons), [ReasonCode::OutsideHours]);
    let opens_at = NOW.plus_ms(21 * HOUR_MS + MAX_SKEW_MS);
    assert_eq!((told.zones[0].open_until, told.zones[0].opens_at), (None, Some(opens_at)));
    assert!(told.zones[0].closed.is_some());
    assert_eq!(told.next_possible_at, Some(opens_at));
    // An open zone in which nobody waits is of no use.
    let mut wide = evening;
    wide.campaigns[0].zones.push(Tz::America__New_York.into());
    let only_berlin = campaign(&wide, &wide.campaigns[0], &counters(10, 0), &[population(10)]);
    assert_eq!(codes(&only_berlin.reasons), [ReasonCode::OutsideHours]);
    let there = Population { zone: Some(Tz::America__New_York.into()), ..population(1) };
    assert!(campaign(&wide, &wide.campaigns[0], &counters(10, 0), &[population(10), there]).is_calling_now);
}

#[test]
fn a_campaign_without_anybody_to_call_says_so() {
    let snapshot = snapshot();
    let told = |counters: &Counters, crowds: &[Population]| {
        let told = campaign(&snapshot, &snapshot.campaigns[0], counters, crowds);
        assert!(!told.is_calling_now);
        (codes(&told.reasons), told.next_possible_at)
    };
    assert_eq!(told(&counters(0, 0), &[]), (vec![ReasonCode::NoLeads], None));
    assert_eq!(told(&counters(3, 3), &[population(0)]), (vec![ReasonCode::AllSettled], None));
    let next_due_at = Some(NOW.plus_ms(HOUR_MS));
    let waiting = Population { next_due_at, ..population(0) };
    assert_eq!(
        told(&counters(3, 1), std::slice::from_ref(&waiting)),
        (vec![ReasonCode::NobodyDue], next_due_at)
    );
    assert_eq!(told(&counters(3, 1), &[population(0)]), (vec![ReasonCode::NobodyDue], Some(NOW)));
    let callback = Population { zone: None, ..population(1) };
    assert!(campaign(&snapshot, &snapshot.campaigns[0], &counters(3, 1), &[callback]).is_calling_now);
}

#[test]
fn a_campaign_that_is_held_back_says_by_what() {
    let mut paused = snapshot();
    paused.campaigns[0].campaign.status = CampaignStatus::Paused { reason: PauseReason::LowCredits };
    paused.campaigns[0].numbers.clear();
    let told_of = told(&paused);
    assert_eq!(codes(&told_of.reasons), [ReasonCode::CampaignNotRunning, ReasonCode::NoCallerNumber]);
    assert_eq!(told_of.reasons[0].cause, Cause::NotRunning(NotRunning::Paused(PauseReason::LowCredits)));
    assert_eq!(told_of.next_possible_at, None);

    let mut scheduled = snapshot();
    let start_at = NOW.plus_ms(8 * HOUR_MS);
    scheduled.campaigns[0].campaign.status = CampaignStatus::Scheduled { start_at };
    let told_of = told(&scheduled);
    assert_eq!(codes(&told_of.reasons), [ReasonCode::CampaignNotRunning]);
    assert_eq!(told_of.next_possible_at, Some(NOW.plus_ms(21 * HOUR_MS + MAX_SKEW_MS)));

    let mut low = snapshot();
    low.credits = Some(Credits { topped_up_micros: 0, spent_micros: 1 });
    low.workspace.low_credits_micros = Some(0);
    assert_eq!(codes(&told(&low).reasons), [ReasonCode::LowCredits]);

    let mut over = snapshot();
    let end = Some("2026-11-22".parse().expect("a date"));
    over.campaigns[0].campaign.spec.period = Period::new(None, end).expect("a period");
    assert_eq!(codes(&told(&over).reasons), [ReasonCode::PeriodOver]);
    assert!(planning::due_queries(&over, NOW, &BTreeSet::new()).contending.is_empty(), "the planner agrees");
}
