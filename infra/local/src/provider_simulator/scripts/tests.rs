use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::asked_time::AskedTime;
use super::phrases::{quoted, spoken};
use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
/// Calls of each kind.
const CALLS: u32 = 60;

/// Conversations of every scenario, each in many words, in every language.
pub(crate) fn all() -> impl Iterator<Item = Script> {
    let rest = [Scenario::Mailbox, Scenario::SaysNothing, Scenario::HangsUpAtOnce];
    let scenarios: Vec<Scenario> = Scenario::talks().chain(rest).collect();
    Language::ALL.into_iter().flat_map(move |language| {
        scenarios.clone().into_iter().flat_map(move |scenario| {
            (0..CALLS).map(move |call| {
                let ending = if call % 2 == 0 { Ending::Agent } else { Ending::Person };
                Script::of(Casting { language, scenario, ending }, &format!("call_{call}"), NOW)
            })
        })
    })
}

#[test]
fn there_are_more_than_five_hundred_conversations() {
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for script in all() {
        let Casting { language, scenario, .. } = script.casting;
        let words: Vec<&str> = script.turns.iter().map(|said| said.words.as_str()).collect();
        kinds.entry(format!("{language:?} {scenario:?}")).or_default().insert(words.join("\n"));
    }
    let talks = |(kind, _): &(&String, &BTreeSet<String>)| {
        !["Mailbox", "SaysNothing", "HangsUpAtOnce"].iter().any(|quiet| kind.ends_with(quiet))
    };
    for (kind, scripts) in kinds.iter().filter(talks) {
        assert!(scripts.len() >= 9, "{kind}: {}", scripts.len());
    }
    let distinct: BTreeSet<&String> = kinds.values().flatten().collect();
    assert!(distinct.len() >= 500, "{}", distinct.len());
}

#[test]
fn the_two_speak_in_turn_and_whoever_ends_the_call_has_the_last_word() {
    for script in all() {
        let speakers: Vec<Speaker> = script.turns.iter().map(|said| said.speaker).collect();
        assert!(speakers.windows(2).all(|two| two[0] != two[1]), "{script:?}");
        if script.casting.scenario.last_answer().is_some() {
            let last = if script.casting.ending == Ending::Agent { Speaker::Agent } else { Speaker::Person };
            assert_eq!(speakers.last(), Some(&last), "{script:?}");
        }
        assert!(script.turns.iter().all(|said| !said.words.contains(['[', ']', '{', '}'])), "{script:?}");
    }
}

#[test]
fn the_same_call_says_the_same_and_another_something_else() {
    let of = |id: &str| {
        let casting =
            Casting { language: Language::German, scenario: Scenario::QualifiesWell, ending: Ending::Agent };
        Script::of(casting, id, NOW)
    };
    assert_eq!(of("conv_1"), of("conv_1"));
    assert_ne!(of("conv_1").turns, of("conv_2").turns);
}

#[test]
fn no_line_has_two_meanings() {
    let mut meanings: HashMap<String, (Meaning, Option<String>)> = HashMap::new();
    for language in Language::ALL {
        for meaning in Meaning::all() {
            for line in language.phrases().person(meaning) {
                let means = (meaning, quoted(line, "?"));
                let before = meanings.insert(spoken(line, "?"), means.clone());
                assert!(before.is_none_or(|before| before == means), "{line}");
            }
        }
    }
}

#[test]
fn every_day_that_is_said_is_heard() {
    for language in Language::ALL {
        let date = NaiveDate::from_ymd_opt(2026, 10, 23).expect("a day");
        let said = language.phrases().date_said(date);
        assert_eq!(language.phrases().date_heard(&said), Some((23, 10)), "{said}");
    }
    assert_eq!(Language::Spanish.phrases().date_heard("12 de octubre"), Some((12, 10)));
    assert_eq!(Language::English.phrases().date_heard("tomorrow"), None);
}

#[test]
fn a_truth_names_turns_in_which_somebody_else_spoke() {
    for script in all() {
        let truth = script.truth();
        let fields = truth.fields.iter().map(|field| field.turn);
        for turn in truth.evidence.iter().chain(&truth.evaluation_evidence).copied().chain(fields) {
            let said = &script.turns[turn as usize - 2];
            assert_eq!(said.speaker, Speaker::Person, "{turn} of {script:?}");
        }
        assert_eq!(truth.evidence.is_empty(), !script.turns.iter().any(|said| said.meaning.is_some()));
    }
}

#[test]
fn a_truth_is_what_a_reader_would_say() {
    let truth = |scenario| {
        let casting = Casting { language: Language::English, scenario, ending: Ending::Agent };
        Script::of(casting, "conv_7", NOW).truth()
    };
    let redirected = truth(Scenario::Redirects).callback_request(None);
    assert!(redirected.alternate_number.is_some_and(|number| number.starts_with("+1202555")));
    assert!(!redirected.requested);
    let began = "2026-09-21T16:13:00".parse().ok();
    let dated = truth(Scenario::CallBack(AskedTime::OnADate)).callback_request(began);
    assert!(dated.local_date.is_some_and(|date| date.as_str() > "2026-09-21"), "{:?}", dated.quote);
    assert_eq!((dated.kind, dated.local_time.as_deref()), ("exact", Some("14:30")));
    let window = truth(Scenario::CallBack(AskedTime::TuesdayMorning)).callback_request(began);
    assert_eq!(window.local_date.as_deref(), Some("2026-09-22"));
    assert_eq!((window.kind, window.window_end_time.as_deref()), ("window", Some("12:00")));
    assert!(truth(Scenario::NeverToBeCalled).do_not_call && truth(Scenario::WrongPerson).wrong_person);
    assert!(!truth(Scenario::NobodyThere).reached_human && truth(Scenario::Mailbox).voicemail);
}

#[test]
fn a_code_of_a_language_may_have_a_region() {
    let codes = [None, Some("de"), Some("de-AT"), Some("es-419"), Some("multi"), Some("fr-CA"), Some("it")];
    let languages = [
        Language::English,
        Language::German,
        Language::German,
        Language::Spanish,
        Language::English,
        Language::French,
        Language::Italian,
    ];
    assert_eq!(codes.map(Language::of_code), languages);
}
