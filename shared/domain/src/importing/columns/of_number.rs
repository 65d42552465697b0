//! Columns that tell of the numbers in another one: what they are called, and who is reached there.

use std::fmt;

use super::numbers::{is_filler, is_number, is_plainly_number, numbers_by, words};
use super::{Column, Meaning, key};
use crate::importing::names::variable_name;

/// How our own names of such columns begin: `phone_label`, `phone_2_name`.
const OWN: &str = "phone";

/// Words for what a number is called, behind those for the number, without accents: `Phone Type`, `Telefon türü`.
const LABEL: &[&str] = &["label", "type", "typ", "bezeichnung", "turu", "tipi", "etiketi"];
/// The same in front of them: `Tipo de teléfono`.
const LABEL_IN_FRONT: &[&str] =
    &["type", "tipo", "soort", "label", "etiqueta", "etichetta", "etiquette", "libelle"];
/// The same as part of the word for the number: `Telefontyp`.
const LABEL_ENDINGS: [&str; 4] = ["typ", "type", "art", "label"];
/// What may stand between a word in front and the number.
const LINKS: &[&str] = &["of", "de", "du", "do", "da", "di", "del", "della", "le", "la", "van"];

/// What is told of a number in a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberDetail {
    /// What it is called: `mobile`, `office`.
    Label,
    /// Who is reached there.
    Name,
}

impl NumberDetail {
    pub const ALL: [Self; 2] = [Self::Label, Self::Name];

    const fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Name => "name",
        }
    }

    /// What the words of a header tell of a number, and the words for that number.
    pub(super) fn told_by<'a>(words: &[&'a str]) -> Option<(Self, Vec<&'a str>)> {
        let (last, before) = words.split_last()?;
        let (first, behind) = words.split_first()?;
        if *last == "name" {
            return Some((Self::Name, before.to_vec()));
        }
        if LABEL.contains(last) {
            return Some((Self::Label, before.to_vec()));
        }
        if LABEL_IN_FRONT.contains(first) {
            let number = behind.iter().skip_while(|word| LINKS.contains(word));
            return Some((Self::Label, number.copied().collect()));
        }
        let number = LABEL_ENDINGS.iter().find_map(|ending| last.strip_suffix(ending))?;
        is_number(number).then(|| (Self::Label, before.iter().copied().chain([number]).collect()))
    }
}

impl fmt::Display for NumberDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A header that tells of the numbers in another column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OfNumber {
    detail: NumberDetail,
    /// What that column is called.
    of: NumberName,
    /// What it is where there is no such column.
    variable: String,
    is_ours: bool,
}

impl OfNumber {
    /// What a header tells of another column; none if it tells of no numbers.
    pub(super) fn told_by(header: &str) -> Option<Self> {
        let variable = variable_name(header)?;
        if let Some((detail, of)) = ours(&variable) {
            return Some(Self { detail, of, variable, is_ours: true });
        }
        let (words, place) = words(&variable);
        let (detail, number) = NumberDetail::told_by(&words)?;
        numbers_by(&number, place)?;
        let of = NumberName { words: number.into_iter().map(ToOwned::to_owned).collect(), place };
        Some(Self { detail, of, variable, is_ours: false })
    }

    /// Whether it is our own name for what it means, which tells of a place too.
    pub(super) const fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// Whether its words for the number say nothing else.
    pub(super) fn is_plain(&self) -> bool {
        is_plainly_number(&self.of.words.join("_"))
    }

    pub(super) fn variable(&self) -> Column {
        Column::Variable(self.variable.clone())
    }

    /// The place of the numbers that it tells of. What a client calls so tells of the column that they call by the
    /// number's name, and a header of the one with that header; our own names tell of a place, too.
    fn place_among(&self, numbers: &[NumberColumn], is_mapped: bool) -> Option<usize> {
        let by_header = numbers.iter().filter(|_| !is_mapped).map(|number| (&number.header, number.place));
        let by_field = numbers.iter().map(|number| (&number.field, number.place));
        let named = by_header.chain(by_field).filter_map(|(name, place)| Some((name.as_ref()?, place)));
        let exactly = named.clone().find(|(name, _)| **name == self.of);
        let nearly = || named.clone().find(|(name, _)| name.without_fillers() == self.of.without_fillers());
        let own_place = self.of.place.unwrap_or(1);
        let at_place = || self.is_ours && numbers.iter().any(|number| number.place == own_place);
        exactly.or_else(nearly).map(|(_, place)| place).or_else(|| at_place().then_some(own_place))
    }
}

/// What tells a column of numbers from the others: its words, and the number among them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NumberName {
    words: Vec<String>,
    place: Option<usize>,
}

impl NumberName {
    fn of(header: &str) -> Option<Self> {
        let name = variable_name(header)?;
        let (words, place) = words(&name);
        Some(Self { words: words.into_iter().map(ToOwned::to_owned).collect(), place })
    }

    /// `Phone 1 - Value` is the number that `phone_label` tells of.
    fn without_fillers(&self) -> (Vec<&str>, Option<usize>) {
        let words = self.words.iter().map(String::as_str).filter(|word| !is_filler(word));
        (words.collect(), self.place.filter(|place| *place != 1))
    }
}

/// A column of numbers that has a place.
struct NumberColumn {
    place: usize,
    header: Option<NumberName>,
    /// What a client calls it.
    field: Option<NumberName>,
}

/// Gives what tells of numbers the place that these have got. Without such numbers it stays a variable.
pub(super) fn bind(
    headers: &[String],
    fields: &[Option<&str>],
    meanings: &[Meaning],
    columns: &mut [Column],
) {
    let numbers = headers.iter().zip(fields).zip(&*columns).filter_map(|((header, field), column)| {
        let place = match column {
            Column::Phone => 1,
            Column::SecondaryPhone(place) => *place,
            _ => return None,
        };
        Some(NumberColumn { place, header: NumberName::of(header), field: field.and_then(NumberName::of) })
    });
    let numbers: Vec<NumberColumn> = numbers.collect();
    for ((meaning, field), column) in meanings.iter().zip(fields).zip(columns) {
        if let Meaning::OfNumber(of_number) = meaning
            && let Some(place) = of_number.place_among(&numbers, field.is_some())
        {
            *column = Column::OfNumber(of_number.detail, place);
        }
    }
}

/// What one of our own names tells, and of which number.
fn ours(name: &str) -> Option<(NumberDetail, NumberName)> {
    let name = key(name);
    let rest = name.strip_prefix(OWN)?;
    let word = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let detail = NumberDetail::ALL.into_iter().find(|detail| detail.name() == word)?;
    let digits = &rest[..rest.len() - word.len()];
    let place = if digits.is_empty() { None } else { Some(digits.parse().ok()?) };
    Some((detail, NumberName { words: vec![OWN.to_owned()], place }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Certainty, ColumnMap, Notice, variable_header};
    use super::*;

    fn map(sheet: &str, mapping: &[(&str, &str)]) -> ColumnMap {
        let headers: Vec<String> = sheet.split(',').map(ToOwned::to_owned).collect();
        let mapping = mapping.iter().map(|(header, field)| ((*header).to_owned(), (*field).to_owned()));
        ColumnMap::mapped(&headers, &mapping.collect::<BTreeMap<_, _>>()).expect("a good header")
    }

    fn columns(map: &ColumnMap) -> String {
        map.columns().map(|(_, column)| column.to_string()).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn our_own_names_are_known_in_any_spelling_and_are_certain() {
        for (detail, place, names) in [
            (
                NumberDetail::Label,
                1,
                "phone_label,Phone Label,phoneLabel,PHONE-LABEL,phonelabel,phone_1_label",
            ),
            (NumberDetail::Label, 1, "Phone 1 - Label,Phone 1 - Type,Phone Type,phone_type"),
            (NumberDetail::Name, 1, "phone_name,Phone Name,Phone 1 Name"),
            (NumberDetail::Label, 2, "phone_2_label,Phone 2 Label,phone2label,Phone2Label,Phone 2 Type"),
            (NumberDetail::Name, 2, "phone_2_name,PHONE 2 NAME,phone-2-name,Phone 2 - Name"),
        ] {
            for name in names.split(',') {
                let map = map(&format!("phone,phone_2,{name}"), &[]);
                assert_eq!(map.columns().last(), Some((name, &Column::OfNumber(detail, place))), "{name}");
                assert_eq!(map.known().last().map(|known| known.certainty()), Some(Certainty::Certain));
            }
        }
    }

    #[test]
    fn what_tells_of_a_number_follows_its_column() {
        for (sheet, expected) in [
            ("Mobile,Mobile Label", "phone,phone_label"),
            ("Work Phone,Mobile,Mobile Label,Mobile Name", "phone,phone_2,phone_2_label,phone_2_name"),
            ("Mobile Type,Phone,Mobile", "phone_2_label,phone,phone_2"),
            // The column that is called so is not the one of that place.
            ("Mobile,Phone,Phone Label", "phone,phone_2,phone_2_label"),
            ("phone_3,phone_2,phone_2_label,phone_3_label", "phone_3,phone,phone_label,phone_3_label"),
            (
                "Phone 2 - Label,Phone 2 - Value,Phone 5 - Type,Phone 5 - Value",
                "phone_label,phone,phone_5_label,phone_5",
            ),
            (
                "Phone Number,Phone Type,Phone Number 2,Phone Type 2",
                "phone,phone_label,phone_2,phone_2_label",
            ),
            ("Business Phone,Business Phone 2,Business Phone 2 Type", "phone,phone_2,phone_2_label"),
            // In other languages.
            ("Telefon,Telefontyp", "phone,phone_label"),
            ("Handy,Telefon,Handy-Typ,Telefonart", "phone,phone_2,phone_label,phone_2_label"),
            ("Téléphone,Type de téléphone", "phone,phone_label"),
            ("Teléfono,Móvil,Tipo de teléfono", "phone,phone_2,phone_label"),
            (
                "Celular,Tipo de celular,Telefone 2,Etiqueta do telefone 2",
                "phone,phone_label,phone_2,phone_2_label",
            ),
            ("Telefono,Etichetta telefono", "phone,phone_label"),
            ("Telefoon,Telefoontype", "phone,phone_label"),
            ("Telefon,Telefon türü", "phone,phone_label"),
            // Our own names tell of a place where nothing is called so.
            ("Handy,Festnetz,phone_2_label,phone_name", "phone,phone_2,phone_2_label,phone_name"),
        ] {
            assert_eq!(columns(&map(sheet, &[])), expected, "{sheet}");
        }
        let certainty = |sheet: &str| map(sheet, &[]).known().last().map(|known| known.certainty());
        assert_eq!(certainty("Mobile,Mobile Label"), Some(Certainty::Certain));
        assert_eq!(certainty("Work Phone,Work Phone Label"), Some(Certainty::Likely));
    }

    #[test]
    fn without_its_number_it_stays_a_variable() {
        for (sheet, expected) in [
            ("phone,phone_2_label", "phone,phone_2_label"),
            ("phone,Mobile Label,Work Phone Type", "phone,mobile_label,work_phone_type"),
            ("phone,Assistant Phone,Assistant Phone Name", "phone,ignore,assistant_phone_name"),
            (
                "phone,cell,gsm,tel,handy,mobile,Mobile Label",
                "phone,phone_2,phone_3,phone_4,phone_5,ignore,mobile_label",
            ),
            ("phone,Company Name,Phone model,Email Label", "phone,company,phone_model,email_label"),
            ("phone,Tipo de cliente,Telefonkarte,Type", "phone,tipo_de_cliente,telefonkarte,type"),
            ("phone,phone_0_label,phone_9_label", "phone,phone_0_label,phone_9_label"),
            ("phone,variables.phone_label", "phone,phone_label"),
        ] {
            let map = map(sheet, &[]);
            assert_eq!(columns(&map), expected, "{sheet}");
            assert!(!map.columns().any(|(_, column)| matches!(column, Column::OfNumber(..))), "{sheet}");
        }
        let headers = ["name", "phone_label"].map(ToOwned::to_owned);
        let sketch = ColumnMap::sketched(&headers, &BTreeMap::new()).expect("no column of numbers is missed");
        assert_eq!(sketch.columns().last(), Some(("phone_label", &Column::Variable("phone_label".into()))));
    }

    #[test]
    fn a_client_tells_by_our_names_what_a_column_is() {
        for (pairs, expected) in [
            (&[("Art", "phone_label")][..], "phone,phone_2,phone_label,wer"),
            (
                &[("Art", "phone_2_label"), ("Wer", "Phone 2 Name")],
                "phone,phone_2,phone_2_label,phone_2_name",
            ),
            // The only one that is told is the first, whatever its name.
            (
                &[("Festnetz", "ignore"), ("Handy", "phone_3"), ("Art", "phone_3_label")],
                "phone,ignore,phone_label,wer",
            ),
            (&[("Handy", "phone_2"), ("Art", "phone_2_label")], "phone_2,phone,phone_2_label,wer"),
            (&[("Art", "phone_3_label"), ("Wer", "handy_name")], "phone,phone_2,phone_3_label,handy_name"),
        ] {
            assert_eq!(columns(&map("Handy,Festnetz,Art,Wer", pairs)), expected, "{pairs:?}");
        }
        // A header goes with a header, whatever a client says of that one.
        let pairs = [("Mobile", "phone_3")];
        assert_eq!(columns(&map("Phone,Mobile,Mobile Label", &pairs)), "phone,phone_3,phone_3_label");
    }

    #[test]
    fn what_tells_the_same_again_is_a_variable_of_its_own_name() {
        let twice = map("Phone,Phone Label,Phone Type,phone_label", &[]);
        assert_eq!(columns(&twice), "phone,phone_label,phone_type,phone_label_2");
        let notice =
            |header: &str, read_as: &str| Notice::Repeated { header: header.into(), read_as: read_as.into() };
        assert_eq!(
            twice.notices(),
            [notice("Phone Type", "phone_type"), notice("phone_label", "phone_label_2")]
        );
    }

    #[test]
    fn what_tells_the_same_again_in_our_words_is_numbered() {
        let sheet = "mobile_label,phone,phone2label,mobile";
        assert_eq!(columns(&map(sheet, &[])), "phone_2_label,phone,phone_2_label_2,phone_2");
    }

    #[test]
    fn a_variable_that_is_called_so_has_a_header_of_its_own() {
        for name in ["phone_label", "phone_3_name", "mobile_type"] {
            assert_eq!(variable_header(name), format!("variables.{name}"));
        }
        assert_eq!(variable_header("order_label"), "order_label");
    }
}
