//! Reads a CSV file as it arrives, in constant memory.
//!
//! Bytes are pushed in chunks of any size; the rows that are complete come out. Every row says
//! where the next one starts, so that a later run can go on from there. Nothing is lost in
//! silence: a row that can't be read comes out as [`Malformed`], and reading goes on with the line
//! after it.

use carillon_domain::importing::Fault;

use crate::{Checkpoint, MAX_SHOWN_BYTES, Malformed, Record};

mod dialect;
mod encoding;
mod tokens;

#[cfg(test)]
mod tests;

pub use dialect::Dialect;
pub use encoding::Encoding;

use encoding::Decoder;
use tokens::Step;

/// Ends a file in old systems; some programs still write it, and it is no row.
const END_OF_FILE: u8 = 0x1a;

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
                records.push(self.record(self.dialect.encoding.texts(fields)));
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
        let room = MAX_SHOWN_BYTES.saturating_sub(shown.len());
        shown.extend_from_slice(&bytes[..line.text.min(room)]);
        self.advance(&bytes[..line.len]);
        if line.is_whole {
            let fields = vec![self.dialect.encoding.text(shown)];
            records.push(self.record(Err(Malformed { fault, field: None, fields })));
        } else {
            self.skipped = Some(Skipped { fault, shown });
        }
        (line.len > 0).then_some(line.len)
    }

    fn record(&mut self, fields: Result<Vec<String>, Malformed>) -> Record {
        let row = self.next.row;
        self.next.row += 1;
        Record { row, fields, cell_faults: Vec::new(), next: self.next }
    }

    fn advance(&mut self, consumed: &[u8]) {
        let position = self.next.position + self.dialect.encoding.file_bytes(consumed);
        self.next.position = position.min(self.received); // half a UTF-16 unit may end the file
    }
}
