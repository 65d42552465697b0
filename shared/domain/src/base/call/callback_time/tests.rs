use chrono_tz::Tz;
use proptest::prelude::*;
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
        // Nobody wants to be called at three in the night.
        (json!("tomorrow at 2"), "2026-12-01T19:00"),
        (json!("tomorrow at 10"), "2026-12-01T15:00"),
        (json!("morgen um 3 Uhr 15"), "2026-12-01T20:15"),
        (json!("2026-12-01 03:00"), "2026-12-01T08:00"),
        (json!("next Monday morning"), "2026-12-07T14:00"),
        (json!("Next week"), "2026-12-07T05:00"),
        (json!("this afternoon"), "2026-11-30T19:00"),
        (json!("tonight"), "2026-11-30T23:00"),
        (json!("at 8 in the evening"), "2026-12-01T01:00"),
        (json!("morgen früh"), "2026-12-01T14:00"),
        (json!("heute Abend gegen 7"), "2026-12-01T00:00"),
        (json!("Freitag Nachmittag"), "2026-12-04T19:00"),
        (json!("in einer halben Stunde"), "2026-11-30T16:30"),
        (json!("in drei Tagen"), "2026-12-03T05:00"),
        (json!("demain après-midi"), "2026-12-01T19:00"),
        (json!("jeudi prochain à 14 heures 30"), "2026-12-03T19:30"),
        (json!("dans une demi-heure"), "2026-11-30T16:30"),
        (json!("ce soir vers 19h"), "2026-12-01T00:00"),
        (json!("la semaine prochaine"), "2026-12-07T05:00"),
        (json!("mañana por la mañana"), "2026-12-01T14:00"),
        (json!("mañana a las 3 de la tarde"), "2026-12-01T20:00"),
        (json!("pasado mañana a mediodía"), "2026-12-02T17:00"),
        (json!("el jueves que viene a las 10"), "2026-12-03T15:00"),
        (json!("dentro de 20 minutos"), "2026-11-30T16:20"),
        (json!("domani pomeriggio alle 4"), "2026-12-01T21:00"),
        (json!("lunedì prossimo alle 9:30"), "2026-12-07T14:30"),
        (json!("tra mezz'ora"), "2026-11-30T16:30"),
        (json!("fra un'ora"), "2026-11-30T17:00"),
        (json!("dopodomani nel pomeriggio"), "2026-12-02T19:00"),
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
        json!("tomorrow 3"),
        json!("tomorrow or Tuesday"),
        json!("not tomorrow"),
        json!("tomorrow on Friday"),
        json!("at 13 pm"),
        json!("in 0 hours"),
        json!("in two hours tomorrow"),
        json!("at"),
        json!("next month"),
        json!("12/01/2026"),
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

/// What another reader makes of the same phrases (`testdata/callback_phrases.py`).
const PHRASES: &str = include_str!("../../../../testdata/callback_phrases.txt");

#[test]
fn phrases_in_five_languages_mean_what_another_reader_takes_them_for() {
    let moment = |text: &str| {
        Timestamp::from_millis(
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
                .expect("a moment")
                .and_utc()
                .timestamp_millis(),
        )
    };
    let mut differing = Vec::new();
    for line in PHRASES.lines() {
        let [_, began_at, phrase, meant] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let read = match CallbackReading::of(&json!(phrase)) {
            CallbackReading::Time(time) => time.moment(moment(began_at), &[Tz::UTC]),
            CallbackReading::Absent | CallbackReading::Unclear => None,
        };
        if read != Some(moment(meant)) {
            differing.push(format!("{line}: {}", read.map_or("nothing".to_owned(), |at| at.to_string())));
        }
    }
    assert!(PHRASES.lines().count() >= 300);
    assert_eq!(differing, Vec::<String>::new());
}

proptest! {
    /// Whatever words stand beside each other, they say something or they don't.
    #[test]
    fn any_words_are_read_or_not(words in proptest::collection::vec(word(), 0..9)) {
        let said = CallbackReading::of(&json!(words.join(" ")));
        if let CallbackReading::Time(time) = said {
            let began_at = BEGAN_AT.parse().expect("a time");
            prop_assert!(time.moment(began_at, &[Tz::Europe__Berlin]).is_some(), "{words:?}");
        }
    }
}

/// Figures, and words that depend on what stands beside them.
const FIGURES: [&str; 12] =
    ["15:00", "3pm", "3", "31.12.2026", "2026-02-29", "9h30", "24", "am", "pm", "morgen", "mañana", "0"];

fn word() -> impl Strategy<Value = String> {
    let known: Vec<&str> = words::MEANINGS
        .iter()
        .map(|(word, _)| *word)
        .chain(words::NUMBERS.iter().map(|(word, _)| *word))
        .collect();
    prop_oneof![
        6 => proptest::sample::select(known).prop_map(str::to_owned),
        3 => proptest::sample::select(&FIGURES[..]).prop_map(str::to_owned),
        1 => "[a-zé0-9:.' ]{0,6}",
    ]
}
