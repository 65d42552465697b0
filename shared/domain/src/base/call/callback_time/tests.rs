use chrono_tz::Tz;
use serde_json::{Value, json};

use super::*;

/// 11:00 on a Monday in New York.
const BEGAN_AT: &str = "2026-11-30T16:00:00Z";

fn moment(value: &Value, clocks: &[Tz]) -> Option<String> {
    let began_at = BEGAN_AT.parse().expect("a time");
    match CallbackReading::of(value) {
        CallbackReading::Time(time) => time.moment(began_at, clocks).map(|at| at.to_string()),
        CallbackReading::Absent | CallbackReading::Unclear => None,
    }
}

#[test]
fn a_moment_is_read_in_all_the_forms_that_models_write() {
    for (said, expected) in [
        (json!("2026-12-01T15:00:00"), "2026-12-01T20:00"),
        (json!("2026-12-01 15:00"), "2026-12-01T20:00"),
        (json!("2026-12-01T15:00"), "2026-12-01T20:00"),
        (json!("2026-12-01 15:00:00.000"), "2026-12-01T20:00"),
        (json!("2026-12-01 3:00 PM"), "2026-12-01T20:00"),
        (json!("2026-12-01T15:00:00Z"), "2026-12-01T15:00"),
        (json!("2026-12-01 15:00 UTC"), "2026-12-01T15:00"),
        (json!("2026-12-01T15:00Z"), "2026-12-01T15:00"),
        (json!("2026-12-01T15:00:00+01:00"), "2026-12-01T14:00"),
        (json!("2026-12-01T15:00-05:00"), "2026-12-01T20:00"),
        (json!("2026-12-01T15:00:00-0500"), "2026-12-01T20:00"),
        (json!("2026-12-01 15:00:00 -05"), "2026-12-01T20:00"),
        (json!("20261201T150000Z"), "2026-12-01T15:00"),
        (json!("2026-12-01"), "2026-12-01T05:00"),
        (json!("2026-11-30"), "2026-11-30T16:00"),
        (json!("01.12.2026"), "2026-12-01T05:00"),
        (json!("01.12.2026, 15:00 Uhr"), "2026-12-01T20:00"),
        (json!("15:00"), "2026-11-30T20:00"),
        (json!("10:30"), "2026-12-01T15:30"),
        (json!("3 pm"), "2026-11-30T20:00"),
        (json!("3:30pm"), "2026-11-30T20:30"),
        (json!("12 am"), "2026-12-01T05:00"),
        (json!("15 Uhr"), "2026-11-30T20:00"),
        (json!("noon"), "2026-11-30T17:00"),
        (json!("tomorrow at 3 pm"), "2026-12-01T20:00"),
        (json!("3 p.m. tomorrow"), "2026-12-01T20:00"),
        (json!("Tomorrow"), "2026-12-01T05:00"),
        (json!("morgen um 15 Uhr"), "2026-12-01T20:00"),
        (json!("übermorgen 9:15"), "2026-12-02T14:15"),
        (json!("Friday at 10:00"), "2026-12-04T15:00"),
        (json!("on Monday"), "2026-12-07T05:00"),
        (json!("am Dienstag um 8.30 Uhr"), "2026-12-01T13:30"),
        (json!("in two hours"), "2026-11-30T18:00"),
        (json!("in 30 Minuten"), "2026-11-30T16:30"),
        (json!(1_796_155_200), "2026-12-01T20:00"),
        (json!(1_796_155_200_000_i64), "2026-12-01T20:00"),
        (json!("1796155200"), "2026-12-01T20:00"),
        (json!("1796155200000"), "2026-12-01T20:00"),
        (json!({"value": "2026-12-01 15:00"}), "2026-12-01T20:00"),
        (json!(["2026-12-01 15:00"]), "2026-12-01T20:00"),
    ] {
        let read = moment(&said, &[Tz::America__New_York]);
        assert_eq!(read, Some(format!("{expected}:00.000Z")), "{said}");
    }
}

#[test]
fn what_is_no_moment_is_nothing_or_unclear() {
    for absent in [json!(null), json!(""), json!("n/a"), json!("none"), json!("no"), json!(false), json!([])]
    {
        assert_eq!(CallbackReading::of(&absent), CallbackReading::Absent, "{absent}");
    }
    for unclear in [
        json!("soon"),
        json!("tomorrow at 3"),
        json!("next week"),
        json!("12/01/2026"),
        json!("morgen früh"),
        json!(true),
        json!("yes"),
        json!(3),
        json!(-5),
        json!("25:00"),
        json!("2026-13-01"),
        json!("3"),
        json!("2026-12-01 15:00 EST"),
        json!(["15:00", "16:00"]),
        json!({"at": "15:00"}),
        json!("1e400"),
    ] {
        assert_eq!(CallbackReading::of(&unclear), CallbackReading::Unclear, "{unclear}");
    }
}

#[test]
fn of_several_clocks_the_latest_counts() {
    let both = [Tz::America__New_York, Tz::America__Chicago];
    assert_eq!(moment(&json!("2026-12-01 15:00"), &both).as_deref(), Some("2026-12-01T21:00:00.000Z"));
    assert_eq!(moment(&json!("2026-12-01 15:00"), &[]), None);
}

#[test]
fn a_skipped_time_comes_after_the_skip_and_a_doubled_one_at_first() {
    let berlin = [Tz::Europe__Berlin];
    assert_eq!(moment(&json!("2027-03-28 02:30"), &berlin).as_deref(), Some("2027-03-28T01:30:00.000Z"));
    assert_eq!(moment(&json!("2026-10-25 02:30"), &berlin).as_deref(), Some("2026-10-25T00:30:00.000Z"));
}
