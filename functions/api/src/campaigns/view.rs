//! What a client is shown of a campaign.

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::campaign::{
    Action, Campaign, CampaignSpec, CampaignStatus, PauseReason, StatusName,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Hold;
use crate::http::change::Patchable;
use crate::http::etag::{Changeable, ETag};

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(crate) struct CampaignView {
    /// Its id.
    id: CampaignId,
    /// Its settings.
    #[serde(flatten)]
    settings: CampaignSpec,
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
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// When it first ran.
    started_at: Option<Timestamp>,
    /// When it completed or was cancelled.
    ended_at: Option<Timestamp>,
}

impl CampaignView {
    /// The view of a campaign, with what keeps it from starting.
    pub(super) fn under(hold: &Hold, campaign: Campaign) -> Self {
        let waiting_for = hold.of(&campaign);
        Self { waiting_for, ..campaign.into() }
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
        Self {
            id: campaign.id,
            settings: campaign.spec,
            status: campaign.status.shown(),
            status_reason,
            start_at,
            waiting_for: None,
            allowed_actions: campaign.status.allowed(),
            run: campaign.run,
            next_run_at,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            started_at: campaign.started_at,
            ended_at: campaign.ended_at,
        }
    }
}
