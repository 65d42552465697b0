//! When the person wants to be called back, and whom else to call: `callback_request`.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use crate::language_model_simulator::conversation::{Conversation, under};
use crate::language_model_simulator::hearing::Heard;
use crate::provider_simulator::scripts::asked_time::AskedTime;
use crate::provider_simulator::scripts::meaning::Meaning;

/// The line before what is known of the call.
const HEADING: &str = "CALL";
/// Part of the name of what tells when it began by the person's clock, as a date and time.
const LOCAL: &str = "local";
/// A date and a time as far as the minute.
const MINUTE: &str = "%Y-%m-%dT%H:%M";
/// As many characters as that has.
const MINUTE_CHARS: usize = 16;

/// What the person asked for, if they did.
pub(super) fn find(conversation: &Conversation, prompt: &str) -> Value {
    let last = |is: fn(Meaning) -> bool| conversation.understood().rev().find(|(_, heard)| is(heard.meaning));
    if let Some((turn, heard)) = last(|meaning| matches!(meaning, Meaning::WantsToBeCalledBack(_)))
        && let Meaning::WantsToBeCalledBack(asked) = heard.meaning
    {
        return requested(conversation.words(turn), asked, heard, began(prompt));
    }
    let other = last(|meaning| meaning == Meaning::NamesAnotherNumber);
    let words = other.and_then(|(turn, _)| conversation.words(turn));
    let nothing = Value::Null;
    json!({ "quote": words, "requested": false, "kind": "none", "local_date": nothing, "local_time": nothing,
        "window_end_time": nothing, "timezone_said": nothing, "alternate_number": words.and_then(number_in) })
}

fn requested(words: Option<&str>, asked: AskedTime, heard: &Heard, began: Option<NaiveDateTime>) -> Value {
    let day = heard.date.zip(began).and_then(|((day, month), began)| next_such_day(day, month, began.date()));
    let on_clock = asked.on_clock(began, day);
    let clock = |(hour, minute): (u32, u32)| format!("{hour:02}:{minute:02}");
    json!({
        "quote": words,
        "requested": true,
        "kind": asked.kind(),
        "local_date": on_clock.date.map(|date| date.to_string()),
        "local_time": on_clock.time.map(clock),
        "window_end_time": on_clock.until.map(clock),
        "timezone_said": Value::Null,
        "alternate_number": Value::Null,
    })
}

/// When the call began by the person's clock, if the prompt says.
fn began(prompt: &str) -> Option<NaiveDateTime> {
    let call = under(HEADING, prompt)?;
    let local = call.as_object()?.iter().filter(|(name, _)| name.contains(LOCAL));
    let mut minutes = local.filter_map(|(_, value)| value.as_str()?.get(..MINUTE_CHARS));
    minutes.find_map(|text| NaiveDateTime::parse_from_str(text, MINUTE).ok())
}

/// The first day of this name from a day on.
fn next_such_day(day: u32, month: u32, from: NaiveDate) -> Option<NaiveDate> {
    // The 29th of February may be four years away, and eight around most centuries.
    (from.year()..=from.year() + 8)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .find(|date| *date >= from)
}

/// The number that is said in a line, without its blanks.
fn number_in(words: &str) -> Option<String> {
    let (_, said) = words.split_once('+')?;
    let digits = said.chars().take_while(|letter| letter.is_ascii_digit() || *letter == ' ');
    Some(format!("+{}", digits.filter(char::is_ascii_digit).collect::<String>()))
}
