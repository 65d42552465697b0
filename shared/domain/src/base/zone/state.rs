//! The states of the United States.

use std::str::FromStr;

/// The states and the District of Columbia, sorted.
const STATES: &str = "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE \
    NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY";
/// A state of the United States or the District of Columbia, as its two capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State(&'static str);

impl State {
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// All 51, sorted.
    pub fn all() -> impl Iterator<Item = Self> {
        STATES.split_ascii_whitespace().map(Self)
    }
}

/// The text names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state such as FL")]
pub struct UnknownState(String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::all().find(|state| state.0 == text).ok_or_else(|| UnknownState(text.to_owned()))
    }
}
