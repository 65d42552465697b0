//! Campaigns and their life.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::hours::{CallingHours, HoursZone, WeeklyHours};
use crate::ids::{AssistantId, CallerNumberId, CampaignId, ImportId};
use crate::numbering::Country;
use crate::retry::RetryPolicy;
use crate::time::Timestamp;
use crate::zone::Zone;

mod edit;

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

/// A campaign: whom to reach is in its leads, everything else is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Raised by every change.
    pub version: u64,
    /// What a client may set.
    pub spec: CampaignSpec,
    /// Where it stands in its life.
    pub status: CampaignStatus,
    /// Files that are being read into it; it does not complete meanwhile.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub open_imports: BTreeSet<ImportId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it first ran.
    pub started_at: Option<Timestamp>,
    /// When it completed or was cancelled.
    pub ended_at: Option<Timestamp>,
}

/// The part of a campaign that a client may set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignSpec {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What a call should achieve.
    pub goal: String,
    /// Who calls.
    pub assistant_id: AssistantId,
    /// The numbers to call from; empty means the assistant's.
    pub caller_number_ids: Vec<CallerNumberId>,
    /// The hours in which it may call.
    pub hours: WeeklyHours,
    /// Whose clock the hours are read on.
    pub hours_zone: HoursZone,
    /// The campaign's own time zone.
    pub time_zone: Tz,
    /// The country of numbers that are written without one.
    pub default_country: Option<Country>,
    /// What follows a miss.
    pub retry: RetryPolicy,
    /// Most calls at once.
    pub concurrent_limit: u32,
    /// Most calls per minute; none means what its caller numbers allow.
    pub rate_limit_per_minute: Option<u32>,
    /// How long a call may ring, in seconds.
    pub ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    pub machine_detection: bool,
    /// What the assistant says first.
    pub welcome_message_template: Option<String>,
    /// Values for the templates, below those of the lead.
    pub variables: BTreeMap<String, String>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// Why a campaign rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// Somebody asked for it.
    Requested,
    /// The provider refused our key, account or trunk.
    ProviderRefused,
    /// The assistant or its caller numbers can't be used.
    AssistantUnusable,
}

/// Where a campaign stands in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum CampaignStatus {
    /// Being prepared.
    Draft,
    /// Starts by itself.
    Scheduled {
        /// When.
        start_at: Timestamp,
    },
    /// Calls whoever is due.
    Running,
    /// Looks finished; being verified. Clients see `running`.
    Completing,
    /// Rests, and can go on.
    Paused {
        /// Why.
        reason: PauseReason,
    },
    /// Everybody is settled.
    Completed,
    /// Stopped for good before that.
    Cancelled,
}

/// What can be asked of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Begin to call.
    Start,
    /// Begin to call at a time.
    Schedule {
        /// When.
        start_at: Timestamp,
    },
    /// Back to a draft.
    Unschedule,
    /// Rest.
    Pause {
        /// Why.
        reason: PauseReason,
    },
    /// Go on.
    Resume,
    /// Stop for good.
    Cancel,
    /// Nothing seems left: verify.
    BeginCompletion,
    /// Verified: everybody is settled.
    Complete,
    /// There is work again: a lead was added, or the verification found one.
    Reopen,
}

impl Command {
    /// The command's name as clients know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Schedule { .. } => "schedule",
            Self::Unschedule => "unschedule",
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::BeginCompletion => "begin_completion",
            Self::Complete => "complete",
            Self::Reopen => "reopen",
        }
    }
}

/// The campaign's state does not allow the command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {status} campaign can't {command}; it allows: {}", .allowed.join(", "))]
pub struct NotAllowed {
    /// The state it is in.
    pub status: &'static str,
    /// What was asked.
    pub command: &'static str,
    /// What a client may ask instead.
    pub allowed: Vec<&'static str>,
}

impl CampaignStatus {
    /// The state after `command`, or why not.
    ///
    /// # Errors
    /// [`NotAllowed`] names what the state allows instead.
    pub fn apply(&self, command: Command) -> Result<Self, NotAllowed> {
        use Command as C;
        match (self, command) {
            (Self::Draft, C::Start) => Ok(Self::Running),
            (Self::Draft, C::Schedule { start_at }) => Ok(Self::Scheduled { start_at }),
            (Self::Scheduled { .. }, C::Start) => Ok(Self::Running),
            (Self::Scheduled { .. }, C::Unschedule) => Ok(Self::Draft),
            (Self::Running | Self::Completing, C::Pause { reason }) => Ok(Self::Paused { reason }),
            (Self::Running | Self::Completing | Self::Paused { .. }, C::Cancel) => Ok(Self::Cancelled),
            (Self::Paused { .. }, C::Resume) => Ok(Self::Running),
            (Self::Running, C::BeginCompletion) => Ok(Self::Completing),
            (Self::Completing, C::Complete) => Ok(Self::Completed),
            (Self::Completing | Self::Completed, C::Reopen) => Ok(Self::Running),
            (
                Self::Draft
                | Self::Scheduled { .. }
                | Self::Running
                | Self::Completing
                | Self::Paused { .. }
                | Self::Completed
                | Self::Cancelled,
                _,
            ) => Err(NotAllowed { status: self.name(), command: command.name(), allowed: self.allowed() }),
        }
    }

    /// The name that clients see.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled { .. } => "scheduled",
            Self::Running | Self::Completing => "running",
            Self::Paused { .. } => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// What a client may ask of a campaign in this state.
    pub fn allowed(&self) -> Vec<&'static str> {
        match self {
            Self::Draft => vec!["start", "schedule", "edit", "duplicate", "delete"],
            Self::Scheduled { .. } => vec!["unschedule", "duplicate", "delete"],
            Self::Running | Self::Completing => vec!["pause", "cancel", "edit"],
            Self::Paused { .. } => vec!["resume", "cancel", "edit", "duplicate"],
            Self::Completed | Self::Cancelled => vec!["duplicate", "delete"],
        }
    }

    /// Whether leads of the campaign are dialled.
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running)
    }

    /// Whether the planner has to look at the campaign.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Running | Self::Completing | Self::Scheduled { .. })
    }

    /// Whether it is over.
    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

impl Campaign {
    /// The campaign after `command`, with its version raised. It does not complete while a file is
    /// being read into it.
    ///
    /// # Errors
    /// [`NotAllowed`] if its state does not allow the command.
    pub fn apply(&self, command: Command, now: Timestamp) -> Result<Self, NotAllowed> {
        let status = self.status.apply(command)?;
        let is_finished = matches!(command, Command::BeginCompletion | Command::Complete);
        if is_finished && !self.open_imports.is_empty() {
            let (status, allowed) = (self.status.name(), self.status.allowed());
            return Err(NotAllowed { status, command: command.name(), allowed });
        }
        let mut next = Self { version: self.version + 1, updated_at: now, ..self.clone() };
        if status.is_running() && next.started_at.is_none() {
            next.started_at = Some(now);
        }
        next.ended_at = if status.is_ended() { Some(now) } else { None };
        next.status = status;
        Ok(next)
    }

    /// The hours in which a lead of this zone may be called.
    pub fn hours_in<'a>(&'a self, zone: &'a Zone) -> CallingHours<'a> {
        CallingHours {
            weekly: &self.spec.hours,
            zone,
            campaign_tz: self.spec.time_zone,
            whose: self.spec.hours_zone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_252_200_000);
    const COMMANDS: [Command; 9] = [
        Command::Start,
        Command::Schedule { start_at: AT },
        Command::Unschedule,
        Command::Pause { reason: PauseReason::Requested },
        Command::Resume,
        Command::Cancel,
        Command::BeginCompletion,
        Command::Complete,
        Command::Reopen,
    ];

    fn states() -> Vec<CampaignStatus> {
        vec![
            CampaignStatus::Draft,
            CampaignStatus::Scheduled { start_at: AT },
            CampaignStatus::Running,
            CampaignStatus::Completing,
            CampaignStatus::Paused { reason: PauseReason::Requested },
            CampaignStatus::Completed,
            CampaignStatus::Cancelled,
        ]
    }

    #[test]
    fn a_refusal_says_what_is_allowed_and_what_is_allowed_works() {
        for state in states() {
            for command in COMMANDS {
                let offered = state.allowed().contains(&command.name());
                match state.apply(command) {
                    Ok(next) => assert_ne!(next, state),
                    Err(refusal) => {
                        assert!(!offered, "{refusal}");
                        assert!(refusal.to_string().contains(&state.allowed().join(", ")));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_leads_out_of_cancelled() {
        for command in COMMANDS {
            assert!(CampaignStatus::Cancelled.apply(command).is_err());
        }
    }

    #[test]
    fn only_a_completed_campaign_reopens() {
        for state in states() {
            let reopens = state.apply(Command::Reopen).is_ok();
            assert_eq!(reopens, matches!(state, CampaignStatus::Completing | CampaignStatus::Completed));
        }
    }
}
