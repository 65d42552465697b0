//! What somebody means who texts us back: to get no more, to get them again, help, or something else.
//!
//! A word of the lists that stands alone counts as what it is, as carriers have it; so does one with politeness around
//! it, and what stops everything also as a sentence or a line of its own ("Stop. Not interested"). One within a
//! sentence ("we have to STOP this bill") does not, unless the sentence asks us to write or call no more.

use crate::base::call::Answer;
use crate::base::message::Keyword;

/// What stops everything: the words of Twilio (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE, OPTOUT) and of AWS
/// (besides: ARRET, OPT-OUT, REMOVE, TD), and those of other languages.
#[rustfmt::skip]
const STOP: &[&str] = &[
    "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "remove", "td",
    "stop it", "stop this", "stop that", "stop immediately",
    // German, Dutch, Scandinavian, Finnish.
    "stopp", "abmelden", "abbestellen", "austragen", "afmelden", "uitschrijven", "afmeld", "avslutt", "avsluta", "lopeta",
    // French, Spanish, Portuguese, Italian, Romanian.
    "arret", "arreter", "desabonner", "desinscrire", "desinscription", "baja", "parar", "pare", "alto", "sair",
    "cancelar", "cancella", "cancellami", "annulla", "disiscrivi", "basta", "dezabonare",
    // Polish, Czech, Slovak, Hungarian, Turkish, Greek, Russian, Ukrainian.
    "wypisz", "rezygnuje", "odhlasit", "zrusit", "leiratkozas", "iptal", "ret", "dur", "διακοπή", "стоп", "отписаться",
    "отмена", "відписатися",
    // Arabic, Hebrew, Hindi, Chinese, Japanese, Korean.
    "إلغاء", "توقف", "הסר", "רוקו", "रोकें", "退订", "取消订阅", "停止", "配信停止", "수신거부", "중지",
];
/// What takes a stop back. `yes`, which some carriers count, is an answer to whatever was asked.
#[rustfmt::skip]
const START: &[&str] = &[
    "start", "unstop", "opt in", "optin", "subscribe", "anmelden", "commencer", "alta", "iniciar", "inizia", "aanmelden",
    "baslat", "старт",
];
#[rustfmt::skip]
const HELP: &[&str] = &["help", "info", "hilfe", "aide", "ayuda", "ajuda", "aiuto", "hjelp", "pomoc", "yardim", "помощь"];
/// What may stand beside such a word without changing what it says.
#[rustfmt::skip]
const POLITE: &[&str] = &[
    "please", "pls", "plz", "thanks", "thank", "you", "thx", "ty", "now", "ok", "okay", "hi", "hello", "sir", "madam", "bitte", "danke",
    "vielen", "dank", "merci", "svp", "por", "favor", "gracias", "obrigado", "obrigada", "grazie", "prego", "graag", "bedankt",
    "tak", "tack", "takk", "kiitos", "prosze", "dziekuje", "prosim", "dekuji", "lutfen", "tesekkurler", "спасибо",
    "пожалуйста",
];
/// Phrases by which a sentence asks for no more texts.
#[rustfmt::skip]
const NO_MORE_TEXTS: &[&str] = &[
    "stop texting", "stop messaging", "stop sending", "stop these", "stop the texts", "stop the messages", "stop sms",
    "no more texts", "no more messages", "no more sms", "do not text", "don t text", "dont text", "don t message",
    "do not message", "never text", "quit texting", "stop bothering", "stop harassing", "stop spamming", "stop writing", "unsubscribe me", "take me off", "keine sms mehr", "keine nachrichten mehr",
    "nicht mehr schreiben", "schreiben sie mir nicht mehr", "plus de sms", "plus de messages", "ne m ecrivez plus",
    "no mas mensajes", "no me escriba", "no me escriban", "nao me mande", "non scrivetemi", "geen berichten meer", "geen sms meer",
];
/// What turns such a phrase around.
#[rustfmt::skip]
const TURNS_AROUND: &[&str] = &["don t stop", "do not stop", "dont stop", "never stop", "not stop", "nicht aufhoren"];
/// How a clause begins that asks for a call instead: no opt-out, but something for a person to read.
const ASKS_FOR_A_CALL: &[&str] = &[
    "call me",
    "phone me",
    "ring me",
    "give me a call",
    "rufen sie mich",
    "ruf mich",
    "appelez moi",
    "llamame",
];
/// Words that tell, within a text of ours, how to get no more.
#[rustfmt::skip]
const TELLS_HOW: &[&str] = &[
    "unsubscribe", "optout", "abmelden", "abbestellen", "desabonner", "disiscrivi", "afmelden", "uitschrijven", "wypisz",
];
/// Words that tell so in capitals alone: they mean other things as well.
const TELLS_HOW_IN_CAPITALS: &[&str] =
    &["STOP", "STOPP", "ARRET", "BAJA", "SAIR", "CANCELLA", "IPTAL", "RET"];

/// What a text that came in asks for; none if it is something else, for a person to read.
pub fn keyword_of(text: &str) -> Option<Keyword> {
    let plain = Answer::plain(text);
    let stops = || {
        let mut sentences = text.split(['\n', '.', '!', '?', ';']);
        asks_for_no_more(text, &plain) || sentences.any(|one| is_word_of(STOP, &Answer::plain(one)))
    };
    if is_word_of(START, &plain) {
        Some(Keyword::Start)
    } else if is_word_of(HELP, &plain) {
        Some(Keyword::Help)
    } else {
        (is_word_of(STOP, &plain) || stops()).then_some(Keyword::Stop)
    }
}

/// Whether it is one of these words, but for politeness. "No, stop" and "stop stop" are the word as well.
fn is_word_of(list: &[&str], plain: &str) -> bool {
    let words: Vec<&str> = plain.split(' ').filter(|word| !POLITE.contains(word)).collect();
    let mut said: Vec<&str> = words.iter().copied().filter(|word| !matches!(*word, "no" | "just")).collect();
    said.dedup();
    list.contains(&words.join(" ").as_str()) || matches!(said[..], [word] if list.contains(&word))
}

/// Whether a sentence asks for no more texts or calls.
fn asks_for_no_more(text: &str, plain: &str) -> bool {
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| holds(plain, phrase));
    !has(TURNS_AROUND) && (has(NO_MORE_TEXTS) && !asks_for_a_call(text) || Answer::asks_for_no_more(text))
}

/// Whether a clause of it asks for a call: "don't text me, call me".
fn asks_for_a_call(text: &str) -> bool {
    let clauses = text.split(['\n', '.', ',', '!', '?', ';', '–', '—']);
    clauses.into_iter().any(|clause| {
        let plain = Answer::plain(clause);
        let words =
            plain.split(' ').filter(|word| !POLITE.contains(word) && !matches!(*word, "just" | "but"));
        let clause: Vec<&str> = words.collect();
        ASKS_FOR_A_CALL.iter().any(|begins| clause.join(" ").starts_with(begins))
    })
}

/// Whether these words stand in a text, next to each other and whole.
fn holds(plain: &str, phrase: &str) -> bool {
    format!(" {plain} ").contains(&format!(" {phrase} "))
}

/// Whether a text of ours tells how to get no more.
pub(super) fn tells_how_to_stop(text: &str) -> bool {
    let plain = Answer::plain(text);
    let is_shouted = !text.chars().any(char::is_lowercase);
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    plain.split(' ').any(|word| TELLS_HOW.contains(&word))
        || ["opt out", "reply stop", "text stop", "send stop"].iter().any(|phrase| holds(&plain, phrase))
        || (!is_shouted && words.any(|word| TELLS_HOW_IN_CAPITALS.contains(&word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_stands_alone_is_a_keyword_in_every_language() {
        for stop in STOP.iter().copied().chain([
            "STOP",
            "Stop.",
            " stop ",
            "«STOP»",
            "ARRÊT",
            "OPT-OUT",
            "Opt out!",
            "Διακοπή",
            "İPTAL",
        ]) {
            assert_eq!(keyword_of(stop), Some(Keyword::Stop), "{stop}");
        }
        for start in ["START", "unstop", "Opt-in"] {
            assert_eq!(keyword_of(start), Some(Keyword::Start), "{start}");
        }
        for help in ["HELP", "Help?", "Hilfe!", "info"] {
            assert_eq!(keyword_of(help), Some(Keyword::Help), "{help}");
        }
    }

    #[test]
    fn a_text_tells_how_to_stop_where_it_names_the_word_and_does_not_merely_use_it() {
        for tells in
            ["Reply STOP to end", "reply stop", "Hi. Abmelden: STOP", "Envie BAJA", "unsubscribe any time"]
        {
            assert!(tells_how_to_stop(tells), "{tells}");
        }
        for does_not in ["Stop by our store", "planta baja", "STOP BY OUR STORE", "We never stop caring"] {
            assert!(!tells_how_to_stop(does_not), "{does_not}");
        }
    }

    #[test]
    fn a_yes_is_no_stop_however_politely_it_is_said() {
        for yes in [
            "Yes",
            "Yes please",
            "Yes ma'am",
            "Sí, muchas gracias",
            "Ja, dank je",
            "Evet, teşekkür ederim",
            "Igen, köszönöm",
            "Da, mulțumesc",
            "Так, дякую",
        ] {
            assert_eq!(keyword_of(yes), None, "{yes}");
        }
    }

    #[test]
    fn who_wants_a_call_instead_has_not_opted_out_of_everything() {
        for call in
            ["don't text me, call me", "Do not text. Please call me at 5", "dont text me – just call me"]
        {
            assert_eq!(keyword_of(call), None, "{call}");
        }
        for stop in ["don't text me, don't call me", "do not text or call me", "STOP. Do not call me"] {
            assert_eq!(keyword_of(stop), Some(Keyword::Stop), "{stop}");
        }
    }

    #[test]
    fn politeness_changes_nothing() {
        for stop in [
            "Stop. Thank you",
            "STOP\n\nSent from my iPhone",
            "Stop. Not interested",
            "Stop it",
            "Stop bothering me",
            "please stop",
            "STOP PLEASE",
            "Ok stop",
            "stop stop stop",
            "No. Stop!",
            "Bitte abmelden",
            "stop calling me please",
            "Please remove me from your list",
            "Hi, I would like you to stop texting me, this is the third time",
            "unsubscribe me",
            "No more texts!!",
            "don’t text me again",
            "Bitte keine SMS mehr",
            "no me llamen más",
        ] {
            assert_eq!(keyword_of(stop), Some(Keyword::Stop), "{stop}");
        }
    }

    #[test]
    fn a_sentence_about_something_else_is_none() {
        for other in [
            "We have to STOP this bill",
            "I can stop by tomorrow at 5",
            "The bus stop is closed",
            "don't stop sending these, I love them",
            "can you cancel my appointment on Friday?",
            "how does it end?",
            "yes",
            "Yes please",
            "yes, thank you",
            "no thanks",
            "ok",
            "👍",
            "",
            "Start time is 5?",
            "I need help with my order",
            "I did not quit my job",
            "call me tomorrow",
        ] {
            assert_eq!(keyword_of(other), None, "{other}");
        }
    }
}
