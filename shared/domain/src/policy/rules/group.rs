//! Groups of countries.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::base::numbering::Country;

const GROUPS: &str = include_str!("../../../rules/groups.json");

/// Countries that share a rule.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub name: String,
    /// Where it is written who belongs to it.
    pub source: String,
    pub members: Vec<Country>,
}

// A test reads the file. Should it be broken nevertheless, rules that name a group can't be read.
static BUILT_IN: LazyLock<Vec<Group>> = LazyLock::new(|| read().unwrap_or_default());

pub(super) fn groups() -> &'static [Group] {
    &BUILT_IN
}

pub(super) fn read() -> serde_json::Result<Vec<Group>> {
    serde_json::from_str(GROUPS)
}
