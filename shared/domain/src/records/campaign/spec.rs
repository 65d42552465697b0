//! What a client may set of a campaign.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::ids::{AssistantId, CallerNumberId};
use crate::base::numbering::Country;
use crate::policy::cadence::Cadence;
use crate::policy::caller_pool::Selection;
use crate::policy::do_not_call::ListName;
use crate::policy::hours::{HoursZone, WeeklyHours};
use crate::policy::retry::RetryPolicy;
use crate::policy::schedule::{Period, Recurrence};

/// Calls at once, unless the campaign says otherwise.
pub const DEFAULT_CONCURRENT_LIMIT: u32 = 5;
/// Most calls at once that a campaign may ask for.
pub const MAX_CONCURRENT_LIMIT: u32 = 1_000;
/// Most calls per minute that a campaign may ask for.
pub const MAX_RATE_PER_MINUTE: u32 = 6_000;
/// How long a call may ring, in seconds, unless the campaign says otherwise.
pub const DEFAULT_RINGING_TIMEOUT_SECS: u16 = 40;
/// The goal that a new campaign starts with, as an example.
pub const DEFAULT_GOAL: &str =
    "The person understood why we called and agreed to, or clearly declined, the next step.";

/// Priority, unless the campaign says otherwise.
pub const DEFAULT_PRIORITY: u8 = 5;
pub const MAX_PRIORITY: u8 = 9;
/// Longest ramp-up, in minutes: a day.
pub const MAX_RAMP_UP_MINUTES: u32 = 24 * 60;
/// Most dates that are out.
pub const MAX_EXCEPT_DATES: usize = 366;

/// The part of a campaign that a client may set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignSpec {
    pub name: String,
    pub description: Option<String>,
    /// What a call should achieve.
    pub goal: String,
    pub assistant_id: AssistantId,
    /// The numbers to call from; empty means the assistant's.
    pub caller_number_ids: Vec<CallerNumberId>,
    /// The hours in which it may call.
    pub hours: WeeklyHours,
    /// Whose clock the hours are read on.
    pub hours_zone: HoursZone,
    /// The campaign's own time zone.
    pub time_zone: Tz,
    /// The country of numbers that are written without one.
    pub default_country: Option<Country>,
    /// Dates on which it does not call, on the clock of whoever the hours are read on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub except_dates: BTreeSet<NaiveDate>,
    /// The days between which it calls at all, in the campaign's own time zone.
    #[serde(default, skip_serializing_if = "Period::is_unbounded")]
    pub period: Period,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    pub retry: RetryPolicy,
    /// Minutes between two calls to one person, whichever campaigns they come from.
    #[serde(default)]
    pub min_gap_minutes: u32,
    /// The ways in which it tries, if there are several.
    #[serde(default, skip_serializing_if = "Cadence::is_empty")]
    pub cadence: Cadence,
    /// Its class among the campaigns of its workspace, 0 to [`MAX_PRIORITY`]: a higher one is served
    /// first.
    #[serde(default = "default_priority")]
    pub priority: u8,
    /// Its share among those of its priority, 1 to [`MAX_WEIGHT`](crate::policy::fair_share::MAX_WEIGHT).
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// How calls are shared out among its numbers.
    #[serde(default)]
    pub selection: Selection,
    /// Whether people are called from a number of their own country or area, if there is one.
    #[serde(default)]
    pub local_presence: bool,
    /// Whether a retry comes from the same number as the attempt before.
    #[serde(default)]
    pub same_number_again: bool,
    /// Minutes over which it grows to its limit after it began to run, 0 to
    /// [`MAX_RAMP_UP_MINUTES`].
    #[serde(default)]
    pub ramp_up_minutes: u32,
    /// Whether it stays open when everybody is settled, for sources that feed it.
    #[serde(default)]
    pub keep_open: bool,
    /// Whether it calls nobody without consent.
    #[serde(default)]
    pub requires_consent: bool,
    /// Whether a lead that comes one by one is called at once.
    #[serde(default)]
    pub calls_first_submissions: bool,
    /// The do-not-call lists that count, besides the one that always does.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub suppression_lists: BTreeSet<ListName>,
    pub concurrent_limit: u32,
    /// Most calls per minute; none means what its caller numbers allow.
    pub rate_limit_per_minute: Option<u32>,
    /// How long a call may ring, in seconds.
    pub ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    pub machine_detection: bool,
    /// What the assistant says first.
    pub welcome_message_template: Option<String>,
    /// Values for the templates, below those of the lead.
    pub variables: BTreeMap<String, String>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

impl CampaignSpec {
    /// A campaign with the usual settings.
    pub fn new(name: impl Into<String>, assistant_id: AssistantId) -> Self {
        Self {
            name: name.into(),
            description: None,
            goal: DEFAULT_GOAL.to_owned(),
            assistant_id,
            caller_number_ids: Vec::new(),
            hours: WeeklyHours::default(),
            hours_zone: HoursZone::default(),
            time_zone: Tz::UTC,
            default_country: None,
            except_dates: BTreeSet::new(),
            period: Period::default(),
            recurrence: None,
            retry: RetryPolicy::default(),
            min_gap_minutes: 0,
            cadence: Cadence::default(),
            priority: DEFAULT_PRIORITY,
            weight: 1,
            selection: Selection::default(),
            local_presence: false,
            same_number_again: false,
            ramp_up_minutes: 0,
            keep_open: false,
            requires_consent: false,
            calls_first_submissions: false,
            suppression_lists: BTreeSet::new(),
            concurrent_limit: DEFAULT_CONCURRENT_LIMIT,
            rate_limit_per_minute: None,
            ringing_timeout_secs: DEFAULT_RINGING_TIMEOUT_SECS,
            machine_detection: false,
            welcome_message_template: None,
            variables: BTreeMap::new(),
            tags: Vec::new(),
        }
    }
}

const fn default_priority() -> u8 {
    DEFAULT_PRIORITY
}

const fn default_weight() -> u32 {
    1
}
