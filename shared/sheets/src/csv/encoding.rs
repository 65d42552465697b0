//! From the bytes of a file to text.

use std::fmt;

use carillon_domain::importing::Fault;
use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use crate::Malformed;

/// How the bytes of a file stand for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8; what is none is a fault.
    Utf8,
    /// Windows-1252, which contains Latin-1; a field that is valid UTF-8 is read as that.
    Windows1252,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
}

impl Encoding {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1252 => "Windows-1252",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
        }
    }

    /// Bytes of the file that were decoded into these.
    ///
    /// In UTF-16, characters of four bytes in UTF-8 take two units of two bytes, all others one.
    pub(super) fn file_bytes(self, decoded: &[u8]) -> u64 {
        let units = |byte: &u8| match byte {
            0x80..=0xbf => 0,
            0xf0..=0xff => 2,
            _ => 1,
        };
        match self {
            Self::Utf8 | Self::Windows1252 => decoded.len() as u64,
            Self::Utf16Le | Self::Utf16Be => decoded.iter().map(units).sum::<u64>() * 2,
        }
    }

    /// The decoded fields as text.
    pub(super) fn texts(self, fields: Vec<Vec<u8>>) -> Result<Vec<String>, Malformed> {
        let mut first_fault = None;
        let texts = fields.into_iter().enumerate().map(|(index, field)| {
            let (text, fault) = self.read(field);
            if first_fault.is_none() {
                first_fault = fault.map(|fault| (index, fault));
            }
            text
        });
        let texts = texts.collect();
        match first_fault {
            None => Ok(texts),
            Some((index, fault)) => Err(Malformed { fault, field: Some(index), fields: texts }),
        }
    }

    /// Decoded bytes as text, with U+FFFD for what is none.
    pub(super) fn text(self, field: Vec<u8>) -> String {
        self.read(field).0
    }

    fn read(self, field: Vec<u8>) -> (String, Option<Fault>) {
        let (text, fault) = match (String::from_utf8(field), self) {
            (Ok(text), _) => (text, None),
            (Err(error), Self::Windows1252) => {
                (WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned(), None)
            }
            (Err(error), Self::Utf8 | Self::Utf16Le | Self::Utf16Be) => {
                let fault = Fault::Encoding { encoding: self.name() };
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(fault))
            }
        };
        if !text.contains('\0') {
            return (text, fault);
        }
        (text.replace('\0', "\u{fffd}"), Some(fault.unwrap_or(Fault::Nul)))
    }
}

/// Turns the bytes of a file into ones that contain ASCII, so that they can be cut into fields.
pub(super) struct Decoder {
    /// None where the bytes are such already.
    utf16: Option<encoding_rs::Decoder>,
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("utf16", &self.utf16.is_some()).finish()
    }
}

/// Half a pair of UTF-16 as three bytes, which no UTF-8 has: so its field will be found to be no text.
const LONE_SURROGATE: [u8; 3] = [0xed, 0xa0, 0x80];

impl Decoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        let utf16 = match encoding {
            Encoding::Utf8 | Encoding::Windows1252 => None,
            Encoding::Utf16Le => Some(UTF_16LE),
            Encoding::Utf16Be => Some(UTF_16BE),
        };
        Self { utf16: utf16.map(encoding_rs::Encoding::new_decoder_without_bom_handling) }
    }

    /// Decodes the next bytes of the file; `end` says that no more follow.
    pub(super) fn decode(&mut self, mut bytes: &[u8], end: bool, decoded: &mut Vec<u8>) {
        let Some(decoder) = &mut self.utf16 else { return decoded.extend_from_slice(bytes) };
        loop {
            let from = decoded.len();
            let space =
                decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len());
            decoded.resize(from + space, 0);
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(bytes, &mut decoded[from..], end);
            decoded.truncate(from + written);
            bytes = &bytes[read..];
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => decoded.extend_from_slice(&LONE_SURROGATE),
            }
        }
    }
}
