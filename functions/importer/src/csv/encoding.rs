//! From the bytes of a file to text.

use carillon_domain::importing::Fault;
use serde::{Deserialize, Serialize};

use super::Malformed;

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

/// The characters 80 to 9F of Windows-1252 (encoding.spec.whatwg.org, index-windows-1252).
const WINDOWS_1252_HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

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
    pub(super) fn texts(self, fields: &[Vec<u8>]) -> Result<Vec<String>, Malformed> {
        let texts = fields.iter().map(|field| self.text(field)).collect();
        let faults = fields.iter().enumerate().find_map(|(index, field)| Some((index, self.fault(field)?)));
        match faults {
            None => Ok(texts),
            Some((index, fault)) => Err(Malformed { fault, field: Some(index), fields: texts }),
        }
    }

    /// Decoded bytes as text, with U+FFFD for what is none.
    pub(super) fn text(self, field: &[u8]) -> String {
        let text = match (std::str::from_utf8(field), self) {
            (Ok(text), _) => text.to_owned(),
            (Err(_), Self::Windows1252) => field.iter().map(|byte| windows_1252(*byte)).collect(),
            (Err(_), Self::Utf8 | Self::Utf16Le | Self::Utf16Be) => {
                String::from_utf8_lossy(field).into_owned()
            }
        };
        if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
    }

    fn fault(self, field: &[u8]) -> Option<Fault> {
        let is_text = self == Self::Windows1252 || std::str::from_utf8(field).is_ok();
        if !is_text {
            return Some(Fault::Encoding { encoding: self.name() });
        }
        field.contains(&0).then_some(Fault::Nul)
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252_HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// Turns the bytes of a file into ones that contain ASCII, so that they can be cut into fields.
#[derive(Debug)]
pub(super) struct Decoder {
    encoding: Encoding,
    /// The first byte of a UTF-16 unit.
    half: Option<u8>,
    /// The first unit of a UTF-16 pair.
    high: Option<u16>,
}

impl Decoder {
    pub(super) const fn new(encoding: Encoding) -> Self {
        Self { encoding, half: None, high: None }
    }

    /// Decodes the next bytes of the file; `end` says that no more follow.
    pub(super) fn decode(&mut self, bytes: &[u8], end: bool, decoded: &mut Vec<u8>) {
        let unit = match self.encoding {
            Encoding::Utf8 | Encoding::Windows1252 => return decoded.extend_from_slice(bytes),
            Encoding::Utf16Le => u16::from_le_bytes,
            Encoding::Utf16Be => u16::from_be_bytes,
        };
        for &byte in bytes {
            match self.half.take() {
                None => self.half = Some(byte),
                Some(half) => self.push_unit(unit([half, byte]), decoded),
            }
        }
        if end {
            let lone = self.half.take().map(|_| HIGH_SURROGATE);
            self.high.take().into_iter().chain(lone).for_each(|unit| push_lone(unit, decoded));
        }
    }

    fn push_unit(&mut self, unit: u16, decoded: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            if push_character(&[high, unit], decoded) {
                return;
            }
            push_lone(high, decoded);
        }
        if matches!(unit, HIGH_SURROGATE..=0xdbff) {
            self.high = Some(unit);
        } else if !push_character(&[unit], decoded) {
            push_lone(unit, decoded);
        }
    }
}

/// The lowest first unit of a pair.
const HIGH_SURROGATE: u16 = 0xd800;

/// Whether the units begin with a character, which is then pushed.
fn push_character(units: &[u16], decoded: &mut Vec<u8>) -> bool {
    let Some(Ok(character)) = char::decode_utf16(units.iter().copied()).next() else { return false };
    decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    true
}

/// Half a pair as three bytes, which no UTF-8 has: so its field will be found to be no text.
fn push_lone(surrogate: u16, decoded: &mut Vec<u8>) {
    let [high, low] = surrogate.to_be_bytes();
    decoded.extend_from_slice(&[0xe0 | high >> 4, 0x80 | (high & 0x0f) << 2 | low >> 6, 0x80 | low & 0x3f]);
}
