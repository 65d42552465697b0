//! How many segments a text message takes: GSM 7-bit where its alphabet has all of the text (3GPP TS 23.038,
//! 6.2.1), else UCS-2.

use serde::Serialize;

/// Septets of a message that is sent as one, and of each part of a longer one.
const GSM7_UNITS: Room = Room { alone: 160, part: 153 };
/// The same in units of UTF-16.
const UCS2_UNITS: Room = Room { alone: 70, part: 67 };

/// The basic alphabet, in the order of its codes; the escape (0x1B) stands for no character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension: each takes an escape besides.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";
const ESCAPE: char = '\u{1b}';
/// What stands for characters that the alphabet does not have, and which look much the same; after the table of Twilio's
/// Smart Encoding.
const REPLACEMENTS: [(&str, &str); 19] = [
    ("\"", "«»“”„‟ʺˮ❝❞〝〞"),
    ("'", "‘’‛ʹʻʼʽˈˊˋ´`❛❜"),
    ("-", "‐‑‒–—―−⁃•"),
    ("/", "÷⁄∕⧸"),
    ("\\", "⧵⧹﹨"),
    ("|", "∣⎸⎹⏐"),
    (",", "‚、､"),
    (".", "。｡"),
    ("...", "…"),
    ("!!", "‼"),
    ("<", "‹"),
    (">", "›"),
    ("^", "ˆ"),
    ("~", "˜∼"),
    ("_", "‗"),
    ("1/4", "¼"),
    ("1/2", "½"),
    ("3/4", "¾"),
    // Spaces of other widths.
    (
        " ",
        "\t\u{a0}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}",
    ),
];
/// Characters that show nothing: nothing stands for them.
const INVISIBLE: &str = "\u{ad}\u{200b}\u{200c}\u{2060}\u{feff}";
/// How far the wide forms of ASCII are from it.
const WIDE: u32 = 0xfee0;

/// How a text message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SmsEncoding))]
pub enum Encoding {
    #[serde(rename = "gsm-7")]
    Gsm7,
    #[serde(rename = "ucs-2")]
    Ucs2,
}

/// What a text message takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SmsSegments {
    pub encoding: Encoding,
    /// Parts in which it is sent, and paid for.
    pub segments: usize,
    /// Septets of GSM 7-bit, or units of UTF-16.
    pub units: usize,
    /// Characters that make it UCS-2, each once.
    pub beyond_gsm7: Vec<char>,
    /// What could stand for those of them that look much like others.
    pub replacements: Vec<Replacement>,
    /// Parts that it would take with these; null without any.
    pub segments_if_replaced: Option<usize>,
}

/// What could stand for a character in GSM 7-bit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SmsReplacement))]
pub struct Replacement {
    pub character: char,
    /// Empty if the character shows nothing.
    pub with: String,
}

struct Room {
    alone: usize,
    part: usize,
}

impl SmsSegments {
    /// What a text takes.
    pub fn of(text: &str) -> Self {
        let mut beyond_gsm7: Vec<char> = text.chars().filter(|c| septets(*c).is_none()).collect();
        beyond_gsm7.sort_unstable();
        beyond_gsm7.dedup();
        let encoding = if beyond_gsm7.is_empty() { Encoding::Gsm7 } else { Encoding::Ucs2 };
        let (segments, units) = measured(text, encoding);
        let replacements: Vec<Replacement> = beyond_gsm7
            .iter()
            .filter_map(|c| Some(Replacement { character: *c, with: replacement(*c)? }))
            .collect();
        let segments_if_replaced = (!replacements.is_empty()).then(|| {
            let text: String =
                text.chars().map(|c| replacement(c).unwrap_or_else(|| c.to_string())).collect();
            let is_gsm7 = replacements.len() == beyond_gsm7.len();
            measured(&text, if is_gsm7 { Encoding::Gsm7 } else { Encoding::Ucs2 }).0
        });
        Self { encoding, segments, units, beyond_gsm7, replacements, segments_if_replaced }
    }
}

/// The segments and the units that a text takes in an encoding that has all of it.
fn measured(text: &str, encoding: Encoding) -> (usize, usize) {
    let widths = || {
        text.chars().map(move |c| match encoding {
            Encoding::Gsm7 => septets(c).unwrap_or_default(),
            Encoding::Ucs2 => c.len_utf16(),
        })
    };
    let room = match encoding {
        Encoding::Gsm7 => GSM7_UNITS,
        Encoding::Ucs2 => UCS2_UNITS,
    };
    let units: usize = widths().sum();
    (if units <= room.alone { usize::from(units > 0) } else { parts(widths(), room.part) }, units)
}

/// What could stand for a character that GSM 7-bit does not have.
fn replacement(c: char) -> Option<String> {
    if septets(c).is_some() {
        return None;
    }
    if INVISIBLE.contains(c) {
        return Some(String::new());
    }
    if matches!(c, '\u{ff01}'..='\u{ff5e}') {
        let narrow = char::from_u32(u32::from(c) - WIDE)?;
        return replacement(narrow).or_else(|| Some(narrow.to_string()));
    }
    let (with, _) = REPLACEMENTS.iter().find(|(_, others)| others.contains(c))?;
    Some((*with).to_owned())
}

fn septets(c: char) -> Option<usize> {
    if c == ESCAPE {
        None
    } else if BASIC.contains(c) {
        Some(1)
    } else {
        EXTENSION.contains(c).then_some(2)
    }
}

/// The parts of a message: no character is torn.
fn parts(widths: impl Iterator<Item = usize>, room: usize) -> usize {
    let (mut parts, mut used) = (1, 0);
    for width in widths {
        if used + width > room {
            (parts, used) = (parts + 1, 0);
        }
        used += width;
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    /// Texts and what Twilio's calculator makes of them (`testdata/sms_segments.js`).
    const PACKED: &[u8] = include_bytes!("../../testdata/sms_segments.z");

    fn told(text: &str) -> (Encoding, usize, usize) {
        let SmsSegments { encoding, segments, units, .. } = SmsSegments::of(text);
        (encoding, segments, units)
    }

    #[test]
    fn the_alphabet_is_that_of_the_table() {
        let codes: Vec<char> = BASIC.chars().collect();
        assert_eq!(codes.len(), 128);
        // Places out of the table, by row and column.
        for (code, c) in [
            (0x00, '@'),
            (0x02, '$'),
            (0x0a, '\n'),
            (0x0d, '\r'),
            (0x10, 'Δ'),
            (0x1a, 'Ξ'),
            (0x1b, ESCAPE),
            (0x1f, 'É'),
            (0x20, ' '),
            (0x24, '¤'),
            (0x30, '0'),
            (0x40, '¡'),
            (0x41, 'A'),
            (0x5b, 'Ä'),
            (0x5f, '§'),
            (0x60, '¿'),
            (0x61, 'a'),
            (0x7b, 'ä'),
            (0x7f, 'à'),
        ] {
            assert_eq!(codes[code], c, "{code:#x}");
        }
        assert_eq!(EXTENSION.chars().count(), 10);
    }

    #[test]
    fn the_last_that_fits_and_the_first_that_does_not() {
        use Encoding::*;
        for (text, expected) in [
            (String::new(), (Gsm7, 0, 0)),
            ("a".repeat(160), (Gsm7, 1, 160)),
            ("a".repeat(161), (Gsm7, 2, 161)),
            ("a".repeat(306), (Gsm7, 2, 306)),
            ("a".repeat(307), (Gsm7, 3, 307)),
            ("€".repeat(80), (Gsm7, 1, 160)),
            // 76 of two septets fill a part: its last septet stays free.
            ("€".repeat(152), (Gsm7, 2, 304)),
            ("€".repeat(153), (Gsm7, 3, 306)),
            ("ş".repeat(70), (Ucs2, 1, 70)),
            ("ş".repeat(71), (Ucs2, 2, 71)),
            ("ş".repeat(134), (Ucs2, 2, 134)),
            ("ş".repeat(135), (Ucs2, 3, 135)),
            ("😀".repeat(35), (Ucs2, 1, 70)),
            // 33 of two units fill a part.
            ("😀".repeat(66), (Ucs2, 2, 132)),
            ("😀".repeat(67), (Ucs2, 3, 134)),
        ] {
            assert_eq!(told(&text), expected, "{text}");
        }
        assert_eq!(SmsSegments::of("“Hi” ş").beyond_gsm7, ['ş', '“', '”']);
    }

    #[test]
    fn what_looks_much_the_same_is_offered() {
        let text = format!("“Hi”\u{200b}, it’s ready – ｏｋ？{}", "a".repeat(60));
        let SmsSegments { encoding, segments, replacements, segments_if_replaced, .. } =
            SmsSegments::of(&text);
        assert_eq!((encoding, segments, segments_if_replaced), (Encoding::Ucs2, 2, Some(1)));
        let with: String = replacements.iter().map(|one| one.with.as_str()).collect();
        assert_eq!(with, "-'\"\"?ko", "in the order of the characters");
        // One that nothing stands for keeps it as it is.
        let some = SmsSegments::of("“ş”");
        assert_eq!(
            (some.beyond_gsm7.len(), some.replacements.len(), some.segments_if_replaced),
            (3, 2, Some(1))
        );
        assert_eq!(SmsSegments::of("plain €").segments_if_replaced, None);
    }

    #[test]
    fn replacements_are_of_the_alphabet_and_stand_for_others() {
        for (with, others) in REPLACEMENTS {
            assert!(with.chars().all(|c| septets(c).is_some()), "{with}");
            assert!(others.chars().all(|c| septets(c).is_none()), "{others}");
        }
        let wide = ('\u{ff01}'..='\u{ff5e}').filter_map(replacement);
        assert!(wide.flat_map(|with| with.chars().collect::<Vec<_>>()).all(|c| septets(c).is_some()));
    }

    #[test]
    fn twilio_counts_as_we_do() {
        let mut lines = String::new();
        flate2::read::ZlibDecoder::new(PACKED).read_to_string(&mut lines).expect("text");
        let mut differ = Vec::new();
        for line in lines.lines() {
            let (encoding, segments, text): (char, usize, String) =
                serde_json::from_str(line).expect("a message");
            let encoding = if encoding == 'G' { Encoding::Gsm7 } else { Encoding::Ucs2 };
            let ours = told(&text);
            if (ours.0, ours.1) != (encoding, segments) {
                differ.push((text, ours, encoding, segments));
            }
        }
        assert_eq!(lines.lines().count(), 12_000);
        assert!(differ.is_empty(), "{} differ, {:?}", differ.len(), &differ[..differ.len().min(12)]);
    }

    proptest! {
        #[test]
        fn more_text_never_takes_less(text in "[a-z€ş😀]{0,200}", more in "[a-z€ş😀]{1,20}") {
            prop_assert!(told(&(text.clone() + &more)).1 >= told(&text).1);
        }
    }
}
