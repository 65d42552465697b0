//! What is built in: rules and calendars of holidays.

use std::sync::{Arc, LazyLock};

use serde::de::DeserializeOwned;

use super::calendar::Calendar;
use super::rule::Rule;

/// The rules, a file for each country or group of them.
const RULES: [&str; 5] = [
    include_str!("../../../rules/default.json"),
    include_str!("../../../rules/eu.json"),
    include_str!("../../../rules/gb.json"),
    include_str!("../../../rules/in.json"),
    include_str!("../../../rules/us.json"),
];
const CALENDARS: &str = include_str!("../../../rules/calendars.json");

// A test reads every file. Should one be broken nevertheless, nothing is allowed: there is no rule
// then, and a book without rules has no hours.
static BUILT_IN: LazyLock<Vec<Arc<Rule>>> = LazyLock::new(|| read_rules().unwrap_or_default());
static BUILT_IN_CALENDARS: LazyLock<Vec<Calendar>> =
    LazyLock::new(|| read_list(CALENDARS).unwrap_or_default());

/// The built-in rules, in all their versions.
pub(super) fn rules() -> &'static [Arc<Rule>] {
    &BUILT_IN
}

/// The calendar of this name.
pub(super) fn calendar(name: &str) -> Option<&'static Calendar> {
    calendars().iter().find(|calendar| calendar.name == name)
}

pub(super) fn calendars() -> &'static [Calendar] {
    &BUILT_IN_CALENDARS
}

/// Reads the rules. One that names a calendar which is not there is refused.
pub(super) fn read_rules() -> Result<Vec<Arc<Rule>>, String> {
    let mut rules: Vec<Rule> = Vec::new();
    for file in RULES {
        rules.extend(read_list(file)?);
    }
    let mut names = rules.iter().filter_map(|rule| rule.holidays.as_ref());
    match names.find(|name| calendar(name).is_none()) {
        Some(name) => Err(format!("no calendar {name}")),
        None => Ok(rules.into_iter().map(Arc::new).collect()),
    }
}

fn read_list<T: DeserializeOwned>(file: &str) -> Result<Vec<T>, String> {
    serde_json::from_str(file).map_err(|error| error.to_string())
}

/// Reads the calendars as strictly.
#[cfg(test)]
pub(super) fn read_calendars() -> Result<Vec<Calendar>, String> {
    read_list(CALENDARS)
}
