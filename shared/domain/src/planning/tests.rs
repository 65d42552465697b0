//! Plans of small snapshot.

mod messages;

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::*;
use crate::base::channel::Channel;
use crate::base::ids::{CampaignId, LeadId};
use crate::base::interaction_status::InteractionStatus;
use crate::base::time::{HOUR_MS, MAX_SKEW_MS, MINUTE_MS, Timestamp};
use crate::base::zone::Zone;
use crate::fixtures::{self, NOW, snapshot};
use crate::policy::hours::HoursZone;
use crate::policy::tariff::Tariff;
use crate::records::active_attempt::{
    ActiveAttempt, ActiveAttemptState, CallRequest, DialCause, MAX_WAIT_MS,
};
use crate::records::campaign::{CampaignStatus, Command, PauseReason};
use crate::records::lead::{DueClass, Lead, LeadNumber, LeadState};
use crate::transaction::{Transaction, Write};

fn berlin() -> Zone {
    fixtures::lead(1).zone
}

fn empty(mut snapshot: PlanningSnapshot) -> PlanningSnapshot {
    for class in DueClass::ALL {
        let zone = berlin();
        let zone = class.is_by_zone().then_some(&zone);
        snapshot.empty_partitions.note(&fixtures::campaign_id(), class, zone, None, snapshot.now);
    }
    snapshot
}

fn at(now: Timestamp) -> PlanningSnapshot {
    PlanningSnapshot { now, ..snapshot() }
}

fn chosen(snapshot: &PlanningSnapshot, leads: &[Lead]) -> Plan {
    let candidates = Candidates { leads: leads.to_vec(), ..Candidates::default() };
    choose(snapshot, &due_queries(snapshot, Timestamp::default(), &BTreeSet::new()), &candidates, &mut || {
        [7; 10]
    })
}

fn claims(snapshot: &PlanningSnapshot, leads: &[Lead]) -> usize {
    chosen(snapshot, leads).claims.len()
}

fn asked_for(lead: &Lead) -> ActiveAttempt {
    ActiveAttempt { cause: DialCause::Manual, ..fixtures::claimed(lead, NOW) }
}

#[test]
fn a_claim_carries_the_price_of_its_country() {
    let mut snapshot = snapshot();
    let tariff = |country: Option<&str>, micros| Tariff {
        channel: Channel::Call,
        country: country.map(|it| it.parse().expect("a country")),
        micros,
    };
    snapshot.workspace.tariffs = vec![tariff(None, 9), tariff(Some("DE"), 5)];
    let plan = chosen(&snapshot, &[fixtures::lead(1)]);
    assert_eq!(plan.claims[0].active_attempt.price_micros, 5);
}

#[test]
fn a_plan_comes_back_to_what_it_could_not_use() {
    assert_eq!(wake_at(&snapshot(), None), Some(NOW.plus_ms(LOOK_AGAIN_MS)));
    assert_eq!(wake_at(&empty(snapshot()), None), Some(NOW.plus_ms(MINUTE_MS)));
}

#[test]
fn plans_leave_the_partition_of_what_is_in_flight_the_greater_part_of_its_units() {
    // A strong read of 4 KB is a unit, and an attempt is some 350 bytes.
    let units_a_second =
        |count: usize| count as f64 * 350.0 / 4_096.0 * 1_000.0 / collects_ms(count).max(1) as f64;
    assert_eq!((collects_ms(0), collects_ms(50), collects_ms(100)), (0, 0, 0), "nobody waits");
    assert!((101..3_000).all(|count| units_a_second(count) < 650.0));
    assert!(units_a_second(10_000) < 1_800.0);
    assert!(collects_ms(usize::MAX) < 1_000, "a slot is not idle for long");
}

#[test]
fn a_workspace_rests_only_while_nobody_is_due_and_somebody_waits() {
    let until = Some(NOW.plus_ms(MINUTE_MS));
    let mut waiting = empty(snapshot());
    let (id, head) = (fixtures::campaign_id(), Some(NOW.plus_ms(HOUR_MS)));
    assert_eq!(rests_until(&waiting, until), None, "it may be finished");
    waiting.empty_partitions.note(&id, DueClass::Retry, Some(&berlin()), head, NOW);
    assert_eq!(rests_until(&waiting, until), until);
    assert_eq!(rests_until(&waiting, Some(NOW)), None, "there is more to do now");
    assert!(waiting.empty_partitions.is_awaited(&id, NOW, Timestamp::default()));
    assert!(!waiting.empty_partitions.is_awaited(&id, NOW, NOW), "work was added since");
    assert!(!waiting.empty_partitions.is_awaited(&id, NOW.plus_ms(MINUTE_MS), Timestamp::default()));

    let mut due = snapshot();
    due.empty_partitions.note(&id, DueClass::Retry, Some(&berlin()), head, NOW);
    assert_eq!(rests_until(&due, until), None, "somebody may be due elsewhere");
    let request = asked_for(&fixtures::lead(1)).request().expect("asked for");
    let asked = PlanningSnapshot { requests: vec![request], ..waiting.clone() };
    assert_eq!(rests_until(&asked, until), None, "a call by hand waits for a slot");
    waiting.campaigns[0].campaign.status = CampaignStatus::Completing;
    assert_eq!(rests_until(&waiting, until), None, "the last end finishes it");
}

#[test]
fn a_plan_comes_back_for_a_slot_that_is_far_ahead() {
    let mut slow = snapshot();
    slow.campaigns[0].numbers[0].rate_limit_per_minute = Some(2);
    slow.rate_states = chosen(&slow, &[fixtures::lead(1)]).rate_states;
    let next_slot = slow.rate_states.numbers[&fixtures::caller_number(1).id].next_at;
    assert!(next_slot.since_ms(NOW) > crate::policy::rate_limit::HORIZON_MS);
    assert!(due_queries(&slow, Timestamp::default(), &BTreeSet::new()).places.is_empty());
    assert_eq!(wake_at(&slow, None), Some(next_slot));
}

#[test]
fn a_plan_comes_back_for_a_call_that_waits_and_gives_it_up_in_time() {
    let request = asked_for(&fixtures::lead(1)).request().expect("asked for");
    let waiting = |requested_at| PlanningSnapshot {
        requests: vec![CallRequest { requested_at, ..request.clone() }],
        ..empty(snapshot())
    };
    assert_eq!(wake_at(&waiting(NOW), None), Some(NOW.plus_ms(LOOK_AGAIN_MS)));
    let long_ago = NOW.plus_ms(-MAX_WAIT_MS + 1_000);
    assert_eq!(wake_at(&waiting(long_ago), None), Some(NOW.plus_ms(1_001)));
}

#[test]
fn nobody_is_claimed_so_close_to_an_edge_that_a_clock_could_miss_it() {
    let lead = fixtures::lead(1);
    // Monday in Berlin: 09:00 to 18:00.
    let (opens, closes) = (NOW.plus_ms(-3 * HOUR_MS), NOW.plus_ms(6 * HOUR_MS));
    let claimed = |now| claims(&at(now), std::slice::from_ref(&lead));
    assert_eq!(claimed(opens.plus_ms(MAX_SKEW_MS - 1)), 0);
    assert_eq!(claimed(opens.plus_ms(MAX_SKEW_MS)), 1);
    let margin_ms = crate::policy::rate_limit::SLOT_WINDOW_MS + MAX_SKEW_MS + crate::base::timing::MAX_WAY_MS;
    assert_eq!(claimed(closes.plus_ms(-margin_ms - 1)), 1);
    assert_eq!(claimed(closes.plus_ms(-margin_ms)), 0);
}

#[test]
fn a_plan_wakes_when_its_zone_opens_on_every_clock() {
    let (opens, closes) = (NOW.plus_ms(-3 * HOUR_MS), NOW.plus_ms(6 * HOUR_MS));
    let wakes = |now| wake_at(&at(now), None);
    assert_eq!(wakes(opens.plus_ms(-HOUR_MS)), Some(opens.plus_ms(MAX_SKEW_MS)));
    assert_eq!(wakes(opens), Some(opens.plus_ms(MAX_SKEW_MS)));
    assert_eq!(wakes(closes.plus_ms(-1)), Some(opens.plus_ms(24 * HOUR_MS + MAX_SKEW_MS)));
}

#[test]
fn a_call_that_was_asked_for_waits_again_if_nobody_dials_it_or_its_claim_is_not_written() {
    let active_attempt = asked_for(&fixtures::lead(1));
    let [Write::RemoveActiveAttempt { .. }, Write::PutRequest(request)] =
        &Transaction::release_claim(&active_attempt).0[..]
    else {
        panic!("the active attempt goes and the request comes back");
    };
    assert_eq!((&request.attempt, &request.lead), (&active_attempt.attempt, &active_attempt.lead));
    assert_eq!(Transaction::release_claim(&fixtures::active_attempt(1)).0.len(), 1);

    let mut planned = PlanningSnapshot { requests: vec![request.clone()], ..snapshot() };
    let plan = chosen(&planned, &[fixtures::lead(1)]);
    assert_eq!(plan.claims.len(), 1);
    planned.take_in(&plan);
    assert_eq!((planned.requests.len(), planned.active_attempts.len()), (0, 1));
    planned.give_back(&plan, &[plan.claims[0].active_attempt.clone()]);
    assert_eq!((planned.requests.len(), planned.active_attempts.len()), (0, 1));
    planned.give_back(&plan, &[]);
    assert_eq!((&planned.requests[0].attempt, planned.active_attempts.len()), (&request.attempt, 0));
}

#[test]
fn one_person_is_claimed_once_whichever_of_their_numbers_is_asked_for() {
    let mut known = fixtures::lead(1);
    known.numbers.push(LeadNumber::new(fixtures::number(2)));
    let other = fixtures::lead(2);
    assert_eq!(claims(&snapshot(), &[known.clone(), other.clone()]), 1);
    let mut flying = snapshot();
    flying.active_attempts.push(ActiveAttempt {
        state: ActiveAttemptState::Claimed { dial_at: NOW, until: NOW },
        ..fixtures::claimed(&known, NOW)
    });
    assert_eq!(claims(&flying, &[other]), 0);
}

#[test]
fn a_campaign_that_may_not_start_yet_is_not_tried_without_a_pause() {
    let scheduled = |ahead_ms| {
        let mut snapshot = snapshot();
        snapshot.campaigns[0].campaign.status = CampaignStatus::Scheduled { start_at: NOW.plus_ms(ahead_ms) };
        wake_at(&snapshot, None)
    };
    assert_eq!(scheduled(HOUR_MS), Some(NOW.plus_ms(HOUR_MS)));
    for overdue_ms in [0, 1, HOUR_MS] {
        assert_eq!(scheduled(-overdue_ms), Some(NOW.plus_ms(MINUTE_MS)), "{overdue_ms}");
    }
}

#[test]
fn one_who_can_never_be_called_makes_room_for_those_behind() {
    let mut snapshot = snapshot();
    snapshot.campaigns[0].campaign.spec.hours_zone = HoursZone::Campaign;
    // Office hours in Berlin are night in Honolulu.
    let lead = Lead {
        zone: Tz::Pacific__Honolulu.into(),
        state: LeadState::CallbackScheduled { due_at: NOW.plus_ms(-MINUTE_MS) },
        ..fixtures::lead(1)
    };
    let plan = chosen(&snapshot, std::slice::from_ref(&lead));
    let [revision] = &plan.revised[..] else { panic!("it is put off") };
    assert!(!revision.after.is_due(NOW.plus_ms(HOUR_MS)));
}

#[test]
fn a_call_by_hand_leaves_the_slots_of_its_campaign_alone() {
    let mut snapshot = snapshot();
    snapshot.campaigns[0].campaign.spec.rate_limit_per_minute = Some(20);
    snapshot.campaigns[0].numbers[0].reserved_per_minute = Some(1);
    let next_at = |plan: &Plan| {
        plan.rate_states.campaigns.get(&fixtures::campaign_id()).map(|rate_state| rate_state.next_at)
    };
    snapshot.rate_states = chosen(&snapshot, &[fixtures::lead(1), fixtures::lead(2)]).rate_states;
    let before = snapshot.rate_states.campaigns[&fixtures::campaign_id()].next_at;
    snapshot.requests = vec![asked_for(&fixtures::lead(3)).request().expect("asked for")];
    let plan = chosen(&snapshot, &[fixtures::lead(3)]);
    assert_eq!((plan.claims.len(), next_at(&plan)), (1, Some(before)));
}

#[test]
fn a_campaign_that_completes_is_looked_at_until_it_has() {
    let mut snapshot = snapshot();
    snapshot.campaigns[0].campaign.status = CampaignStatus::Completing;
    assert_eq!(wake_at(&snapshot, None), Some(NOW.plus_ms(MINUTE_MS)));
}

/// A campaign of a higher class whose only lead talks to somebody, and one with a lead of its own.
fn one_is_stuck() -> (PlanningSnapshot, Lead, Lead) {
    let mut snapshot = snapshot();
    snapshot.campaigns[0].campaign.spec.priority = 9;
    snapshot.campaigns[0].campaign.spec.concurrent_limit = 2;
    let mut other = snapshot.campaigns[0].clone();
    other.campaign.id = CampaignId::new(NOW, [5; 10]);
    other.campaign.spec.priority = 1;
    snapshot.workspace.concurrent_limit = 2;
    let (stuck, mut free) = (fixtures::lead(1), fixtures::lead(2));
    free.id = LeadId::derive(&other.campaign.id, &free.numbers[0].number);
    let on_the_line = ActiveAttempt { campaign: other.campaign.id.clone(), ..fixtures::claimed(&stuck, NOW) };
    snapshot.active_attempts = vec![ActiveAttempt {
        lead: LeadId::derive(&other.campaign.id, &stuck.numbers[0].number),
        ..on_the_line
    }];
    snapshot.campaigns.push(other);
    (snapshot, stuck, free)
}

#[test]
fn who_cannot_be_called_stands_in_nobodys_way() {
    let (snapshot, stuck, free) = one_is_stuck();
    let mut round = Round::default();
    let mut claimed = Vec::new();
    let mut looked_into = Vec::new();
    while let Some(due_queries) = round.next(&snapshot, Timestamp::default()) {
        let wanted: Vec<_> = due_queries.places.iter().map(|place| place.campaign.clone()).collect();
        let due = [&stuck, &free].into_iter().filter(|lead| wanted.contains(&lead.id.campaign()));
        let leads = due.filter(|lead| !round.passed_over().contains(&lead.id)).cloned().collect();
        let candidates = Candidates { leads, ..Candidates::default() };
        let plan = choose(&snapshot, &due_queries, &candidates, &mut || [7; 10]);
        round.note(&snapshot, &due_queries, &candidates, &plan);
        looked_into.push(wanted[0].clone());
        claimed.extend(plan.claims.into_iter().map(|claim| claim.active_attempt.lead));
        if !claimed.is_empty() {
            break;
        }
    }
    assert_eq!(claimed, [free.id]);
    assert_eq!(round.passed_over().iter().collect::<Vec<_>>(), [&stuck.id]);
    assert_eq!(
        looked_into,
        [stuck.id.campaign(), stuck.id.campaign(), snapshot.campaigns[1].campaign.id.clone()]
    );
}

#[test]
fn a_round_ends_when_a_pass_learns_nothing() {
    let (mut snapshot, stuck, _) = one_is_stuck();
    snapshot.campaigns.truncate(1);
    let mut round = Round::default();
    let mut passes = 0;
    while let Some(due_queries) = round.next(&snapshot, Timestamp::default()) {
        // An index that names the same lead whatever it is asked.
        let candidates = Candidates { leads: vec![stuck.clone()], ..Candidates::default() };
        let plan = choose(&snapshot, &due_queries, &candidates, &mut || [7; 10]);
        assert!(!round.note(&snapshot, &due_queries, &candidates, &plan));
        passes += 1;
    }
    assert_eq!(passes, 2);
    assert_eq!(round.wake_at(&snapshot), Some(NOW.plus_ms(LOOK_AGAIN_MS)), "not at once");
}

#[test]
fn a_campaign_that_has_no_caller_number_left_pauses() {
    let mut snapshot = snapshot();
    let turn = |snapshot: &PlanningSnapshot| {
        let campaign = &snapshot.campaigns[0];
        due_turn(snapshot, campaign, &campaign.campaign, false)
    };
    assert_eq!(turn(&snapshot), None);
    snapshot.campaigns[0].numbers.clear();
    assert_eq!(turn(&snapshot), Some(Command::Pause { reason: PauseReason::AssistantUnusable }));
    snapshot.campaigns[0].campaign.status = CampaignStatus::Scheduled { start_at: NOW };
    assert_eq!(turn(&snapshot), Some(Command::Start));
}

#[test]
fn what_is_due_sooner_than_the_tick_gets_one_hint() {
    let hint = |ahead_ms, hinted_ms| delayed_hint_ms(NOW.plus_ms(ahead_ms), NOW.plus_ms(hinted_ms), NOW);
    assert_eq!(hint(MINUTE_MS + 1, 0), None, "the tick comes first");
    assert_eq!([hint(-1, 0), hint(999, 0), hint(1_000, 0)], [Some(1_000), Some(1_000), Some(2_000)]);
    assert_eq!(hint(5_000, 6_000), None, "one is under way");
    assert_eq!(hint(5_000, 6_001), Some(6_000), "one is under way, and comes too late");
}

#[test]
fn a_walk_begins_a_run_anew_or_settles_who_is_left() {
    let mut campaign = fixtures::campaign();
    let lead = fixtures::lead(1);
    assert!(!Walk::OpenRun.is_wanted(&campaign, NOW) && !Walk::CloseRest.is_wanted(&campaign, NOW));
    (campaign.run, campaign.is_run_opening) = (2, true);
    assert!(Walk::OpenRun.is_wanted(&campaign, NOW));
    let done = Lead { state: LeadState::Exhausted, ..lead.clone() };
    let anew = Walk::OpenRun.step(&campaign, &done, NOW).expect("taken again");
    assert_eq!((&anew.state, anew.run), (&LeadState::Pending, 2));
    assert_eq!(Walk::OpenRun.step(&campaign, &anew, NOW), None, "a walk that comes twice does nothing twice");
    let skipped = Walk::CloseRest.step(&campaign, &lead, NOW).expect("it waits");
    assert_eq!(skipped.state.name(), "skipped");
    assert_eq!(Walk::CloseRest.step(&campaign, &skipped, NOW), None);
}
