//! The rules of the field as data: when, how often and with whose consent people may be called.
//!
//! The rules of each jurisdiction are in files that are built in (`shared/domain/rules`), each with
//! its source, its version and the dates between which it holds. A workspace adds rules of its own,
//! which can only be stricter, unless they say which rule they replace and why. Of all the rules
//! that hold somewhere, the strictest counts: hours and days are those that every rule leaves.
//!
//! A rule that changes gets a new version beside the old one, which ends when the new one begins. An
//! id is never taken away: rules of workspaces and records name it.

mod book;
mod calendar;
mod group;
mod in_force;
mod own;
mod pack;
mod rule;
mod scope;
#[cfg(test)]
mod tests;

pub use book::{MAX_OWN_RULES, Rulebook, RulebookError};
pub use group::Group;
pub use in_force::InForce;
pub use own::{MAX_REASON_CHARS, OwnRule, OwnRuleError};
pub use rule::{Cap, CapError, ConsentDuty, ConsentForm, Disclosure, MAX_CAP_HOURS, Rule};
pub use scope::{RuleScope, RuleScopeError};

pub(crate) use in_force::Timing;
