//! Reads a CSV file as it arrives, in constant memory.
//!
//! Bytes are pushed in chunks of any size; the rows that are complete come out. Every row says
//! where the next one starts, so that a later run can go on from there. Nothing is lost in
//! silence: a row that can't be read comes out as [`Malformed`], and reading goes on with the line
//! after it.

use carillon_domain::importing::{ColumnMap, Fault, ImportDefaults, ReadRow, RowError, read_row};
use serde::{Deserialize, Serialize};

mod dialect;
mod encoding;
mod tokens;

#[cfg(test)]
mod tests;

pub use dialect::{DETECT_BYTES, Dialect};
pub use encoding::Encoding;

use encoding::Decoder;
use tokens::Step;

/// Longest row, without its end, in bytes of UTF-8. A quote that is not closed within this is
/// taken for a slip, and only its line is given up.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
/// Ends a file in old systems; some programs still write it, and it is no row.
const END_OF_FILE: u8 = 0x1a;
/// Most bytes of a malformed line that its report shows.
const MAX_LINE_SHOWN_BYTES: usize = 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Bytes of the file before it.
    pub position: u64,
    /// Its number, as a spreadsheet counts: the header is row 1, and blank lines count.
    pub row: u64,
}

/// One row of the file; blank lines are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number, as a spreadsheet counts: the header is row 1.
    pub row: u64,
    /// Its fields as text, without their quotes.
    pub fields: Result<Vec<String>, Malformed>,
    /// Where the next row starts.
    pub next: Checkpoint,
}

/// A row that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub fault: Fault,
    /// The field that is wrong; none if it is the row as a whole.
    pub field: Option<usize>,
    /// The fields, with U+FFFD for what is no text; where the fields can't be told apart, the
    /// beginning of the line.
    pub fields: Vec<String>,
}

impl Record {
    /// The row as a lead; none if nothing is in it.
    ///
    /// # Errors
    /// Everything that is wrong with the row, at once.
    pub fn lead(&self, map: &ColumnMap, defaults: &ImportDefaults) -> Result<Option<ReadRow>, Vec<RowError>> {
        match &self.fields {
            Ok(fields) => read_row(map, fields, self.row, defaults),
            Err(malformed) => Err(vec![malformed.error(self.row, map)]),
        }
    }

    /// The fields as text, also of a malformed row: for the report.
    pub fn text(&self) -> &[String] {
        match &self.fields {
            Ok(fields) => fields,
            Err(malformed) => &malformed.fields,
        }
    }
}

impl Malformed {
    fn error(&self, row: u64, map: &ColumnMap) -> RowError {
        let header = self.field.and_then(|field| map.headers().get(field));
        let value = self.fields.get(self.field.unwrap_or_default());
        RowError::new(
            row,
            header.map(String::as_str).unwrap_or_default(),
            value.map(String::as_str).unwrap_or_default(),
            self.fault.clone(),
        )
    }
}

/// Cuts the bytes of one file into rows.
#[derive(Debug)]
pub struct SheetParser {
    dialect: Dialect,
    decoder: Decoder,
    /// Bytes before the header that are still to come.
    lead_in: u64,
    /// Decoded, from the start of the row that is next.
    buffer: Vec<u8>,
    next: Checkpoint,
    /// Bytes of the file that were pushed, with those before the checkpoint.
    received: u64,
    /// A row that is given up, until its line ends.
    skipped: Option<Skipped>,
}

/// What is kept of a line that is left out.
#[derive(Debug)]
struct Skipped {
    fault: Fault,
    shown: Vec<u8>,
}

impl SheetParser {
    /// Reads a file from its first byte.
    pub fn new(dialect: Dialect) -> Self {
        let header = Checkpoint { position: dialect.start, row: 1 };
        Self { lead_in: dialect.start, received: 0, ..Self::resume(dialect, header) }
    }

    /// Reads a file on from a checkpoint: the first byte that is pushed is the one at its position.
    pub fn resume(dialect: Dialect, checkpoint: Checkpoint) -> Self {
        Self {
            dialect,
            decoder: Decoder::new(dialect.encoding),
            lead_in: 0,
            buffer: Vec::new(),
            next: checkpoint,
            received: checkpoint.position,
            skipped: None,
        }
    }

    /// Takes the next bytes of the file and gives the rows that are complete; `end` says that no
    /// more follow.
    pub fn push(&mut self, bytes: &[u8], end: bool) -> Vec<Record> {
        self.received += bytes.len() as u64;
        let skip = usize::try_from(self.lead_in).map_or(bytes.len(), |lead_in| lead_in.min(bytes.len()));
        self.lead_in -= skip as u64;
        self.decoder.decode(&bytes[skip..], end, &mut self.buffer);
        while end && self.buffer.last() == Some(&END_OF_FILE) {
            self.buffer.pop();
        }
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = buffer.as_slice();
        let mut records = Vec::new();
        while let Some(len) = self.step(rest, end, &mut records) {
            rest = &rest[len..];
        }
        self.buffer = rest.to_vec();
        records
    }

    /// Takes one row from the front of `bytes` and says how long it was; none if it is incomplete.
    fn step(&mut self, bytes: &[u8], end: bool, records: &mut Vec<Record>) -> Option<usize> {
        if self.skipped.is_some() {
            return self.skip_line(bytes, end, records);
        }
        match tokens::read(bytes, self.dialect.delimiter, end) {
            Step::Incomplete => None,
            Step::Blank { len } => {
                self.advance(&bytes[..len]);
                self.next.row += 1;
                Some(len)
            }
            Step::Row { fields, len } => {
                self.advance(&bytes[..len]);
                records.push(self.record(self.dialect.encoding.texts(&fields)));
                Some(len)
            }
            Step::Broken { fault } => {
                self.skipped = Some(Skipped { fault, shown: Vec::new() });
                Some(0)
            }
        }
    }

    /// Leaves out the line of a row that was given up, as far as it is there.
    fn skip_line(&mut self, bytes: &[u8], end: bool, records: &mut Vec<Record>) -> Option<usize> {
        let Skipped { fault, mut shown } = self.skipped.take()?;
        let line = tokens::line(bytes, end);
        let room = MAX_LINE_SHOWN_BYTES.saturating_sub(shown.len());
        shown.extend_from_slice(&bytes[..line.text.min(room)]);
        self.advance(&bytes[..line.len]);
        if line.is_whole {
            let fields = vec![self.dialect.encoding.text(&shown)];
            records.push(self.record(Err(Malformed { fault, field: None, fields })));
        } else {
            self.skipped = Some(Skipped { fault, shown });
        }
        (line.len > 0).then_some(line.len)
    }

    fn record(&mut self, fields: Result<Vec<String>, Malformed>) -> Record {
        let row = self.next.row;
        self.next.row += 1;
        Record { row, fields, next: self.next }
    }

    fn advance(&mut self, consumed: &[u8]) {
        let position = self.next.position + self.dialect.encoding.file_bytes(consumed);
        self.next.position = position.min(self.received); // half a UTF-16 unit may end the file
    }
}
