//! Daylight saving in every zone, against a clock that is not ours: jiff with its own tz database.

use chrono_tz::TZ_VARIANTS;
use jiff::tz::TimeZone as Jiff;

use super::oracle::{instant, zone_of_jiff};
use crate::base::time::MINUTE_MS;
use crate::base::zone::utc_offset_ms;
use crate::policy::hours::*;

/// All offsets and changes of these years are multiples of it, so nothing happens in between.
const STEP_MS: i64 = 15 * MINUTE_MS;
/// 2025-01-01 and 2028-01-01.
const YEARS: (Timestamp, Timestamp) =
    (Timestamp::from_millis(1_735_689_600_000), Timestamp::from_millis(1_830_297_600_000));

/// Open windows in minutes after local midnight, Monday first.
type Minutes = [&'static [(i64, i64)]; 7];

/// As a campaign may set them, before the statutory clip; each day differs from its neighbours.
const DAYTIME: Minutes = [
    &[(360, 1380)],
    &[(540, 720), (780, 1080)],
    &[],
    &[(480, 600), (600, 660), (690, 720), (1200, 1380)],
    &[(360, 390), (1230, 1320)],
    &[(1260, 1290)],
    &[(510, 1110)],
];

/// When clocks change; no campaign can set these.
const NIGHT: Minutes = [
    &[(0, 30), (60, 150), (1350, 1440)],
    &[(30, 60), (120, 180), (240, 1410)],
    &[(150, 1440)],
    &[(0, 1440)],
    &[],
    &[(0, 120), (1320, 1380)],
    &[(60, 90), (120, 150), (180, 210), (1410, 1440)],
];

/// What the oracle says: the wall clock, and whether its minute lies in a window.
fn is_open(tz: &Jiff, minutes: &Minutes, clip: (i64, i64), at: Timestamp) -> bool {
    let local = tz.to_datetime(instant(at));
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).expect("a weekday");
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let inside = |&(from, to): &(i64, i64)| (from..to).contains(&minute);
    inside(&clip) && minutes[day].iter().any(inside)
}

/// The stretches of time to look at: five days around each change of the clocks, and some between.
fn grids(tz: &Jiff) -> Vec<Vec<Timestamp>> {
    let (first, last) = YEARS;
    let changes = tz.following(instant(first)).map(|change| change.timestamp());
    let changes = changes.take_while(|change| *change < instant(last));
    let middles = changes.map(|change| Timestamp::from_millis(change.as_millisecond()));
    let sampled = (0..4).map(|sample| first.plus_ms((11 + sample * 271) * DAY_MS));
    let days = |middle: Timestamp| {
        assert_eq!(middle.as_millis() % STEP_MS, 0, "the clocks change at an odd minute");
        (-240..240).map(|step| middle.plus_ms(step * STEP_MS)).collect()
    };
    middles.chain(sampled).map(days).collect()
}

/// The first point of the grid from `start` on that is like `open`.
fn first(open: bool, grid: &[Timestamp], states: &[bool], start: usize) -> Option<Timestamp> {
    (start..grid.len()).find(|&point| states[point] == open).map(|point| grid[point])
}

#[test]
fn every_zone_opens_and_closes_when_its_wall_clock_says() {
    let windows = DAYTIME.map(|day| {
        let half_hour = |minute: i64| {
            let part = |number: i64| u8::try_from(number).expect("part of a time");
            HalfHour::new(part(minute / 60), part(minute % 60)).expect("a half hour")
        };
        day.iter().map(|&(from, to)| Window::new(half_hour(from), half_hour(to)).expect("a window")).collect()
    });
    let weekly = WeeklyHours::new(windows).expect("hours");
    for tz in TZ_VARIANTS {
        // Not through `Zone::from`, which would answer for the preferred name of the zone.
        let hours = CallingHours {
            weekly: &weekly,
            zone: &Zone::CAMPAIGN,
            campaign_tz: tz,
            whose: HoursZone::Campaign,
            except: &NO_DATES,
            rules: Rulebook::builtin(),
            channel: Channel::Call,
        };
        let jiff = zone_of_jiff(tz);
        for grid in grids(&jiff) {
            let states: Vec<bool> =
                grid.iter().map(|&at| is_open(&jiff, &DAYTIME, (480, 1260), at)).collect();
            for (point, &at) in grid.iter().enumerate() {
                assert_eq!(hours.is_open(at), states[point], "{tz} at {at}");
                if point > 0 {
                    assert_eq!(hours.is_open(at.plus_ms(-1)), states[point - 1], "{tz} just before {at}");
                }
                if let Some(opens) = first(true, &grid, &states, point) {
                    assert_eq!(hours.next_open(at), Some(opens), "{tz} from {at}");
                }
                match first(false, &grid, &states, point) {
                    Some(closes) if closes == at => assert_eq!(hours.open_until(at), None, "{tz} at {at}"),
                    Some(closes) => assert_eq!(hours.open_until(at), Some(closes), "{tz} at {at}"),
                    None => {}
                }
            }
        }
    }
}

/// The clocks change at night, when nobody may be called; so here a clock is open at night.
#[test]
fn an_hour_that_is_left_out_never_comes_and_one_that_is_repeated_counts_twice() {
    let slots = |day: &[(i64, i64)]| {
        let half_hours = day.iter().flat_map(|&(from, to)| from / 30..to / 30);
        Slots::of_half_hours(half_hours)
    };
    let week = NIGHT.map(slots);
    for tz in TZ_VARIANTS {
        let clock = Clock { tz, week: &week, except: &NO_DATES, law: None };
        let jiff = zone_of_jiff(tz);
        for grid in grids(&jiff) {
            let states: Vec<bool> = grid.iter().map(|&at| is_open(&jiff, &NIGHT, (0, 1440), at)).collect();
            for (point, &at) in grid.iter().enumerate() {
                let Span { is_open, until } = clock.span(at);
                assert_eq!(is_open, states[point], "{tz} at {at}");
                assert_eq!(clock.is_open(at.plus_ms(STEP_MS - 1)), is_open, "{tz} just after {at}");
                assert!(until > at, "{tz} at {at}");
                let next_change = first(!is_open, &grid, &states, point);
                assert!(next_change.is_none_or(|change| until <= change), "{tz} at {at}: {until}");
            }
        }
    }
}

#[test]
fn every_clock_shows_what_the_oracle_says() {
    for tz in TZ_VARIANTS {
        let jiff = zone_of_jiff(tz);
        for at in grids(&jiff).into_iter().flatten() {
            let theirs = i64::from(jiff.to_offset(instant(at)).seconds()) * 1000;
            assert_eq!(utc_offset_ms(tz, at), theirs, "{tz} at {at}");
        }
    }
}
