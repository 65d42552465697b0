//! How many campaigns of a workspace run.

use crate::records::campaign::Campaign;
use crate::records::credits::{Credits, LowCredits};
use crate::records::workspace::{DEFAULT_RUNNING_LIMIT, Workspace};

/// Whether a campaign counts among those that run in its workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    No,
    /// It does, though it be one too many: it ran already.
    Still,
    /// It does from now on, if fewer than so many run.
    IfFewerThan(u32),
}

impl Running {
    /// Whether a campaign that is changed so begins to count: then its workspace's limits are asked.
    pub const fn begins(stored: &Campaign, next: &Campaign) -> bool {
        !stored.status.is_counted() && next.status.is_counted()
    }

    /// Whether a changed campaign counts among those that run.
    ///
    /// One that starts or goes on needs credits. One that is reopened does not: its new leads would be
    /// forgotten in a campaign that is over, and the next plan pauses it.
    ///
    /// # Errors
    /// [`LowCredits`] if it needs them and they are under the workspace's threshold.
    pub fn of(
        stored: &Campaign,
        next: &Campaign,
        workspace: Option<&Workspace>,
        credits: Credits,
    ) -> Result<Self, LowCredits> {
        if !Self::begins(stored, next) {
            return Ok(if next.status.is_counted() { Self::Still } else { Self::No });
        }
        let Some(workspace) = workspace else { return Ok(Self::IfFewerThan(DEFAULT_RUNNING_LIMIT)) };
        if !stored.status.is_ended() {
            credits.check(workspace)?;
        }
        Ok(Self::IfFewerThan(workspace.running_limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::records::campaign::CampaignStatus;

    #[test]
    fn who_starts_needs_room_and_credits_and_who_is_reopened_room_alone() {
        let with = |status| Campaign { status, ..fixtures::campaign() };
        let (draft, running, over) =
            (with(CampaignStatus::Draft), with(CampaignStatus::Running), with(CampaignStatus::Completed));
        let workspace = Workspace { low_credits_micros: Some(5), running_limit: 3, ..fixtures::workspace() };
        let of = |stored, next, left| {
            Running::of(stored, next, Some(&workspace), Credits { topped_up_micros: left, spent_micros: 0 })
        };
        assert_eq!(of(&draft, &running, 5), Ok(Running::IfFewerThan(3)));
        assert!(of(&draft, &running, 4).is_err());
        assert_eq!(of(&over, &running, 4), Ok(Running::IfFewerThan(3)));
        assert_eq!(
            [of(&running, &running, 4), of(&running, &over, 4)],
            [Ok(Running::Still), Ok(Running::No)]
        );
    }
}
