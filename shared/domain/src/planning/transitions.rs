//! The turns in a campaign's life that come by time or by themselves.

use serde::{Deserialize, Serialize};

use super::{CampaignSnapshot, PlanningSnapshot};
use crate::base::time::Timestamp;
use crate::records::campaign::{Campaign, CampaignStatus, Command, PauseReason};
use crate::records::counters::Counters;
use crate::records::lead::Lead;

/// The command that is due for a campaign, which `stored` shows as it is by now; `is_hopeless` says that
/// its breaker opened too often.
pub fn due_turn(
    snapshot: &PlanningSnapshot,
    campaign: &CampaignSnapshot,
    stored: &Campaign,
    is_hopeless: bool,
) -> Option<Command> {
    let pause = |reason| Some(Command::Pause { reason });
    match stored.status {
        CampaignStatus::Scheduled { start_at } if start_at <= snapshot.now => {
            Some(if stored.is_reopening { Command::Reopen } else { Command::Start })
        }
        CampaignStatus::Running if campaign.numbers.is_empty() => pause(PauseReason::AssistantUnusable),
        CampaignStatus::Running if stored.is_rejected() => pause(PauseReason::RequestsRejected),
        CampaignStatus::Running if is_hopeless => pause(PauseReason::TooManyFailures),
        CampaignStatus::Running if has_low_credits(snapshot) => pause(PauseReason::LowCredits),
        CampaignStatus::Running | CampaignStatus::Paused { .. } if stored.is_over(snapshot.now) => {
            Some(Command::BeginCompletion)
        }
        CampaignStatus::Running if stored.is_run_due(snapshot.now) => Some(Command::BeginRun),
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => None,
    }
}

fn has_low_credits(snapshot: &PlanningSnapshot) -> bool {
    let threshold = snapshot.workspace.low_credits_micros;
    snapshot.credits.zip(threshold).is_some_and(|(credits, threshold)| credits.is_low(threshold))
}

/// What has to be done to all leads of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Walk {
    /// They begin anew for the run that begins.
    OpenRun,
    /// Whoever is left is settled: the campaign's days are over.
    CloseRest,
}

impl Walk {
    /// Whether there is anything for it to do in a campaign.
    pub fn is_wanted(self, campaign: &Campaign, now: Timestamp) -> bool {
        match self {
            Self::OpenRun => campaign.is_run_opening,
            Self::CloseRest => campaign.is_over(now) && campaign.status.is_counted(),
        }
    }

    /// The lead as it leaves it; none if it passes it by.
    pub fn step(self, campaign: &Campaign, lead: &Lead, now: Timestamp) -> Option<Lead> {
        match self {
            Self::OpenRun => lead.restarted(campaign.run, campaign.run_takes(), now),
            Self::CloseRest => lead.state.is_waiting().then(|| lead.over(now)),
        }
    }
}

/// What has to be done to all leads of a campaign, if anything.
pub fn due_walk(snapshot: &PlanningSnapshot, campaign: &Campaign) -> Option<Walk> {
    match campaign.status {
        // Also of one that rests: it ends with its period, and can't as long as it is being fed.
        CampaignStatus::Running | CampaignStatus::Completing | CampaignStatus::Paused { .. }
            if campaign.is_run_opening =>
        {
            Some(Walk::OpenRun)
        }
        CampaignStatus::Completing if campaign.is_over(snapshot.now) => Some(Walk::CloseRest),
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => None,
    }
}

/// Whether a campaign may be finished, so that its counters are worth a look: nothing of it is in flight
/// or still to come.
pub fn may_complete(snapshot: &PlanningSnapshot, campaign: &Campaign) -> bool {
    match campaign.status {
        CampaignStatus::Running => {
            !campaign.spec.keep_open && !campaign.is_being_fed() && !snapshot.is_flying(&campaign.id)
        }
        CampaignStatus::Completing => true,
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => false,
    }
}

/// Whether its counters say that such a campaign is finished. A running one without leads is not: they
/// may still come.
pub fn looks_finished(campaign: &Campaign, counters: &Counters) -> bool {
    let is_empty = counters.all_leads() == 0;
    counters.is_everybody_settled() && !(is_empty && campaign.status.is_running())
}
