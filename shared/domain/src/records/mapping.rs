//! What the columns of one kind of file mean, kept for the next file of its kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::time::Timestamp;

/// Longest name in bytes.
const MAX_NAME_LEN: usize = 40;
/// Most mappings of a workspace: a dropped file is compared with all of them.
pub const MAX_MAPPINGS: usize = 100;

/// The name of a saved mapping: lower-case letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MappingName(String);

impl MappingName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text names no mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of a mapping: use 1 to {MAX_NAME_LEN} lower-case letters, digits, _ and -, such as crm_export"
)]
pub struct MappingNameError(String);

impl FromStr for MappingName {
    type Err = MappingNameError;

    fn from_str(text: &str) -> Result<Self, MappingNameError> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        let well_formed = (1..=MAX_NAME_LEN).contains(&text.len()) && text.bytes().all(is_plain);
        if well_formed { Ok(Self(text.to_owned())) } else { Err(MappingNameError(text.to_owned())) }
    }
}

impl fmt::Display for MappingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MappingName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MappingName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What the columns of one kind of file mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedMapping {
    pub name: MappingName,
    pub version: u64,
    /// The headers that a file of this kind has, in whichever order.
    pub headers: BTreeSet<String>,
    /// Some of them, and the fields that they are to be read as.
    pub columns: BTreeMap<String, String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl SavedMapping {
    /// Whether a file with these headers is of this kind: it has them all, and no others.
    pub fn fits<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> bool {
        let headers: BTreeSet<&str> = headers.into_iter().map(str::trim).collect();
        self.headers.iter().map(String::as_str).eq(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_fits_a_file_with_the_same_headers_in_any_order() {
        let at = Timestamp::from_millis(0);
        let mapping = SavedMapping {
            name: "crm".parse().expect("a name"),
            version: 1,
            headers: ["Apparat", "Name"].map(ToOwned::to_owned).into(),
            columns: BTreeMap::new(),
            created_at: at,
            updated_at: at,
        };
        assert!(mapping.fits(["Name", " Apparat "]));
        assert!(!mapping.fits(["Name"]));
        assert!(!mapping.fits(["Name", "Apparat", "Ort"]));
        assert!(!mapping.fits(["name", "Apparat"]));
    }
}
