//! The campaign and the lead as they will be once it calls.

use super::Case;
use crate::base::time::Timestamp;
use crate::records::campaign::{Campaign, CampaignStatus};
use crate::records::lead::Lead;

/// The campaign as it calls, and the lead as it will be then.
pub(super) struct Prospect {
    pub(super) campaign: Campaign,
    pub(super) lead: Lead,
    pub(super) from: Timestamp,
}

/// When the campaign's next run takes a lead again that is settled.
pub(super) fn taken_again_at(case: &Case<'_>) -> Option<Timestamp> {
    let prospect = prospect(case)?;
    (!prospect.lead.state.is_settled()).then_some(prospect.from)
}

/// What the question is about once the campaign calls; none if somebody has to see to that.
pub(super) fn prospect(case: &Case<'_>) -> Option<Prospect> {
    let (now, campaign) = (case.snapshot.now, &case.campaign.campaign);
    let next_run = campaign.run.saturating_add(1);
    let (run, from) = match campaign.status {
        CampaignStatus::Running | CampaignStatus::Completing if campaign.is_run_opening => {
            (campaign.run, now)
        }
        CampaignStatus::Running | CampaignStatus::Completing if case.lead.state.is_settled() => {
            (next_run, campaign.upcoming_run()?)
        }
        CampaignStatus::Running | CampaignStatus::Completing => (0, now),
        CampaignStatus::Scheduled { start_at } if campaign.is_reopening => (0, start_at),
        CampaignStatus::Scheduled { start_at } => (next_run, start_at),
        CampaignStatus::Draft
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => return None,
    };
    let from = from.max(now);
    let begun = case.lead.restarted(run, campaign.run_takes(), from).filter(|_| run > 1);
    let lead = begun.unwrap_or_else(|| case.lead.clone());
    let campaign = Campaign { status: CampaignStatus::Running, ..campaign.clone() };
    Some(Prospect { campaign, lead, from })
}
