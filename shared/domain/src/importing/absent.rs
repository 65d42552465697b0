//! What people and programs write where there is nothing.

/// What marks an empty cell in any column: nobody says it to anybody.
const MARKS: [&str; 10] = ["-", "--", "---", "–", "—", "?", ".", "n/a", "#n/a", "n.a."];
/// Words of programs and people for nothing. A variable may mean them.
const WORDS: [&str; 20] = [
    "na",
    "null",
    "nil",
    "none",
    "nan",
    "undefined",
    "unknown",
    "not available",
    "not given",
    "no phone",
    "(null)",
    "<null>",
    "\\n",
    "k.a.",
    "k. a.",
    "keine",
    "keine angabe",
    "unbekannt",
    "inconnu",
    "desconocido",
];
/// Longest of all these, in bytes.
const MAX_BYTES: usize = 13;

/// Whether a cell says that nothing is there, where it could hold anything.
pub(super) fn is_mark(value: &str) -> bool {
    is_one_of(&MARKS, value)
}

/// Whether a cell says that nothing is there, where it could not be meant: in a number, an address, a zone.
pub(super) fn is_absent(value: &str) -> bool {
    is_mark(value) || is_one_of(&WORDS, value)
}

fn is_one_of(words: &[&str], value: &str) -> bool {
    let value = value.trim();
    value.len() <= MAX_BYTES && words.iter().any(|word| word.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_for_nothing_is_longer_than_said() {
        assert_eq!(MARKS.iter().chain(&WORDS).map(|word| word.len()).max(), Some(MAX_BYTES));
    }
}
