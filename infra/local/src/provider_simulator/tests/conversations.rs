//! What is said fits what happens, and what is true of it can be told from the record of the call.

use std::collections::BTreeSet;

use carillon_domain::records::analysis::GoalResult;

use super::{START, order};
use crate::provider_simulator::audit::CallRecord;
use crate::provider_simulator::calls::Exchange;
use crate::provider_simulator::elevenlabs;
use crate::provider_simulator::order::OutboundCall;
use crate::provider_simulator::person::Ending;
use crate::provider_simulator::scripts::scenario::Scenario;
use crate::provider_simulator::scripts::{Casting, Language};
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::speech::{self, Speaker, Utterance};

/// What is known of a call to a number in a language, and what is said in it.
fn called(to_number: &str, language: &str) -> (CallRecord, Vec<Utterance>) {
    let mut exchange = Exchange::new(NetworkSettings::default());
    exchange.place(START, &OutboundCall { language: Some(language.to_owned()), ..order(to_number) });
    let call = exchange.calls_of(elevenlabs::PROVIDER, None).next().expect("a call");
    (CallRecord::of(call), speech::of(call))
}

fn casting(last_four: &str, language: &str) -> Option<Casting> {
    called(&format!("+1212555{last_four}"), language).0.casting
}

#[test]
fn whoever_asks_for_something_says_so_in_their_language() {
    let never = casting("0031", "de-DE").expect("a conversation");
    assert_eq!((never.scenario, never.language), (Scenario::NeverToBeCalled, Language::German));
    let later = casting("0032", "fr").expect("a conversation");
    assert!(matches!(later.scenario, Scenario::CallBack(_)) && later.language == Language::French);
    assert_eq!(casting("0004", "en").map(|casting| casting.scenario), Some(Scenario::Mailbox));
    assert_eq!(casting("0018", "en").map(|casting| casting.scenario), Some(Scenario::SaysNothing));
    assert_eq!(casting("0002", "en"), None);
}

#[test]
fn whoever_talks_does_so_in_every_way_that_ends_as_the_call_does() {
    let mut seen = BTreeSet::new();
    for n in 0..200 {
        for (last_four, ending) in [("0001", Ending::Agent), ("0025", Ending::Person)] {
            let (record, said) = called(&format!("+1{}555{last_four}", 201 + n), "es");
            let casting = record.casting.expect("a conversation");
            assert_eq!(casting.ending, ending);
            seen.insert(format!("{:?}", casting.scenario));
            let speaker = if ending == Ending::Agent { Speaker::Agent } else { Speaker::Person };
            assert_eq!(said.last().map(|said| said.speaker), Some(speaker), "{said:?}");
            assert!(!record.truth().expect("a truth").do_not_call);
        }
    }
    assert_eq!(seen.len(), 11, "{seen:?}");
}

#[test]
fn turns_are_spread_from_the_first_reply_to_the_goodbye() {
    for number in ["+12125550001", "+12125550025", "+12125550019", "+12125550031"] {
        let (_, said) = called(number, "en");
        let times: Vec<i64> = said.iter().map(|said| said.at_secs).collect();
        assert!(times.is_sorted(), "{times:?}");
        let last = if number.ends_with("19") { 1_197 } else { 27 };
        assert_eq!((times[0], times[1], times.last()), (0, 4, Some(&last)));
        assert_eq!(said[0].words, "Hi Ann, this is Robin.");
    }
}

#[test]
fn what_is_true_of_a_call_names_turns_of_its_transcript() {
    let (record, said) = called("+12125550031", "it");
    let truth = record.truth().expect("a truth");
    assert!(truth.do_not_call && truth.reached_human);
    assert_eq!((truth.verdict, truth.evidence), (GoalResult::Failure, vec![2]));
    assert_eq!(said[1].speaker, Speaker::Person);
    let (silent, said) = called("+12125550018", "it");
    let truth = silent.truth().expect("a truth");
    assert_eq!((said.len(), said[1].at_secs, truth.reached_human), (2, 10, false));
    assert!(truth.evidence.is_empty());
}
