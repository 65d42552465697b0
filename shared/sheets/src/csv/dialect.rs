//! How a file spells its rows, guessed from its first bytes.

use serde::{Deserialize, Serialize};

use super::encoding::{Decoder, Encoding};
use super::tokens::{self, Step};
use crate::HEAD_BYTES;

/// What can stand between fields; the first of equals is taken.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// Rows that are tried with each delimiter.
const SAMPLE_ROWS: usize = 20;
/// A first line such as `sep=;` tells spreadsheets the delimiter.
const DELIMITER_HINT: &[u8] = b"sep=";

/// How a file spells its rows. Quotes are `"`; lines end with LF, CR LF or CR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// How bytes stand for text.
    pub encoding: Encoding,
    /// What stands between two fields; an ASCII character.
    pub delimiter: u8,
    /// Bytes before the header: a byte order mark, a line `sep=;`.
    pub start: u64,
}

impl Dialect {
    /// Guesses the dialect from the first bytes of a file; [`HEAD_BYTES`] are enough, fewer will do.
    pub fn detect(first_bytes: &[u8]) -> Self {
        let bytes = &first_bytes[..first_bytes.len().min(HEAD_BYTES)];
        let (encoding, mark_bytes) = encoding(bytes);
        let mut text = Vec::new();
        Decoder::new(encoding).decode(&bytes[mark_bytes..], false, &mut text);
        let (hint, hint_bytes) = delimiter_hint(&text).unzip();
        let hint_bytes = hint_bytes.unwrap_or_default();
        Self {
            encoding,
            delimiter: hint.unwrap_or_else(|| delimiter(&text)),
            start: mark_bytes as u64 + encoding.file_bytes(&text[..hint_bytes]),
        }
    }
}

/// The encoding, and the bytes of the mark that told it.
fn encoding(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        // A header begins with a quote or a letter, most likely an ASCII one.
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => (Encoding::Utf16Le, 0),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => (Encoding::Utf16Be, 0),
        _ if is_mostly_utf8(bytes) => (Encoding::Utf8, 0),
        _ => (Encoding::Windows1252, 0),
    }
}

/// Whether more characters outside ASCII are UTF-8 than are not. Where there are none, later ones
/// may be either, which is what [`Encoding::Windows1252`] is read as.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    valid > invalid
}

/// The delimiter that a first line such as `sep=;` tells, and the length of the line.
fn delimiter_hint(text: &[u8]) -> Option<(u8, usize)> {
    let line = tokens::line(text, false);
    let (hint, delimiter) = text[..line.text].split_at_checked(DELIMITER_HINT.len())?;
    match delimiter {
        [delimiter] if hint.eq_ignore_ascii_case(DELIMITER_HINT) && DELIMITERS.contains(delimiter) => {
            line.is_whole.then_some((*delimiter, line.len))
        }
        _ => None,
    }
}

/// The delimiter by which most rows have as many fields as the first, and then the most fields.
fn delimiter(text: &[u8]) -> u8 {
    let fit = |delimiter: u8| {
        let counts = field_counts(text, delimiter);
        let header = counts.first().copied().unwrap_or_default();
        let alike = counts.iter().filter(|count| **count == header).count();
        if header < 2 { (0, 0) } else { (alike, header) }
    };
    // `max_by_key` takes the last of equals.
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| fit(*delimiter)).unwrap_or(b',')
}

/// How many fields the first rows have.
fn field_counts(text: &[u8], delimiter: u8) -> Vec<usize> {
    let mut counts = Vec::new();
    let mut rest = text;
    while counts.len() < SAMPLE_ROWS {
        // The last row may have been cut off; it counts only if it is the only one.
        match tokens::read(rest, delimiter, counts.is_empty()) {
            Step::Row { fields, len } => {
                counts.push(fields.len());
                rest = &rest[len..];
            }
            Step::Blank { len } => rest = &rest[len..],
            Step::Incomplete | Step::Broken { .. } => break,
        }
    }
    counts
}
