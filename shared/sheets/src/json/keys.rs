//! The keys of all objects of a file, which are its columns.

use std::collections::HashMap;

use carillon_domain::importing::{MAX_COLUMNS, MAX_NUMBERS, names_numbers};

use super::object::{Cell, Object};
use super::split::Splitter;
use crate::{Checkpoint, MAX_ROW_BYTES};

/// The objects of a file have more different keys than a sheet may have columns, or longer ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the objects have too many different keys: a sheet has at most {MAX_COLUMNS} columns, whose names have \
     {MAX_ROW_BYTES} bytes together"
)]
pub struct TooManyKeys;

/// Collects the keys of a file's objects in the order in which they first come.
#[derive(Debug)]
pub struct KeyScan {
    splitter: Splitter,
    keys: Keys,
}

impl Default for KeyScan {
    fn default() -> Self {
        Self { splitter: Splitter::resume(Checkpoint { position: 0, row: 1 }), keys: Keys::default() }
    }
}

impl KeyScan {
    /// Takes the next bytes of the file; `end` says that no more follow.
    pub fn push(&mut self, bytes: &[u8], end: bool) {
        let keys = &mut self.keys;
        self.splitter.push(bytes, end, |piece| {
            if let Ok(object) =
                piece.content.map_err(|_| ()).and_then(|text| Object::parse(text).map_err(|_| ()))
            {
                keys.note(object);
            }
        });
    }

    /// The headers: the keys, and for those whose lists of numbers go on in columns of their own, these behind
    /// them.
    ///
    /// # Errors
    /// [`TooManyKeys`].
    pub fn headers(&self) -> Result<Vec<String>, TooManyKeys> {
        let further = |(key, width): &(String, usize)| {
            let names: Vec<String> = (2..=*width).map(|place| further(key, place)).collect();
            std::iter::once(key.clone()).chain(names)
        };
        let headers: Vec<String> = self.keys.in_order.iter().flat_map(further).collect();
        if self.keys.is_full() { Err(TooManyKeys) } else { Ok(headers) }
    }
}

/// What the column is called that takes one of the further numbers of a list.
pub(super) fn further(key: &str, place: usize) -> String {
    format!("{key} {place}")
}

#[derive(Debug, Default)]
struct Keys {
    /// Each key with the number of columns that its lists take.
    in_order: Vec<(String, usize)>,
    places: HashMap<String, usize>,
    bytes: usize,
}

impl Keys {
    fn is_full(&self) -> bool {
        self.in_order.len() > MAX_COLUMNS || self.bytes > MAX_ROW_BYTES
    }

    fn note(&mut self, Object(members): Object) {
        for (key, value) in members {
            let width = match Cell::of(&value) {
                Cell::List(items) if names_numbers(&key) => items.len().clamp(1, MAX_NUMBERS),
                _ => 1,
            };
            if let Some(place) = self.places.get(&key) {
                let known = &mut self.in_order[*place].1;
                *known = width.max(*known);
            } else if !self.is_full() {
                self.bytes += key.len();
                self.places.insert(key.clone(), self.in_order.len());
                self.in_order.push((key, width));
            }
        }
    }
}
