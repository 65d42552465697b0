//! Whether a text holds a second number behind a complete one.
//!
//! Run together the two would be a third number, often one that exists: where numbers have no fixed
//! length, `030 23125001/02` is the number of a stranger.

/// Behind a complete number these begin another; before, as in `030/23125001`, they only divide it.
const DIVIDERS: [char; 11] = ['/', '\\', '|', ',', ';', '&', '\n', '+', '(', '[', '{'];

/// Fewest digits of a number, written without its country code: those of Saint Helena.
pub(super) const MIN_DIGITS: usize = 4;

/// Whether a number is complete before the end of the text, and another follows. `written` begins
/// with the first digit or `+`; `is_complete` says whether a text is a number.
pub(super) fn holds_two(written: &str, is_complete: impl Fn(&str) -> bool) -> bool {
    let mut chars = written.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let (front, behind) = written.split_at(at);
        let begins_word = c.is_alphabetic() && !before.is_alphabetic();
        let is_gap = matches!(c, ' ' | '-') && matches!(next, Some('0' | '+'));
        let is_divider = DIVIDERS.contains(&c) || begins_word;
        let other_follows = || {
            if is_divider {
                behind.contains(|c: char| c.is_ascii_digit())
            } else {
                is_complete(behind.trim_start_matches([' ', '-']))
            }
        };
        let may_divide = (is_gap || is_divider) && digits(front) >= MIN_DIGITS;
        if may_divide && other_follows() && is_complete(front.trim_end_matches(|c: char| !c.is_ascii_digit()))
        {
            return true;
        }
        before = c;
    }
    false
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
