//! Rules of recurrence: how they are read, and when they run.

use chrono::Weekday;

use super::*;
use crate::base::time::DAY_MS;

mod clocks;
mod vectors;

const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

fn read(json: &str) -> Result<Recurrence, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn rule(json: &str) -> Recurrence {
    read(json).expect(json)
}

/// The first run at `from` or later.
fn first_run(rule: &Recurrence, tz: Tz, from: Timestamp, anchor: NaiveDate) -> Option<Timestamp> {
    rule.next_run(tz, from.plus_ms(-1), anchor)
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The first runs of a rule in Berlin, as dates.
fn runs(json: &str, anchor: &str) -> Vec<String> {
    let (rule, anchor, tz) = (rule(json), date(anchor), Tz::Europe__Berlin);
    let first = first_run(&rule, tz, Timestamp::from_millis(0), anchor);
    let runs = std::iter::successors(first, |run| rule.next_run(tz, *run, anchor));
    runs.take(4).map(|run| local_date(tz, run).to_string()).collect()
}

fn period(start: Option<&str>, end: Option<&str>) -> Period {
    Period::new(start.map(date), end.map(date)).expect("a period")
}

#[test]
fn a_fault_is_named_with_what_would_be_right() {
    for (json, parts) in [
        (r#"{"frequency":"daily","every":0,"at":"09:00"}"#, ["`every` is 0", "give 1 to 365 days"]),
        (r#"{"frequency":"daily","every":366,"at":"09:00"}"#, ["`every` is 366", "1 to 365 days"]),
        (r#"{"frequency":"weekly","every":53,"on":["monday"],"at":"09:00"}"#, ["is 53", "1 to 52 weeks"]),
        (r#"{"frequency":"monthly","every":13,"on":[1],"at":"09:00"}"#, ["is 13", "1 to 12 months"]),
        (r#"{"frequency":"monthly","every":-1,"on":[1],"at":"09:00"}"#, ["is -1", "1 to 12 months"]),
        (r#"{"frequency":"weekly","at":"09:00"}"#, ["`on` names no day", r#"["monday"]"#]),
        (r#"{"frequency":"weekly","on":[],"at":"09:00"}"#, ["`on` names no day", r#"["monday"]"#]),
        (r#"{"frequency":"monthly","at":"09:00"}"#, ["`on` names no day", r#"[1, "last"]"#]),
        (r#"{"frequency":"daily","on":["monday"],"at":"09:00"}"#, ["has no `on`", "weekly or monthly"]),
        (r#"{"frequency":"weekly","on":["last"],"at":"09:00"}"#, ["`last`", "give monday, tuesday"]),
        (r#"{"frequency":"weekly","on":["Monday"],"at":"09:00"}"#, ["`Monday`", "give monday, tuesday"]),
        (r#"{"frequency":"weekly","on":[1],"at":"09:00"}"#, ["`1`", "give monday, tuesday"]),
        (r#"{"frequency":"monthly","on":[0],"at":"09:00"}"#, ["`0`", "give 1 to 31, or last"]),
        (r#"{"frequency":"monthly","on":[1,32],"at":"09:00"}"#, ["`32`", "give 1 to 31, or last"]),
        (r#"{"frequency":"monthly","on":[300],"at":"09:00"}"#, ["`300`", "give 1 to 31, or last"]),
        (r#"{"frequency":"monthly","on":["monday"],"at":"09:00"}"#, ["`monday`", "give 1 to 31, or last"]),
        (r#"{"frequency":"monthly","on":[1.5],"at":"09:00"}"#, ["a number from 1 to 31", "last"]),
        (r#"{"frequency":"daily","at":"9:00"}"#, ["`9:00`", "such as 09:00"]),
        (r#"{"frequency":"daily","at":"24:00"}"#, ["`24:00`", "00:00 to 23:59"]),
        (r#"{"frequency":"daily","at":"09:00","until":"2027-02-29"}"#, ["`2027-02-29`", "2027-01-31"]),
        (r#"{"frequency":"daily","at":"09:00","until":"2027-2-3"}"#, ["`2027-2-3`", "2027-01-31"]),
        (r#"{"frequency":"daily","at":"09:00","max_runs":0}"#, ["`max_runs` is 0", "1 to 10000"]),
        (r#"{"frequency":"daily","at":"09:00","max_runs":10001}"#, ["is 10001", "1 to 10000"]),
        (r#"{"frequency":"daily","at":"09:00","max_runs":99999999999}"#, ["is 99999999999", "1 to 10000"]),
        (r#"{"frequency":"daily","at":"09:00","takes":"some"}"#, ["`some`", "`unreached`"]),
        (r#"{"frequency":"hourly","at":"09:00"}"#, ["`hourly`", "`daily`"]),
        (r#"{"frequency":"daily","at":"09:00","interval":2}"#, ["`interval`", "`every`"]),
        (r#"{"frequency":"daily"}"#, ["missing field", "`at`"]),
    ] {
        let error = read(json).expect_err(json);
        assert!(parts.iter().all(|part| error.contains(part)), "{json}: {error}");
    }
}

#[test]
fn the_written_form_has_its_days_in_order_and_what_was_left_out() {
    for (given, written) in [
        (
            r#"{"frequency":"weekly","on":["friday","monday","friday"],"at":"09:00"}"#,
            r#"{"frequency":"weekly","every":1,"on":["monday","friday"],"at":"09:00","takes":"unreached"}"#,
        ),
        (
            r#"{"frequency":"monthly","every":3,"on":["last",15],"at":"23:59","until":"2027-01-31","max_runs":10,"takes":"all"}"#,
            r#"{"frequency":"monthly","every":3,"on":[15,"last"],"at":"23:59","until":"2027-01-31","max_runs":10,"takes":"all"}"#,
        ),
        (
            r#"{"frequency":"daily","at":"00:00","until":null,"takes":"new"}"#,
            r#"{"frequency":"daily","every":1,"at":"00:00","takes":"new"}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&rule(given)).expect("text"), written);
        assert_eq!(rule(written), rule(given));
    }
}

#[test]
fn a_rule_that_is_built_keeps_the_bounds_of_one_that_is_read() {
    let nine = TimeOfDay::new(9, 0).expect("a time");
    let build = |frequency, max_runs| Recurrence::new(frequency, nine, None, max_runs, RunTakes::All);
    let days = |day| Frequency::Monthly { every_months: 1, on: [MonthDay::Day(day)].into() };
    assert!(build(days(31), Some(MAX_RUNS)).is_ok());
    assert!(matches!(build(days(0), None), Err(RecurrenceError::DayOfMonth { .. })));
    assert!(matches!(build(days(32), None), Err(RecurrenceError::DayOfMonth { .. })));
    assert!(matches!(build(days(1), Some(0)), Err(RecurrenceError::MaxRuns { given: 0 })));
    assert_eq!([TimeOfDay::new(24, 0), TimeOfDay::new(0, 60)], [None, None]);
}

#[test]
fn a_month_without_the_day_is_left_out_and_the_last_is_in_each() {
    let thirty_first = runs(r#"{"frequency":"monthly","on":[31],"at":"09:00"}"#, "2027-02-10");
    assert_eq!(thirty_first, ["2027-03-31", "2027-05-31", "2027-07-31", "2027-08-31"]);
    let last = runs(r#"{"frequency":"monthly","on":["last",31],"at":"09:00"}"#, "2028-01-31");
    assert_eq!(last, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]);
}

#[test]
fn weeks_are_counted_from_the_monday_before_the_anchor() {
    let sunday = "2027-01-31";
    let other_weeks =
        runs(r#"{"frequency":"weekly","every":2,"on":["monday","sunday"],"at":"09:00"}"#, sunday);
    assert_eq!(other_weeks, ["2027-01-31", "2027-02-08", "2027-02-14", "2027-02-22"]);
}

#[test]
fn the_rarest_rule_is_found_across_a_year_without_leap_day_and_an_impossible_one_is_none() {
    let leap_day = r#"{"frequency":"monthly","every":12,"on":[29],"at":"23:59"}"#;
    let after_leap_day = runs(leap_day, "2092-02-29");
    assert_eq!(after_leap_day, ["2092-02-29", "2096-02-29", "2104-02-29", "2108-02-29"]);
    let never = r#"{"frequency":"monthly","every":12,"on":[30,31],"at":"09:00"}"#;
    assert_eq!(runs(never, "2027-02-01"), [""; 0]);
}

#[test]
fn runs_end_with_the_last_date_and_the_last_number() {
    let daily = r#"{"frequency":"daily","at":"23:59","until":"2027-02-02","max_runs":3}"#;
    assert_eq!(runs(daily, "2027-02-01"), ["2027-02-01", "2027-02-02"]);
    assert_eq!(runs(daily, "2027-02-03"), [""; 0]);
    assert_eq!([0, 2, 3, 4].map(|begun| rule(daily).has_runs_left(begun)), [true, true, false, false]);
    assert!(rule(r#"{"frequency":"daily","at":"09:00"}"#).has_runs_left(u32::MAX));
}

/// In Nuuk the last hour of that Saturday does not exist.
#[test]
fn a_run_that_the_clocks_move_beyond_the_last_date_is_left_out() {
    let json = r#"{"frequency":"daily","at":"23:30","until":"2026-03-28"}"#;
    let last = rule(json).next_run(Tz::America__Nuuk, at("2026-03-28T12:00:00Z"), date("2026-03-01"));
    assert_eq!(last, None);
    let json = r#"{"frequency":"daily","at":"23:30","until":"2026-03-29"}"#;
    for after in ["2026-03-28T12:00:00Z", "2026-03-29T01:29:59Z"] {
        let moved = rule(json).next_run(Tz::America__Nuuk, at(after), date("2026-03-01"));
        assert_eq!(moved, Some(at("2026-03-29T01:30:00Z")), "after {after}");
    }
}

#[test]
fn the_ends_of_the_calendar_are_no_fault() {
    let (daily, tz) = (rule(r#"{"frequency":"daily","at":"23:59"}"#), Tz::Pacific__Kiritimati);
    let (first, last) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
    assert_eq!(daily.next_run(tz, last, date("2027-01-01")), None);
    assert_eq!(daily.next_run(tz, first, NaiveDate::MAX), None);
    assert!(daily.next_run(tz, first, NaiveDate::MIN).is_some());
    let all = Period::new(Some(NaiveDate::MIN), Some(NaiveDate::MAX)).expect("a period");
    assert!(all.contains(tz, at("2027-01-01T00:00:00Z")));
}

#[test]
fn a_period_begins_and_ends_with_the_days_of_its_zone() {
    let january = period(Some("2027-01-01"), Some("2027-01-31"));
    let tz = Tz::Europe__Berlin;
    let (begins, over) = (at("2026-12-31T23:00:00Z"), at("2027-01-31T23:00:00Z"));
    assert_eq!((january.begins_at(tz), january.over_at(tz)), (Some(begins), Some(over)));
    let moments = [begins.plus_ms(-1), begins, over.plus_ms(-1), over];
    assert_eq!(moments.map(|at| january.contains(tz, at)), [false, true, true, false]);
    let one_day = period(Some("2027-03-28"), Some("2027-03-28"));
    let lasts = one_day.over_at(tz).zip(one_day.begins_at(tz)).map(|(over, begins)| over.since_ms(begins));
    assert_eq!(lasts, Some(DAY_MS / 24 * 23));
}

#[test]
fn a_period_without_bounds_is_always() {
    let tz = Tz::Asia__Tokyo;
    for at in [Timestamp::from_millis(i64::MIN), Timestamp::from_millis(0), Timestamp::from_millis(i64::MAX)]
    {
        assert!(Period::default().contains(tz, at));
    }
    assert!(Period::default().is_unbounded());
    for half in [period(Some("2027-01-01"), None), period(None, Some("2027-01-01"))] {
        assert!(!half.is_unbounded());
    }
    assert!(period(None, Some("2027-01-01")).contains(tz, Timestamp::from_millis(0)));
    assert_eq!(Period::new(None, Some(NaiveDate::MAX)).expect("a period").over_at(tz), None);
}

#[test]
fn a_day_begins_when_the_clocks_first_show_it() {
    for (tz, day, begins) in [
        (Tz::Asia__Beirut, "2026-03-29", "2026-03-28T22:00:00Z"), // at 01:00
        (Tz::Africa__Cairo, "2026-04-24", "2026-04-23T22:00:00Z"), // at 01:00
        (Tz::America__Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z"), // at 01:00
        (Tz::America__Havana, "2018-11-04", "2018-11-04T04:00:00Z"), // midnight comes twice
        (Tz::America__Santiago, "2026-04-05", "2026-04-05T04:00:00Z"), // 23:00 comes twice before
        (Tz::America__St_Johns, "2010-11-07", "2010-11-07T02:30:00Z"), // for a minute, and then again
        (Tz::Pacific__Apia, "2011-12-30", "2011-12-30T10:00:00Z"), // was left out: the 31st
        (Tz::Africa__Casablanca, "2027-02-07", "2027-02-07T00:00:00Z"), // by a law of 2026
    ] {
        assert_eq!(period(Some(day), None).begins_at(tz), Some(at(begins)), "{tz} on {day}");
    }
}

#[test]
fn the_written_form_of_a_period_has_the_bounds_that_are_set() {
    let read = |json: &str| serde_json::from_str::<Period>(json).map_err(|error| error.to_string());
    for json in ["{}", r#"{"start":"2027-01-01"}"#, r#"{"start":"2027-01-01","end":"2027-01-31"}"#] {
        assert_eq!(serde_json::to_string(&read(json).expect(json)).expect("text"), json);
    }
    for (json, parts) in [
        (
            r#"{"start":"2027-01-02","end":"2027-01-01"}"#,
            ["ends on 2027-01-01", "end on 2027-01-02 or later"],
        ),
        (r#"{"start":"01.01.2027"}"#, ["`01.01.2027`", "such as 2027-01-31"]),
        (r#"{"from":"2027-01-01"}"#, ["`from`", "`start`"]),
    ] {
        let error = read(json).expect_err(json);
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}
