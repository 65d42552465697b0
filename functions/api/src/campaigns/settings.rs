//! The settings of a campaign, as a client sends them and is shown them.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{AssistantId, CallerNumberId};
use carillon_domain::base::numbering::Country;
use carillon_domain::policy::cadence::Cadence;
use carillon_domain::policy::caller_pool::Selection;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::policy::hours::{HoursZone, WeeklyHours};
use carillon_domain::policy::retry::{Miss, RetryPolicy};
use carillon_domain::policy::schedule::{Period, Recurrence};
use carillon_domain::records::campaign::{
    DEFAULT_CONCURRENT_LIMIT, DEFAULT_GOAL, DEFAULT_PRIORITY, DEFAULT_RINGING_TIMEOUT_SECS,
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::{
    CampaignPeriod, FirstSubmissionAction, MissName, RecurrenceRule, SelectionName, SequenceStep, WeekHours,
    WhoseHours,
};

mod references;
mod spec;
mod validation;

pub(super) use references::{References, check_days};

/// Most caller numbers of a campaign or an assistant.
pub(crate) const MAX_CALLER_NUMBERS: usize = 50;

/// The settings of a campaign.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CampaignForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignSettings {
    /// What people call it.
    #[schema(example = "Autumn renewals", max_length = 200)]
    name: String,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// What a call should achieve.
    #[serde(default = "default_goal")]
    goal: String,
    /// Who calls.
    #[schema(value_type = String, example = "ast_01ARYZ6S41TSV4RRFFQ69G5FAV")]
    assistant_id: AssistantId,
    /// The numbers to call from; empty means the assistant's.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    caller_number_ids: Vec<CallerNumberId>,
    /// The campaign's own time zone (IANA); stands in where a recipient's is not known.
    #[serde(default = "default_time_zone")]
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// When it may call: windows of each weekday in half hours from 06:00 to 23:00; a day that is
    /// not there is off. Monday to Friday 09:00–18:00 unless set.
    #[serde(default)]
    #[schema(value_type = WeekHours)]
    hours: WeeklyHours,
    /// Whose clock the hours are read on.
    #[serde(default)]
    #[schema(value_type = WhoseHours)]
    hours_zone: HoursZone,
    /// Dates on which it does not call, on the same clock as the hours.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["2026-12-24"]))]
    except_dates: BTreeSet<NaiveDate>,
    /// The days between which it calls at all, both included, in its own time zone.
    #[serde(default)]
    #[schema(value_type = CampaignPeriod)]
    period: Period,
    /// When it runs again; the first run begins with its start.
    #[serde(default)]
    #[schema(value_type = Option<RecurrenceRule>)]
    recurrence: Option<Recurrence>,
    /// The country of numbers that are written without one (ISO 3166-1 alpha-2).
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "DE")]
    default_country: Option<Country>,
    /// Attempts for each lead, the first included.
    #[serde(default = "default_max_attempts")]
    #[schema(minimum = 1, maximum = 20)]
    max_attempts: u32,
    /// Minutes from the end of an attempt to the next.
    #[serde(default = "default_retry_delay_minutes")]
    #[schema(minimum = 1, maximum = 43200)]
    retry_delay_minutes: u32,
    /// The misses that are tried again; `incomplete` is not unless named.
    #[serde(default = "default_retry_on")]
    #[schema(value_type = Vec<MissName>)]
    retry_on: BTreeSet<Miss>,
    /// Minutes after a kind of miss, where it has delays of its own: after the first attempt, the
    /// second, and so on; the last one goes for all that follow.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Vec<u32>>, example = json!({"busy": [5, 60]}))]
    retry_delays: BTreeMap<Miss, Vec<u32>>,
    /// Minutes between two calls to one person, whichever campaigns they come from.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 43200)]
    min_gap_minutes: u32,
    /// The steps of a campaign that tries several ways; none means calls alone.
    #[serde(default)]
    #[schema(value_type = Vec<SequenceStep>, max_items = 10)]
    cadence: Cadence,
    /// Its class among the campaigns of the workspace: a higher one is served first.
    #[serde(default = "default_priority")]
    #[schema(minimum = 0, maximum = 9)]
    priority: u8,
    /// Its share among the campaigns of its priority.
    #[serde(default = "default_weight")]
    #[schema(minimum = 1, maximum = 100)]
    weight: u32,
    /// How calls are shared out among its caller numbers.
    #[serde(default)]
    #[schema(value_type = SelectionName)]
    caller_selection: Selection,
    /// Whether people are called from a number of their own area or country, if there is one.
    #[serde(default)]
    local_presence: bool,
    /// Whether a retry comes from the same number as the attempt before.
    #[serde(default)]
    same_number_for_retries: bool,
    /// Minutes over which it grows to `concurrent_limit` after it began to run.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1440)]
    ramp_up_minutes: u32,
    /// Whether it stays open when everybody is settled, for sources that feed it.
    #[serde(default)]
    keep_open: bool,
    /// Whether it calls nobody without consent.
    #[serde(default)]
    requires_consent: bool,
    /// What happens to a lead that comes one by one; nothing special unless set.
    #[serde(default)]
    first_submission_action: Option<FirstSubmissionAction>,
    /// The do-not-call lists that count here besides `do_not_call`, which always does. A list has to be
    /// there before it is named: it is from its first number on, or by `PUT /do-not-call/{list}`.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 20, example = json!(["partners"]))]
    suppression_lists: BTreeSet<ListName>,
    /// Most calls at once.
    #[serde(default = "default_concurrent_limit")]
    #[schema(minimum = 1, maximum = 1000)]
    concurrent_limit: u32,
    /// Most calls per minute; null means what its caller numbers allow.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 6000)]
    rate_limit_per_minute: Option<u32>,
    /// How long a call may ring, in seconds.
    #[serde(default = "default_ringing_timeout_secs")]
    #[schema(minimum = 5, maximum = 120)]
    ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    #[serde(default)]
    machine_detection: bool,
    /// What the assistant says first, as a Jinja2 template.
    #[serde(default)]
    #[schema(example = "Hello {{ name }}, this is {{ assistant_name }}.")]
    welcome_message_template: Option<String>,
    /// Values for the templates, below those of the lead.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Words to find it by.
    #[serde(default)]
    tags: Vec<String>,
}

fn default_goal() -> String {
    DEFAULT_GOAL.to_owned()
}

fn default_time_zone() -> String {
    Tz::UTC.name().to_owned()
}

fn default_max_attempts() -> u32 {
    RetryPolicy::default().max_attempts
}

fn default_retry_delay_minutes() -> u32 {
    RetryPolicy::default().delay_minutes
}

fn default_retry_on() -> BTreeSet<Miss> {
    RetryPolicy::default().on
}

const fn default_priority() -> u8 {
    DEFAULT_PRIORITY
}

const fn default_weight() -> u32 {
    1
}

const fn default_concurrent_limit() -> u32 {
    DEFAULT_CONCURRENT_LIMIT
}

const fn default_ringing_timeout_secs() -> u16 {
    DEFAULT_RINGING_TIMEOUT_SECS
}
