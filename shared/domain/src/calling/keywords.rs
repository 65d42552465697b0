//! What somebody means who texts us back: to get no more, to get them again, help, or something else.
//!
//! A word of the lists that stands alone counts as what it is, as carriers have it; so does one with politeness around
//! it ("Stop. Thank you"). One within a sentence ("we have to STOP this bill") does not, unless the sentence asks us
//! to write or call no more.

use crate::base::call::Answer;
use crate::base::message::Keyword;

/// What stops everything: the words of Twilio (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE, OPTOUT) and of AWS
/// (besides: ARRET, OPT-OUT, REMOVE, TD), and those of other languages.
#[rustfmt::skip]
const STOP: &[&str] = &[
    "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "remove", "td",
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
    "do not message", "never text", "quit texting", "unsubscribe me", "take me off", "keine sms mehr", "keine nachrichten mehr",
    "nicht mehr schreiben", "schreiben sie mir nicht mehr", "plus de sms", "plus de messages", "ne m ecrivez plus",
    "no mas mensajes", "no me escriba", "no me escriban", "nao me mande", "non scrivetemi", "geen berichten meer", "geen sms meer",
];
/// What turns such a phrase around.
#[rustfmt::skip]
const TURNS_AROUND: &[&str] = &["don t stop", "do not stop", "dont stop", "never stop", "not stop", "nicht aufhoren"];
/// Words that tell, within a text of ours, how to get no more.
#[rustfmt::skip]
const TELLS_HOW: &[&str] = &[
    "stop", "stopp", "unsubscribe", "optout", "abmelden", "abbestellen", "desabonner", "baja", "sair", "cancella", "disiscrivi",
    "afmelden", "uitschrijven", "wypisz", "iptal", "ret",
];

/// What a text that came in asks for; none if it is something else, for a person to read.
pub fn keyword_of(text: &str) -> Option<Keyword> {
    let plain = Answer::plain(text);
    let words: Vec<&str> = plain.split(' ').filter(|word| !POLITE.contains(word)).collect();
    let bare = words.join(" ");
    // "No, stop" and "stop stop" are the word as well.
    let mut said: Vec<&str> = words.iter().copied().filter(|word| !matches!(*word, "no" | "just")).collect();
    said.dedup();
    let is_one_of =
        |list: &[&str]| list.contains(&bare.as_str()) || matches!(said[..], [word] if list.contains(&word));
    if is_one_of(STOP) {
        Some(Keyword::Stop)
    } else if is_one_of(START) {
        Some(Keyword::Start)
    } else if is_one_of(HELP) {
        Some(Keyword::Help)
    } else {
        asks_for_no_more(text, &plain).then_some(Keyword::Stop)
    }
}

/// Whether a sentence asks for no more texts or calls.
fn asks_for_no_more(text: &str, plain: &str) -> bool {
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| holds(plain, phrase));
    let is_clear = Answer::of(&text.into()) == Answer::Yes && plain.contains(' ');
    !has(TURNS_AROUND) && (has(NO_MORE_TEXTS) || (is_clear && !says_just_yes(plain)))
}

/// Whether it is a yes with politeness, which is no request by itself.
fn says_just_yes(plain: &str) -> bool {
    let mut words = plain.split(' ').filter(|word| !POLITE.contains(word));
    words.all(|word| Answer::of(&word.into()) == Answer::Yes && !STOP.contains(&word))
}

/// Whether these words stand in a text, next to each other and whole.
fn holds(plain: &str, phrase: &str) -> bool {
    format!(" {plain} ").contains(&format!(" {phrase} "))
}

/// Whether a text of ours tells how to get no more.
pub(super) fn tells_how_to_stop(text: &str) -> bool {
    let plain = Answer::plain(text);
    plain.split(' ').any(|word| TELLS_HOW.contains(&word)) || holds(&plain, "opt out")
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
    fn politeness_changes_nothing() {
        for stop in [
            "Stop. Thank you",
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
