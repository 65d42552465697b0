//! A second opinion on when a number may be called: jiff's clocks, and the rules read naively from
//! their files.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono_tz::Tz;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone as Jiff;
use serde_json::Value;

use crate::base::time::Timestamp;

/// Half hours of a day that are open.
pub(super) type HalfHours = [bool; 48];

/// Easter Sundays of the years that the tests are about.
const EASTER: [&str; 5] = ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16"];

pub(super) use crate::base::zone::zone_of_jiff;

pub(super) fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.as_millis()).expect("within jiff's calendar")
}

/// The moment at which the clocks of a zone show this; the first of two.
pub(super) fn local(tz: Tz, shown: &str) -> Timestamp {
    let shown: jiff::civil::DateTime = shown.parse().expect("a local time");
    let moment = shown.to_zoned(zone_of_jiff(tz)).expect("a moment");
    Timestamp::from_millis(moment.timestamp().as_millisecond())
}

/// What the clocks of a zone show.
pub(super) fn shown(tz: Tz, at: Timestamp) -> String {
    zone_of_jiff(tz).to_datetime(instant(at)).strftime("%a %Y-%m-%d %H:%M").to_string()
}

pub(super) struct Oracle {
    rules: Vec<Value>,
    calendars: Value,
    groups: Value,
    days: RefCell<HashMap<(String, Date), HalfHours>>,
}

impl Oracle {
    pub(super) fn new() -> Self {
        let read = |file: &str| -> Value { serde_json::from_str(file).expect("JSON") };
        let files = [
            include_str!("../../../../rules/default.json"),
            include_str!("../../../../rules/eu.json"),
            include_str!("../../../../rules/gb.json"),
            include_str!("../../../../rules/in.json"),
            include_str!("../../../../rules/us.json"),
        ];
        Self {
            rules: files.into_iter().flat_map(|file| list(&read(file)).clone()).collect(),
            calendars: read(include_str!("../../../../rules/calendars.json")),
            groups: read(include_str!("../../../../rules/groups.json")),
            days: RefCell::default(),
        }
    }

    /// Whether the law of a jurisdiction, as text or empty, allows a call while the clocks of a zone
    /// show this.
    pub(super) fn allows(&self, law: &str, tz: &Jiff, at: Timestamp) -> bool {
        let shown = tz.to_datetime(instant(at));
        let mut days = self.days.borrow_mut();
        let half_hours = days
            .entry((law.to_owned(), shown.date()))
            .or_insert_with_key(|(law, date)| self.half_hours(law, *date));
        half_hours[half_hour(&shown)]
    }

    fn half_hours(&self, law: &str, date: Date) -> HalfHours {
        let holds = |rule: &&Value| self.holds(rule, law, &date.to_string());
        let here: Vec<&Value> = self.rules.iter().filter(holds).collect();
        let has_hours = here.iter().any(|rule| !rule["hours"].is_null());
        let default = self.rules.iter().filter(|rule| rule["id"] == "default" && !has_hours);
        let mut open = [true; 48];
        for rule in here.into_iter().chain(default) {
            let is_holiday = rule["holidays"].as_str().is_some_and(|name| self.is_holiday(name, date));
            let left = windows(&rule["hours"], date);
            for (half_hour, open) in open.iter_mut().enumerate() {
                *open &= !is_holiday && left.is_none_or(|left| left[half_hour]);
            }
        }
        open
    }

    fn holds(&self, rule: &Value, law: &str, date: &str) -> bool {
        let place = rule["jurisdiction"].as_str().expect("a place");
        let country = law.split('-').next().expect("a country");
        let group = list(&self.groups).iter().find(|group| group["name"] == place);
        let is_here = match group {
            Some(group) => list(&group["members"]).iter().any(|member| member == country),
            None => place == law || law == "US-*" && place.starts_with("US-"),
        };
        is_here
            && rule["effective_from"].as_str().is_some_and(|from| from <= date)
            && rule["effective_until"].as_str().is_none_or(|until| date < until)
            && list(&rule["channels"]).iter().any(|channel| channel == "call")
    }

    fn is_holiday(&self, calendar: &str, date: Date) -> bool {
        let calendar = list(&self.calendars).iter().find(|known| known["name"] == calendar);
        list(&calendar.expect("a calendar")["days"]).iter().any(|day| is_on(&day["on"], date))
    }
}

fn is_on(day: &Value, date: Date) -> bool {
    let number = |value: &Value| i8::try_from(value.as_i64().expect("a number")).expect("a small one");
    if let Some(days) = day["easter"].as_i64() {
        let easter = |text: &str| text.parse::<Date>().expect("a date");
        return EASTER
            .iter()
            .any(|sunday| (date - easter(sunday)).get_days() == i32::try_from(days).expect("days"));
    }
    let same = &day["date"];
    if !same.is_null() {
        let is_it = |date: Date| date.month() == number(&same["month"]) && date.day() == number(&same["day"]);
        let moved = match date.weekday() {
            Weekday::Friday => is_it(date.tomorrow().expect("a day")),
            Weekday::Monday => is_it(date.yesterday().expect("a day")),
            _ => false,
        };
        return is_it(date) || same["moves_to_weekday"] == true && moved;
    }
    let (nth, day) = match &day["nth_weekday"] {
        Value::Null => (-1, &day["last_weekday"]),
        day => (number(&day["nth"]), day),
    };
    let weekday = match day["weekday"].as_str() {
        Some("monday") => Weekday::Monday,
        Some("thursday") => Weekday::Thursday,
        other => panic!("no holiday is on a {other:?}"),
    };
    date.month() == number(&day["month"]) && date.nth_weekday_of_month(nth, weekday).ok() == Some(date)
}

/// The half hours of a day that weekly hours as JSON leave; none if there are no hours.
pub(super) fn windows(hours: &Value, date: Date) -> Option<HalfHours> {
    if hours.is_null() {
        return None;
    }
    let day = date.strftime("%A").to_string().to_lowercase();
    let mut open = [false; 48];
    for window in hours[&day].as_array().unwrap_or(&Vec::new()) {
        let edge = |name: &str| -> usize {
            let time: jiff::civil::Time = window[name].as_str().expect("a time").parse().expect("a time");
            half_hour(&date.to_datetime(time))
        };
        open[edge("from")..edge("to")].fill(true);
    }
    Some(open)
}

/// Which half hour of its day a clock shows.
pub(super) fn half_hour(shown: &jiff::civil::DateTime) -> usize {
    let minutes = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
    usize::try_from(minutes / 30).expect("a half hour")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}
