//! Do-not-call (DNC) lists: their names, and why a number is on one. Which lists hold a number is kept in
//! its record.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::base::time::Timestamp;

/// The list that holds in every campaign.
const DO_NOT_CALL: &str = "do_not_call";
/// The list of those who asked for something that a person has to read first; it holds in every campaign, too.
const UNCLEAR_WISHES: &str = "unclear_wishes";
/// Longest name of a list.
const MAX_NAME_LEN: usize = 40;
/// Most lists that a workspace may have: a number's record stays small.
pub const MAX_LISTS: usize = 20;
/// Longest reason for which a number is on a list, in characters.
pub const MAX_REASON_CHARS: usize = 300;
/// Longest word for where it comes from, in characters.
pub const MAX_SOURCE_CHARS: usize = 64;

/// The name of a do-not-call list: lower-case letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListName(String);

impl ListName {
    /// The list that holds in every campaign.
    pub fn do_not_call() -> Self {
        Self(DO_NOT_CALL.to_owned())
    }

    /// The list of those who asked for something that we can't read; it holds in every campaign until a
    /// person has settled what they want, and takes them off.
    pub fn unclear_wishes() -> Self {
        Self(UNCLEAR_WISHES.to_owned())
    }

    /// Whether its people are not called only until somebody has settled what they want.
    pub fn is_of_unclear_wishes(&self) -> bool {
        self.0 == UNCLEAR_WISHES
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the list that holds in every campaign.
    pub fn is_default(&self) -> bool {
        self.0 == DO_NOT_CALL
    }

    /// Whether it forbids calls where these lists were chosen.
    pub fn counts_where(&self, chosen: &BTreeSet<Self>) -> bool {
        self.is_default() || self.is_of_unclear_wishes() || chosen.contains(self)
    }
}

/// The text names no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of a list: use 1 to {MAX_NAME_LEN} lower-case letters, digits, _ and -, such as do_not_call"
)]
pub struct ListNameError(String);

impl FromStr for ListName {
    type Err = ListNameError;

    fn from_str(text: &str) -> Result<Self, ListNameError> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        let well_formed = (1..=MAX_NAME_LEN).contains(&text.len()) && text.bytes().all(is_plain);
        if well_formed { Ok(Self(text.to_owned())) } else { Err(ListNameError(text.to_owned())) }
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ListName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ListName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Why a number is on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    pub at: Timestamp,
    /// Who put it there: `api`, `import`, `call`, `sms`, `provider_opt_out`.
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Listing {
    /// The source of one that a person's own text brought.
    pub const BY_TEXT: &'static str = "sms";
    /// The source of one that was found on the list of whoever carries our texts.
    pub const BY_CARRIER: &'static str = "provider_opt_out";

    /// Whether a text of the person put it there, however we learned of it: another text takes it back.
    pub fn is_of_a_text(&self) -> bool {
        [Self::BY_TEXT, Self::BY_CARRIER].contains(&self.source.as_str())
    }
}
