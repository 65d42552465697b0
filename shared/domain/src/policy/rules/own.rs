//! Rules that a workspace sets itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::pack;
use super::rule::{Cap, ConsentDuty, Disclosure, Rule};
use super::scope::RuleScope;
use crate::base::channel::Channel;
use crate::policy::hours::WeeklyHours;

/// What the id of a workspace's rule begins with, so that it is no built-in rule's.
const PREFIX: &str = "own-";
/// Most characters of an id.
const MAX_ID_CHARS: usize = 40;
/// Most characters of a reason, source or note.
pub const MAX_REASON_CHARS: usize = 500;
/// Most caps of a rule.
const MAX_CAPS: usize = 10;
/// The longest rest after a refusal, in days: ten years.
const MAX_REST_DAYS: u32 = 3_660;

/// A rule of a workspace: stricter than what is built in, or in the place of built-in rules and then
/// with a reason.
///
/// Where and while it holds, the rules that it replaces don't; elsewhere they do. What it does not
/// replace holds beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OwnRuleForm", into = "OwnRuleForm")]
pub struct OwnRule {
    rule: Arc<Rule>,
    replaces: BTreeSet<String>,
    reason: Option<String>,
}

/// A rule of a workspace's own: stricter than the built-in ones, or in the place of some of them and then
/// with a reason. It asks for something, or replaces something.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct OwnRuleForm {
    /// Its name: `own-`, then small letters, digits and dashes.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "own-mornings", max_length = 40, pattern = "^own-[a-z0-9-]+$")
    )]
    id: String,
    /// Where it holds; `otherwise` is for built-in rules.
    jurisdiction: RuleScope,
    /// The date of its text.
    #[cfg_attr(feature = "openapi", schema(format = Date, example = "2026-11-21"))]
    version: String,
    /// The first day on which it holds, on the person's calendar; that of its version unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = Date, example = "2026-12-01"))]
    effective_from: Option<String>,
    /// The first day on which it holds no more, after the first; without an end unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = Date, example = "2027-01-01"))]
    effective_until: Option<String>,
    /// Where it is written, for the record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500, example = "Works agreement of 2026-10-01"))]
    source: String,
    /// What it holds for; both unless set.
    #[serde(default = "both")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    channels: BTreeSet<Channel>,
    /// The only hours that it leaves, on the clock of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<WeeklyHours>,
    /// The calendar whose holidays it keeps free: `fr`, `us-al` or `us-la`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "fr"))]
    holidays: Option<String>,
    /// How often a person may be called; all of them count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    caps: Vec<Cap>,
    /// How long a person is left in peace who has declined, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3660, example = 60))]
    rest_days_after_refusal: Option<u32>,
    /// What the person must have agreed to before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentDuty>,
    /// What the person must be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disclosure: Option<Disclosure>,
    /// The ids of the built-in rules in whose place it stands, where and while it holds.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "openapi", schema(example = json!(["us-federal"])))]
    replaces: BTreeSet<String>,
    /// Why these may be replaced; needed if there are any, and kept as evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 500, example = "Existing customers only, reviewed by counsel")
    )]
    reason: Option<String>,
}

#[cfg(feature = "openapi")]
crate::written_as::written_as!(OwnRule => OwnRuleForm);

fn both() -> BTreeSet<Channel> {
    BTreeSet::from([Channel::Call, Channel::Sms])
}

/// Why this is no rule that a workspace may set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnRuleError {
    /// The id is not what it may be.
    #[error(
        "`{0}` is no id of an own rule; write {PREFIX} and small letters, digits or dashes, at most \
         {MAX_ID_CHARS} characters in all"
    )]
    Id(String),
    /// The rule would hold where only the built-in default can.
    #[error("`otherwise` is for the built-in default only; write * and replace `default` to change it")]
    Otherwise,
    #[error("{field}: `{text}` is not a date such as 2026-11-21")]
    Date { field: &'static str, text: String },
    /// It ends before it begins.
    #[error("effective_until {until} is not after effective_from {from}")]
    Backwards {
        from: NaiveDate,
        /// The day after its last.
        until: NaiveDate,
    },
    #[error("channels is empty; give call, sms or both")]
    NoChannel,
    /// There is no such calendar.
    #[error("there is no calendar `{0}`; there is: {known}", known = calendar_names())]
    Calendar(String),
    /// It has more caps than it may.
    #[error("there are {0} caps; at most {MAX_CAPS} are possible")]
    TooManyCaps(usize),
    /// The rest is too long.
    #[error("{0} days of rest are too many; at most {MAX_REST_DAYS} are possible")]
    Rest(u32),
    /// A text is too long.
    #[error("{field} is longer than {MAX_REASON_CHARS} characters")]
    TooLong { field: &'static str },
    /// There is no such built-in rule.
    #[error("there is no built-in rule `{0}` to replace")]
    Unknown(String),
    /// It replaces a rule and does not say why.
    #[error("say in `reason` why {0} may be replaced; the reason is kept as evidence")]
    NoReason(String),
    /// It gives a reason and replaces nothing.
    #[error("there is a reason but nothing is replaced; name the rule in `replaces`")]
    NothingReplaced,
    #[error("the rule asks for nothing; give hours, holidays, caps, rest, consent or disclosure")]
    Empty,
}

fn calendar_names() -> String {
    pack::calendars().iter().map(|calendar| calendar.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl OwnRule {
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The ids of the built-in rules in whose place it stands, in all their versions.
    pub const fn replaces(&self) -> &BTreeSet<String> {
        &self.replaces
    }

    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    pub(super) const fn shared(&self) -> &Arc<Rule> {
        &self.rule
    }
}

impl TryFrom<OwnRuleForm> for OwnRule {
    type Error = OwnRuleError;

    fn try_from(form: OwnRuleForm) -> Result<Self, OwnRuleError> {
        check_words(&form)?;
        check_duties(&form)?;
        check_replaced(&form)?;
        let version = date("version", &form.version)?;
        let from = form.effective_from.as_deref().map(|text| date("effective_from", text)).transpose()?;
        let until = form.effective_until.as_deref().map(|text| date("effective_until", text)).transpose()?;
        let from = from.unwrap_or(version);
        if let Some(until) = until.filter(|until| *until <= from) {
            return Err(OwnRuleError::Backwards { from, until });
        }
        let rule = Rule {
            id: form.id,
            jurisdiction: form.jurisdiction,
            version,
            effective_from: from,
            effective_until: until,
            verified: false,
            source: form.source,
            channels: form.channels,
            hours: form.hours,
            holidays: form.holidays,
            caps: form.caps,
            rest_days_after_refusal: form.rest_days_after_refusal,
            consent: form.consent,
            disclosure: form.disclosure,
        };
        Ok(Self { rule: Arc::new(rule), replaces: form.replaces, reason: form.reason })
    }
}

fn check_words(form: &OwnRuleForm) -> Result<(), OwnRuleError> {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let is_id = form.id.len() > PREFIX.len()
        && form.id.len() <= MAX_ID_CHARS
        && form.id.starts_with(PREFIX)
        && form.id.bytes().all(plain);
    if !is_id {
        return Err(OwnRuleError::Id(form.id.clone()));
    }
    let note = form.consent.as_ref().and_then(|consent| consent.note.as_deref());
    let texts = [("source", Some(form.source.as_str())), ("reason", form.reason.as_deref()), ("note", note)];
    let is_too_long = |text: &str| text.chars().count() > MAX_REASON_CHARS;
    match texts.into_iter().find(|(_, text)| text.is_some_and(is_too_long)) {
        Some((field, _)) => Err(OwnRuleError::TooLong { field }),
        None => Ok(()),
    }
}

fn check_duties(form: &OwnRuleForm) -> Result<(), OwnRuleError> {
    if form.jurisdiction == RuleScope::Otherwise {
        return Err(OwnRuleError::Otherwise);
    }
    if form.channels.is_empty() {
        return Err(OwnRuleError::NoChannel);
    }
    if form.caps.len() > MAX_CAPS {
        return Err(OwnRuleError::TooManyCaps(form.caps.len()));
    }
    if let Some(days) = form.rest_days_after_refusal.filter(|days| *days > MAX_REST_DAYS) {
        return Err(OwnRuleError::Rest(days));
    }
    match form.holidays.as_ref().filter(|name| pack::calendar(name).is_none()) {
        Some(name) => Err(OwnRuleError::Calendar(name.clone())),
        None => Ok(()),
    }
}

fn check_replaced(form: &OwnRuleForm) -> Result<(), OwnRuleError> {
    let is_built_in = |id: &String| pack::rules().iter().any(|rule| rule.id == *id);
    if let Some(unknown) = form.replaces.iter().find(|id| !is_built_in(id)) {
        return Err(OwnRuleError::Unknown(unknown.clone()));
    }
    let has_reason = form.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    let asks_nothing = form.hours.is_none()
        && form.holidays.is_none()
        && form.caps.is_empty()
        && form.rest_days_after_refusal.is_none()
        && form.consent.is_none()
        && form.disclosure.is_none();
    match form.replaces.first() {
        Some(id) if !has_reason => Err(OwnRuleError::NoReason(id.clone())),
        None if form.reason.is_some() => Err(OwnRuleError::NothingReplaced),
        None if asks_nothing => Err(OwnRuleError::Empty),
        _ => Ok(()),
    }
}

fn date(field: &'static str, text: &str) -> Result<NaiveDate, OwnRuleError> {
    text.parse().map_err(|_| OwnRuleError::Date { field, text: text.to_owned() })
}

impl From<OwnRule> for OwnRuleForm {
    fn from(own: OwnRule) -> Self {
        let OwnRule { rule, replaces, reason } = own;
        let rule = Arc::unwrap_or_clone(rule);
        Self {
            id: rule.id,
            jurisdiction: rule.jurisdiction,
            version: rule.version.to_string(),
            effective_from: Some(rule.effective_from.to_string()),
            effective_until: rule.effective_until.map(|until| until.to_string()),
            source: rule.source,
            channels: rule.channels,
            hours: rule.hours,
            holidays: rule.holidays,
            caps: rule.caps,
            rest_days_after_refusal: rule.rest_days_after_refusal,
            consent: rule.consent,
            disclosure: rule.disclosure,
            replaces,
            reason,
        }
    }
}
