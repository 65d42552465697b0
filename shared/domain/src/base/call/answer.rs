//! Yes and no as language models and people write them, in collected data.

use serde_json::Value;

/// What a collected value says to "does this person want no more calls?". The order is how strict it is: of
/// several, the last one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Nothing was said about it.
    Absent,
    No,
    /// Something was said, and we can't say what: a person has to look at it.
    Unclear,
    Yes,
}

/// Words that alone say yes: English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish,
/// Danish, Norwegian, Finnish, Czech, Slovak, Turkish, Hungarian, Romanian, Russian, Ukrainian, Greek and others.
#[rustfmt::skip]
const YES: &[&str] = &[
    "yes", "y", "yeah", "yep", "yup", "true", "t", "1", "on", "affirmative", "correct", "confirmed", "ja", "j",
    "jawohl", "jo", "wahr", "richtig", "oui", "vrai", "si", "verdadero", "sim", "verdadeiro", "vero", "waar",
    "tak", "prawda", "sant", "sand", "kylla", "joo", "ano", "pravda", "evet", "dogru", "igen", "igaz", "da",
    "adevarat", "taip", "jah", "да", "правда", "так", "ναι", "はい", "是", "是的", "예", "네", "نعم", "כן",
];
/// Words that alone say no.
#[rustfmt::skip]
const NO: &[&str] = &[
    "no", "n", "nope", "false", "f", "0", "off", "negative", "nein", "falsch", "non", "faux", "nao", "falso",
    "nee", "onwaar", "nie", "falsz", "nej", "nei", "falsk", "ei", "ne", "hayir", "yanlis", "nem", "hamis", "nu",
    "нет", "ні", "όχι", "οχι", "いいえ", "否", "不是", "不", "아니요", "아니오", "لا", "לא",
];
/// Phrases that say no to the question for an opt-out, whatever single words of theirs say.
#[rustfmt::skip]
const NO_OPT_OUT: &[&str] = &[
    "nej tak", "no opt out", "no optout", "not opted out", "did not opt out", "didn t opt out",
    "no opt out requested", "no opt out request", "does not want to opt out", "no do not call request",
    "did not ask to opt out", "no dnc", "no dnc request", "not dnc", "no need", "not needed", "not necessary",
    "not necessary thanks", "nicht notig", "nein nicht notig", "kein opt out", "kein widerspruch", "pas besoin",
    "no hace falta", "no es necesario", "non serve", "nao precisa", "nao e necessario", "niet nodig",
    "nie trzeba", "behovs inte", "ikke nodvendig", "ei tarvitse", "neni treba", "gerek yok", "不用", "不用了",
    "不需要", "いいえ結構です", "いいえ 結構です", "괜찮아요", "아니요 괜찮습니다", "لا شكرا", "לא תודה",
];
/// Texts that say that nothing was said.
#[rustfmt::skip]
const ABSENT: &[&str] = &[
    "", "n a", "na", "none", "null", "nil", "nan", "undefined", "unknown", "unspecified", "not discussed",
    "not mentioned", "not applicable", "not asked", "not specified", "not provided", "not available",
    "not given", "not stated", "not set", "not requested", "none requested", "nothing", "no request", "keine", "keine angabe", "nicht besprochen",
    "nicht erwahnt", "nicht angegeben", "unbekannt", "entfallt", "aucun", "aucune", "non discute",
    "non mentionne", "inconnu", "ninguno", "ninguna", "no mencionado", "desconocido", "nessuno", "sconosciuto",
    "nenhum", "desconhecido", "geen", "onbekend", "brak", "ukendt", "okand", "ukjent",
];
/// Politeness: a yes or a no stays one beside it.
#[rustfmt::skip]
const POLITE: &[&str] = &[
    "please", "pls", "thanks", "thank", "you", "thx", "ty", "sir", "madam", "ma", "am", "bitte", "danke", "schon",
    "vielen", "dankeschon", "svp", "merci", "por", "favor", "gracias", "muchas", "obrigado", "obrigada", "prego",
    "grazie", "graag", "dank", "je", "u", "bedankt", "prosze", "dziekuje", "tack", "takk", "kiitos", "prosim",
    "dekuji", "dakujem", "lutfen", "tesekkurler", "tesekkur", "ederim", "koszonom", "multumesc", "hvala",
    "спасибо", "дякую", "ευχαριστω", "ευχαριστώ", "谢谢", "ありがとう", "감사합니다", "شكرا", "תודה",
];
/// Phrases by which somebody asks for no more calls.
#[rustfmt::skip]
const OPT_OUT: &[&str] = &[
    "stop calling", "stop call", "stop calls", "stop contacting", "stop", "remove me", "remove", "removed",
    "take me off", "do not call", "don t call", "dont call", "do not contact", "don t contact", "dont contact",
    "do not ring", "never call", "never contact", "no more calls", "no further calls", "not to be called",
    "not be called", "not to call", "not to be contacted", "does not want to be called",
    "do not want to be called", "doesn t want to be called", "don t want to be called", "leave me alone",
    "opt out", "opted out", "optout", "unsubscribe", "unsubscribed", "dnc", "donotcall", "not call me",
    "lose my number", "delete my number", "nicht mehr anrufen", "nicht anrufen", "nie wieder anrufen",
    "nie mehr anrufen", "keine anrufe", "keine weiteren anrufe", "keine anrufe mehr",
    "rufen sie mich nicht mehr an", "rufen sie nicht mehr an", "ruf mich nicht mehr an",
    "rufen sie mich nie wieder an", "nicht mehr kontaktieren", "ne plus appeler", "ne plus m appeler",
    "ne m appelez plus", "n appelez plus", "ne pas appeler", "ne me rappelez plus", "arretez d appeler",
    "arretez de m appeler", "plus d appels", "ne plus contacter", "no llamar", "no me llame", "no me llamen",
    "no me llames", "no llame", "no llamen", "no vuelva a llamar", "no vuelvan a llamar", "no volver a llamar",
    "dejen de llamar", "deje de llamar", "dejar de llamar", "nao ligar", "nao me ligue", "nao me liguem",
    "nao ligue", "pare de ligar", "parem de ligar", "non chiamare", "non chiamatemi", "non mi chiami",
    "non mi chiamate", "non chiamare piu", "non mi chiamate piu", "smettete di chiamare", "niet meer bellen",
    "niet bellen", "bel me niet meer", "bel mij niet meer", "nie dzwonic", "nie dzwon", "nie dzwoncie",
    "prosze nie dzwonic", "ring inte", "sluta ringa", "ring mig inte", "ring ikke", "ring mig ikke",
    "ring meg ikke", "slutt a ringe", "stop med at ringe", "ala soita", "alkaa soittako", "nevolat",
    "nevolejte", "uz nevolejte", "nevolajte", "aramayin", "beni aramayin", "aranmak istemiyorum", "ne hivjanak",
    "nu sunati", "не звоните", "больше не звоните", "не дзвоніть",
];
/// What may stand beside such a phrase without changing what it says. Nothing here negates, limits
/// or doubts.
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "please", "pls", "thanks", "thank", "you", "me", "us", "him", "her", "them", "again", "anymore", "any",
    "more", "ever", "this", "number", "my", "the", "a", "person", "customer", "caller", "user", "lead",
    "contact", "he", "she", "they", "i", "asked", "asks", "said", "says", "requested", "requests", "wants",
    "want", "wishes", "wish", "to", "be", "from", "list", "your", "off", "of", "and", "on", "sir", "madam",
    "bitte", "danke", "mich", "mir", "uns", "ich", "sie", "an", "wieder", "mehr", "mochte", "will", "svp",
    "merci", "moi", "me", "por", "favor", "gracias", "mas", "mais", "obrigado", "obrigada", "prego", "grazie",
    "piu", "aub", "graag", "dank", "mij", "meer", "prosze", "wiecej", "tack", "tak", "mig", "meg", "mer",
    "mere", "igen", "lutfen", "prosim", "mnie", "mi", "больше", "мне",
];

impl Answer {
    /// What a collected value says: a truth value, 1 or 0, a word or a short phrase in one of several
    /// languages, or a list or an object of such.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            Value::Bool(true) => Self::Yes,
            Value::Bool(false) => Self::No,
            Value::Number(number) => match number.as_f64() {
                Some(1.0) => Self::Yes,
                Some(0.0) => Self::No,
                _ => Self::Unclear,
            },
            Value::String(text) => Self::of_text(text),
            Value::Array(values) => values.iter().map(Self::of).max().unwrap_or(Self::Absent),
            Value::Object(fields) => match fields.get("value") {
                Some(value) => Self::of(value),
                None if fields.is_empty() => Self::Absent,
                None => Self::Unclear,
            },
        }
    }

    /// Small letters without accents, one blank between words, no punctuation.
    pub fn plain(text: &str) -> String {
        plain(text)
    }

    /// Whether a text asks for no more calls in so many words, with nothing beside them that could change that.
    pub fn asks_for_no_more(text: &str) -> bool {
        is_opt_out(&plain(text))
    }

    fn of_text(text: &str) -> Self {
        let plain = plain(text);
        let is_one_of = |words: &[&str]| words.contains(&plain.as_str());
        let is_of_signs = || text.chars().any(|c| !c.is_whitespace() && !c.is_ascii_punctuation());
        if plain.is_empty() && is_of_signs() {
            Self::Unclear
        } else if is_one_of(ABSENT) {
            Self::Absent
        } else if is_one_of(NO_OPT_OUT) || is_polite_no(&plain) {
            Self::No
        } else if is_polite_yes(&plain) || is_opt_out(&plain) {
            Self::Yes
        } else {
            Self::Unclear
        }
    }
}

/// Whether a text says that nothing was said: blank, `n/a`, `none`...
pub(super) fn is_absent(text: &str) -> bool {
    Answer::of_text(text) == Answer::Absent
}

pub(super) fn is_no(text: &str) -> bool {
    Answer::of_text(text) == Answer::No
}

/// Whether it is a no and nothing else: `no thanks`, `no, no`.
fn is_polite_no(plain: &str) -> bool {
    let words: Vec<&str> = plain.split(' ').collect();
    let says_no = |word: &&str| NO.contains(word);
    says_no(&words[0]) && words.iter().all(|word| says_no(word) || POLITE.contains(word))
}

/// Whether it is a yes and nothing else: `yes please`, `ja, danke`.
fn is_polite_yes(plain: &str) -> bool {
    let words: Vec<&str> = plain.split(' ').collect();
    let says_yes = |word: &&str| YES.contains(word);
    says_yes(&words[0]) && words.iter().all(|word| says_yes(word) || POLITE.contains(word))
}

/// Whether it is such a phrase, and nothing else that could change it.
fn is_opt_out(plain: &str) -> bool {
    let words: Vec<&str> = plain.split(' ').collect();
    let is_harmless = |words: &[&str]| {
        words.iter().all(|word| [YES, POLITE, BESIDE].iter().any(|harmless| harmless.contains(word)))
    };
    OPT_OUT.iter().any(|phrase| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        let places = words.windows(phrase.len()).enumerate();
        places
            .filter(|(_, at)| *at == phrase)
            .any(|(from, _)| is_harmless(&words[..from]) && is_harmless(&words[from + phrase.len()..]))
    })
}

/// Small letters without accents, one blank between words, no punctuation.
pub(super) fn plain(text: &str) -> String {
    let is_mark = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let letters: String =
        text.chars().flat_map(char::to_lowercase).filter(|c| !is_mark(c)).map(bare).collect();
    letters
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A Latin letter without its accent.
const fn bare(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì'..='ï' | 'ı' | 'ī' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ő' | 'ō' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ț' | 'ţ' => 't',
        'ù'..='ü' | 'ű' | 'ů' | 'ū' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_yes_is_understood_in_many_words() {
        for yes in [
            json!(true),
            json!(1),
            json!(1.0),
            json!("1"),
            json!("true"),
            json!("Yes."),
            json!("YES"),
            json!("y"),
            json!(" ja! "),
            json!("sí"),
            json!("Sì"),
            json!("si\u{301}"),
            json!("Oui, merci"),
            json!("kyllä"),
            json!("TAK"),
            json!("evet"),
            json!("stop calling"),
            json!("Stop. Thank you"),
            json!("Remove me!"),
            json!("please do not call me again"),
            json!("don't call"),
            json!("Don’t call me anymore"),
            json!("Nicht mehr anrufen"),
            json!("ne plus appeler"),
            json!("no me llamen más"),
            json!("yes, please remove me from your list"),
            json!({"value": true}),
            json!(["yes"]),
            json!([false, "ja"]),
            json!({"value": ["no", "oui"]}),
            json!("não me ligue mais"),
            json!("asked to be removed"),
            json!("do_not_call"),
            json!("opt-out"),
        ] {
            assert_eq!(Answer::of(&yes), Answer::Yes, "{yes}");
        }
    }

    #[test]
    fn a_no_and_nothing_are_told_apart_from_what_is_unclear() {
        for no in [
            json!(false),
            json!(0),
            json!("0"),
            json!("no"),
            json!("No."),
            json!("NEIN"),
            json!("não"),
            json!("false"),
            json!("hayır"),
            json!({"value": "non"}),
            json!(["no", null]),
            json!("no thanks"),
            json!("No, thank you!"),
            json!("Nein, danke."),
            json!("non merci"),
            json!("no, gracias"),
            json!("Não, obrigada"),
            json!("no grazie"),
            json!("nee, dank je"),
            json!("nie, dziękuję"),
            json!("nej tack"),
            json!("Nej tak"),
            json!("nei takk"),
            json!("ei kiitos"),
            json!("ne, děkuji"),
            json!("Hayır, teşekkürler"),
            json!("nem, köszönöm"),
            json!("nu, mulțumesc"),
            json!("нет, спасибо"),
            json!("όχι, ευχαριστώ"),
            json!("不用了"),
            json!("아니요, 감사합니다"),
            json!("لا شكرا"),
            json!("No opt-out requested"),
            json!("Nein, nicht nötig"),
        ] {
            assert_eq!(Answer::of(&no), Answer::No, "{no}");
        }
        for absent in [
            json!(null),
            json!(""),
            json!("  "),
            json!("-"),
            json!("n/a"),
            json!("N/A."),
            json!("not discussed"),
            json!("None"),
            json!("unknown"),
            json!([]),
            json!({}),
            json!({"value": null}),
            json!("nicht erwähnt"),
        ] {
            assert_eq!(Answer::of(&absent), Answer::Absent, "{absent}");
        }
        for unclear in [
            json!("no, keep calling"),
            json!("does not want to be removed"),
            json!("stop calling on Mondays"),
            json!("he did not say stop calling"),
            json!("maybe"),
            json!(2),
            json!(-1),
            json!({"a": 1}),
            json!("yes and no"),
            json!("not yet"),
            json!("🤷"),
            json!("no stop"),
            json!("no, thanks, stop calling"),
            json!("thanks"),
            json!("yes, keep calling"),
            json!("don't stop calling"),
            json!("no, do not remove me"),
        ] {
            assert_eq!(Answer::of(&unclear), Answer::Unclear, "{unclear}");
        }
    }
}
