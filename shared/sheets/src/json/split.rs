//! Cuts the bytes of a file into its objects, without a look at what is in them.
//!
//! What stands between objects (commas, brackets of the array, line ends) does not matter, so an array and an
//! object a line are one thing. Where an object does not end, reading goes on with the next line that begins
//! with one.

use carillon_domain::importing::Fault;

use super::object::Slip;
use crate::{Checkpoint, MAX_ROW_BYTES, MAX_SHOWN_BYTES};

const NOT_AN_OBJECT: &str = "here an object is expected, such as {\"phone\": \"+49 30 901820\"}, in UTF-8";
const UNCLOSED_STRING: &str =
    "a text begins in this line and does not end in it; within a text, a line end is written \\n";
const UNCLOSED_OBJECT: &str = "the object does not end before the file does";

/// One object of the file, or what can't be taken for one.
pub(super) struct Piece<'a> {
    pub(super) row: u64,
    /// Where it begins.
    pub(super) place: Place,
    /// Its text; or what is wrong with it, and its beginning.
    pub(super) content: Result<&'a [u8], (Fault, Vec<u8>)>,
    pub(super) next: Checkpoint,
}

/// A place in the file, as editors count: from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    line: u64,
    /// In bytes.
    column: u64,
}

impl Place {
    fn advance(&mut self, bytes: &[u8]) {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.line += lines;
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => self.column = (bytes.len() - last) as u64,
            None => self.column += bytes.len() as u64,
        }
    }

    fn behind(mut self, bytes: &[u8]) -> Self {
        self.advance(bytes);
        self
    }

    fn fault(self, problem: &str) -> Fault {
        Fault::Json { line: self.line, column: self.column, problem: problem.to_owned() }
    }

    /// What is wrong with an object that begins here.
    pub(super) fn fault_within(self, slip: &Slip) -> Fault {
        let line = self.line + slip.line.saturating_sub(1) as u64;
        let before = if slip.line <= 1 { self.column - 1 } else { 0 };
        Fault::Json { line, column: before + slip.column as u64, problem: slip.problem.clone() }
    }
}

#[derive(Debug)]
pub(super) struct Splitter {
    buffer: Vec<u8>,
    /// Bytes before the checkpoint that are still to come; they tell the line alone.
    lead_in: u64,
    next: Checkpoint,
    place: Place,
    skipped: Option<Skipped>,
}

/// What is kept of lines that are left out.
#[derive(Debug)]
struct Skipped {
    from: Place,
    fault: Fault,
    shown: Vec<u8>,
    is_at_line_start: bool,
}

enum Step {
    Incomplete,
    /// So many bytes between objects.
    Gap(usize),
    /// An object of so many bytes.
    Object(usize),
    Broken(Fault),
}

impl Splitter {
    /// Splits a file whose bytes come from its first one on, from a checkpoint on.
    pub(super) fn resume(checkpoint: Checkpoint) -> Self {
        Self {
            buffer: Vec::new(),
            lead_in: checkpoint.position,
            next: checkpoint,
            place: Place { line: 1, column: 1 },
            skipped: None,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], end: bool, mut take: impl FnMut(Piece<'_>)) {
        let skip = usize::try_from(self.lead_in).map_or(bytes.len(), |lead_in| lead_in.min(bytes.len()));
        self.lead_in -= skip as u64;
        self.place.advance(&bytes[..skip]);
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.extend_from_slice(&bytes[skip..]);
        let mut rest = buffer.as_slice();
        while let Some(len) = self.step(rest, end, &mut take) {
            rest = &rest[len..];
        }
        self.buffer = rest.to_vec();
    }

    /// Takes what stands at the front and says how long it was; none if more bytes are needed.
    fn step(&mut self, bytes: &[u8], end: bool, take: &mut impl FnMut(Piece<'_>)) -> Option<usize> {
        if self.skipped.is_some() {
            return self.skip(bytes, end, take);
        }
        match self.read(bytes, end) {
            Step::Incomplete => None,
            Step::Gap(len) => {
                self.advance(&bytes[..len]);
                Some(len)
            }
            Step::Object(len) => {
                let (object, place) = (&bytes[..len], self.place);
                self.advance(object);
                self.tell(place, Ok(object), take);
                Some(len)
            }
            Step::Broken(fault) => {
                let from = self.place;
                self.skipped = Some(Skipped { from, fault, shown: Vec::new(), is_at_line_start: false });
                Some(0)
            }
        }
    }

    fn read(&self, bytes: &[u8], end: bool) -> Step {
        match bytes.first() {
            None => Step::Incomplete,
            Some(byte) if is_between(*byte) => {
                Step::Gap(bytes.iter().position(|byte| !is_between(*byte)).unwrap_or(bytes.len()))
            }
            Some(b'{') => self.object(bytes, end),
            Some(_) => Step::Broken(self.place.fault(NOT_AN_OBJECT)),
        }
    }

    fn object(&self, bytes: &[u8], end: bool) -> Step {
        let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
        let broken = |at: usize, problem| Step::Broken(self.place.behind(&bytes[..at]).fault(problem));
        for (index, byte) in bytes.iter().enumerate() {
            if index == MAX_ROW_BYTES {
                return Step::Broken(Fault::RowTooLong { limit_bytes: MAX_ROW_BYTES });
            }
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\n' | b'\r' if is_text => return broken(index, UNCLOSED_STRING),
                b'\\' if is_text => is_escaped = true,
                b'"' => is_text = !is_text,
                b'{' | b'[' if !is_text => depth += 1,
                b'}' | b']' if !is_text => {
                    depth -= 1;
                    if depth == 0 {
                        return Step::Object(index + 1);
                    }
                }
                _ => {}
            }
        }
        if end { broken(bytes.len(), UNCLOSED_OBJECT) } else { Step::Incomplete }
    }

    /// Leaves out lines until one begins with an object, as far as they are there.
    fn skip(&mut self, bytes: &[u8], end: bool, take: &mut impl FnMut(Piece<'_>)) -> Option<usize> {
        let Skipped { from, fault, mut shown, is_at_line_start } = self.skipped.take()?;
        let indent = bytes.iter().position(|byte| !(byte.is_ascii_whitespace() || *byte == b','));
        let begins_object = is_at_line_start && indent.is_some_and(|indent| bytes[indent] == b'{');
        if begins_object || (end && bytes.is_empty()) {
            let len = indent.unwrap_or_default();
            self.advance(&bytes[..len]);
            let text = shown.iter().rposition(|byte| !(byte.is_ascii_whitespace() || *byte == b','));
            shown.truncate(text.map_or(0, |last| last + 1));
            self.tell(from, Err((fault, shown)), take);
            return Some(len);
        }
        let line = match indent.filter(|_| is_at_line_start) {
            None if is_at_line_start => bytes.len(),
            indent => {
                let from = indent.unwrap_or_default();
                let end = bytes[from..].iter().position(|byte| *byte == b'\n');
                end.map_or(bytes.len(), |at| from + at + 1)
            }
        };
        let room = MAX_SHOWN_BYTES.saturating_sub(shown.len());
        shown.extend_from_slice(&bytes[..line.min(room)]);
        let is_at_line_start = match bytes[..line].last() {
            None => is_at_line_start,
            Some(last) => *last == b'\n' || (is_at_line_start && indent.is_none()),
        };
        self.advance(&bytes[..line]);
        self.skipped = Some(Skipped { from, fault, shown, is_at_line_start });
        (line > 0).then_some(line)
    }

    fn tell(
        &mut self,
        place: Place,
        content: Result<&[u8], (Fault, Vec<u8>)>,
        take: &mut impl FnMut(Piece<'_>),
    ) {
        let row = self.next.row;
        self.next.row += 1;
        take(Piece { row, place, content, next: self.next });
    }

    fn advance(&mut self, consumed: &[u8]) {
        self.next.position += consumed.len() as u64;
        self.place.advance(consumed);
    }
}

/// What stands between objects: space, the array around them, a mark of byte order, a mark of a record (RFC 7464).
const fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | 0xef | 0xbb | 0xbf | 0x1e)
}
