//! What a client is shown of a campaign.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::campaign::{Campaign, CampaignStatus, PauseReason};
use carillon_domain::hours::{HoursZone, WeeklyHours};
use carillon_domain::ids::{AssistantId, CallerNumberId, CampaignId};
use carillon_domain::number_record::ListName;
use carillon_domain::numbering::Country;
use carillon_domain::pool::Selection;
use carillon_domain::retry::Miss;
use carillon_domain::schedule::{Period, Recurrence};
use carillon_domain::sequence::Sequence;
use carillon_domain::time::Timestamp;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Hold, WaitingFor};
use crate::schema::{
    CampaignPeriod, CampaignStatusName, FirstSubmissionAction, MissName, RecurrenceRule, SelectionName,
    SequenceStep, WeekHours, WhoseHours,
};

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(crate) struct CampaignView {
    /// Its id.
    #[schema(value_type = String, example = "cmp_01ARYZ6S41TSV4RRFFQ69G5FAV")]
    id: CampaignId,
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// What a call should achieve.
    goal: String,
    /// Who calls.
    #[schema(value_type = String)]
    assistant_id: AssistantId,
    /// The numbers to call from; empty means the assistant's.
    #[schema(value_type = Vec<String>)]
    caller_number_ids: Vec<CallerNumberId>,
    /// Where it stands.
    #[schema(value_type = CampaignStatusName)]
    status: &'static str,
    /// Why it is paused: `requested`, `provider_refused`, `assistant_unusable`, `low_credits` or
    /// `too_many_failures`.
    #[schema(value_type = Option<String>)]
    status_reason: Option<PauseReason>,
    /// When it starts by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    start_at: Option<Timestamp>,
    /// What it waits for, once its start has come: `running_limit`, until another campaign ends or
    /// pauses, or `credits`, until they are topped up.
    waiting_for: Option<WaitingFor>,
    /// What its state allows.
    allowed_actions: Vec<&'static str>,
    /// The campaign's own time zone.
    time_zone: &'static str,
    /// When it may call.
    #[schema(value_type = WeekHours)]
    hours: WeeklyHours,
    /// Whose clock the hours are read on.
    #[schema(value_type = WhoseHours)]
    hours_zone: HoursZone,
    /// Dates on which it does not call, on the same clock as the hours.
    #[schema(value_type = Vec<String>, example = json!(["2026-12-24"]))]
    except_dates: BTreeSet<NaiveDate>,
    /// The days between which it calls at all, both included, in its own time zone.
    #[schema(value_type = CampaignPeriod)]
    period: Period,
    /// When it runs again; the first run begins with its start.
    #[schema(value_type = Option<RecurrenceRule>)]
    recurrence: Option<Recurrence>,
    /// The country of numbers that are written without one.
    #[schema(value_type = Option<String>)]
    default_country: Option<Country>,
    /// Attempts for each lead, the first included.
    max_attempts: u32,
    /// Minutes from the end of an attempt to the next.
    retry_delay_minutes: u32,
    /// The misses that are tried again.
    #[schema(value_type = Vec<MissName>)]
    retry_on: BTreeSet<Miss>,
    /// Minutes after a kind of miss, where it has delays of its own: after the first attempt, the
    /// second, and so on; the last one goes for all that follow.
    #[schema(value_type = HashMap<String, Vec<u32>>, example = json!({"busy": [5, 60]}))]
    retry_delays: BTreeMap<Miss, Vec<u32>>,
    /// Minutes between two calls to one person, whichever campaigns they come from.
    min_gap_minutes: u32,
    /// The steps of a campaign that tries several ways; none means calls alone.
    #[schema(value_type = Vec<SequenceStep>, max_items = 10)]
    sequence: Sequence,
    /// Its class among the campaigns of the workspace: a higher one is served first.
    priority: u8,
    /// Its share among the campaigns of its priority.
    weight: u32,
    /// How calls are shared out among its caller numbers.
    #[schema(value_type = SelectionName)]
    caller_selection: Selection,
    /// Whether people are called from a number of their own area or country, if there is one.
    local_presence: bool,
    /// Whether a retry comes from the same number as the attempt before.
    same_number_for_retries: bool,
    /// Minutes over which it grows to `concurrent_limit` after it began to run.
    ramp_up_minutes: u32,
    /// Whether it stays open when everybody is settled, for sources that feed it.
    keep_open: bool,
    /// Whether it calls nobody without consent.
    requires_consent: bool,
    /// What happens to a lead that comes one by one; nothing special unless set.
    first_submission_action: Option<FirstSubmissionAction>,
    /// The do-not-call lists that count here besides `do_not_call`.
    #[schema(value_type = Vec<String>)]
    suppression_lists: BTreeSet<ListName>,
    /// Most calls at once.
    concurrent_limit: u32,
    /// Most calls per minute; null means what its caller numbers allow.
    rate_limit_per_minute: Option<u32>,
    /// How long a call may ring, in seconds.
    ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    machine_detection: bool,
    /// What the assistant says first, as a Jinja2 template.
    welcome_message_template: Option<String>,
    /// Values for the templates, below those of the lead.
    variables: BTreeMap<String, String>,
    /// Words to find it by.
    tags: Vec<String>,
    /// Its latest run, counted from 1; 0 before the first.
    run: u32,
    /// When its next run begins, if it runs again.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_run_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it first ran.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it completed or was cancelled.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

impl CampaignView {
    /// The view of a campaign, with what keeps it from starting.
    pub(super) fn under(hold: &Hold, campaign: Campaign) -> Self {
        let waiting_for = hold.of(&campaign);
        Self { waiting_for, ..campaign.into() }
    }
}

impl From<Campaign> for CampaignView {
    fn from(campaign: Campaign) -> Self {
        let (status_reason, start_at) = match campaign.status {
            CampaignStatus::Paused { reason } => (Some(reason), None),
            CampaignStatus::Scheduled { start_at } => (None, Some(start_at)),
            CampaignStatus::Draft
            | CampaignStatus::Running
            | CampaignStatus::Completing
            | CampaignStatus::Completed
            | CampaignStatus::Cancelled => (None, None),
        };
        let next_run_at = campaign.upcoming_run();
        let spec = campaign.spec;
        Self {
            id: campaign.id,
            name: spec.name,
            description: spec.description,
            goal: spec.goal,
            assistant_id: spec.assistant_id,
            caller_number_ids: spec.caller_number_ids,
            status: campaign.status.name(),
            status_reason,
            start_at,
            waiting_for: None,
            allowed_actions: campaign.status.allowed(),
            time_zone: spec.time_zone.name(),
            hours: spec.hours,
            hours_zone: spec.hours_zone,
            default_country: spec.default_country,
            max_attempts: spec.retry.max_attempts,
            retry_delay_minutes: spec.retry.delay_minutes,
            retry_on: spec.retry.on,
            retry_delays: spec.retry.delays,
            except_dates: spec.except_dates,
            period: spec.period,
            recurrence: spec.recurrence,
            min_gap_minutes: spec.min_gap_minutes,
            sequence: spec.sequence,
            priority: spec.priority,
            weight: spec.weight,
            caller_selection: spec.selection,
            local_presence: spec.local_presence,
            same_number_for_retries: spec.same_number_again,
            ramp_up_minutes: spec.ramp_up_minutes,
            keep_open: spec.keep_open,
            requires_consent: spec.requires_consent,
            first_submission_action: FirstSubmissionAction::of(spec.calls_first_submissions),
            suppression_lists: spec.suppression_lists,
            concurrent_limit: spec.concurrent_limit,
            rate_limit_per_minute: spec.rate_limit_per_minute,
            ringing_timeout_secs: spec.ringing_timeout_secs,
            machine_detection: spec.machine_detection,
            welcome_message_template: spec.welcome_message_template,
            variables: spec.variables,
            tags: spec.tags,
            run: campaign.run,
            next_run_at,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            started_at: campaign.started_at,
            ended_at: campaign.ended_at,
        }
    }
}
