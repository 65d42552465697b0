//! Where a rule holds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::group::{Group, groups};
use crate::base::numbering::Country;
use crate::base::zone::{Jurisdiction, State};

/// The text of [`RuleScope::Everywhere`].
const EVERYWHERE: &str = "*";
/// The text of [`RuleScope::Otherwise`].
const OTHERWISE: &str = "otherwise";

/// Where a rule holds.
///
/// As text `FR`, `US` for all of its states, `US-FL`, `US-*` for numbers whose state is not known,
/// the name of a group of countries such as `EU`, or `*` for everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleScope {
    Everywhere,
    /// Where no other built-in rule sets hours; only a built-in rule can.
    Otherwise,
    /// In a country other than the United States.
    Country(Country),
    /// In every state of the United States.
    UnitedStates,
    /// In a state of the United States.
    State(State),
    /// For numbers of the United States whose state is not known.
    UnknownState,
    Group(&'static Group),
}

impl RuleScope {
    /// Whether it has numbers of this jurisdiction; of an unknown state it has none that is only a
    /// state's.
    pub(super) fn holds_in(self, place: Option<Jurisdiction>) -> bool {
        let is_of_united_states = matches!(place, Some(Jurisdiction::State(_) | Jurisdiction::UnknownState));
        match self {
            Self::Everywhere | Self::Otherwise => true,
            Self::Country(country) => place == Some(Jurisdiction::Country(country)),
            Self::UnitedStates => is_of_united_states,
            Self::State(state) => place == Some(Jurisdiction::State(state)),
            Self::UnknownState => place == Some(Jurisdiction::UnknownState),
            Self::Group(group) => group.members.iter().any(|&member| match member.into() {
                Jurisdiction::UnknownState => is_of_united_states,
                member => place == Some(member),
            }),
        }
    }

    /// The countries that it names; the United States are left out.
    pub(super) fn countries(self) -> Vec<Jurisdiction> {
        let members = match self {
            Self::Country(country) => &[country][..],
            Self::Group(group) => &group.members,
            Self::Everywhere | Self::Otherwise | Self::UnitedStates | Self::State(_) | Self::UnknownState => {
                &[]
            }
        };
        let members = members.iter().map(|&country| Jurisdiction::from(country));
        members.filter(|member| *member != Jurisdiction::UnknownState).collect()
    }
}

impl fmt::Display for RuleScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str(EVERYWHERE),
            Self::Otherwise => f.write_str(OTHERWISE),
            Self::Country(country) => country.fmt(f),
            Self::UnitedStates => f.write_str("US"),
            Self::State(state) => Jurisdiction::State(*state).fmt(f),
            Self::UnknownState => Jurisdiction::UnknownState.fmt(f),
            Self::Group(group) => f.write_str(&group.name),
        }
    }
}

/// The text names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a country such as FR, a state such as US-FL, US-*, *, or one of: {groups}", groups = group_names())]
pub struct RuleScopeError(String);

fn group_names() -> String {
    groups().iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl FromStr for RuleScope {
    type Err = RuleScopeError;

    fn from_str(text: &str) -> Result<Self, RuleScopeError> {
        match text {
            EVERYWHERE => return Ok(Self::Everywhere),
            OTHERWISE => return Ok(Self::Otherwise),
            "US" => return Ok(Self::UnitedStates),
            _ => {}
        }
        if let Some(group) = groups().iter().find(|group| group.name == text) {
            return Ok(Self::Group(group));
        }
        match text.parse() {
            Ok(Jurisdiction::Country(country)) => Ok(Self::Country(country)),
            Ok(Jurisdiction::State(state)) => Ok(Self::State(state)),
            Ok(Jurisdiction::UnknownState) => Ok(Self::UnknownState),
            Err(_) => Err(RuleScopeError(text.to_owned())),
        }
    }
}

impl Serialize for RuleScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RuleScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
