//! Local times in every zone, against jiff with its own tz database, and rules against lists of
//! their days.

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDateTime, WeekdaySet};
use chrono_tz::TZ_VARIANTS;
use jiff::civil;
use jiff::tz::TimeZone as Jiff;
use proptest::prelude::*;

use super::first_run;
use crate::base::time::{DAY_MS, MINUTE_MS};
use crate::base::zone::zone_of_jiff;
use crate::policy::schedule::*;

/// All offsets and changes of these years are multiples of it.
const STEP_MS: i64 = 15 * MINUTE_MS;
/// 2025-01-01 and 2028-01-01.
const YEARS: (i64, i64) = (1_735_689_600_000, 1_830_297_600_000);
/// How far the lists of days reach, in days from the anchor: beyond all that is asked of them.
const LISTED_DAYS: u64 = 40 * 366;
/// How many runs of a rule are compared. The rarest has one in four years.
const COMPARED_RUNS: usize = 8;

fn jiff_instant(millis: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(millis).expect("within jiff's calendar")
}

fn jiff_date(date: NaiveDate) -> civil::Date {
    let part = |number: u32| i8::try_from(number).expect("part of a date");
    let year = i16::try_from(date.year()).expect("a year");
    civil::Date::new(year, part(date.month()), part(date.day())).expect("a date")
}

/// jiff's "compatible" reading is ours: the first of two, and forward by what is left out.
fn jiff_reading(tz: &Jiff, local: NaiveDateTime) -> i64 {
    let seconds = local.signed_duration_since(NaiveDateTime::from(local.date())).num_seconds();
    let civil = jiff_date(local.date()).at(0, 0, 0, 0) + jiff::SignedDuration::from_secs(seconds);
    tz.to_timestamp(civil).expect("a moment").as_millisecond()
}

/// The first moment at which the wall shows this date or a later one.
fn first_moment(tz: &Jiff, date: NaiveDate) -> i64 {
    let midnight = NaiveDateTime::from(date).and_utc().timestamp_millis();
    let mut steps = (-64..128).map(|step| midnight + step * STEP_MS);
    let wanted = jiff_date(date);
    steps.find(|at| tz.to_datetime(jiff_instant(*at)).date() >= wanted).expect("a moment of the day")
}

/// Five dates around each change of the clocks.
fn dates(tz: &Jiff) -> Vec<NaiveDate> {
    let changes = tz.following(jiff_instant(YEARS.0)).map(|change| change.timestamp());
    let changes = changes.take_while(|change| *change < jiff_instant(YEARS.1));
    let middles = changes.map(|change| Timestamp::from_millis(change.as_millisecond()));
    middles
        .flat_map(|middle| (-2..=2).map(move |day| middle.plus_ms(day * DAY_MS).to_utc().date_naive()))
        .collect()
}

#[test]
fn in_every_zone_days_begin_and_times_come_when_the_wall_clock_says() {
    for tz in TZ_VARIANTS {
        let jiff = zone_of_jiff(tz);
        for date in dates(&jiff) {
            let begins = Timestamp::from_millis(first_moment(&jiff, date));
            assert_eq!(wall::first_instant(tz, date), begins, "{tz} on {date}");
            for quarter in 0..96 {
                let time = TimeOfDay::new(quarter / 4, quarter % 4 * 15).expect("a time");
                let expected = Timestamp::from_millis(jiff_reading(&jiff, time.on(date)));
                assert_eq!(wall::instant(tz, time.on(date)), expected, "{tz} on {date} at {time}");
            }
        }
    }
}

/// The days of a rule, listed step by step.
fn listed(frequency: &Frequency, anchor: NaiveDate) -> Vec<NaiveDate> {
    let last = anchor + Days::new(LISTED_DAYS);
    let steps = |every: u32| (0..).step_by(usize::try_from(every).expect("a step"));
    let mut days: Vec<NaiveDate> = match frequency {
        Frequency::Daily { every_days } => {
            steps(*every_days).map(|days| anchor + Days::new(days)).take_while(|date| *date <= last).collect()
        }
        Frequency::Weekly { every_weeks, on } => {
            let monday = anchor.week(chrono::Weekday::Mon).first_day();
            let mondays = steps(*every_weeks).map(|weeks| monday + Days::new(7 * weeks));
            let week = |monday: NaiveDate| {
                let days = on.iter(chrono::Weekday::Mon);
                days.map(move |day| monday + Days::new(u64::from(day.num_days_from_monday())))
            };
            mondays.take_while(|monday| *monday <= last).flat_map(week).collect()
        }
        Frequency::Monthly { every_months, on } => {
            let first = anchor.with_day(1).expect("each month has a first day");
            let months =
                steps(*every_months).map(|months| first + Months::new(u32::try_from(months).expect("few")));
            let day = |first: NaiveDate, day: &MonthDay| match day {
                MonthDay::Day(number) => first.with_day(u32::from(*number)),
                MonthDay::Last => (first + Months::new(1)).pred_opt(),
            };
            let month = |first: NaiveDate| on.iter().filter_map(move |on| day(first, on));
            months.take_while(|first| *first <= last).flat_map(month).collect()
        }
    };
    days.retain(|date| *date >= anchor);
    days.sort_unstable();
    days
}

fn frequencies() -> impl Strategy<Value = Frequency> {
    let month_day = prop_oneof![(1..=31_u8).prop_map(MonthDay::Day), Just(MonthDay::Last)];
    let weekday = prop::sample::select(&super::WEEKDAYS[..]);
    prop_oneof![
        (1..=MAX_EVERY_DAYS).prop_map(|every_days| Frequency::Daily { every_days }),
        (1..=MAX_EVERY_WEEKS, prop::collection::vec(weekday, 1..4)).prop_map(|(every_weeks, days)| {
            Frequency::Weekly { every_weeks, on: days.into_iter().collect::<WeekdaySet>() }
        }),
        (1..=MAX_EVERY_MONTHS, prop::collection::btree_set(month_day, 1..4))
            .prop_map(|(every_months, on)| Frequency::Monthly { every_months, on }),
    ]
}

prop_compose! {
    fn rules(from: i64)(
        frequency in frequencies(),
        minutes in 0..1440_u16,
        until in prop::option::of(0..900_i64),
    ) -> Recurrence {
        let part = |number: u16| u8::try_from(number).expect("part of a time");
        let at = TimeOfDay::new(part(minutes / 60), part(minutes % 60)).expect("a time");
        let until = until.map(|days| Timestamp::from_millis(from + days * DAY_MS).to_utc().date_naive());
        Recurrence::new(frequency, at, until, None, RunTakes::default()).expect("a rule")
    }
}

proptest! {
    #[test]
    fn no_run_is_left_out_none_comes_twice_and_none_is_too_late(
        tz in prop::sample::select(&TZ_VARIANTS[..]),
        rule in rules(YEARS.0),
        anchor in YEARS.0..YEARS.1,
        after in YEARS.0..YEARS.1,
    ) {
        let jiff = zone_of_jiff(tz);
        let anchor = Timestamp::from_millis(anchor).to_utc().date_naive();
        let dates = listed(rule.frequency(), anchor).into_iter();
        let in_time = dates.map(|date| jiff_reading(&jiff, rule.at().on(date))).take_while(|run| {
            let date = jiff.to_datetime(jiff_instant(*run)).date();
            rule.until().is_none_or(|until| date <= jiff_date(until))
        });
        let runs: BTreeSet<i64> = in_time.filter(|run| *run > after).collect();
        let mut last = Timestamp::from_millis(after);
        for run in runs.iter().copied().map(Timestamp::from_millis).take(COMPARED_RUNS) {
            prop_assert_eq!(rule.next_run(tz, last, anchor), Some(run));
            prop_assert_eq!(rule.next_run(tz, run.plus_ms(-1), anchor), Some(run));
            prop_assert_eq!(first_run(&rule, tz, run, anchor), Some(run));
            last = run;
        }
        if runs.len() <= COMPARED_RUNS {
            prop_assert_eq!(rule.next_run(tz, last, anchor), None);
        }
    }

    #[test]
    fn a_rule_is_read_back(rule in rules(YEARS.0), max_runs in prop::option::of(1..=MAX_RUNS)) {
        let rule = Recurrence { max_runs, takes: RunTakes::New, ..rule };
        let json = serde_json::to_string(&rule).expect("text");
        prop_assert_eq!(serde_json::from_str::<Recurrence>(&json).expect(&json), rule);
    }
}
