//! What a client is shown of a campaign.

use carillon_domain::base::ids::{CallerNumberId, CampaignId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::cadence::CampaignType;
use carillon_domain::policy::caller_pool::NoCaller;
use carillon_domain::records::campaign::{
    Action, Campaign, CampaignSpec, CampaignStatus, NoCallers, PauseReason, ScheduleNote, StatusName,
};
use carillon_domain::records::counters::{Counter, Counters};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Standing, TemplateFindings};
use crate::http::change::Patchable;
use crate::http::etag::{Changeable, ETag};
use crate::reasons::{Explained, Message};

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(crate) struct CampaignView {
    /// Its id.
    id: CampaignId,
    /// Its settings.
    #[serde(flatten)]
    settings: CampaignSpec,
    /// What it does, by its steps.
    #[serde(rename = "type")]
    kind: CampaignType,
    /// Where it stands.
    status: StatusName,
    /// Why it is paused.
    status_reason: Option<PauseReason>,
    /// When it starts by itself.
    start_at: Option<Timestamp>,
    /// What it waits for, once its start has come: `running_limit`, until another campaign ends or
    /// pauses, or `low_credits`, until they are topped up.
    waiting_for: Option<ReasonCode>,
    /// What its state allows.
    allowed_actions: Vec<Action>,
    /// Its latest run, counted from 1; 0 before the first.
    run: u32,
    /// When its next run begins, if it runs again.
    next_run_at: Option<Timestamp>,
    /// What its recurrence leaves out, or does at another time than it says, within a year.
    schedule_notes: Vec<Explained<ScheduleNote>>,
    /// The numbers that it calls from: its own, or else its assistant's.
    calls_from: Vec<CallerView>,
    /// The workspace's test number, if this request has given it to the assistant, which had none; null elsewhere.
    attached_test_number_id: Option<CallerNumberId>,
    /// Why there is none, if so.
    no_callers: Option<NoCallersView>,
    /// How far it is.
    progress: ProgressView,
    /// What its templates lack among the leads that a start, a schedule or a resume looked at; null elsewhere, where
    /// `templates/check` tells.
    template_findings: Option<TemplateFindings>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// When it first ran.
    started_at: Option<Timestamp>,
    /// When it completed or was cancelled.
    ended_at: Option<Timestamp>,
}

/// A number that a campaign calls from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignCaller)]
struct CallerView {
    /// Its id.
    caller_number_id: CallerNumberId,
    /// The number.
    phone: E164,
    /// What we call it.
    label: Option<String>,
    /// What keeps it from being used for a while; null if it can be.
    held: Option<HeldView>,
}

/// Why a number is not used for a while.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallerHeld)]
struct HeldView {
    /// `provider_congested`, `caller_number_daily_cap` or `caller_number_breaker`.
    code: ReasonCode,
    /// The same for people.
    message: String,
    /// Until when; null if that depends on how a call ends that is made to try.
    until: Option<Timestamp>,
}

/// Why a campaign has no number to call from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignNoCallers)]
struct NoCallersView {
    /// `assistant_unusable` or `no_caller_number`.
    code: ReasonCode,
    /// The same for people.
    message: String,
}

/// How far a campaign is; `/stats` tells more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignProgress)]
struct ProgressView {
    /// Leads.
    total: i64,
    /// Those for whom nothing more will be done.
    settled: i64,
    /// Those of them that were reached.
    completed: i64,
    /// Settled leads to all leads, from 0 to 1; null without leads.
    completion_rate: Option<f64>,
    /// Calls that a person answered to placed ones, from 0 to 1; null before the first.
    answer_rate: Option<f64>,
}

impl ProgressView {
    fn of(counters: &Counters) -> Self {
        Self {
            total: counters.get(Counter::Leads),
            settled: counters.settled(),
            completed: counters.get(Counter::Completed),
            completion_rate: counters.completion_rate(),
            answer_rate: counters.answer_rate(),
        }
    }
}

impl CallerView {
    fn of((number, held): (&CallerNumber, Option<NoCaller>)) -> Self {
        let held =
            held.map(|held| HeldView { code: held.code(), message: held.message(), until: held.until() });
        Self {
            caller_number_id: number.id.clone(),
            phone: number.number.clone(),
            label: number.label.clone(),
            held,
        }
    }
}

impl From<NoCallers> for NoCallersView {
    fn from(why: NoCallers) -> Self {
        let code = match why {
            NoCallers::NoAssistant(_) | NoCallers::AssistantNotActive(_) => ReasonCode::AssistantUnusable,
            NoCallers::NoNumber(_) | NoCallers::NoSender => ReasonCode::NoCallerNumber,
        };
        Self { code, message: why.to_string() }
    }
}

impl Changeable for Campaign {
    /// Its settings beside its status, as clients see it: how far its calls are is another thing.
    fn etag(&self) -> ETag {
        let mut fields = self.for_audit();
        if self.status.is_counted() {
            fields["status"] = json!(CampaignStatus::Running);
        }
        ETag::of(self.revision, &fields)
    }
}

impl Patchable for Campaign {
    type Form = CampaignSpec;

    fn form(&self) -> CampaignSpec {
        self.spec.clone()
    }
}

impl CampaignView {
    /// The same, with what its templates lack.
    pub(super) fn with_test_number(self, attached: Option<CallerNumberId>) -> Self {
        Self { attached_test_number_id: attached, ..self }
    }

    pub(super) fn with_findings(self, findings: TemplateFindings) -> Self {
        Self { template_findings: Some(findings), ..self }
    }

    /// The view of a campaign, with what is beside it.
    pub(super) fn of(campaign: Campaign, standing: &Standing) -> Self {
        let (calls_from, no_callers) = match standing.callers(&campaign) {
            Ok(callers) => (callers.into_iter().map(CallerView::of).collect(), None),
            Err(why) => (Vec::new(), Some(why.into())),
        };
        let schedule_notes = campaign.schedule_notes(standing.now).into_iter().map(Explained::from);
        let schedule_notes = schedule_notes.collect();
        let progress = ProgressView::of(&standing.counters(&campaign));
        let waiting_for = standing.waiting_for(&campaign);
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
        Self {
            id: campaign.id,
            kind: campaign.spec.cadence.campaign_type(),
            settings: campaign.spec,
            status: campaign.status.shown(),
            status_reason,
            start_at,
            waiting_for,
            allowed_actions: campaign.status.allowed(),
            run: campaign.run,
            next_run_at,
            schedule_notes,
            calls_from,
            no_callers,
            progress,
            attached_test_number_id: None,
            template_findings: None,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            started_at: campaign.started_at,
            ended_at: campaign.ended_at,
        }
    }
}
