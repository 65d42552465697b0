//! Entries of a search index as bytes, and an index file as frames of such bytes.

use carillon_domain::reporting::lead_search::Entry;
use serde::Serialize;

/// The form of the entries that follow; another number is another form.
const FORM: u8 = 1;
/// Bytes of a frame's length.
const LENGTH_BYTES: usize = 4;
/// Most bytes of the entries of one frame, and of one item of the table, which takes 400 KB.
const MAX_FRAME_BYTES: usize = 200 * 1024;

/// These bytes are no entries, or of another form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntriesError {
    #[error("entries of form {0} can't be read; this is form {FORM}")]
    Form(u8),
    #[error("an entry is damaged")]
    Damaged(#[from] postcard::Error),
    #[error("the file ends within a frame")]
    CutOff,
}

/// Puts entries into portions of at most 200 KiB.
#[derive(Debug, Default)]
pub struct Packer {
    full: Vec<Vec<u8>>,
    portion: Vec<u8>,
}

impl Packer {
    /// # Errors
    /// [`EntriesError`] if an entry has no such form.
    pub fn push<S: Serialize>(&mut self, entry: &Entry<S>) -> Result<(), EntriesError> {
        let bytes = postcard::to_allocvec(entry)?;
        if self.portion.len() + bytes.len() > MAX_FRAME_BYTES {
            self.full.push(std::mem::take(&mut self.portion));
        }
        if self.portion.is_empty() {
            self.portion.push(FORM);
        }
        self.portion.extend(bytes);
        Ok(())
    }

    /// The portions that nothing is added to any more.
    pub fn take_full(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.full)
    }

    /// The portions that were not taken.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        if !self.portion.is_empty() {
            self.full.push(self.portion);
        }
        self.full
    }
}

/// The entries of two portions as one.
pub(super) fn joined(portion: &[u8], more: &[u8]) -> Vec<u8> {
    [portion, more.get(1..).unwrap_or_default()].concat()
}

/// The entries of a portion.
pub fn entries_in(bytes: &[u8]) -> impl Iterator<Item = Result<Entry<&str>, EntriesError>> {
    let (form, mut rest) = bytes.split_first().map_or((FORM, bytes), |(form, rest)| (*form, rest));
    let mut is_over = false;
    std::iter::from_fn(move || {
        if is_over || (form == FORM && rest.is_empty()) {
            return None;
        }
        if form != FORM {
            is_over = true;
            return Some(Err(EntriesError::Form(form)));
        }
        match postcard::take_from_bytes(rest) {
            Ok((entry, behind)) => {
                rest = behind;
                Some(Ok(entry))
            }
            Err(error) => {
                is_over = true;
                Some(Err(error.into()))
            }
        }
    })
}

/// A frame of a file: the length of these bytes, and they.
pub fn framed(portion: &[u8]) -> Vec<u8> {
    let length = u32::try_from(portion.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes(), portion].concat()
}

/// Puts the frames of a file together again from the pieces in which it is read.
#[derive(Debug, Default)]
pub struct FrameReader {
    pending: Vec<u8>,
}

impl FrameReader {
    /// Takes the next piece, and hands each frame that is whole to `take`.
    ///
    /// # Errors
    /// What `take` says.
    pub fn push<E>(&mut self, piece: &[u8], mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.pending.extend_from_slice(piece);
        let mut at = 0;
        while let Some((length, rest)) = self.pending[at..].split_first_chunk::<LENGTH_BYTES>() {
            let length = u32::from_le_bytes(*length) as usize;
            let Some(frame) = rest.get(..length) else { break };
            take(frame)?;
            at += LENGTH_BYTES + length;
        }
        self.pending.drain(..at);
        Ok(())
    }

    /// # Errors
    /// [`EntriesError::CutOff`] if the file ended within a frame.
    pub fn finish(self) -> Result<(), EntriesError> {
        if self.pending.is_empty() { Ok(()) } else { Err(EntriesError::CutOff) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(nth: usize) -> Entry<String> {
        Entry::Removed { number_hash: format!("{nth:016}"), created_ms: 0, version: nth as u64 }
    }

    fn packed(entries: &[Entry<String>]) -> Vec<Vec<u8>> {
        let mut packer = Packer::default();
        entries.iter().for_each(|entry| packer.push(entry).expect("an entry"));
        packer.finish()
    }

    #[test]
    fn entries_come_back_in_whatever_pieces_a_file_is_read() {
        let entries: Vec<_> = (0..20_000).map(removed).collect();
        let portions = packed(&entries);
        assert!(portions.len() > 1 && portions.iter().all(|portion| portion.len() <= MAX_FRAME_BYTES));
        let file: Vec<u8> = portions.iter().flat_map(|portion| framed(portion)).collect();
        for piece in [1_000, 4_099, file.len()] {
            let (mut reader, mut read) = (FrameReader::default(), Vec::new());
            for piece in file.chunks(piece) {
                let take = |frame: &[u8]| {
                    for entry in entries_in(frame) {
                        read.push(entry?.number_hash().to_owned());
                    }
                    Ok::<_, EntriesError>(())
                };
                reader.push(piece, take).expect("frames");
            }
            reader.finish().expect("a whole file");
            assert!(read.iter().eq(entries.iter().map(Entry::number_hash)));
        }
    }

    #[test]
    fn what_is_damaged_or_of_another_form_is_told() {
        let mut bytes = packed(&[removed(1)]).remove(0);
        bytes.truncate(bytes.len() - 2);
        assert!(matches!(entries_in(&bytes).last(), Some(Err(EntriesError::Damaged(_)))));
        bytes[0] = 9;
        assert_eq!(entries_in(&bytes).collect::<Vec<_>>(), [Err(EntriesError::Form(9))]);
        let mut reader = FrameReader::default();
        reader.push(&framed(&bytes)[..5], |_| Ok::<_, EntriesError>(())).expect("no frame");
        assert_eq!(reader.finish(), Err(EntriesError::CutOff));
    }
}
