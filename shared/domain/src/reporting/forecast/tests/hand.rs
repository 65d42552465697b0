//! Cases that can be worked out by hand.

use super::*;
use crate::base::ids::CampaignId;
use crate::base::time::{HOUR_MS, MAX_SKEW_MS};
use crate::policy::caps::CAP_MARGIN_MS;
use crate::policy::hours::{Closed, HalfHour, WeeklyHours, Window};
use crate::policy::schedule::Period;
use crate::records::campaign::CampaignStatus;
use crate::records::lead::SkipReason;
use crate::records::workspace::ContactBudget;

const HOUR_SECS: i64 = HOUR_MS / SECOND_MS;

#[test]
fn one_line_makes_one_call_after_the_other() {
    let forecast = told(&snapshot(1), population(vec![fresh(berlin(), 10)], ended(Outcome::Completed)));
    assert_eq!(forecast.finish, surely(after(10 * CALL_SECS)));
    assert_eq!((forecast.calls, forecast.zones[0].reached, forecast.talk_minutes), (10, 10, 10));
    assert_eq!(forecast.cost_micros, 10 * ASSUMED_COST_MICROS_PER_MINUTE);
    assert_eq!(forecast.zones[0].last_call_at, Some(after(9 * CALL_SECS)));
    assert_eq!(forecast.calls_over_time, [Hour { from: NOW, hours: 1, calls: 10 }]);
}

#[test]
fn ten_lines_make_ten_calls_at_once() {
    let forecast = told(&snapshot(10), population(vec![fresh(berlin(), 25)], ended(Outcome::Completed)));
    assert_eq!(forecast.finish, surely(after(3 * CALL_SECS)));
}

#[test]
fn a_zone_that_opens_later_is_called_later() {
    let new_york: Zone = Tz::America__New_York.into();
    let groups = vec![fresh(new_york, 4), fresh(berlin(), 10)];
    let forecast = told(&snapshot(1), population(groups, ended(Outcome::Completed)));
    // 09:00 in New York is 15:00 in Berlin.
    let opens_at = after(3 * HOUR_SECS).plus_ms(MAX_SKEW_MS);
    assert_eq!(forecast.zones[0].first_call_at, Some(opens_at));
    assert_eq!(forecast.zones[0].finish, surely(opens_at.plus_ms(4 * CALL_SECS * SECOND_MS)));
    assert_eq!(forecast.zones[1].finish, surely(after(10 * CALL_SECS)));
    assert_eq!(forecast.finish, forecast.zones[0].finish);
}

#[test]
fn who_never_answers_is_called_as_often_as_the_campaign_tries() {
    let forecast = told(&snapshot(1), population(vec![fresh(berlin(), 10)], ended(Outcome::NoAnswer)));
    assert_eq!((forecast.calls, forecast.zones[0].exhausted, forecast.cost_micros), (30, 10, 0));
    // The last lead rings from 360 to 400 s, and half an hour after each end again.
    let last_end = 400 + 2 * (1_800 + 40);
    assert_eq!(forecast.finish, surely(after(last_end)));
}

#[test]
fn attempts_of_before_count() {
    let waits = Group { class: DueClass::Retry, attempts: 2, ..fresh(berlin(), 3) };
    let used_up = Group { class: DueClass::Retry, attempts: 3, ..fresh(berlin(), 2) };
    let forecast = told(&snapshot(5), population(vec![waits, used_up], ended(Outcome::NoAnswer)));
    assert_eq!((forecast.calls, forecast.zones[0].exhausted), (3, 5));
}

#[test]
fn a_cap_puts_the_next_call_off() {
    let mut snapshot = snapshot(1);
    snapshot.workspace.contact_budget = Some(ContactBudget { max: 1, per_minutes: 24 * 60 });
    snapshot.campaigns[0].campaign.spec.retry.max_attempts = 2;
    let forecast = told(&snapshot, population(vec![fresh(berlin(), 1)], ended(Outcome::NoAnswer)));
    // The budget is closed for a day and its margin after the first call; then it rings.
    assert_eq!(forecast.finish, surely(after(24 * HOUR_SECS + 40).plus_ms(CAP_MARGIN_MS)));
    assert_eq!(forecast.calls, 2);
}

#[test]
fn a_zone_without_an_allowed_moment_is_named() {
    let mut snapshot = snapshot(1);
    let half_hour = |hour| HalfHour::new(hour, 0).expect("in the day");
    let early = Window::new(half_hour(6), half_hour(7)).expect("forwards");
    let week = std::array::from_fn(|_| vec![early]);
    snapshot.campaigns[0].campaign.spec.hours = WeeklyHours::new(week).expect("hours");
    snapshot.now = after(-(5 * HOUR_SECS + HOUR_SECS / 2));
    let forecast = told(&snapshot, population(vec![fresh(berlin(), 5)], ended(Outcome::Completed)));
    let [never] = &forecast.never[..] else { panic!("one zone: {:?}", forecast.never) };
    assert_eq!((never.leads, forecast.calls, forecast.beyond_horizon), (5, 0, 0));
    assert!(matches!(&never.closed, Some(Closed::Rule { .. })), "{never:?}");
}

#[test]
fn who_is_left_at_the_end_of_the_period_is_skipped() {
    let mut snapshot = snapshot(1);
    let today = crate::policy::schedule::local_date(Tz::Europe__Berlin, NOW);
    snapshot.campaigns[0].campaign.spec.period = Period::new(None, Some(today)).expect("a period");
    let one_a_quarter = CallStatistics { talk_secs: 885.0, ..ended(Outcome::Completed) };
    let mut asked = population(vec![fresh(berlin(), 100)], one_a_quarter);
    asked.skipped.insert(SkipReason::DoNotCall, 7);
    let forecast = told(&snapshot, asked);
    // Six hours are left, a quarter of an hour each; what begins before 18:00 is called to its end.
    assert_eq!(forecast.calls, 24);
    let expected = [(SkipReason::DoNotCall, 7), (SkipReason::PeriodOver, 76)];
    assert_eq!(forecast.skipped, BTreeMap::from(expected));
    // The campaign completes at midnight in Berlin, twelve hours from now.
    let over_at = after(11 * HOUR_SECS + HOUR_SECS);
    assert_eq!((forecast.finish, forecast.zones[0].finish), (surely(over_at), surely(over_at)));
    assert_eq!(forecast.beyond_horizon, 0);
}

#[test]
fn a_period_that_ends_after_the_horizon_ends_nothing() {
    let mut snapshot = snapshot(1);
    let end = crate::policy::schedule::local_date(Tz::Europe__Berlin, after(48 * HOUR_SECS));
    snapshot.campaigns[0].campaign.spec.period = Period::new(None, Some(end)).expect("a period");
    let crowds =
        [(fixtures::campaign_id(), population(vec![fresh(berlin(), 1_000)], ended(Outcome::Completed)))];
    let (campaign, crowds) = (&fixtures::campaign_id(), &crowds.into());
    let told = |days| {
        forecast(&Outlook { snapshot: &snapshot, campaign, crowds, days, seed: 1 }).expect("a forecast")
    };
    let (one, five) = (told(1), told(5));
    assert_eq!((one.finish, one.skipped.len()), (Finish::default(), 0));
    assert!(one.beyond_horizon > 0);
    // Six hours today and nine on each of the two other days are enough: the period cuts nothing off.
    assert!(five.finish.p90.is_some_and(|at| at < after(54 * HOUR_SECS)), "{:?}", five.finish);
    assert_eq!(five.beyond_horizon, 0);
    assert!(five.skipped.is_empty(), "{:?}", five.skipped);
}

#[test]
fn a_zone_that_no_sample_shows_does_not_keep_the_others_from_an_end() {
    let groups = vec![fresh(berlin(), 6_000), fresh(Tz::Europe__Paris.into(), 1)];
    let forecast = told(&snapshot(200), population(groups, ended(Outcome::Completed)));
    let [berlin, paris] = [0, 1].map(|zone| forecast.zones[zone].reached);
    assert_eq!((berlin, paris), (6_000, 1));
    assert!(forecast.finish.p10.is_some() && forecast.finish.p90.is_some(), "{:?}", forecast.finish);
}

#[test]
fn what_is_not_done_before_the_horizon_is_counted() {
    let crowds =
        [(fixtures::campaign_id(), population(vec![fresh(berlin(), 1_000)], ended(Outcome::Completed)))];
    let (snapshot, campaign) = (snapshot(1), &fixtures::campaign_id());
    let outlook = Outlook { snapshot: &snapshot, campaign, crowds: &crowds.into(), days: 1, seed: 1 };
    let forecast = forecast(&outlook).expect("a forecast");
    assert_eq!(forecast.zones[0].reached + forecast.beyond_horizon, 1_000);
    // Six hours today and three tomorrow.
    assert!((430..=432).contains(&forecast.calls), "{}", forecast.calls);
    assert_eq!(forecast.finish, Finish::default());
}

#[test]
fn a_campaign_of_a_higher_priority_goes_first() {
    let mut snapshot = snapshot(5);
    snapshot.workspace.concurrent_limit = 1;
    let other = CampaignId::new(NOW, [8; 10]);
    let mut first = snapshot.campaigns[0].clone();
    first.campaign.id = other.clone();
    first.campaign.spec.priority += 1;
    snapshot.campaigns.push(first);
    let ten = || population(vec![fresh(berlin(), 10)], ended(Outcome::Completed));
    let crowds = BTreeMap::from([(fixtures::campaign_id(), ten()), (other, ten())]);
    let forecast = told_of(&snapshot, &crowds);
    assert_eq!(forecast.zones[0].first_call_at, Some(after(10 * CALL_SECS)));
    assert_eq!(forecast.finish, surely(after(20 * CALL_SECS)));
}

#[test]
fn a_scheduled_campaign_starts_at_its_time_and_a_draft_now() {
    let starts = |status| {
        let mut snapshot = snapshot(1);
        snapshot.campaigns[0].campaign.status = status;
        let forecast = told(&snapshot, population(vec![fresh(berlin(), 1)], ended(Outcome::Completed)));
        forecast.zones[0].first_call_at
    };
    let start_at = after(HOUR_SECS);
    assert_eq!(starts(CampaignStatus::Scheduled { start_at }), Some(start_at));
    assert_eq!(starts(CampaignStatus::Draft), Some(NOW));
}

#[test]
fn call_backs_come_at_their_time_or_once_it_is_allowed() {
    let at = |hours: i64| Group {
        class: DueClass::Callback,
        due: vec![Due { at: after(hours * HOUR_SECS), leads: 1 }],
        ..fresh(berlin(), 0)
    };
    let called = |hours| {
        told(&snapshot(1), population(vec![at(hours)], ended(Outcome::Completed))).zones[0].first_call_at
    };
    assert_eq!(called(2), Some(after(2 * HOUR_SECS)));
    // 19:00 is too late; the next day begins at 09:00.
    assert_eq!(called(7), Some(after(21 * HOUR_SECS).plus_ms(MAX_SKEW_MS)));
}

#[test]
fn calls_that_are_up_hold_their_lines() {
    let mut snapshot = snapshot(1);
    snapshot.active_attempts.push(fixtures::active_attempt(1));
    let forecast = told(&snapshot, population(vec![fresh(berlin(), 1)], ended(Outcome::Completed)));
    assert_eq!(forecast.zones[0].first_call_at, Some(after(60)));
}

#[test]
fn an_answer_is_plain_json() {
    let mut asked = population(vec![fresh(berlin(), 10)], ended(Outcome::Completed));
    asked.settled = 3;
    let json = serde_json::to_value(told(&snapshot(1), asked)).expect("json");
    assert_eq!(json["finish"]["p50"], "2026-11-23T11:12:30.000Z");
    assert_eq!((&json["settled"], &json["zones"][0]["zone"]), (&3.into(), &"Europe/Berlin".into()));
    assert!(json["assumptions"].as_array().is_some_and(|said| !said.is_empty()));
}

#[test]
fn a_campaign_that_is_not_there_has_no_forecast() {
    let (snapshot, campaign, crowds) = (snapshot(1), &fixtures::campaign_id(), &BTreeMap::new());
    let refused = forecast(&Outlook { snapshot: &snapshot, campaign, crowds, days: 1, seed: 1 });
    assert_eq!(refused, Err(NoForecast::Unknown(campaign.clone())));
}
