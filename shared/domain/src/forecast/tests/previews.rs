//! What an edit would change.

use super::*;
use crate::campaign::CampaignSpec;
use crate::hours::{HalfHour, WeeklyHours, Window};
use crate::lead::{Lead, LeadState};
use crate::schedule::{Period, local_date};
use crate::time::{DAY_MS, HOUR_MS};

fn hours(from: u8, to: u8) -> WeeklyHours {
    let half_hour = |hour| HalfHour::new(hour, 0).expect("in the day");
    let window = Window::new(half_hour(from), half_hour(to)).expect("forwards");
    WeeklyHours::new(std::array::from_fn(|_| vec![window])).expect("hours")
}

fn seen(edit: impl FnOnce(&mut CampaignSpec), groups: &[Group], samples: &[Lead]) -> Preview {
    let before = fixtures::campaign();
    let mut after = before.spec.clone();
    edit(&mut after);
    preview(&Change { now: NOW, before: &before, after: &after, rules: Rulebook::builtin(), groups, samples })
}

fn retry(attempts: u32, at: Timestamp, leads: u64) -> Group {
    Group { class: DueClass::Retry, attempts, due: vec![Due { at, leads }], ..fresh(berlin(), 0) }
}

#[test]
fn later_hours_move_those_who_could_be_called_before_them() {
    // It is Monday noon in Berlin; in New York it is 06:00.
    let groups = [fresh(berlin(), 10), fresh(Tz::America__New_York.into(), 5)];
    let preview = seen(|spec| spec.hours = hours(13, 18), &groups, &[fixtures::lead(1)]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Later, 15)]));
    let moved = &preview.groups[1];
    assert_eq!((&moved.zone, moved.next_before), (&berlin(), Some(NOW)));
    assert_eq!(moved.next_after, Some(NOW.plus_ms(HOUR_MS)));
    assert_eq!(preview.samples, BTreeMap::from([(Move::Later, vec![fixtures::lead(1).id])]));
    let earlier = seen(|spec| spec.hours = hours(8, 18), &groups, &[]);
    assert_eq!(earlier.moves, BTreeMap::from([(Move::Stays, 10), (Move::Earlier, 5)]));
}

#[test]
fn fewer_attempts_settle_those_who_have_used_them() {
    let groups = [fresh(berlin(), 7), retry(1, NOW, 3), retry(2, NOW, 2)];
    let preview = seen(|spec| spec.retry.max_attempts = 2, &groups, &[]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 10), (Move::Exhausted, 2)]));
    assert!(preview.notes[0].contains("keep their time"), "{:?}", preview.notes);
    let callback = Group { class: DueClass::Callback, ..retry(2, NOW, 4) };
    let kept = seen(|spec| spec.retry.max_attempts = 2, &[callback], &[]);
    assert_eq!(kept.moves, BTreeMap::from([(Move::Stays, 4)]), "a wish may exceed them by one");
    let more = seen(|spec| spec.retry.max_attempts = 5, &[retry(3, NOW, 4)], &[]);
    assert_eq!(more.moves, BTreeMap::from([(Move::NewlyPossible, 4)]));
}

#[test]
fn other_delays_leave_scheduled_retries_where_they_are() {
    let preview = seen(|spec| spec.retry.delay_minutes = 5, &[retry(1, NOW.plus_ms(HOUR_MS), 3)], &[]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 3)]));
    assert_eq!(preview.groups[0].next_after, Some(NOW.plus_ms(HOUR_MS)));
    assert_eq!(preview.notes.len(), 1);
}

#[test]
fn a_shorter_period_skips_those_who_come_after_it() {
    let today = local_date(Tz::Europe__Berlin, NOW);
    let ends_today = Period::new(None, Some(today)).expect("a period");
    let groups = [fresh(berlin(), 6), retry(1, NOW.plus_ms(DAY_MS), 3)];
    let preview = seen(|spec| spec.period = ends_today, &groups, &[]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Stays, 6), (Move::PeriodOver, 3)]));
}

#[test]
fn hours_that_the_law_forbids_are_never_open() {
    let preview = seen(|spec| spec.hours = hours(6, 8), &[fresh(berlin(), 6)], &[]);
    assert_eq!(preview.moves, BTreeMap::from([(Move::Never, 6)]));
    assert_eq!(preview.groups[0].next_after, None);
}

#[test]
fn of_each_kind_some_are_named() {
    let samples: Vec<Lead> = (10..60).map(fixtures::lead).collect();
    let settled = Lead { state: LeadState::Completed, ..fixtures::lead(1) };
    let preview = seen(|_| {}, &[], &[samples, vec![settled]].concat());
    assert_eq!(preview.samples.values().map(Vec::len).collect::<Vec<_>>(), [MAX_SAMPLES]);
    assert!(preview.notes.is_empty());
}
