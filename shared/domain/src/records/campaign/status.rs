//! Where a campaign stands in its life, and what can be asked of it.

use serde::{Deserialize, Serialize};

use crate::base::time::Timestamp;

/// Why a campaign is paused: somebody asked for it (`requested`), the voice provider refused our key,
/// account or trunk, or found our requests wrong, there is no key for it, the assistant or its numbers
/// can't be used, credits are low, or too many calls failed in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    Requested,
    /// The provider refused our key, account or trunk.
    ProviderRefused,
    /// The provider found our requests wrong, several in a row.
    RequestsRejected,
    /// The workspace has no key for the voice provider.
    NoProviderKey,
    /// The assistant or its caller numbers can't be used.
    AssistantUnusable,
    /// The workspace's credits are nearly used up.
    LowCredits,
    /// Too many calls failed in a row.
    TooManyFailures,
}

impl PauseReason {
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::ProviderRefused,
        Self::RequestsRejected,
        Self::NoProviderKey,
        Self::AssistantUnusable,
        Self::LowCredits,
        Self::TooManyFailures,
    ];
}

/// Where a campaign stands, as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CampaignStatus))]
#[serde(rename_all = "snake_case")]
pub enum StatusName {
    Draft,
    Scheduled,
    Running,
    Paused,
    Completed,
    Cancelled,
}

/// What a client may ask of a campaign. `edit` is `PATCH`, `delete` is `DELETE`, and each other one is the
/// path below the campaign that is called like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CampaignAction))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Start,
    Schedule,
    Unschedule,
    Pause,
    Resume,
    Cancel,
    Edit,
    Duplicate,
    Delete,
}

/// Where a campaign stands in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum CampaignStatus {
    Draft,
    Scheduled {
        start_at: Timestamp,
    },
    Running,
    /// Looks finished; being verified. Clients see `running`.
    Completing,
    /// Rests, and can go on.
    Paused {
        reason: PauseReason,
    },
    Completed,
    /// Stopped for good before that.
    Cancelled,
}

/// What can be asked of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Start,
    /// Begin to call at a time.
    Schedule {
        start_at: Timestamp,
    },
    Unschedule,
    Pause {
        reason: PauseReason,
    },
    Resume,
    Cancel,
    /// Nothing seems left: verify.
    BeginCompletion,
    /// Verified: everybody is settled.
    Complete,
    /// Verified: everybody is settled, until the next run.
    AwaitRun {
        start_at: Timestamp,
    },
    /// The next run falls due while the one before is under way.
    BeginRun,
    /// There is work again: a lead was added, or the verification found one.
    Reopen,
    /// The same, but as many campaigns run as may.
    AwaitRoom {
        since: Timestamp,
    },
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
            Self::AwaitRun { .. } => "await_run",
            Self::BeginRun => "begin_run",
            Self::Reopen => "reopen",
            Self::AwaitRoom { .. } => "await_room",
        }
    }
}

/// The campaign's state does not allow the command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {status} campaign can't {command}; it allows: {}", names(.allowed))]
pub struct NotAllowed {
    /// The state it is in.
    pub status: &'static str,
    pub command: &'static str,
    /// What a client may ask instead.
    pub allowed: Vec<Action>,
}

fn names(actions: &[Action]) -> String {
    actions.iter().map(|action| action.name()).collect::<Vec<_>>().join(", ")
}

impl Action {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Schedule => "schedule",
            Self::Unschedule => "unschedule",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Edit => "edit",
            Self::Duplicate => "duplicate",
            Self::Delete => "delete",
        }
    }
}

impl StatusName {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
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
            (Self::Running | Self::Paused { .. }, C::BeginCompletion) => Ok(Self::Completing),
            (Self::Completing, C::Complete) => Ok(Self::Completed),
            (Self::Completing, C::AwaitRun { start_at }) => Ok(Self::Scheduled { start_at }),
            (Self::Running, C::BeginRun) => Ok(Self::Running),
            (Self::Completing | Self::Completed | Self::Scheduled { .. }, C::Reopen) => Ok(Self::Running),
            (Self::Completed, C::AwaitRoom { since }) => Ok(Self::Scheduled { start_at: since }),
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

    /// What clients see of it.
    pub const fn shown(&self) -> StatusName {
        match self {
            Self::Draft => StatusName::Draft,
            Self::Scheduled { .. } => StatusName::Scheduled,
            Self::Running | Self::Completing => StatusName::Running,
            Self::Paused { .. } => StatusName::Paused,
            Self::Completed => StatusName::Completed,
            Self::Cancelled => StatusName::Cancelled,
        }
    }

    /// Whether clients see no difference between the two.
    pub fn looks_like(&self, other: &Self) -> bool {
        self == other || (self.is_counted() && other.is_counted())
    }

    /// The name that clients see.
    pub const fn name(&self) -> &'static str {
        self.shown().as_str()
    }

    /// What a client may ask of a campaign in this state.
    pub fn allowed(&self) -> Vec<Action> {
        use Action as A;
        match self {
            Self::Draft => vec![A::Start, A::Schedule, A::Edit, A::Duplicate, A::Delete],
            Self::Scheduled { .. } => vec![A::Unschedule, A::Duplicate, A::Delete],
            Self::Running | Self::Completing => vec![A::Pause, A::Cancel, A::Edit],
            Self::Paused { .. } => vec![A::Resume, A::Cancel, A::Edit, A::Duplicate],
            Self::Completed | Self::Cancelled => vec![A::Duplicate, A::Delete],
        }
    }

    /// Whether leads of the campaign are dialled.
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running)
    }

    /// Whether it calls, or will without anybody's doing.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Running | Self::Completing | Self::Scheduled { .. })
    }

    /// Whether it counts among the campaigns that run in its workspace.
    pub const fn is_counted(&self) -> bool {
        matches!(self, Self::Running | Self::Completing)
    }

    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}
