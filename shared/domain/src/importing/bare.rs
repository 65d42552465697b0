//! What digits without + are in a column: numbers of a country, or numbers that have lost their +.
//!
//! `442079460123` is a number of Britain, or one that people dial within Germany. The rows of a column that
//! can be only one of the two tell which all of them are; where none does, somebody is asked once.

use super::columns::{Column, ColumnMap};
use crate::base::numbering::{BareDigits, Country, Notation};

/// Nothing in a column tells what its digits are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "numbers in the column `{column}` can mean two people: `{value}` can be {national} or {international}; \
     call the column `phone international` if its numbers begin with a country code, or `phone national` if \
     they do not, in the file or in `columns`, and send the file again"
)]
pub struct BareDigitsQuestion {
    pub column: String,
    /// The first of them.
    pub value: String,
    pub national: String,
    pub international: String,
}

/// What digits without + are in each column, by the first rows of a sheet.
///
/// # Errors
/// The [`BareDigitsQuestion`] that has to be answered first.
pub fn bare_digits<S: AsRef<str>>(
    map: &ColumnMap,
    rows: &[&[S]],
    default_country: Option<Country>,
) -> Result<Vec<BareDigits>, BareDigitsQuestion> {
    let notation = Notation { default_country, ..Notation::default() };
    let decide = |(place, (header, column, told)): (usize, (&str, &Column, BareDigits))| {
        if told != BareDigits::Unknown || !matches!(column, Column::Phone | Column::SecondaryPhone(_)) {
            return Ok(told);
        }
        let cells = rows.iter().filter_map(|row| row.get(place)).map(AsRef::as_ref);
        bare_digits_of(header, cells, notation)
    };
    map.columns_with_digits().enumerate().map(decide).collect()
}

/// What digits without + are in these cells.
///
/// # Errors
/// The [`BareDigitsQuestion`] that has to be answered first.
pub fn bare_digits_of<'a>(
    header: &str,
    cells: impl Iterator<Item = &'a str>,
    notation: Notation,
) -> Result<BareDigits, BareDigitsQuestion> {
    let (mut national, mut international, mut unclear) = (0_usize, 0_usize, None);
    for cell in cells {
        match notation.readings_of_bare(cell) {
            Some((Some(_), None)) => national += 1,
            Some((None, Some(_))) => international += 1,
            Some((Some(one), Some(other))) if one != other && notation.read(cell).is_err() => {
                unclear.get_or_insert_with(|| BareDigitsQuestion {
                    column: header.to_owned(),
                    value: cell.trim().to_owned(),
                    national: one.to_string(),
                    international: other.to_string(),
                });
            }
            Some(_) | None => {}
        }
    }
    match (national, international, unclear) {
        (0, 0, None) | (1.., 1.., None) => Ok(BareDigits::Unknown),
        (1.., 0, _) => Ok(BareDigits::National),
        (0, 1.., _) => Ok(BareDigits::International),
        (_, _, Some(question)) => Err(question),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(cells: &[&str]) -> Result<Vec<BareDigits>, BareDigitsQuestion> {
        let headers = ["name".to_owned(), "Telefon".to_owned()];
        let map = ColumnMap::recognise(&headers).expect("a good header");
        let rows: Vec<[&str; 2]> = cells.iter().map(|cell| ["Ana", *cell]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 2]>::as_slice).collect();
        bare_digits(&map, &rows, "DE".parse().ok())
    }

    #[test]
    fn rows_that_can_be_read_in_one_way_tell_what_the_others_are() {
        let digits = |cells: &[&str]| decided(cells).map(|digits| digits[1]);
        assert_eq!(digits(&["+49 30 901820", "030 901820"]), Ok(BareDigits::Unknown));
        assert_eq!(digits(&["442079460123", "12025550123"]), Ok(BareDigits::International));
        assert_eq!(digits(&["16012345678", "3090182"]), Ok(BareDigits::National));
    }

    #[test]
    fn where_none_tells_somebody_is_asked() {
        for cells in [&["442079460123"][..], &["442079460123", "12025550123", "3090182"]] {
            let question = decided(cells).expect_err("a question").to_string();
            for part in
                ["`Telefon`", "`442079460123`", "+49442079460123", "+442079460123", "phone international"]
            {
                assert!(question.contains(part), "{question}");
            }
        }
    }
}
