//! Holidays.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

/// The holidays that some rule keeps free.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Calendar {
    pub(super) name: String,
    /// Where it is written, and how it was read.
    #[serde(rename = "source")]
    _source: String,
    days: Vec<Holiday>,
    /// Which of them falls on which date in [`YEARS`]; found once, for plans ask often.
    #[serde(skip)]
    found: OnceLock<BTreeMap<NaiveDate, usize>>,
}

/// The years in which people are called.
const YEARS: RangeInclusive<i32> = 2020..=2060;

/// A day that comes back every year.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    on: Day,
}

/// How a holiday's date is found.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Day {
    /// The same date every year.
    Date {
        month: u32,
        day: u32,
        /// On a Saturday the Friday before is free too, on a Sunday the Monday after.
        #[serde(default)]
        moves_to_weekday: bool,
    },
    /// The first, second and so on of a weekday in a month.
    NthWeekday { nth: u32, weekday: Weekday, month: u32 },
    /// The last of a weekday in a month.
    LastWeekday { weekday: Weekday, month: u32 },
    /// So many days after Easter Sunday of the Western churches, or before it.
    Easter(i64),
}

impl Calendar {
    /// The holiday on this day.
    pub(super) fn holiday(&self, day: NaiveDate) -> Option<&str> {
        let is_near = YEARS.contains(&day.year());
        let place = if is_near { self.found().get(&day).copied() } else { self.find(day) };
        self.days.get(place?).map(|holiday| holiday.name.as_str())
    }

    fn find(&self, day: NaiveDate) -> Option<usize> {
        self.days.iter().position(|holiday| holiday.on.is(day))
    }

    fn found(&self) -> &BTreeMap<NaiveDate, usize> {
        self.found.get_or_init(|| {
            let first = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1).unwrap_or_default();
            let days = first.iter_days().take_while(|day| YEARS.contains(&day.year()));
            days.filter_map(|day| Some((day, self.find(day)?))).collect()
        })
    }
}

impl Day {
    fn is(&self, day: NaiveDate) -> bool {
        match *self {
            Self::Date { month, day: of_month, moves_to_weekday } => {
                let is_it = |day: NaiveDate| day.month() == month && day.day() == of_month;
                let moved_here = |neighbour: Option<NaiveDate>| neighbour.is_some_and(is_it);
                is_it(day)
                    || moves_to_weekday
                        && match day.weekday() {
                            Weekday::Fri => moved_here(day.succ_opt()),
                            Weekday::Mon => moved_here(day.pred_opt()),
                            _ => false,
                        }
            }
            Self::NthWeekday { nth, weekday, month } => {
                day.month() == month && day.weekday() == weekday && day.day0() / 7 + 1 == nth
            }
            Self::LastWeekday { weekday, month } => {
                let a_week_on = day.checked_add_days(Days::new(7));
                day.month() == month
                    && day.weekday() == weekday
                    && a_week_on.is_none_or(|later| later.month() != month)
            }
            Self::Easter(days) => easter(day.year()).is_some_and(|easter| (day - easter).num_days() == days),
        }
    }
}

/// Easter Sunday of the Western churches.
///
/// Source: the anonymous algorithm for the Gregorian calendar (Nature, 20 April 1876), as Meeus
/// gives it.
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leaps, rest) = (century / 4, century % 4);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - leaps - correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * rest + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let shift = (golden + 11 * epact + 22 * to_sunday) / 451;
    let march_days = epact + to_sunday - 7 * shift + 114;
    let (month, day) = (u32::try_from(march_days / 31).ok()?, u32::try_from(march_days % 31 + 1).ok()?);
    NaiveDate::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// The dates that the churches published.
    #[test]
    fn easter_is_when_it_is_known_to_be() {
        for text in [
            "1943-04-25",
            "1961-04-02",
            "2000-04-23",
            "2008-03-23",
            "2016-03-27",
            "2019-04-21",
            "2020-04-12",
            "2021-04-04",
            "2022-04-17",
            "2023-04-09",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2029-04-01",
            "2030-04-21",
            "2038-04-25",
            "2049-04-18",
            "2285-03-22",
        ] {
            assert_eq!(easter(date(text).year()), Some(date(text)));
        }
    }

    #[test]
    fn each_way_to_find_a_day_finds_it_and_no_other() {
        let of_year = |on: Day| -> Vec<String> {
            let days = date("2026-01-01").iter_days().take(365);
            days.filter(|day| on.is(*day)).map(|day| day.to_string()).collect()
        };
        let fixed = |month, day, moves_to_weekday| Day::Date { month, day, moves_to_weekday };
        assert_eq!(of_year(fixed(7, 4, false)), ["2026-07-04"]);
        assert_eq!(of_year(fixed(7, 4, true)), ["2026-07-03", "2026-07-04"]);
        assert_eq!(of_year(fixed(11, 1, true)), ["2026-11-01", "2026-11-02"]);
        assert_eq!(of_year(fixed(12, 25, true)), ["2026-12-25"]);
        let thanksgiving = Day::NthWeekday { nth: 4, weekday: Weekday::Thu, month: 11 };
        assert_eq!(of_year(thanksgiving), ["2026-11-26"]);
        assert_eq!(of_year(Day::LastWeekday { weekday: Weekday::Mon, month: 5 }), ["2026-05-25"]);
        assert_eq!(of_year(Day::Easter(-47)), ["2026-02-17"]);
        assert_eq!(of_year(Day::Easter(39)), ["2026-05-14"]);
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_holidays_but_answered() {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            for on in [Day::Easter(1), Day::Date { month: 7, day: 4, moves_to_weekday: true }] {
                assert!(!on.is(day));
            }
        }
    }
}
