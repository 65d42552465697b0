//! Finding people by a part of their name or of a number of theirs.

use carillon_domain::base::phone::E164;

/// A part of a name or of a number.
#[derive(Debug)]
pub(crate) struct Search {
    words: String,
    digits: String,
}

impl Search {
    /// None for a text that says nothing.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let words = text.trim().to_lowercase();
        let is_number = words.chars().all(|c| c.is_ascii_digit() || "+ -./()".contains(c));
        let digits = words.chars().filter(|c| is_number && c.is_ascii_digit()).collect();
        (!words.is_empty()).then_some(Self { words, digits })
    }

    /// Whether this name, or one of these numbers, has it.
    pub(crate) fn finds<'a>(&self, name: Option<&str>, numbers: impl IntoIterator<Item = &'a E164>) -> bool {
        let in_number = |number: &E164| !self.digits.is_empty() && number.digits().contains(&self.digits);
        name.is_some_and(|name| name.to_lowercase().contains(&self.words))
            || numbers.into_iter().any(in_number)
    }
}
