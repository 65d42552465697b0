//! That a person agreed to be called, as files have it: in up to five columns.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::Value;

use super::columns::Column;
use super::details::FieldError;
use super::fault::Fault;
use crate::base::call::{Answer, CallbackReading, CallbackTime, Day};
use crate::base::time::{MINUTE_MS, Timestamp};
use crate::records::lead::Consent;

/// Most characters of a part of a consent: a lead stays small.
pub const MAX_CONSENT_CHARS: usize = 200;
/// How far ahead of our clock a consent may lie, in milliseconds: another clock wrote it.
pub const MAX_CONSENT_AHEAD_MS: i64 = MINUTE_MS;

/// What a consent is called.
/// A root comes before those that it begins with.
const ROOTS: [&str; 18] = [
    "consentement",
    "consentimiento",
    "consentimento",
    "consented",
    "consenso",
    "consent",
    "optedin",
    "optin",
    "einwilligungs",
    "einwilligung",
    "zustimmungs",
    "zustimmung",
    "eingewilligt",
    "zugestimmt",
    "toestemmings",
    "toestemming",
    "onay",
    "riza",
];
/// Says that it is one to calls. One to mails or texts is another consent.
const TO_CALLS: [&str; 8] = ["callto", "call", "calling", "phone", "telephone", "telefon", "anruf", "tcpa"];
/// What stands between a part and the consent that it is of.
const OF: [&str; 12] =
    ["ofthe", "of", "forthe", "for", "der", "zur", "del", "vande", "van", "du", "de", "do"];
/// What says yes in a column that is called like the consent itself. Words that say no, and whatever else
/// stands there, are no consent.
const GIVEN: [&str; 20] = [
    "yes", "y", "true", "t", "1", "x", "given", "granted", "opted in", "opted-in", "ja", "j", "wahr",
    "erteilt", "oui", "sí", "si", "sim", "sì", "evet",
];

/// A part of a consent that has a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsentPart {
    /// Whether it was given at all.
    Given,
    /// Where it was given.
    Source,
    /// When.
    At,
    /// How: by web, on paper, in a call.
    Channel,
    Proof,
}

impl ConsentPart {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "consent",
            Self::Source => "consent_source",
            Self::At => "consent_at",
            Self::Channel => "consent_channel",
            Self::Proof => "consent_proof",
        }
    }

    /// What a header means that has neither spaces nor capitals, if it speaks of a consent to calls.
    pub(super) fn called(header: &str) -> Option<Self> {
        let without = |words: &[&str]| words.iter().find_map(|word| header.strip_prefix(word));
        let plain =
            |text: &str| ROOTS.iter().find_map(|root| text.strip_prefix(root)).and_then(Self::of_word);
        let turned = || {
            let before = ROOTS.iter().find_map(|root| header.strip_suffix(root))?;
            OF.iter()
                .find_map(|of| before.strip_suffix(of))
                .filter(|word| !word.is_empty())
                .and_then(Self::of_word)
        };
        plain(header).or_else(|| without(&TO_CALLS).and_then(plain)).or_else(turned)
    }

    /// The part that a word behind `consent` names.
    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "" | "given" | "status" | "erteilt" | "vorhanden" | "liegtvor" => Self::Given,
            "source" | "origin" | "form" | "quelle" | "herkunft" | "formular" | "origine" | "origen"
            | "fuente" | "origem" | "fonte" | "bron" | "kaynak" | "kaynagi" => Self::Source,
            "at" | "on" | "time" | "date" | "datetime" | "timestamp" | "givenat" | "givenon"
            | "dategiven" | "am" | "vom" | "datum" | "zeit" | "zeitpunkt" | "zeitstempel" | "erteiltam"
            | "fecha" | "data" | "tarih" | "tarihi" => Self::At,
            "channel" | "method" | "medium" | "via" | "kanal" | "weg" | "methode" | "canal" | "canale"
            | "kanaal" | "kanali" => Self::Channel,
            "proof" | "evidence" | "record" | "recording" | "reference" | "ref" | "url" | "ip"
            | "nachweis" | "beleg" | "referenz" | "preuve" | "prueba" | "prova" | "bewijs" | "kanit"
            | "kaniti" => Self::Proof,
            _ => return None,
        })
    }
}

/// The cells of a row that speak of a consent.
#[derive(Default)]
pub(super) struct ConsentCells(BTreeMap<ConsentPart, String>);

impl ConsentCells {
    pub(super) fn take(&mut self, part: ConsentPart, value: &str) {
        self.0.insert(part, value.to_owned());
    }

    /// The consent, if these cells make one, and what is wrong with them. Half a consent is none: source and
    /// time are both needed.
    pub(super) fn read(mut self, clock: Tz, now: Timestamp) -> (Option<Consent>, Vec<FieldError>) {
        let mut faults = Vec::new();
        let is_given = self.0.remove(&ConsentPart::Given).map(|word| (is_given(&word), word));
        match is_given {
            Some((Some(false), _)) => return (None, faults),
            Some((None, word)) => {
                faults.push(fault(ConsentPart::Given, &word, Fault::ConsentUnclear));
                return (None, faults);
            }
            Some((Some(true), _)) => {}
            None if self.0.is_empty() => return (None, faults),
            None => {}
        }
        let channel = self.text(ConsentPart::Channel, &mut faults);
        let proof = self.text(ConsentPart::Proof, &mut faults);
        let at = self.moment(clock, now, &mut faults);
        let source = self.text(ConsentPart::Source, &mut faults);
        if source.as_ref().is_some_and(|source| answer(source) == Answer::No) {
            return (None, faults);
        }
        match (source, at) {
            (Some(source), Some(at)) => (Some(Consent { source, at, channel, proof }), faults),
            (source, at) => {
                let missing = |is_there: bool, part: ConsentPart| {
                    let is_told = faults.iter().any(|fault| fault.column == Some(Column::Consent(part)));
                    (!is_there && !is_told).then(|| fault(part, "", Fault::HalfConsent))
                };
                let missing =
                    [missing(source.is_some(), ConsentPart::Source), missing(at.is_some(), ConsentPart::At)];
                faults.extend(missing.into_iter().flatten());
                (None, faults)
            }
        }
    }

    fn text(&mut self, part: ConsentPart, faults: &mut Vec<FieldError>) -> Option<String> {
        let text = self.0.remove(&part)?;
        if text.chars().count() <= MAX_CONSENT_CHARS {
            return Some(text);
        }
        faults.push(fault(part, &text, Fault::ConsentTooLong));
        None
    }

    fn moment(&mut self, clock: Tz, now: Timestamp, faults: &mut Vec<FieldError>) -> Option<Timestamp> {
        let text = self.0.remove(&ConsentPart::At)?;
        let reason = match moment(&text, clock, now) {
            Some(at) if at.since_ms(now) <= MAX_CONSENT_AHEAD_MS => return Some(at),
            Some(_) => Fault::ConsentAhead,
            None => Fault::ConsentTime,
        };
        faults.push(fault(ConsentPart::At, &text, reason));
        None
    }
}

fn fault(part: ConsentPart, value: &str, reason: Fault) -> FieldError {
    FieldError::new(Column::Consent(part), value, reason)
}

fn answer(text: &str) -> Answer {
    Answer::of(&Value::String(text.to_owned()))
}

/// Whether a consent was given, by the word for it; none if nobody can say.
fn is_given(word: &str) -> Option<bool> {
    let word = word.trim().trim_end_matches(['.', '!']).to_lowercase();
    match answer(&word) {
        Answer::No => Some(false),
        _ => GIVEN.contains(&word.as_str()).then_some(true),
    }
}

/// The moment that a cell names: with an offset, or on the file's clock; a date alone is the beginning of that day.
fn moment(text: &str, clock: Tz, now: Timestamp) -> Option<Timestamp> {
    let time = match CallbackReading::of(&Value::String(text.to_owned())) {
        CallbackReading::Time(time) => time,
        CallbackReading::Absent | CallbackReading::Unclear => {
            let (date, time) = text.split_once(' ').unwrap_or((text, ""));
            let dashed = format!("{} {time}", slashed(date)?);
            match CallbackReading::of(&Value::String(dashed)) {
                CallbackReading::Time(time) => time,
                CallbackReading::Absent | CallbackReading::Unclear => return None,
            }
        }
    };
    match time {
        CallbackTime::At { at } => Some(at),
        CallbackTime::OnClock { day: Some(Day::Date(_)), .. } => time.moment(now, &[clock]),
        // Nobody gave it tomorrow, and of `3 pm` nobody knows the day.
        CallbackTime::OnClock { .. } | CallbackTime::After { .. } => None,
    }
}

/// A date with slashes, where it is plain which of them is the month.
fn slashed(date: &str) -> Option<NaiveDate> {
    let forms = ["%d/%m/%Y", "%m/%d/%Y"];
    let mut dates = forms.iter().filter_map(|form| NaiveDate::parse_from_str(date, form).ok());
    let first = dates.next()?;
    dates.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_252_200_000); // 2026-11-21T09:10:00Z
    const BERLIN: Tz = Tz::Europe__Berlin;

    fn read(cells: &[(ConsentPart, &str)]) -> (Option<Consent>, Vec<(Column, Fault)>) {
        let mut read = ConsentCells::default();
        cells.iter().for_each(|(part, value)| read.take(*part, value));
        let (consent, faults) = read.read(BERLIN, NOW);
        let told = |fault: FieldError| (fault.column.expect("a column"), fault.reason);
        (consent, faults.into_iter().map(told).collect())
    }

    #[test]
    fn headers_are_known_in_english_and_german() {
        for (part, headers) in [
            (ConsentPart::Given, "consent,optin,einwilligung,phoneconsent,einwilligungerteilt"),
            (
                ConsentPart::Source,
                "consentsource,optinsource,sourceofconsent,einwilligungsquelle,quelledereinwilligung",
            ),
            (
                ConsentPart::At,
                "consentat,consentdate,consentedon,optindate,dateofconsent,einwilligungam,einwilligungsdatum,datumdereinwilligung",
            ),
            (ConsentPart::Channel, "consentchannel,optinmethod,einwilligungskanal"),
            (ConsentPart::Proof, "consentproof,proofofconsent,einwilligungsnachweis,nachweisderzustimmung"),
        ] {
            for header in headers.split(',') {
                assert_eq!(ConsentPart::called(header), Some(part), "{header}");
            }
        }
        for other in [
            "consenttext",
            "emailconsent",
            "newsletteroptin",
            "smsconsent",
            "consentwithdrawnat",
            "of",
            "source",
        ] {
            assert_eq!(ConsentPart::called(other), None, "{other}");
        }
    }

    #[test]
    fn source_and_time_make_a_consent_and_half_of_it_is_none() {
        use ConsentPart::{At, Channel, Given, Proof, Source};
        let at = "2026-11-01T08:00:00Z".parse().expect("a time");
        let (consent, faults) =
            read(&[(Source, "order form"), (At, "2026-11-01 09:00"), (Channel, "web"), (Proof, "A-1")]);
        let whole = Consent {
            source: "order form".into(),
            at,
            channel: Some("web".into()),
            proof: Some("A-1".into()),
        };
        assert_eq!((consent, faults), (Some(whole), vec![]));
        let half = |part| vec![(Column::Consent(part), Fault::HalfConsent)];
        assert_eq!(read(&[(Source, "order form")]), (None, half(At)));
        assert_eq!(read(&[(At, "2026-11-01")]), (None, half(Source)));
        assert_eq!(read(&[(Given, "yes"), (At, "2026-11-01")]), (None, half(Source)));
        assert_eq!(read(&[]), (None, vec![]));
    }

    #[test]
    fn what_is_no_plain_yes_is_no_consent() {
        use ConsentPart::{At, Given, Source};
        for (word, is_consent, faults) in [
            ("yes", true, 0),
            ("Ja.", true, 0),
            ("no", false, 0),
            ("nein", false, 0),
            ("withdrawn", false, 1),
            ("opted out", false, 1),
        ] {
            let (consent, told) = read(&[(Given, word), (Source, "fair"), (At, "2026-11-01")]);
            assert_eq!((consent.is_some(), told.len()), (is_consent, faults), "{word}");
        }
        assert_eq!(read(&[(Source, "no"), (At, "2026-11-01")]).0, None);
    }

    #[test]
    fn moments_are_read_as_people_write_them_and_never_guessed() {
        for (text, expected) in [
            ("2026-11-01T09:00:00+01:00", Some("2026-11-01T08:00:00Z")),
            ("2026-11-01T09:00:00", Some("2026-11-01T08:00:00Z")),
            ("01.11.2026 09:00", Some("2026-11-01T08:00:00Z")),
            ("1.11.2026", Some("2026-10-31T23:00:00Z")),
            ("2026-11-01", Some("2026-10-31T23:00:00Z")),
            ("23/10/2026", Some("2026-10-22T22:00:00Z")),
            ("10/23/2026 9:00 AM", Some("2026-10-23T07:00:00Z")),
            ("1793520000", Some("2026-11-01T08:00:00Z")),
            ("01/11/2026", None),
            ("yesterday", None),
            ("tomorrow", None),
            ("15:00", None),
            ("in 2 hours", None),
        ] {
            let expected = expected.map(|at| at.parse::<Timestamp>().expect("a time"));
            assert_eq!(moment(text, BERLIN, NOW), expected, "{text}");
        }
        let ahead = read(&[(ConsentPart::Source, "fair"), (ConsentPart::At, "2027-01-01")]);
        assert_eq!(ahead, (None, vec![(Column::Consent(ConsentPart::At), Fault::ConsentAhead)]));
    }
}
