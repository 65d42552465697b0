//! Reasons for which nobody is called, as clients are shown them.

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::PlanningSnapshot;
use carillon_domain::policy::caps::{Cap, CapSource, Capped};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::policy::hours::Closed;
use carillon_domain::records::campaign::PauseReason;
use carillon_domain::reporting::explain::{Cause, Closing, Lasts, NotRunning, Reason};
use carillon_runtime::context::Context;
use carillon_runtime::planning_snapshot;
use carillon_store::PlanState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::problem::Problem;
use crate::reasons::Message;

/// Something that keeps a lead, or a whole campaign, from being called.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    /// Its name.
    code: ReasonCode,
    /// What it is, and what would help.
    message: String,
    /// How it ends.
    lasts: LastsName,
    /// When it ends, if that is known.
    until: Option<Timestamp>,
    /// From when on it holds; null if it holds now.
    from: Option<Timestamp>,
    /// What it is made of.
    details: DetailsView,
}

/// How a reason ends: somebody has to change something (`until_changed`), by itself at a known moment
/// (`until`), or by itself, mostly as soon as a call ends (`until_free`).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LastsName {
    UntilChanged,
    Until,
    UntilFree,
}

impl From<Lasts> for LastsName {
    fn from(lasts: Lasts) -> Self {
        match lasts {
            Lasts::UntilChanged => Self::UntilChanged,
            Lasts::Until(_) => Self::Until,
            Lasts::UntilFree => Self::UntilFree,
        }
    }
}

/// What a reason is made of; what it has not is left out.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ReasonDetails)]
pub(crate) struct DetailsView {
    /// The rule that forbids it, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// The holiday that the rule keeps free.
    #[serde(skip_serializing_if = "Option::is_none")]
    holiday: Option<String>,
    /// The time zones that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    time_zones: Vec<&'static str>,
    /// The do-not-call list.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<ListName>,
    /// The number that the list holds, or that is in a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<E164>,
    /// How often the person may be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<CapView>,
    /// What is full: how many there may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<usize>,
    /// The campaign that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_id: Option<CampaignId>,
    /// The lead that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    lead_id: Option<LeadId>,
    /// Why the campaign is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<PauseReason>,
}

/// At most so many calls to one person, in any time of this length.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReasonCap)]
struct CapView {
    /// Most calls.
    max: u32,
    /// The time, in minutes.
    per_minutes: u32,
    /// The rule, or `budget` or `gap`.
    source: String,
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        Self {
            code: reason.code(),
            message: reason.cause.message(),
            lasts: reason.lasts().into(),
            until: reason.until(),
            from: reason.from,
            details: reason.cause.into(),
        }
    }
}

impl From<Cause> for DetailsView {
    fn from(cause: Cause) -> Self {
        let mut details = Self::default();
        match cause {
            Cause::NotRunning(NotRunning::Paused(reason)) => details.status_reason = Some(reason),
            Cause::RunningLimit { running, limit, .. } => {
                (details.limit, details.held) = (Some(limit), Some(running));
            }
            Cause::Claimed { attempt, .. } | Cause::PersonBusy(attempt) => {
                details.phone = Some(attempt.number);
                (details.campaign_id, details.lead_id) = (Some(attempt.campaign), Some(attempt.lead));
            }
            Cause::NotDue { places, .. } => {
                details.time_zones = places.iter().map(|tz| tz.name()).collect();
            }
            Cause::DoNotCall { list, number } => (details.list, details.phone) = (Some(list), number),
            Cause::Capped(Capped { cap, .. }) => {
                if let CapSource::Rule(label) = &cap.source {
                    details.rule = Some(label.clone());
                }
                details.cap = Some(cap.into());
            }
            Cause::OutsideHours { closing, places, .. } | Cause::NeverOpen { closing, places, .. } => {
                details.time_zones = places.iter().map(|tz| tz.name()).collect();
                if let Closing::By(Closed::Rule { rule, holiday, .. }) = closing {
                    (details.rule, details.holiday) = (Some(rule), holiday);
                }
            }
            Cause::WorkspaceFull { slots, .. } | Cause::CampaignFull { slots, .. } => {
                (details.limit, details.held) = (Some(slots.limit), Some(slots.held));
            }
            Cause::CampaignRate { per_minute, .. } => details.limit = per_minute,
            Cause::NotRunning(_)
            | Cause::LowCredits { .. }
            | Cause::PeriodNotBegun(_)
            | Cause::PeriodOver
            | Cause::NoLeads
            | Cause::AllSettled { .. }
            | Cause::NobodyDue { .. }
            | Cause::ZonesClosed { .. }
            | Cause::Settled { .. }
            | Cause::Suspended
            | Cause::InProgress
            | Cause::AttemptsUsedUp { .. }
            | Cause::NoConsent
            | Cause::NumberClass { .. }
            | Cause::NotInSight(_)
            | Cause::CampaignBreaker { .. }
            | Cause::NoCaller(_) => {}
        }
        details
    }
}

impl From<Cap> for CapView {
    fn from(cap: Cap) -> Self {
        Self { max: cap.max, per_minutes: cap.per_minutes, source: cap.source.name() }
    }
}

/// What a plan would be made from now, these campaigns included, whether they run or not.
pub(crate) async fn scene_with(
    context: &Context,
    ws: &WorkspaceId,
    campaigns: impl IntoIterator<Item = CampaignId>,
) -> Result<(PlanningSnapshot, PlanState), Problem> {
    let state = context.store.plan_state(ws).await?.unwrap_or_default();
    let snapshot = planning_snapshot::read(context, ws, &state, campaigns).await?;
    Ok((snapshot, state))
}
