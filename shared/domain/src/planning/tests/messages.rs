//! Texts beside calls: no slot, rates of their own, and else the same caps, lists and fences.

use proptest::prelude::*;

use super::*;
use crate::base::channel::Channel;
use crate::policy::assistant::CallerNumber;
use crate::policy::cadence::{Cadence, Step};
use crate::policy::do_not_call::{ListName, Listing};
use crate::records::active_attempt::{ActiveAttemptEvent, ActiveAttemptNext};
use crate::records::lead::{DueClass, SkipReason};
use crate::records::number_record::{LatestAttempt, NumberRecord};
use crate::reporting::invariants;

/// A campaign whose second step is a text, with this many calls at once.
fn texting(limit: u32) -> PlanningSnapshot {
    let mut snapshot = fixtures::snapshot();
    let text = Step { channel: Channel::Sms, delay_minutes: 0, after: [InteractionStatus::NoAnswer].into() };
    let call = Step { channel: Channel::Call, delay_minutes: 0, after: BTreeSet::new() };
    let spec = &mut snapshot.campaigns[0].campaign.spec;
    spec.cadence = Cadence::try_from(vec![call, text]).expect("a cadence");
    spec.concurrent_limit = limit;
    snapshot.campaigns[0].numbers[0].sms = Some(fixtures::sms_sender());
    snapshot.workspace.concurrent_limit = limit;
    snapshot
}

fn at_text(n: u32) -> Lead {
    Lead {
        step: 1,
        channel: Channel::Sms,
        state: LeadState::RetryScheduled { due_at: NOW },
        ..fixtures::lead(n)
    }
}

fn with_record(snapshot: &PlanningSnapshot, lead: &Lead, record: NumberRecord) -> Plan {
    let records = [(record.subscriber(), record)].into();
    let candidates = Candidates { leads: vec![lead.clone()], records };
    let due_queries = due_queries(snapshot, Timestamp::default(), &Drained::new());
    choose(snapshot, &due_queries, &candidates, &mut || [7; 10])
}

#[test]
fn a_text_goes_out_though_every_slot_is_held() {
    let mut full = texting(1);
    full.active_attempts = vec![fixtures::active_attempt(1)];
    let plan = chosen(&full, &[fixtures::lead(2), at_text(3)]);
    let [claim] = &plan.claims[..] else { panic!("the text alone: {plan:?}") };
    let text = &claim.active_attempt;
    assert_eq!((text.channel, text.holds_slot()), (Channel::Sms, false));
    full.active_attempts.push(text.clone());
    assert_eq!((full.slots(), full.slots_of(&fixtures::campaign_id())), (1, 1));
}

#[test]
fn texts_are_looked_for_in_a_place_of_their_own_though_every_slot_is_held() {
    let mut full = texting(1);
    let looked = |snapshot: &PlanningSnapshot| {
        let queries = due_queries(snapshot, Timestamp::default(), &Drained::new());
        queries.places.iter().map(|place| (place.class, place.channel)).collect::<Vec<_>>()
    };
    let of_calls = [DueClass::FirstSubmission, DueClass::Callback, DueClass::Retry, DueClass::Fresh];
    let both =
        [(DueClass::Text, Channel::Sms)].into_iter().chain(of_calls.map(|class| (class, Channel::Call)));
    assert_eq!(looked(&full), both.collect::<Vec<_>>());
    full.active_attempts = vec![fixtures::active_attempt(1)];
    assert_eq!(looked(&full), [(DueClass::Text, Channel::Sms)]);
    full.campaigns[0].campaign.spec.cadence = Cadence::default();
    assert_eq!(looked(&full), []);
    // A campaign that texts first has all of its first attempts among the texts.
    let first = Step { channel: Channel::Sms, delay_minutes: 0, after: BTreeSet::new() };
    full.campaigns[0].campaign.spec.cadence = Cadence::try_from(vec![first]).expect("a cadence");
    let texts = [DueClass::FirstSubmission, DueClass::Fresh, DueClass::Text];
    assert_eq!(looked(&full), texts.map(|class| (class, Channel::Sms)));
}

#[test]
fn texts_keep_to_the_rate_of_their_campaign_and_go_from_numbers_that_send_them() {
    let mut snapshot = texting(1);
    snapshot.campaigns[0].campaign.spec.sms_rate_limit_per_minute = Some(6);
    let mute = CallerNumber { sms: None, ..fixtures::caller_number(2) };
    snapshot.campaigns[0].numbers.insert(0, mute);
    let plan = chosen(&snapshot, &[at_text(1), at_text(2)]);
    let [one] = &plan.claims[..] else { panic!("the next is beyond the horizon: {plan:?}") };
    assert_eq!(one.active_attempt.caller_number, fixtures::caller_number(1).id);
    let campaign = snapshot.campaigns[0].campaign.id.clone();
    assert!(plan.rate_states.campaign_messages[&campaign].next_at >= NOW.plus_ms(10_000));
    snapshot.campaigns[0].numbers.truncate(1);
    assert!(chosen(&snapshot, &[at_text(1)]).claims.is_empty());
}

#[test]
fn a_text_leaves_the_rates_and_breakers_of_calls_alone() {
    let snapshot = texting(9);
    let plan = chosen(&snapshot, &[at_text(1), at_text(2)]);
    let dial_at = |claim: &Claim| match claim.active_attempt.state {
        ActiveAttemptState::Claimed { dial_at, .. } => dial_at,
        ActiveAttemptState::Dialling { .. } => panic!("only claimed"),
    };
    let [first, second] = &plan.claims[..] else { panic!("both: {plan:?}") };
    assert!(dial_at(second).since_ms(dial_at(first)) >= 1_000, "a text a second from one number");
    assert_eq!(
        (&plan.rate_states.numbers, &plan.rate_states.campaigns),
        (&snapshot.rate_states.numbers, &snapshot.rate_states.campaigns)
    );
}

#[test]
fn the_gap_counts_calls_and_texts_alike_and_a_list_forbids_both() {
    let mut snapshot = texting(9);
    snapshot.campaigns[0].campaign.spec.min_gap_minutes = 60;
    let lead = at_text(1);
    let latest = LatestAttempt { attempt: fixtures::attempt(3), lead: lead.id.clone() };
    let called = NumberRecord::unknown(fixtures::number(1)).called(latest, NOW.plus_ms(-MINUTE_MS));
    let plan = with_record(&snapshot, &lead, called);
    assert_eq!((plan.claims.len(), plan.revised[0].refusal.refusal.code().name()), (0, "capped"));
    let listing = Listing { at: NOW, source: "api".into(), reason: None };
    let listed = NumberRecord::unknown(fixtures::number(1)).listed(ListName::do_not_call(), listing);
    let plan = with_record(&snapshot, &lead, listed);
    let skipped = LeadState::Skipped { reason: SkipReason::DoNotCall };
    assert_eq!((plan.claims.len(), &plan.revised[0].after.state), (0, &skipped));
}

#[test]
fn a_person_is_called_or_texted_and_not_both_at_once() {
    let mut snapshot = texting(9);
    let call = fixtures::active_attempt(1);
    snapshot.active_attempts = vec![call.clone()];
    assert!(chosen(&snapshot, &[at_text(1)]).claims.is_empty());
    let text = ActiveAttempt { channel: Channel::Sms, ..call.clone() };
    assert!(invariants::one_live_attempt([&call, &text]).is_err());
}

#[test]
fn a_text_stands_behind_the_same_fences() {
    let text = ActiveAttempt { channel: Channel::Sms, ..fixtures::active_attempt(1) };
    let dial = ActiveAttemptEvent::Dial { by: "run".into() };
    let Ok(ActiveAttemptNext::Become(state)) = text.on(&dial, NOW) else { panic!("its time has come") };
    let sent = ActiveAttempt { state, ..text.clone() };
    assert!(sent.on(&dial, NOW).is_err() && sent.on(&ActiveAttemptEvent::Revoke, NOW).is_err());
    assert!(text.is_revoked_by_campaign() && !sent.is_revoked_by_campaign());
    let late = NOW.plus_ms(HOUR_MS);
    assert_eq!(text.on(&ActiveAttemptEvent::Clock, late), Ok(ActiveAttemptNext::Release));
    assert_eq!(sent.on(&ActiveAttemptEvent::StillUp, late), Ok(ActiveAttemptNext::GiveUp));
    assert_eq!(Transaction::release_claim(&text), Transaction::withdraw_claim(&text));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn calls_get_the_slots_there_are_however_many_texts_go_out(
        limit in 1_u32..6,
        up in 0_u32..6,
        leads in prop::collection::vec(any::<bool>(), 1..12),
    ) {
        let mut snapshot = texting(limit);
        let number = &mut snapshot.campaigns[0].numbers[0];
        number.rate_limit_per_minute = None;
        number.sms.iter_mut().for_each(|sender| sender.rate_limit_per_minute = None);
        snapshot.active_attempts = (20..20 + up.min(limit)).map(fixtures::active_attempt).collect();
        let lead = |(n, is_text): (u32, &bool)| if *is_text { at_text(n) } else { fixtures::lead(n) };
        let due: Vec<Lead> = (1..).zip(&leads).map(lead).collect();
        let plan = chosen(&snapshot, &due);
        let calls = plan.claims.iter().filter(|claim| claim.active_attempt.holds_slot()).count();
        let wanted = leads.iter().filter(|is_text| !**is_text).count();
        let free = usize::try_from(limit - up.min(limit)).expect("small");
        // Where no slot is free, nobody looks for calls.
        prop_assert_eq!(calls, wanted.min(free));
        prop_assert_eq!(plan.claims.len() - calls, leads.len() - wanted);
        snapshot.active_attempts.extend(plan.claims.into_iter().map(|claim| claim.active_attempt));
        prop_assert!(invariants::within_limit(snapshot.slots(), usize::try_from(limit).expect("small")).is_ok());
        prop_assert!(invariants::one_live_attempt(&snapshot.active_attempts).is_ok());
    }
}
