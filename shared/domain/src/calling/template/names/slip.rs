//! Names that are one slip of the hand away from another.

/// Fewest letters of a name that may be a slip of another: short words differ by one letter often.
const MIN_SLIP_LETTERS: usize = 5;
/// Most slips of the hand between a name and the one that was meant.
const MAX_SLIPS: usize = 2;

/// The name that was meant, if one is near enough.
pub(super) fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let slips = |other: &str| strsim::osa_distance(name, other);
    let near = names.iter().copied().min_by_key(|other| slips(other))?;
    (slips(near) <= MAX_SLIPS && slips(near) < name.chars().count()).then_some(near)
}

/// Whether one slip of the hand makes this name of another; not what may well be a name of its own, such as
/// `emails`, or `name2` beside `name`.
pub(super) fn is_slip(name: &str, known: &str) -> bool {
    let is_swap = || {
        let letters = |text: &str| {
            let mut letters: Vec<char> = text.chars().collect();
            letters.sort_unstable();
            letters
        };
        letters(name) == letters(known)
    };
    let is_long = name.chars().count().min(known.chars().count()) >= MIN_SLIP_LETTERS;
    strsim::osa_distance(name, known) == 1 && !name.starts_with(known) && (is_long || is_swap())
}
