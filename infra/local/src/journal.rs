//! The journal of a simulated provider: one JSON line for whatever happens, on disk or nowhere.
//!
//! A line reaches the operating system before anybody is told, so it outlives the death of the process.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where lines go.
#[derive(Debug, Default)]
pub(crate) struct Journal(Option<File>);

impl Journal {
    /// The journal in this file, which is made if need be, with what it holds. A last line that was not finished is cut
    /// off: nobody was told of it.
    ///
    /// # Errors
    /// The file can't be read or written, or holds something else.
    pub(crate) fn open<E: DeserializeOwned>(path: &Path) -> io::Result<(Self, Vec<E>)> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = finished(&text);
        file.set_len(whole.len() as u64)?;
        Ok((Self(Some(file)), parse(whole)?))
    }

    /// What a file holds that may be in use.
    ///
    /// # Errors
    /// The file can't be read, or holds something else.
    pub(crate) fn read<E: DeserializeOwned>(path: &Path) -> io::Result<Vec<E>> {
        parse(finished(&std::fs::read(path)?))
    }

    /// Writes a line and hands it to the operating system.
    ///
    /// # Errors
    /// The file can't be written.
    pub(crate) fn append(&mut self, entry: &impl Serialize) -> io::Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        file.write_all(&line)
    }
}

fn parse<E: DeserializeOwned>(text: &[u8]) -> io::Result<Vec<E>> {
    Ok(serde_json::Deserializer::from_slice(text).into_iter().collect::<Result<_, _>>()?)
}

/// The lines that were finished.
fn finished(text: &[u8]) -> &[u8] {
    text.iter().rposition(|byte| *byte == b'\n').map_or(&[], |end| &text[..=end])
}
