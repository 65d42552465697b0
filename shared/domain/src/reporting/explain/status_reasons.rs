//! Where the campaign stands, in words that say what would help.

use super::{Details, Lasts, Reason};
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::planning::{CampaignSnapshot, PlanningSnapshot};
use crate::records::campaign::{CampaignStatus, PauseReason};

/// The code of a campaign that does not run.
const NOT_RUNNING: ReasonCode = ReasonCode::CampaignNotRunning;

/// Why a campaign does not run.
pub(super) fn not_running(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Reason {
    let changed = |words: &str| Reason::new(NOT_RUNNING, Lasts::UntilChanged, words);
    match campaign.campaign.status {
        CampaignStatus::Draft => changed("the campaign is a draft; start it"),
        CampaignStatus::Scheduled { start_at } if start_at > snapshot.now => {
            Reason::new(NOT_RUNNING, Lasts::Until(start_at), format!("the campaign starts at {start_at}"))
        }
        CampaignStatus::Scheduled { start_at } => held_start(snapshot, start_at),
        CampaignStatus::Running | CampaignStatus::Completing => {
            let words = "the campaign is being checked for whether anybody is left to call";
            Reason::new(NOT_RUNNING, Lasts::UntilFree, words)
        }
        CampaignStatus::Paused { reason } => {
            let why = match reason {
                PauseReason::Requested => "the campaign is paused; resume it",
                PauseReason::ProviderRefused => {
                    "the campaign is paused, because the voice provider refused our key, account or trunk; \
                     mend that, then resume the campaign"
                }
                PauseReason::AssistantUnusable => {
                    "the campaign is paused, because its assistant or its caller numbers can't be used; \
                     choose an active assistant with a caller number, then resume the campaign"
                }
                PauseReason::LowCredits => {
                    "the campaign is paused, because the credits were under the workspace's threshold; add \
                     credits, then resume the campaign"
                }
                PauseReason::TooManyFailures => {
                    "the campaign is paused, because too many calls failed in a row; look at the latest \
                     results, then resume the campaign"
                }
            };
            changed(why).with(Details { pause: Some(reason), ..Details::default() })
        }
        CampaignStatus::Completed => {
            changed("the campaign is completed; it runs again once a lead is added or to be called back")
        }
        CampaignStatus::Cancelled => {
            changed("the campaign is cancelled for good; duplicate it to call its leads again")
        }
    }
}

/// Its start has come, and it may not.
fn held_start(snapshot: &PlanningSnapshot, start_at: Timestamp) -> Reason {
    if let Some(Err(low)) = snapshot.credits.map(|credits| credits.check(&snapshot.workspace)) {
        let words = format!("the campaign was to start at {start_at}, and waits for credits: {low}");
        return Reason::new(ReasonCode::LowCredits, Lasts::UntilChanged, words);
    }
    let held = snapshot.campaigns.iter().filter(|one| one.campaign.status.is_counted()).count();
    let limit = snapshot.workspace.running_limit;
    if usize::try_from(limit).is_ok_and(|limit| held < limit) {
        let words = format!("the campaign was to start at {start_at}, and does at any moment");
        return Reason::new(NOT_RUNNING, Lasts::UntilFree, words);
    }
    let words = format!(
        "the campaign was to start at {start_at}, and waits: {held} campaigns run, and {limit} may; it starts \
         when one of them ends or is paused"
    );
    let details = Details { limit: Some(limit), held: Some(held), ..Details::default() };
    Reason::new(ReasonCode::RunningLimit, Lasts::UntilFree, words).with(details)
}

/// Its days have not come.
pub(super) fn not_begun(begins_at: Timestamp) -> Reason {
    let words = format!("the campaign's period begins at {begins_at}");
    Reason::new(ReasonCode::PeriodNotBegun, Lasts::Until(begins_at), words)
}

pub(super) fn over() -> Reason {
    let words = "the campaign's period is over, or is before the call could be made; give it a later end";
    Reason::new(ReasonCode::PeriodOver, Lasts::UntilChanged, words)
}

/// It runs on credits that are too low: the next plan pauses it.
pub(super) fn low_credits(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Option<Reason> {
    if !campaign.campaign.status.is_running() {
        return None;
    }
    let low = snapshot.credits?.check(&snapshot.workspace).err()?;
    Some(Reason::new(ReasonCode::LowCredits, Lasts::UntilChanged, low.to_string()))
}
