//! Whether a text holds a second number behind a complete one.
//!
//! Run together the two would be a third number, often one that exists: where numbers have no fixed
//! length, `030 23125001/02` is the number of a stranger.

/// Behind a complete number these begin another; before, as in `030/23125001`, they only divide it.
const DIVIDERS: [char; 11] = ['/', '\\', '|', ',', ';', '&', '\n', '+', '(', '[', '{'];

/// Whether a number is complete before the end of the text, and another follows. `written` begins
/// with the first digit or `+`; `is_complete` says whether a text is a number.
pub(super) fn holds_two(written: &str, is_complete: impl Fn(&str) -> bool) -> bool {
    let mut chars = written.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let (front, behind) = written.split_at(at);
        let begins_word = c.is_alphabetic() && !before.is_alphabetic();
        let is_divided = || {
            let is_gap = matches!(c, ' ' | '-') && matches!(next, Some('0' | '+'));
            if DIVIDERS.contains(&c) || begins_word {
                behind.contains(|c: char| c.is_ascii_digit())
            } else {
                is_gap && is_complete(behind.trim_start_matches([' ', '-']))
            }
        };
        if at > 0 && is_divided() && is_complete(front.trim_end_matches(|c: char| !c.is_ascii_digit())) {
            return true;
        }
        before = c;
    }
    false
}
