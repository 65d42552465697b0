//! All the rules that a workspace is under.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use super::calendar::Calendar;
use super::own::OwnRule;
use super::pack;
use super::rule::Rule;
use super::scope::RuleScope;
use crate::base::zone::{Jurisdiction, State};

/// Most rules of its own that a workspace may have.
pub const MAX_OWN_RULES: usize = 100;

static BUILT_IN: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::of(&[]));

/// The built-in rules, and those of a workspace.
///
/// Which rules hold in a jurisdiction is worked out once, when it is first asked: few calls go to all of
/// the world. Which of them hold on a day is worked out each time.
#[derive(Clone)]
pub struct Rulebook {
    pub(super) held: Vec<HeldRule>,
    in_places: BTreeMap<Jurisdiction, OnceLock<Vec<Entry>>>,
    /// In jurisdictions that no rule names.
    elsewhere: OnceLock<Vec<Entry>>,
}

/// A rule of the book.
#[derive(Clone)]
pub(super) struct HeldRule {
    pub(super) rule: Arc<Rule>,
    pub(super) calendar: Option<&'static Calendar>,
    /// The built-in rules that it replaces.
    replaces: BTreeSet<String>,
    pub(super) reason: Option<String>,
    is_own: bool,
}

/// A rule in a jurisdiction.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) held: usize,
    /// Those that replace it while they hold.
    pub(super) unless: Vec<usize>,
    pub(super) role: Role,
}

/// What a rule is to a jurisdiction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Its law, or what replaces it.
    Law,
    Addition,
    /// What holds for want of a law with hours.
    Default,
}

/// The workspace's rules can't be used together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulebookError {
    /// Two have the same id.
    #[error("two rules have the id {0}")]
    SameId(String),
    #[error("there are {0} rules; at most {MAX_OWN_RULES} are possible")]
    TooMany(usize),
}

impl Rulebook {
    pub fn builtin() -> &'static Self {
        &BUILT_IN
    }

    /// The built-in rules, and a workspace's own.
    ///
    /// # Errors
    /// [`RulebookError`] if the workspace's rules can't be used together.
    pub fn with(own: &[OwnRule]) -> Result<Self, RulebookError> {
        if own.is_empty() {
            return Ok(Self::builtin().clone());
        }
        if own.len() > MAX_OWN_RULES {
            return Err(RulebookError::TooMany(own.len()));
        }
        let mut ids = BTreeSet::new();
        match own.iter().find(|own| !ids.insert(own.rule().id.as_str())) {
            Some(twice) => Err(RulebookError::SameId(twice.rule().id.clone())),
            None => Ok(Self::of(own)),
        }
    }

    /// Every rule in every version, the workspace's own last.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.held.iter().map(|held| &*held.rule)
    }

    fn of(own: &[OwnRule]) -> Self {
        let built_in = pack::rules().iter().map(|rule| HeldRule {
            rule: Arc::clone(rule),
            calendar: rule.holidays.as_deref().and_then(pack::calendar),
            replaces: BTreeSet::new(),
            reason: None,
            is_own: false,
        });
        let own = own.iter().map(|own| HeldRule {
            rule: Arc::clone(own.shared()),
            calendar: own.rule().holidays.as_deref().and_then(pack::calendar),
            replaces: own.replaces().clone(),
            reason: own.reason().map(str::to_owned),
            is_own: true,
        });
        let held: Vec<HeldRule> = built_in.chain(own).collect();
        let countries = held.iter().flat_map(|held| held.rule.jurisdiction.countries());
        let states = State::all().map(Jurisdiction::State).chain([Jurisdiction::UnknownState]);
        let in_places = countries.chain(states).map(|place| (place, OnceLock::new())).collect();
        Self { held, in_places, elsewhere: OnceLock::new() }
    }

    /// The rules that hold in a jurisdiction; none stands for one that is not known.
    pub(super) fn entries_in(&self, place: Option<Jurisdiction>) -> &[Entry] {
        let known = place.and_then(|place| Some((place, self.in_places.get(&place)?)));
        match known {
            None => self.elsewhere.get_or_init(|| entries(&self.held, |scope| scope.holds_in(None))),
            Some((Jurisdiction::UnknownState, all)) => all.get_or_init(|| entries_of_any_state(&self.held)),
            Some((place, all)) => {
                all.get_or_init(|| entries(&self.held, |scope| scope.holds_in(Some(place))))
            }
        }
    }
}

/// The rules whose scope `holds` in a jurisdiction.
fn entries(held: &[HeldRule], holds: impl Fn(RuleScope) -> bool) -> Vec<Entry> {
    let here = || held.iter().enumerate().filter(|(_, held)| holds(held.rule.jurisdiction));
    let is_default = |held: &HeldRule| !held.is_own && held.rule.jurisdiction == RuleScope::Otherwise;
    let role = |one: &HeldRule| {
        let replaces_law = || {
            here().any(|(_, other)| {
                !other.is_own && !is_default(other) && one.replaces.contains(&other.rule.id)
            })
        };
        if is_default(one) {
            Role::Default
        } else if one.is_own && !replaces_law() {
            Role::Addition
        } else {
            Role::Law
        }
    };
    let unless = |one: &HeldRule| {
        let replacing = here().filter(|(_, other)| !one.is_own && other.replaces.contains(&one.rule.id));
        replacing.map(|(place, _)| place).collect()
    };
    here().map(|(place, held)| Entry { held: place, unless: unless(held), role: role(held) }).collect()
}

/// The rules of all states together: one is replaced only where it is replaced in every state.
fn entries_of_any_state(held: &[HeldRule]) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    for state in State::all() {
        let in_state = |scope: RuleScope| {
            scope.holds_in(Some(Jurisdiction::State(state)))
                || scope.holds_in(Some(Jurisdiction::UnknownState))
        };
        for entry in entries(held, in_state) {
            if !all.contains(&entry) {
                all.push(entry);
            }
        }
    }
    all
}

impl fmt::Debug for Rulebook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rules().map(Rule::label)).finish()
    }
}
