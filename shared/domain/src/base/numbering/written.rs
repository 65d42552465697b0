//! The characters of a number as they are written: signs of every script and every kind of space.

use std::borrow::Cow;

/// Where the decimal digits of a script begin; each has ten in a row (Unicode, category Nd).
const ZEROS: [char; 28] = [
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{de6}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{17e0}',
    '\u{1810}',
    '\u{ff10}',
    '\u{104a0}',
    '\u{11066}',
    '\u{1d7ce}',
    '\u{1d7d8}',
    '\u{1d7e2}',
    '\u{1d7ec}',
    '\u{1d7f6}',
    '\u{1fbf0}',
];

const OPENING: [char; 3] = ['(', '[', '{'];
const CLOSING: [char; 3] = [')', ']', '}'];

/// The text in plain characters, without space at its ends, notes in brackets (`(home)`), and what
/// shows nothing: marks of direction, joiners, soft hyphens.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    // Most are: an import asks for every row. A bracket holds a note only where it holds a letter.
    let is_plain = text.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_punctuation() || c == b' ');
    if is_plain {
        return text.trim().into();
    }
    let plain: String = text.chars().filter_map(plain_char).collect();
    without_notes(plain.trim()).into()
}

fn plain_char(c: char) -> Option<char> {
    Some(match c {
        '\n' | '\r' => '\n',
        ' '..='~' => c,
        _ if c.is_whitespace() => ' ',
        _ if c.is_control() || is_invisible(c) => return None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{fe58}' | '\u{fe63}' | '\u{30fc}' => '-',
        '\u{ff01}'..='\u{ff5e}' | '\u{207a}' | '\u{fe62}' | '\u{2044}' | '\u{2215}' => narrow(c),
        _ => digit(c).unwrap_or(c),
    })
}

/// The ASCII form of a wide sign, or of another plus or slash.
fn narrow(c: char) -> char {
    match c {
        '\u{207a}' | '\u{fe62}' => '+',
        '\u{2044}' | '\u{2215}' => '/',
        // The wide forms are ASCII, moved.
        _ => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
    }
}

fn digit(c: char) -> Option<char> {
    ZEROS.into_iter().find_map(|zero| char::from_digit(u32::from(c).checked_sub(u32::from(zero))?, 10))
}

/// Characters of format (Unicode, category Cf), those that only change how others look, and letters that are blank.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e01ef}'
    )
}

/// The text without brackets that hold words. One that tells of an extension stays.
fn without_notes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(OPENING) {
        let Some(close) = rest[open..].find(CLOSING).map(|len| open + len) else { break };
        let inside = &rest[open + 1..close];
        let is_note = inside.contains(char::is_alphabetic) && !tells_extension(inside);
        kept.push_str(if is_note { &rest[..open] } else { &rest[..=close] });
        rest = &rest[close + 1..];
    }
    kept.push_str(rest);
    kept.truncate(kept.trim_end().len());
    kept
}

/// Words for a line behind a number.
const EXTENSION_WORDS: [&str; 15] = [
    "ext",
    "extn",
    "extension",
    "x",
    "durchwahl",
    "dw",
    "app",
    "apparat",
    "nst",
    "nebenstelle",
    "poste",
    "interno",
    "int",
    "anexo",
    "ramal",
];

/// Whether the text names an extension: one of the words, and digits behind it.
pub(super) fn tells_extension(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphabetic) {
        let end = rest[start..].find(|c: char| !c.is_alphabetic()).map_or(rest.len(), |len| start + len);
        let (word, behind) = (rest[start..end].to_lowercase(), &rest[end..]);
        let number = behind.trim_start_matches([' ', '.', ':', '=', '#', '-']);
        if EXTENSION_WORDS.contains(&word.as_str()) && number.starts_with(|c: char| c.is_ascii_digit()) {
            return true;
        }
        rest = behind;
    }
    false
}
