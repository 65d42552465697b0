//! Cells of the sheets that we write, kept from becoming formulas, and read back.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@`, however it was quoted. The
//! usual guard is an apostrophe in front (OWASP, "CSV Injection"). Rejected rows come back to us
//! when they are mended, so reading takes off what writing put on.

use std::borrow::Cow;

use crate::base::numbering::grouped;

/// Tells spreadsheets that a file of CSV is UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Ends a line of CSV (RFC 4180, 2.1).
pub const LINE_END: &str = "\r\n";

const GUARD: char = '\'';

/// The text as a cell that no spreadsheet takes for a formula.
///
/// A telephone number of `+`, digits, spaces and dots computes nothing, and other programs are to
/// understand it. One without spaces gets some: else it is a quantity, and loses its `+`.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if let Some(number) = text.starts_with('+').then(|| text.parse().ok()).flatten() {
        Cow::Owned(grouped(&number))
    } else if is_dangerous(text.trim_start_matches(GUARD)) && !is_plain_number(text) {
        Cow::Owned(format!("{GUARD}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text as a cell that no spreadsheet computes, and that is read as the very same text: a number without spaces
/// gets a guard instead of spaces.
pub fn guarded_exactly(text: &str) -> Cow<'_, str> {
    let is_safe = is_plain_number(text) && text.contains(' ');
    if is_dangerous(text.trim_start_matches(GUARD)) && !is_safe {
        Cow::Owned(format!("{GUARD}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text for a cell that is a text to its workbook: nothing computes it, so that it has a guard only where it
/// would not be read as it is.
pub fn guarded_in_workbook(text: &str) -> Cow<'_, str> {
    let is_trimmed = is_dangerous(text) && text.starts_with(char::is_whitespace);
    if is_trimmed || unguarded(text) != text {
        Cow::Owned(format!("{GUARD}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that [`guarded`] made this cell of; a number is written in groups.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix(GUARD) {
        Some(text) if is_dangerous(text.trim_start_matches(GUARD)) => text,
        _ => cell,
    }
}

/// The cell as a field of CSV: in quotes where it must be (RFC 4180, 2.6 and 2.7).
pub fn quoted(cell: &str, delimiter: char) -> Cow<'_, str> {
    if cell.contains(['"', '\r', '\n', delimiter]) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Whether a spreadsheet may compute the text. The wide forms count too: programs of East Asia
/// take them for the narrow ones.
fn is_dangerous(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n'])
        || text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Dashes, slashes and brackets are not plain: `+49-30` is 19 to a spreadsheet.
fn is_plain_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_guarded_and_plain_numbers_are_not() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\rx", "'\rx"),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("+49-30-901820", "'+49-30-901820"),
            ("+49 (0)30 901820", "'+49 (0)30 901820"),
            ("+", "'+"),
            ("+49 30 901820", "+49 30 901820"),
            ("+1.415.555.0123", "+1.415.555.0123"),
            ("a=b", "a=b"),
            ("'tis", "'tis"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), cell);
            assert_eq!(unguarded(cell), text);
        }
    }

    #[test]
    fn a_number_is_written_so_that_no_spreadsheet_counts_with_it() {
        for (text, cell) in [
            ("+4930901820", "+49 30 901820"),
            ("+14155550123", "+1 415 555 0123"),
            ("+29023456", "+290 23456"),
            ("+99912345678", "+99 912345678"), // of no country
        ] {
            assert_eq!(guarded(text), cell);
        }
    }

    #[test]
    fn a_text_mark_of_a_spreadsheet_is_taken_off() {
        assert_eq!(unguarded("'+4930901820"), "+4930901820");
    }

    #[test]
    fn a_field_is_quoted_where_it_must_be() {
        for (cell, field) in [
            ("plain; text", "plain; text"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("", ""),
        ] {
            assert_eq!(quoted(cell, ','), field);
        }
    }

    proptest! {
        #[test]
        fn reading_gives_what_was_written(text in "['=+\\-@ \t\r\n0-9.a＝]{0,8}") {
            let cell = guarded(&text);
            let read = unguarded(&cell);
            prop_assert!(read == text || read.replace(' ', "") == text);
            prop_assert!(!is_dangerous(&cell) || is_plain_number(&cell));
        }

        #[test]
        fn what_is_to_come_back_exactly_does(text in "['=+\\-@ \t\r\n0-9.a＝]{0,8}") {
            let cell = guarded_exactly(&text);
            prop_assert_eq!(unguarded(&cell), &text);
            prop_assert!(!is_dangerous(&cell) || (is_plain_number(&cell) && cell.contains(' ')));
            let cell = guarded_in_workbook(&text);
            prop_assert_eq!(unguarded(&cell), &text);
        }
    }
}
