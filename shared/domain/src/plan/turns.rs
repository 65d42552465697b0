//! The turns in a campaign's life that come by time or by themselves.

use super::{CampaignScene, Scene};
use crate::campaign::{Campaign, CampaignStatus, Command, PauseReason};
use crate::tally::{Counter, Tally};

/// The command that is due for a campaign, which `stored` shows as it is by now; `is_hopeless` says that
/// its breaker opened too often.
pub fn due_turn(
    scene: &Scene,
    campaign: &CampaignScene,
    stored: &Campaign,
    is_hopeless: bool,
) -> Option<Command> {
    let pause = |reason| Some(Command::Pause { reason });
    match stored.status {
        CampaignStatus::Scheduled { start_at } if start_at <= scene.now => {
            Some(if stored.is_reopening { Command::Reopen } else { Command::Start })
        }
        CampaignStatus::Running if campaign.numbers.is_empty() => pause(PauseReason::AssistantUnusable),
        CampaignStatus::Running if is_hopeless => pause(PauseReason::TooManyFailures),
        CampaignStatus::Running if has_low_credits(scene) => pause(PauseReason::LowCredits),
        CampaignStatus::Running | CampaignStatus::Paused { .. } if stored.is_over(scene.now) => {
            Some(Command::BeginCompletion)
        }
        CampaignStatus::Running if stored.is_run_due(scene.now) => Some(Command::BeginRun),
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => None,
    }
}

fn has_low_credits(scene: &Scene) -> bool {
    let threshold = scene.workspace.low_credits_micros;
    scene.credits.zip(threshold).is_some_and(|(credits, threshold)| credits.is_low(threshold))
}

/// What has to be done to all leads of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// They begin anew for the run that begins.
    OpenRun,
    /// Whoever is left is settled: the campaign's days are over.
    CloseRest,
}

/// What has to be done to all leads of a campaign, if anything.
pub fn due_walk(scene: &Scene, campaign: &Campaign) -> Option<Walk> {
    match campaign.status {
        CampaignStatus::Running | CampaignStatus::Completing if campaign.is_run_opening => {
            Some(Walk::OpenRun)
        }
        CampaignStatus::Completing if campaign.is_over(scene.now) => Some(Walk::CloseRest),
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
pub fn may_complete(scene: &Scene, campaign: &Campaign) -> bool {
    match campaign.status {
        CampaignStatus::Running => {
            !campaign.spec.keep_open && !campaign.is_being_fed() && !scene.is_flying(&campaign.id)
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
pub fn looks_finished(campaign: &Campaign, counters: &Tally) -> bool {
    let is_empty = counters.get(Counter::Leads) == 0;
    counters.is_everybody_settled() && !(is_empty && campaign.status.is_running())
}
