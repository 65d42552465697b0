//! What an edit would change.

use super::*;
use crate::base::time::{DAY_MS, HOUR_MS, MAX_SKEW_MS};
use crate::policy::do_not_call::{ListName, Listing};
use crate::policy::hours::{HalfHour, WeeklyHours, Window};
use crate::policy::schedule::{Period, local_date};
use crate::records::campaign::CampaignSpec;
use crate::records::lead::{Consent, Lead, LeadState, SkipReason};
use crate::records::number_record::NumberRecord;

fn hours(from: u8, to: u8) -> WeeklyHours {
    let half_hour = |hour| HalfHour::new(hour, 0).expect("in the day");
    let window = Window::new(half_hour(from), half_hour(to)).expect("forwards");
    WeeklyHours::new(std::array::from_fn(|_| vec![window])).expect("hours")
}

/// So many leads of a zone that were never called, with one that stands for them.
fn fresh(zone: Zone, leads: u64) -> Alike {
    let lead = Lead { zone, ..fixtures::lead(1) };
    Alike { lead, records: Vec::new(), due: vec![Due { at: NOW, leads }], others: Vec::new() }
}

/// So many that wait for a retry.
fn retry(attempts: u32, at: Timestamp, leads: u64) -> Alike {
    let lead = Lead { state: LeadState::RetryScheduled { due_at: at }, attempts, ..fixtures::lead(1) };
    Alike { lead, due: vec![Due { at, leads }], ..fresh(berlin(), 0) }
}

fn seen(edit: impl FnOnce(&mut CampaignSpec), leads: &[Alike]) -> Preview {
    let snapshot = fixtures::snapshot();
    let before = &snapshot.campaigns[0];
    let mut after = before.clone();
    edit(&mut after.campaign.spec);
    let (now, workspace, rules) = (NOW, &snapshot.workspace, Rulebook::builtin());
    preview(&Change { now, before, after: &after, workspace, rules, leads })
}

#[test]
fn later_hours_move_those_who_could_be_called_before_them() {
    // It is Monday noon in Berlin; in New York it is 06:00.
    let new_york = Alike {
        lead: Lead { zone: Tz::America__New_York.into(), ..fixtures::lead(2) },
        ..fresh(berlin(), 5)
    };
    let groups = [fresh(berlin(), 10), new_york];
    let preview = seen(|spec| spec.hours = hours(13, 18), &groups);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Later, 15)]));
    let moved = &preview.groups[1];
    assert_eq!((&moved.zone, moved.next_before), (&berlin(), Some(NOW)));
    // A second later, so that every clock agrees.
    assert_eq!(moved.next_after, Some(NOW.plus_ms(HOUR_MS + MAX_SKEW_MS)));
    let named = [1, 2].map(|n| fixtures::lead(n).id).to_vec();
    assert_eq!(preview.samples, BTreeMap::from([(Move::Later, named)]));
    let earlier = seen(|spec| spec.hours = hours(8, 18), &groups);
    assert_eq!(earlier.moves, BTreeMap::from([(Move::Stays, 10), (Move::Earlier, 5)]));
}

#[test]
fn fewer_attempts_settle_those_who_have_used_them() {
    let groups = [fresh(berlin(), 7), retry(1, NOW, 3), retry(2, NOW, 2)];
    let preview = seen(|spec| spec.retry.max_attempts = 2, &groups);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 10), (Move::Exhausted, 2)]));
    assert_eq!(preview.notes, [Note::ScheduledRetriesStay]);
    let callback =
        Lead { state: LeadState::CallbackScheduled { due_at: NOW }, attempts: 2, ..fixtures::lead(1) };
    let callback = Alike { lead: callback, ..retry(2, NOW, 4) };
    let kept = seen(|spec| spec.retry.max_attempts = 2, &[callback]);
    assert_eq!(kept.moves, BTreeMap::from([(Move::Stays, 4)]), "a call-back may exceed them by one");
    let more = seen(|spec| spec.retry.max_attempts = 5, &[retry(3, NOW, 4)]);
    assert_eq!(more.moves, BTreeMap::from([(Move::NewlyPossible, 4)]));
}

#[test]
fn other_delays_leave_scheduled_retries_where_they_are() {
    let preview = seen(|spec| spec.retry.delay_minutes = 5, &[retry(1, NOW.plus_ms(HOUR_MS), 3)]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 3)]));
    assert_eq!(preview.groups[0].next_after, Some(NOW.plus_ms(HOUR_MS)));
    assert_eq!(preview.notes.len(), 1);
}

#[test]
fn a_shorter_period_skips_those_who_come_after_it() {
    let today = local_date(Tz::Europe__Berlin, NOW);
    let ends_today = Period::new(None, Some(today)).expect("a period");
    let groups = [fresh(berlin(), 6), retry(1, NOW.plus_ms(DAY_MS), 3)];
    let preview = seen(|spec| spec.period = ends_today, &groups);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 6), (Move::PeriodOver, 3)]));
}

#[test]
fn hours_that_the_law_forbids_are_never_open() {
    let preview = seen(|spec| spec.hours = hours(6, 8), &[fresh(berlin(), 6)]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Never, 6)]));
    assert_eq!(preview.groups[0].next_after, None);
}

#[test]
fn who_gives_no_consent_or_is_on_a_chosen_list_is_skipped_as_soon_as_it_is_asked_for() {
    let partners: ListName = "partners".parse().expect("a name");
    let number = fixtures::lead(1).numbers[0].number.clone();
    let listing = Listing { at: NOW, source: "api".into(), reason: None };
    let on =
        |list: &ListName| vec![NumberRecord::unknown(number.clone()).listed(list.clone(), listing.clone())];
    let consent = Consent { source: "form".into(), at: NOW, channel: None, proof: None };
    let mut agreed = fresh(berlin(), 5);
    agreed.lead.profile.consent = Some(consent);
    let of_partners = Alike { records: on(&partners), ..fresh(berlin(), 2) };
    let of_all = Alike { records: on(&ListName::do_not_call()), ..fresh(berlin(), 3) };
    let leads = [fresh(berlin(), 10), agreed, of_partners, of_all];

    let asked = seen(|spec| spec.requires_consent = true, &leads);
    assert_eq!(asked.moves, BTreeMap::from([(Move::Stays, 5), (Move::NoConsent, 12)]));
    assert_eq!(asked.skipped, BTreeMap::from([(SkipReason::NoConsent, 3)]), "consent is looked for first");
    assert_eq!((asked.groups[0].leads, asked.groups[0].next_after), (17, Some(NOW)));

    let listed = seen(|spec| spec.suppression_lists = [partners].into(), &leads);
    assert_eq!(listed.moves, BTreeMap::from([(Move::Stays, 15), (Move::DoNotCall, 2)]));
    assert_eq!(listed.skipped, BTreeMap::from([(SkipReason::DoNotCall, 3)]));
    assert_eq!(listed.samples[&Move::DoNotCall].len(), 1);
}

#[test]
fn who_would_have_been_skipped_can_be_called() {
    let mut snapshot = fixtures::snapshot();
    snapshot.campaigns[0].campaign.spec.requires_consent = true;
    let mut after = snapshot.campaigns[0].clone();
    after.campaign.spec.requires_consent = false;
    let (before, workspace, rules) = (&snapshot.campaigns[0], &snapshot.workspace, Rulebook::builtin());
    let leads = &[fresh(berlin(), 10)];
    let preview = preview(&Change { now: NOW, before, after: &after, workspace, rules, leads });
    assert_eq!(preview.moves, BTreeMap::from([(Move::NewlyPossible, 10)]));
    assert_eq!((preview.groups[0].next_before, preview.groups[0].next_after), (None, Some(NOW)));
}

#[test]
fn a_gap_counts_from_the_calls_that_were_made() {
    let number = fixtures::lead(1).numbers[0].number.clone();
    let records = vec![NumberRecord::called_at(number, std::iter::once(NOW.plus_ms(-HOUR_MS)))];
    let called = Alike { records, ..fresh(berlin(), 3) };
    let preview = seen(|spec| spec.min_gap_minutes = 120, &[called, fresh(berlin(), 4)]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 4), (Move::Later, 3)]));
}

#[test]
fn one_stands_for_others_that_fall_due_at_other_moments() {
    let at = |days: i64, leads| Due { at: NOW.plus_ms(days * DAY_MS), leads };
    let waits = Alike { due: vec![at(0, 4), at(1, 5), at(2, 6)], ..retry(1, NOW, 0) };
    let tomorrow = local_date(Tz::Europe__Berlin, NOW.plus_ms(DAY_MS));
    let preview = seen(|spec| spec.except_dates = [tomorrow].into(), &[waits]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 10), (Move::Later, 5)]));
}

#[test]
fn of_each_kind_some_are_named() {
    let others: Vec<Lead> = (10..60).map(fixtures::lead).collect();
    let settled = Lead { state: LeadState::Completed, ..fixtures::lead(1) };
    let preview = seen(
        |_| {},
        &[Alike { others, ..fresh(berlin(), 51) }, Alike { lead: settled, ..fresh(berlin(), 1) }],
    );
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 51)]), "what is settled stays so");
    assert_eq!(preview.samples.values().map(Vec::len).collect::<Vec<_>>(), [MAX_SAMPLES]);
    assert!(preview.notes.is_empty());
}
