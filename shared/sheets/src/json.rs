//! Reads JSON as it arrives, in constant memory: an array of objects, or an object a line (JSON Lines, NDJSON).
//!
//! Each object is a row, and its keys are the columns. They may differ from object to object, so somebody has
//! to look through the file for them first ([`KeyScan`]).

use std::collections::HashMap;

use carillon_domain::importing::{Fault, MAX_NUMBERS};

mod keys;
mod object;
mod split;
#[cfg(test)]
mod tests;

pub use keys::{KeyScan, TooManyKeys};

use object::{Cell, Object};
use split::{Piece, Splitter};

use crate::{CellFault, Checkpoint, Malformed, Record};

/// Cuts the bytes of one file into rows.
#[derive(Debug)]
pub struct JsonParser {
    splitter: Splitter,
    columns: Columns,
}

impl JsonParser {
    /// Reads a file from its first byte; `headers` are those of a [`KeyScan`].
    pub fn new(headers: &[String]) -> Self {
        Self::resume(headers, Checkpoint { position: 0, row: 1 })
    }

    /// Reads a file on from a checkpoint. Its bytes are pushed from the first one on all the same: they tell on
    /// which line a fault is.
    pub fn resume(headers: &[String], checkpoint: Checkpoint) -> Self {
        Self { splitter: Splitter::resume(checkpoint), columns: Columns::new(headers) }
    }

    /// Takes the next bytes of the file and gives the rows that are complete; `end` says that no more follow.
    pub fn push(&mut self, bytes: &[u8], end: bool) -> Vec<Record> {
        let columns = &self.columns;
        let mut records = Vec::new();
        self.splitter.push(bytes, end, |piece| records.push(columns.record(piece)));
        records
    }
}

/// Which column each key is.
#[derive(Debug)]
struct Columns {
    /// The column of a key, and those that take the further items of its lists.
    of_key: HashMap<String, Vec<usize>>,
    count: usize,
}

impl Columns {
    fn new(headers: &[String]) -> Self {
        let mut of_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (column, header) in headers.iter().enumerate() {
            of_key.entry(header.clone()).or_insert_with(|| vec![column]);
        }
        let further = |header: &String| {
            let places = (2..=MAX_NUMBERS).map_while(|place| of_key.get(&keys::further(header, place)));
            places.filter_map(|columns| columns.first().copied()).collect::<Vec<_>>()
        };
        let further: Vec<_> = headers.iter().map(|header| (header, further(header))).collect();
        for (header, columns) in further {
            if let Some(own) = of_key.get_mut(header) {
                own.extend(columns);
            }
        }
        Self { of_key, count: headers.len() }
    }

    fn record(&self, piece: Piece<'_>) -> Record {
        let Piece { row, next, .. } = piece;
        match piece.content {
            Ok(text) => match Object::parse(text) {
                Ok(object) => {
                    let (fields, cell_faults) = self.fields(object);
                    Record { row, fields: Ok(fields), cell_faults, next }
                }
                Err(slip) => Self::malformed(row, next, piece.place.fault_within(&slip), text),
            },
            Err((fault, shown)) => Self::malformed(row, next, fault, &shown),
        }
    }

    fn malformed(row: u64, next: Checkpoint, fault: Fault, text: &[u8]) -> Record {
        let shown = &text[..text.len().min(crate::MAX_SHOWN_BYTES)];
        let fields = vec![String::from_utf8_lossy(shown).replace('\0', "\u{fffd}")];
        Record { row, fields: Err(Malformed { fault, field: None, fields }), cell_faults: Vec::new(), next }
    }

    fn fields(&self, Object(members): Object) -> (Vec<String>, Vec<CellFault>) {
        let mut fields = vec![String::new(); self.count];
        let mut is_set = vec![false; self.count];
        let mut faults = Vec::new();
        for (key, value) in members {
            let Some(columns) = self.of_key.get(&key) else {
                faults.push(CellFault { field: None, value: key, fault: Fault::UnknownKey });
                continue;
            };
            let own = columns[0];
            let mut fault = |value: String, fault| faults.push(CellFault { field: Some(own), value, fault });
            if std::mem::replace(&mut is_set[own], true) {
                fault(object::told(&value), Fault::RepeatedKey);
                continue;
            }
            match Cell::of(&value) {
                Cell::Blank => {}
                Cell::Text(text) => fields[own] = text,
                Cell::List(items) if columns.len() > 1 => {
                    if items.len() > columns.len() {
                        fault(object::told(&value), Fault::TooManyNumbers { count: items.len() });
                    }
                    for (column, item) in columns.iter().zip(items) {
                        fields[*column] = item;
                    }
                }
                Cell::List(items) => {
                    fields[own] = items.join("; ");
                    fault(fields[own].clone(), Fault::List);
                }
                Cell::Nested => fault(object::told(&value), Fault::Nested),
            }
        }
        (fields, faults)
    }
}
