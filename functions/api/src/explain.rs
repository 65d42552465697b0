//! Reasons for which nobody is called, as clients are shown them.

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::PlanningSnapshot;
use carillon_domain::policy::caps::Cap;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::campaign::PauseReason;
use carillon_domain::reporting::explain::{Details, Reason};
use carillon_runtime::context::Context;
use carillon_runtime::planning_snapshot;
use carillon_store::PlanState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::problem::Problem;
use crate::schema::{LastsName, PauseReasonName, ReasonCode};

/// Something that keeps a lead, or a whole campaign, from being called.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    /// Its name.
    #[schema(value_type = ReasonCode)]
    code: &'static str,
    /// What it is, and what would help.
    words: String,
    /// How it ends.
    #[schema(value_type = LastsName)]
    lasts: &'static str,
    /// When it ends, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// From when on it holds; null if it holds now.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// What it is made of.
    details: DetailsView,
}

/// What a reason is made of; what it has not is left out.
#[derive(Debug, Serialize, ToSchema)]
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
    #[schema(value_type = Option<String>)]
    list: Option<ListName>,
    /// The number that the list holds, or that is in a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
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
    #[schema(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// The lead that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    lead_id: Option<LeadId>,
    /// Why the campaign is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PauseReasonName>)]
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
            code: reason.code,
            lasts: reason.lasts.name(),
            until: reason.until(),
            from: reason.from,
            words: reason.words,
            details: reason.details.into(),
        }
    }
}

impl From<Details> for DetailsView {
    fn from(details: Details) -> Self {
        Self {
            rule: details.rule,
            holiday: details.holiday,
            time_zones: details.places.iter().map(|tz| tz.name()).collect(),
            list: details.list,
            phone: details.number,
            cap: details.cap.map(CapView::from),
            limit: details.limit,
            held: details.held,
            campaign_id: details.campaign,
            lead_id: details.lead,
            status_reason: details.pause,
        }
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
