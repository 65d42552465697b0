//! Rows and fields of RFC 4180, with any delimiter and any line end.
//!
//! Works on the bytes from the start of a row, in an encoding that contains ASCII, and keeps
//! nothing between calls: so chunks can end anywhere. The `csv` crate is not used for this, since
//! it neither counts blank lines nor tells of a quote that never closes: it would take the rest of
//! the file for one field. The tests compare with it.

use carillon_domain::importing::{Fault, MAX_COLUMNS};

use crate::MAX_ROW_BYTES;

/// What stands at the front of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A row that is not complete, or nothing.
    Incomplete,
    Blank {
        /// Its length with its end.
        len: usize,
    },
    Row {
        /// Its fields, without their quotes.
        fields: Vec<Vec<u8>>,
        /// Its length with its end.
        len: usize,
    },
    /// A row that can't be read; its first line is to be left out.
    Broken { fault: Fault },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Bare,
    Quoted,
    /// After a quote within quotes: the closing one, or the first of two.
    AfterQuote,
}

impl Place {
    /// How many bytes from here on are text of the field, as they stand.
    fn text(self, bytes: &[u8], delimiter: u8) -> usize {
        let ends_bare = |byte: &u8| *byte == delimiter || matches!(byte, b'\r' | b'\n');
        let text = match self {
            Self::FieldStart if bytes.first() == Some(&b'"') => Some(0),
            Self::FieldStart | Self::Bare => bytes.iter().position(ends_bare),
            Self::Quoted => bytes.iter().position(|byte| *byte == b'"'),
            Self::AfterQuote => Some(0),
        };
        text.unwrap_or(bytes.len())
    }

    const fn after_text(self) -> Self {
        match self {
            Self::FieldStart | Self::Bare => Self::Bare,
            Self::Quoted | Self::AfterQuote => self,
        }
    }
}

/// Reads the row at the front of the bytes; `end` says that no more follow. A quote that is not closed within
/// [`MAX_ROW_BYTES`] is taken for a slip, and only its line is given up.
pub(super) fn read(bytes: &[u8], delimiter: u8, end: bool) -> Step {
    let (mut fields, mut field) = (Vec::new(), Vec::new());
    let (mut place, mut index) = (Place::FieldStart, 0);
    while let Some(&byte) = bytes.get(index) {
        // What neither begins nor ends anything is taken at once: nearly all of a file is such.
        let text = place.text(&bytes[index..bytes.len().min(MAX_ROW_BYTES).max(index)], delimiter);
        if text > 0 {
            field.extend_from_slice(&bytes[index..index + text]);
            place = place.after_text();
            index += text;
            continue;
        }
        let ends_row = place != Place::Quoted && matches!(byte, b'\r' | b'\n');
        if index == MAX_ROW_BYTES && !ends_row {
            return broken(too_long(place));
        }
        place = match (place, byte) {
            (Place::Quoted, _) => Place::AfterQuote,
            (Place::AfterQuote, b'"') => {
                field.push(byte);
                Place::Quoted
            }
            (Place::FieldStart, b'"') => Place::Quoted,
            _ if ends_row => {
                return match after_line_end(bytes, index, end) {
                    None => Step::Incomplete,
                    Some(len) if index == 0 => Step::Blank { len },
                    Some(len) => row(fields, field, len),
                };
            }
            (Place::AfterQuote, byte) if byte != delimiter => return broken(Fault::TextAfterQuote),
            (Place::FieldStart | Place::Bare | Place::AfterQuote, _) => {
                fields.push(std::mem::take(&mut field));
                if fields.len() >= MAX_COLUMNS {
                    return broken(Fault::TooManyFields);
                }
                Place::FieldStart
            }
        };
        index += 1;
    }
    if !end || bytes.is_empty() {
        return Step::Incomplete;
    }
    match place {
        Place::Quoted => broken(Fault::UnclosedQuote),
        Place::FieldStart | Place::Bare | Place::AfterQuote => row(fields, field, bytes.len()),
    }
}

const fn broken(fault: Fault) -> Step {
    Step::Broken { fault }
}

fn row(mut fields: Vec<Vec<u8>>, last: Vec<u8>, len: usize) -> Step {
    fields.push(last);
    Step::Row { fields, len }
}

const fn too_long(place: Place) -> Fault {
    match place {
        Place::Quoted => Fault::UnclosedQuote,
        Place::FieldStart | Place::Bare | Place::AfterQuote => {
            Fault::RowTooLong { limit_bytes: MAX_ROW_BYTES }
        }
    }
}

/// A line, whatever its quotes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its length without its end.
    pub(super) text: usize,
    /// Its length with its end, as far as that is there.
    pub(super) len: usize,
    /// Whether its end is there.
    pub(super) is_whole: bool,
}

/// The line at the front of the bytes.
pub(super) fn line(bytes: &[u8], end: bool) -> Line {
    let text = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    let len = if text < bytes.len() { after_line_end(bytes, text, end) } else { end.then_some(text) };
    Line { text, len: len.unwrap_or(text), is_whole: len.is_some() }
}

/// Where the line after the end at `index` starts; none if that depends on bytes to come.
fn after_line_end(bytes: &[u8], index: usize, end: bool) -> Option<usize> {
    match (bytes[index], bytes.get(index + 1)) {
        (b'\r', Some(b'\n')) => Some(index + 2),
        (b'\r', None) if !end => None,
        _ => Some(index + 1),
    }
}
