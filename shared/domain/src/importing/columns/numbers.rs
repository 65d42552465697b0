//! Which headers name columns of telephone numbers.

use super::NumberDetail;
use crate::base::numbering::BareDigits;
use crate::importing::names::variable_name;

/// What a header says of the numbers in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) role: Role,
    pub(super) bare_digits: BareDigits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The person's: the first of them in the sheet is the primary number.
    Own,
    /// One of the person's that is not dialled first.
    Further,
    /// Its place is told: `phone_2`.
    Placed(usize),
    /// Reaches no person, or another one: a fax, an assistant.
    NotTheirs,
}

/// Words for a telephone number, without accents, in the languages of the usual programs.
const NUMBER: &[&str] = &[
    "phone",
    "phones",
    "phonenumber",
    "telephone",
    "telephonenumber",
    "tel",
    "telefon",
    "telefono",
    "telefone",
    "telefoon",
    "telefonnummer",
    "telefoonnummer",
    "telefonnr",
    "telnr",
    "fon",
    "puhelin",
    "puhelinnumero",
    "telefonszam",
    "mobile",
    "mobilephone",
    "mobilenumber",
    "mobil",
    "mobiel",
    "mobiltelefon",
    "mobilnummer",
    "mobilfunk",
    "mobilfunknummer",
    "mobilnr",
    "handy",
    "handynummer",
    "handynr",
    "cell",
    "cellphone",
    "cellnumber",
    "cellular",
    "celular",
    "cellulare",
    "movil",
    "telemovel",
    "portable",
    "gsm",
    "natel",
    "msisdn",
    "rufnummer",
    "rufnr",
    "festnetz",
    "festnetznummer",
    "landline",
    "whatsapp",
    "komorka",
    "komorkowy",
    "telefonnummern",
    "mobilnummern",
    "diensthandy",
    "firmenhandy",
    "diensttelefon",
    "firmentelefon",
    "mobiele",
    "mobielnummer",
    "gsmnummer",
    "fone",
    "telefonico",
    "telefonica",
    "telefonu",
    "telefonlari",
    "cep",
];
/// Words for a number that stand alone: two words make them one.
const NUMBER_PHRASES: &[&str] = &["contact_number", "call_number", "dial_number", "number_to_call", "cep_no"];
/// Headers in other scripts.
const OTHER_SCRIPTS: &[&str] = &[
    "電話",
    "電話番号",
    "携帯",
    "携帯電話",
    "电话",
    "电话号码",
    "手机",
    "手机号",
    "手機",
    "전화",
    "전화번호",
    "휴대폰",
    "телефон",
    "мобильный",
    "τηλέφωνο",
    "κινητό",
    "هاتف",
    "جوال",
    "טלפון",
    "โทรศัพท์",
];
/// Words beside these that say whose number it is, or nothing.
const QUALIFIERS: &[&str] = &[
    "number",
    "numbers",
    "no",
    "nr",
    "num",
    "nummer",
    "numero",
    "value",
    "e164",
    "full",
    "formatted",
    "raw",
    "main",
    "primary",
    "first",
    "default",
    "business",
    "work",
    "office",
    "job",
    "home",
    "private",
    "privat",
    "prive",
    "personal",
    "company",
    "firma",
    "direct",
    "contact",
    "person",
    "lead",
    "customer",
    "client",
    "kunde",
    "kontakt",
    "geschaftlich",
    "geschaeftlich",
    "dienstlich",
    "buro",
    "buero",
    "arbeit",
    "domicile",
    "bureau",
    "travail",
    "fixe",
    "fijo",
    "fisso",
    "fixo",
    "trabajo",
    "lavoro",
    "trabalho",
    "casa",
    "car",
    "day",
    "daytime",
    "evening",
    "night",
    "de",
    "du",
    "da",
    "do",
    "di",
    "del",
    "la",
    "le",
    "el",
    "of",
    "s",
    "international",
    "national",
    "organization",
    "account",
    "professionnel",
    "principal",
    "ring",
    "voice",
    "calling",
    "zentrale",
    "zakelijk",
    "werk",
    "thuis",
    "vast",
    "vaste",
    "pro",
    "perso",
    "personnel",
    "particular",
    "laboral",
    "oficina",
    "residencial",
    "comercial",
    "ufficio",
    "abitazione",
    "privato",
    "aziendale",
    "recapito",
    "n",
    "numarasi",
    "numara",
    "is",
    "ev",
    "sabit",
    "kisisel",
];
/// Words for a number that is not dialled first.
const FURTHER: &[&str] = &[
    "other",
    "secondary",
    "second",
    "alternate",
    "alternative",
    "alt",
    "additional",
    "backup",
    "callback",
    "weitere",
    "zweite",
    "autre",
    "otro",
    "altro",
    "outro",
    "overig",
    "overige",
    "andere",
    "diger",
    "sonstige",
];
/// Words for a number that reaches no person, or another one.
const NOT_THEIRS: &[&str] = &[
    "fax",
    "faxnummer",
    "faxnumber",
    "telefax",
    "fascimile",
    "pager",
    "telex",
    "tty",
    "tdd",
    "isdn",
    "assistant",
    "assistants",
    "asst",
    "emergency",
    "spouse",
    "partner",
];
/// Words that say only that something is a number.
const PLAIN: &[&str] =
    &["number", "no", "nr", "num", "nummer", "numero", "value", "de", "international", "national"];

/// What the header says of numbers; none if its column holds none.
pub(super) fn numbers(header: &str) -> Option<Numbers> {
    if OTHER_SCRIPTS.contains(&header.trim().to_lowercase().as_str()) {
        return Some(Numbers { role: Role::Own, bare_digits: BareDigits::Unknown });
    }
    let name = variable_name(header)?;
    let (words, place) = words(&name);
    numbers_by(&words, place)
}

/// The same of the words of a header, and of the last number among them.
pub(super) fn numbers_by(words: &[&str], place: Option<usize>) -> Option<Numbers> {
    let is_number = |word: &&str| NUMBER.contains(word);
    let is_phrase = NUMBER_PHRASES.contains(&words.join("_").as_str());
    let is_not_theirs = words.iter().any(|word| NOT_THEIRS.contains(word));
    let is_known =
        |word: &&str| [NUMBER, QUALIFIERS, FURTHER, NOT_THEIRS].iter().any(|words| words.contains(word));
    let names_number = is_phrase || is_not_theirs || words.iter().any(is_number);
    if !names_number || !words.iter().all(is_known) {
        return None;
    }
    // A partner or an assistant alone is a name.
    if is_not_theirs && !words.iter().any(|word| is_number(word) || word.contains("fax") || *word == "pager")
    {
        return None;
    }
    let is_further = words.iter().any(|word| FURTHER.contains(word));
    let is_plain = words.iter().all(|word| is_number(word) || is_filler(word));
    let role = match place {
        _ if is_not_theirs => Role::NotTheirs,
        Some(place) if is_further => Role::Placed(place.saturating_add(1)),
        _ if is_further => Role::Further,
        Some(place) if is_plain && place > 1 => Role::Placed(place),
        _ => Role::Own,
    };
    let says = |word: &str| words.contains(&word);
    let bare_digits = match (says("international"), says("national")) {
        (true, false) => BareDigits::International,
        (false, true) => BareDigits::National,
        _ => BareDigits::Unknown,
    };
    Some(Numbers { role, bare_digits })
}

/// Whether one of the header's words is one for a number, and it does not say something of another column's.
pub(super) fn mentions_number(header: &str) -> bool {
    let Some(name) = variable_name(header) else { return false };
    let words = words(&name).0;
    NumberDetail::told_by(&words).is_none() && words.iter().any(|word| NUMBER.contains(word))
}

/// Whether a header says that it is a number, and nothing else.
pub(super) fn is_plainly_number(header: &str) -> bool {
    let is_plain = |word: &&str| NUMBER.contains(word) || is_filler(word);
    variable_name(header).is_none_or(|name| words(&name).0.iter().all(is_plain))
}

/// Whether a word is one for a telephone number.
pub(super) fn is_number(word: &str) -> bool {
    NUMBER.contains(&word)
}

/// Whether a word says only that something is a number.
pub(super) fn is_filler(word: &str) -> bool {
    PLAIN.contains(&word)
}

/// The words of a name without digits, and the last number among them.
pub(super) fn words(name: &str) -> (Vec<&str>, Option<usize>) {
    let mut place = None;
    let words = name.split('_').filter_map(|word| {
        if NUMBER.contains(&word) || QUALIFIERS.contains(&word) {
            return Some(word);
        }
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if stem.len() < word.len() {
            place = Some(word[stem.len()..].parse().unwrap_or(usize::MAX));
        }
        Some(stem).filter(|stem| !stem.is_empty())
    });
    (words.collect(), place)
}
