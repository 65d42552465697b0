//! When a number may be called, hour by hour.

use chrono::Weekday;
use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;
use crate::base::time::HOUR_MS;
use crate::base::zone::Places;

mod daylight;
mod oracle;
mod ruled;
mod spots;

fn hours(json: &str) -> Result<WeeklyHours, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn zone(key: &str) -> Zone {
    key.parse().expect("a zone")
}

/// By the built-in rules, without a day that is out.
fn calling<'a>(
    weekly: &'a WeeklyHours,
    zone: &'a Zone,
    campaign_tz: Tz,
    whose: HoursZone,
) -> CallingHours<'a> {
    let (rules, channel) = (Rulebook::builtin(), Channel::Call);
    CallingHours { weekly, zone, campaign_tz, whose, except: &NO_DATES, rules, channel }
}

/// Monday to Friday 09:00–18:00 for a campaign in Berlin.
struct Office {
    weekly: WeeklyHours,
    zone: Zone,
}

impl Office {
    fn of(key: &str) -> Self {
        Self { weekly: WeeklyHours::default(), zone: zone(key) }
    }

    fn hours(&self, whose: HoursZone) -> CallingHours<'_> {
        calling(&self.weekly, &self.zone, Tz::Europe__Berlin, whose)
    }
}

#[test]
fn a_fault_is_named_with_its_day_its_window_and_what_would_be_right() {
    for (json, parts) in [
        (
            r#"{"monday":[{"from":"09:00","to":"12:00"},{"from":"13:15","to":"18:00"}]}"#,
            ["monday, window 2: `13:15`", "on the hour or half hour"],
        ),
        (r#"{"friday":[{"from":"05:30","to":"12:00"}]}"#, ["friday, window 1: `05:30`", "06:00 to 23:00"]),
        (r#"{"friday":[{"from":"09:00","to":"23:30"}]}"#, ["friday, window 1: `23:30`", "06:00 to 23:00"]),
        (r#"{"friday":[{"from":"9:00","to":"12:00"}]}"#, ["friday, window 1: `9:00`", "such as 09:00"]),
        (
            r#"{"sunday":[{"from":"18:00","to":"09:00"}]}"#,
            ["sunday, window 1: 18:00 to 09:00", "earlier time first"],
        ),
        (r#"{"sunday":[{"from":"09:00","to":"09:00"}]}"#, ["sunday, window 1: 09:00 to 09:00", "empty"]),
        (
            r#"{"tuesday":[{"from":"11:00","to":"14:00"},{"from":"09:00","to":"12:00"}]}"#,
            ["tuesday, window 1: 11:00–14:00 overlaps 09:00–12:00", "begin at 12:00 or later"],
        ),
        (r#"{"moonday":[]}"#, ["moonday", "monday"]),
        (r#"{"monday":[]}"#, ["no day has a window", "at least one"]),
        ("{}", ["no day has a window", "at least one"]),
    ] {
        let error = hours(json).expect_err(json);
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    let five = r#"{"from":"09:00","to":"09:30"},"#.repeat(5);
    let error = hours(&format!(r#"{{"monday":[{}]}}"#, five.trim_end_matches(','))).expect_err("five");
    assert!(error.contains("monday has 5 windows; at most 4"), "{error}");
}

#[test]
fn the_written_form_is_the_windows_of_the_days_that_are_on() {
    let json = serde_json::to_string(&WeeklyHours::default()).expect("text");
    assert!(json.starts_with(r#"{"monday":[{"from":"09:00","to":"18:00"}],"tuesday""#), "{json}");
    assert!(!json.contains("saturday"), "{json}");
    assert_eq!(hours(&json), Ok(WeeklyHours::default()));
    assert_eq!(WeeklyHours::default().windows(Weekday::Sun), []);
}

#[test]
fn the_longest_day_possible_is_from_six_to_twenty_three() {
    let weekly = hours(r#"{"saturday":[{"from":"06:00","to":"23:00"}]}"#).expect("hours");
    let window = weekly.windows(Weekday::Sat).first().copied().expect("a window");
    assert_eq!((window.from(), window.to()), (HalfHour::FIRST, HalfHour::LAST));
}

#[test]
fn office_hours_open_and_close_on_the_recipients_clock() {
    let office = Office::of("America/New_York");
    let hours = office.hours(HoursZone::Recipient);
    // Friday 2026-11-20; New York is at UTC-5.
    assert!(!hours.is_open(at("2026-11-20T13:59:59.999Z")));
    assert!(hours.is_open(at("2026-11-20T14:00:00Z")));
    assert_eq!(hours.open_until(at("2026-11-20T14:00:00Z")), Some(at("2026-11-20T23:00:00Z")));
    assert_eq!(hours.open_until(at("2026-11-20T23:00:00Z")), None);
    assert_eq!(hours.next_open(at("2026-11-20T23:00:00Z")), Some(at("2026-11-23T14:00:00Z")));
    assert_eq!(hours.next_open(at("2026-11-23T15:00:00Z")), Some(at("2026-11-23T15:00:00Z")));
}

#[test]
fn several_places_must_all_be_open() {
    let office = Office::of("America/Chicago&America/New_York");
    let hours = office.hours(HoursZone::Recipient);
    assert_eq!(hours.next_open(at("2026-11-20T14:00:00Z")), Some(at("2026-11-20T15:00:00Z")));
    assert_eq!(hours.open_until(at("2026-11-20T15:00:00Z")), Some(at("2026-11-20T23:00:00Z")));
}

/// The note on the fallback of North America: Hawaii wakes up when New York has lunch.
#[test]
fn from_new_york_to_hawaii_the_statutory_hours_leave_the_afternoon() {
    let weekly = hours(r#"{"friday":[{"from":"06:00","to":"23:00"}]}"#).expect("hours");
    let zone = zone("America/New_York&Pacific/Honolulu");
    let hours = calling(&weekly, &zone, Tz::UTC, HoursZone::Recipient);
    // 13:00 to 21:00 in winter and 14:00 to 21:00 in summer, on the clock of New York.
    for (from, opens, closes) in [
        ("2026-11-20T05:00:00Z", "2026-11-20T18:00:00Z", "2026-11-21T02:00:00Z"),
        ("2026-07-10T04:00:00Z", "2026-07-10T18:00:00Z", "2026-07-11T01:00:00Z"),
    ] {
        assert_eq!(hours.next_open(at(from)), Some(at(opens)));
        assert_eq!(hours.open_until(at(opens)), Some(at(closes)));
    }
}

#[test]
fn a_campaign_that_keeps_its_own_hours_still_wakes_nobody() {
    let office = Office::of("America/New_York");
    let hours = office.hours(HoursZone::Campaign);
    // 09:00–18:00 in Berlin is 03:00–12:00 in New York, where nobody is called before 08:00.
    assert_eq!(hours.next_open(at("2026-11-20T00:00:00Z")), Some(at("2026-11-20T13:00:00Z")));
    assert_eq!(hours.open_until(at("2026-11-20T13:00:00Z")), Some(at("2026-11-20T17:00:00Z")));
}

#[test]
fn without_a_place_the_campaigns_clock_stands_in_and_is_clipped() {
    let office = Office {
        weekly: hours(r#"{"friday":[{"from":"06:00","to":"23:00"}]}"#).expect("hours"),
        zone: Zone::CAMPAIGN,
    };
    for whose in [HoursZone::Recipient, HoursZone::Campaign] {
        let hours = office.hours(whose);
        assert_eq!(hours.next_open(at("2026-11-20T00:00:00Z")), Some(at("2026-11-20T07:00:00Z")));
        assert_eq!(hours.open_until(at("2026-11-20T07:00:00Z")), Some(at("2026-11-20T20:00:00Z")));
    }
}

#[test]
fn windows_that_adjoin_are_one() {
    let office = Office {
        weekly: hours(r#"{"friday":[{"from":"12:00","to":"14:30"},{"from":"09:00","to":"12:00"}]}"#)
            .expect("hours"),
        zone: zone("Asia/Kathmandu"), // at UTC+5:45
    };
    let hours = office.hours(HoursZone::Recipient);
    assert_eq!(hours.open_until(at("2026-11-20T03:15:00Z")), Some(at("2026-11-20T08:45:00Z")));
    assert_eq!(office.weekly.windows(Weekday::Fri).len(), 2);
}

#[test]
fn places_that_share_no_hour_are_never_open() {
    let office = Office::of("Asia/Tokyo&America/New_York");
    assert_eq!(office.hours(HoursZone::Recipient).next_open(at("2026-11-20T00:00:00Z")), None);
}

#[test]
fn the_ends_of_time_are_answered() {
    let office = Office::of("Europe/Berlin&Pacific/Kiritimati");
    for millis in [i64::MIN, i64::MIN + 1, -1, i64::MAX - 1, i64::MAX] {
        let now = Timestamp::from_millis(millis);
        let hours = office.hours(HoursZone::Campaign);
        let open = hours.is_open(now);
        assert_eq!(hours.open_until(now).is_some(), open);
        assert!(hours.next_open(now).is_none_or(|opens| opens >= now));
    }
}

/// A day as a random walk over its half hours: at most four windows, some of them adjoining.
fn days() -> impl Strategy<Value = Vec<Window>> {
    let edges = prop::collection::btree_set(12_u8..=46, 0..8);
    (edges, any::<bool>()).prop_map(|(edges, adjoining)| {
        let half_hour = |edge: u8| HalfHour::new(edge / 2, edge % 2 * 30).expect("a half hour");
        let edges: Vec<HalfHour> = edges.into_iter().map(half_hour).collect();
        let pairs = edges.windows(2).step_by(if adjoining { 1 } else { 2 });
        pairs.filter_map(|pair| Window::new(pair[0], pair[1])).take(MAX_WINDOWS_PER_DAY).collect()
    })
}

pub(super) fn weeks() -> impl Strategy<Value = WeeklyHours> {
    prop::array::uniform7(days()).prop_filter_map("a week needs hours", |days| WeeklyHours::new(days).ok())
}

fn zones() -> impl Strategy<Value = Zone> {
    let places = prop::collection::vec(prop::sample::select(&TZ_VARIANTS[..]), 0..4);
    places.prop_map(|places| Zone::new(Places::new(places), None))
}

const MINUTE: usize = 60_000;

prop_compose! {
    /// From 2025 to 2027, at any millisecond.
    fn moments()(millis in 1_735_689_600_000_i64..1_830_297_600_000) -> Timestamp {
        Timestamp::from_millis(millis)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_that_opens_earlier_or_closes_earlier_is_overlooked(
        weekly in weeks(),
        zone in zones(),
        campaign_tz in prop::sample::select(&TZ_VARIANTS[..]),
        whose in prop::sample::select(&[HoursZone::Recipient, HoursZone::Campaign][..]),
        from in moments(),
    ) {
        let hours = calling(&weekly, &zone, campaign_tz, whose);
        let opens = hours.next_open(from);
        let end = opens.unwrap_or(from.plus_ms(HORIZON_DAYS * DAY_MS));
        for minute in (from.as_millis()..end.as_millis()).step_by(MINUTE) {
            prop_assert!(!hours.is_open(Timestamp::from_millis(minute)));
        }
        if let Some(opens) = opens {
            prop_assert!(hours.is_open(opens));
            prop_assert!(opens == from || !hours.is_open(opens.plus_ms(-1)));
            let closes = hours.open_until(opens).expect("it is open");
            prop_assert!(!hours.is_open(closes) && closes.since_ms(opens) <= 24 * HOUR_MS);
            for minute in (opens.as_millis()..closes.as_millis()).step_by(MINUTE) {
                prop_assert!(hours.is_open(Timestamp::from_millis(minute)));
            }
            prop_assert!(hours.is_open(closes.plus_ms(-1)));
        }
        prop_assert_eq!(hours.open_until(from).is_some(), hours.is_open(from));
    }

}

proptest! {
    #[test]
    fn hours_are_read_as_they_were_written(weekly in weeks()) {
        let json = serde_json::to_string(&weekly).expect("text");
        prop_assert_eq!(hours(&json), Ok(weekly));
    }

    #[test]
    fn any_two_windows_that_share_a_minute_are_refused(a in days(), b in days()) {
        let shared = |a: &Window| b.iter().any(|b| a.from() < b.to() && b.from() < a.to());
        let overlap = a.iter().any(shared);
        let together: Vec<Window> = a.iter().chain(&b).copied().collect();
        let fits = together.len() <= MAX_WINDOWS_PER_DAY;
        let mut week: [Vec<Window>; 7] = Default::default();
        week[2] = together.clone();
        match WeeklyHours::new(week) {
            Ok(weekly) => {
                prop_assert!(fits && !overlap);
                let mut sorted = together;
                sorted.sort_unstable();
                prop_assert_eq!(weekly.windows(Weekday::Wed), sorted);
            }
            Err(HoursError::TooMany { day, .. }) => prop_assert!(!fits && day == Weekday::Wed),
            Err(HoursError::Overlap { day, .. }) => prop_assert!(overlap && day == Weekday::Wed),
            Err(error) => prop_assert!(together.is_empty() && error == HoursError::Never),
        }
    }
}
