//! What a client may set of a campaign.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::call::{LineLacks, VoicemailAction, check_line};
use crate::base::channel::Channel;
use crate::base::ids::{AssistantId, CallerNumberId};
use crate::base::numbering::Country;
use crate::base::zone;
use crate::policy::assistant::CallerNumber;
use crate::policy::cadence::Cadence;
use crate::policy::caller_pool::Selection;
use crate::policy::do_not_call::ListName;
use crate::policy::hours::{HoursZone, WeeklyHours};
use crate::policy::recording_retention::RecordingRetention;
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

/// What a client may set of a campaign, as it is sent, shown and stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CampaignSettings))]
#[serde(deny_unknown_fields)]
pub struct CampaignSpec {
    /// What people call the campaign, in short.
    #[cfg_attr(feature = "openapi", schema(example = "Autumn renewals", min_length = 1, max_length = 200))]
    pub name: String,
    /// What it is for, in words.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 4000))]
    pub description: Option<String>,
    /// What a call should achieve.
    #[serde(default = "default_goal")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 4000))]
    pub goal: String,
    /// What is looked for in its calls once they have ended, by the workspace's language model.
    #[serde(default)]
    pub analysis: AnalysisSettings,
    /// The assistant that makes its calls.
    pub assistant_id: AssistantId,
    /// The assistant that speaks with test leads, from the same numbers; the campaign's own unless set.
    #[serde(default)]
    pub test_assistant_id: Option<AssistantId>,
    /// The numbers to call from; empty means the assistant's.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub caller_number_ids: Vec<CallerNumberId>,
    /// When it may call: windows of each weekday in half hours from 06:00 to 23:00; a day that is
    /// not there is off. Monday to Friday 09:00–18:00 unless set.
    #[serde(default)]
    pub hours: WeeklyHours,
    /// Whose clock the hours are read on.
    #[serde(default)]
    pub hours_zone: HoursZone,
    /// The campaign's own time zone (IANA); stands in where a recipient's is not known. UTC unless set.
    #[serde(default, deserialize_with = "zone::deserialize_name")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Berlin"))]
    pub time_zone: Tz,
    /// The country of numbers that are written without one.
    #[serde(default)]
    pub default_country: Option<Country>,
    /// Dates on which it does not call, on the same clock as the hours.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 366, example = json!(["2026-12-24"])))]
    pub except_dates: BTreeSet<NaiveDate>,
    /// The days between which it calls at all, both included, in its own time zone.
    #[serde(default)]
    pub period: Period,
    /// When it runs again; the first run begins with its start.
    #[serde(default)]
    pub recurrence: Option<Recurrence>,
    /// What follows an attempt that missed the person.
    #[serde(default)]
    pub retry: RetryPolicy,
    /// Minutes between two calls to one person, whichever campaigns they come from.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 43200))]
    pub min_gap_minutes: u32,
    /// The steps of a campaign that tries several ways; none means calls alone.
    #[serde(default)]
    pub cadence: Cadence,
    /// Its class among the campaigns of the workspace: a higher one is served first.
    #[serde(default = "default_priority")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9))]
    pub priority: u8,
    /// Its share among the campaigns of its priority.
    #[serde(default = "default_weight")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub weight: u32,
    /// How calls are shared out among its caller numbers.
    #[serde(default)]
    pub caller_selection: Selection,
    /// Whether people are called from a number of their own area or country, if there is one.
    #[serde(default)]
    pub local_presence: bool,
    /// Whether a retry comes from the same number as the attempt before.
    #[serde(default)]
    pub same_number_for_retries: bool,
    /// Minutes over which it grows to `concurrent_limit` after it began to run.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1440))]
    pub ramp_up_minutes: u32,
    /// Whether it stays open when everybody is settled, for sources that feed it.
    #[serde(default)]
    pub keep_open: bool,
    /// Whether it calls nobody without consent.
    #[serde(default)]
    pub requires_consent: bool,
    /// What happens to a row, or a lead that comes one by one, whose number is a lead of it already.
    #[serde(default)]
    pub on_duplicate: OnDuplicate,
    /// What happens to a lead that comes one by one; nothing special unless set.
    #[serde(default)]
    pub first_submission_action: Option<FirstSubmissionAction>,
    /// The do-not-call lists that count here besides `do_not_call`, which always does. A list has to be
    /// there before it is named: `PUT /do-not-call/{list}` makes one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 20, example = json!(["partners"])))]
    pub suppression_lists: BTreeSet<ListName>,
    /// Most calls that it makes at once.
    #[serde(default = "default_concurrent_limit")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000))]
    pub concurrent_limit: u32,
    /// Most calls per minute; null means what its caller numbers allow.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 6000))]
    pub rate_limit_per_minute: Option<u32>,
    /// Most texts per minute; null means what its caller numbers allow.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 6000))]
    pub sms_rate_limit_per_minute: Option<u32>,
    /// How long a call may ring, in seconds.
    #[serde(default = "default_ringing_timeout_secs")]
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 120))]
    pub ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    #[serde(default)]
    pub machine_detection: bool,
    /// What is done once a machine is heard: hang up at once, or say `voicemail_message_template` first. Unless set,
    /// what the provider's agent is set up for. Machines are listened for wherever this is set. Whether the person is
    /// called again says `retry`.
    #[serde(default)]
    pub on_voicemail: Option<VoicemailAction>,
    /// How long we keep copies of the recordings of its calls. A call that ends while this is set is copied, and the copy
    /// goes after so many days. Null: none is kept, and one that somebody asks for stays a day.
    #[serde(default)]
    pub recording_retention: Option<RecordingRetention>,
    /// What the assistant says first, as a Jinja2 template.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = "Hello {{ name }}, this is {{ assistant_name }}."))]
    pub welcome_message_template: Option<String>,
    /// What the call is about, point by point: `{{ agenda }}` in the assistant's prompt, and behind it where the
    /// prompt does not say where.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = "1. Confirm the order {{ order }}. 2. Offer a date."))]
    pub agenda_template: Option<String>,
    /// What the assistant says last: `{{ end_call_message }}` in its prompt, or behind it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = "Thank you, {{ name }}. Goodbye!"))]
    pub end_call_message_template: Option<String>,
    /// What it leaves on a mailbox: `{{ voicemail_message }}` in its prompt and in the voicemail tool of the
    /// provider's agent, or behind the prompt.
    #[serde(default)]
    pub voicemail_message_template: Option<String>,
    /// What a text message says.
    #[serde(default)]
    pub sms_message_template: Option<String>,
    /// Values for the templates, below those of the lead.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What a language model looks for in calls that have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AnalysisSettings {
    /// Whether each call is judged by the campaign's goal.
    #[serde(default = "judges_goal")]
    pub goal: bool,
    /// By what each person is judged `good`, `partially_good` or `bad`; nobody is unless set.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 2000,
            example = "Good: has used CAD for three years or more. Bad: has never used it."
        )
    )]
    pub evaluation_criteria: Option<String>,
}

/// Most characters of the criteria.
pub const MAX_CRITERIA_CHARS: usize = 2_000;

impl Default for AnalysisSettings {
    fn default() -> Self {
        Self { goal: judges_goal(), evaluation_criteria: None }
    }
}

impl AnalysisSettings {
    /// Whether nothing is looked for.
    pub const fn is_off(&self) -> bool {
        !self.goal && self.evaluation_criteria.is_none()
    }
}

const fn judges_goal() -> bool {
    true
}

/// What happens to a lead that comes one by one: its first step, a call or a text, is made at once, or at the next
/// allowed moment (`call`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FirstSubmissionAction {
    Call,
}

/// What becomes of a lead whose number comes again: it stays as it is, and the second is reported (`skip`), or
/// it takes over what the second says (`update`); what that leaves out stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDuplicate {
    #[default]
    Skip,
    Update,
}

impl CampaignSpec {
    /// A campaign with the usual settings.
    pub fn new(name: impl Into<String>, assistant_id: AssistantId) -> Self {
        Self {
            name: name.into(),
            description: None,
            goal: DEFAULT_GOAL.to_owned(),
            analysis: AnalysisSettings::default(),
            assistant_id,
            test_assistant_id: None,
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
            caller_selection: Selection::default(),
            local_presence: false,
            same_number_for_retries: false,
            ramp_up_minutes: 0,
            keep_open: false,
            requires_consent: false,
            on_duplicate: OnDuplicate::default(),
            first_submission_action: None,
            suppression_lists: BTreeSet::new(),
            concurrent_limit: DEFAULT_CONCURRENT_LIMIT,
            rate_limit_per_minute: None,
            sms_rate_limit_per_minute: None,
            ringing_timeout_secs: DEFAULT_RINGING_TIMEOUT_SECS,
            machine_detection: false,
            on_voicemail: None,
            recording_retention: None,
            welcome_message_template: None,
            agenda_template: None,
            end_call_message_template: None,
            voicemail_message_template: None,
            sms_message_template: None,
            variables: BTreeMap::new(),
            tags: Vec::new(),
        }
    }

    /// Whether calls are to be listened to for answering machines.
    pub const fn listens_for_machines(&self) -> bool {
        self.machine_detection || self.on_voicemail.is_some()
    }

    /// The first of these numbers whose line can't do what the campaign wants done about machines.
    pub fn unfit_line<'a>(&self, callers: &[&'a CallerNumber]) -> Option<(&'a CallerNumber, LineLacks)> {
        callers.iter().find_map(|caller| {
            let (listens, action) = (self.listens_for_machines(), self.on_voicemail);
            Some((*caller, check_line(caller.provider, caller.line, listens, action).err()?))
        })
    }

    /// The assistant for a lead: those that are for testing may have one of their own.
    pub fn assistant_for(&self, is_test: bool) -> &AssistantId {
        self.test_assistant_id.as_ref().filter(|_| is_test).unwrap_or(&self.assistant_id)
    }

    /// Most attempts per minute in a channel; none means no limit of its own.
    pub const fn rate_per_minute(&self, channel: Channel) -> Option<u32> {
        match channel {
            Channel::Call => self.rate_limit_per_minute,
            Channel::Sms => self.sms_rate_limit_per_minute,
        }
    }
}

const fn default_priority() -> u8 {
    DEFAULT_PRIORITY
}

const fn default_weight() -> u32 {
    1
}

fn default_goal() -> String {
    DEFAULT_GOAL.to_owned()
}

const fn default_concurrent_limit() -> u32 {
    DEFAULT_CONCURRENT_LIMIT
}

const fn default_ringing_timeout_secs() -> u16 {
    DEFAULT_RINGING_TIMEOUT_SECS
}
