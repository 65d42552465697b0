//! What a client changes in a campaign, or takes from it.

use std::collections::BTreeSet;

use super::{Action, Campaign, CampaignSpec, CampaignStatus, Command, NotAllowed, Rejections};
use crate::base::ids::CampaignId;
use crate::base::time::Timestamp;

impl CampaignStatus {
    /// Whether a client may ask this of a campaign in this state.
    ///
    /// # Errors
    /// [`NotAllowed`] names what the state allows instead.
    pub fn check(&self, action: &'static str) -> Result<(), NotAllowed> {
        let allowed = self.allowed();
        if allowed.iter().any(|one| one.name() == action) {
            Ok(())
        } else {
            Err(NotAllowed { status: self.name(), command: action, allowed })
        }
    }
}

impl Campaign {
    /// A new campaign, to be prepared.
    pub fn draft(id: CampaignId, spec: CampaignSpec, now: Timestamp) -> Self {
        Self {
            id,
            version: 1,
            revision: 1,
            spec,
            status: CampaignStatus::Draft,
            open_imports: BTreeSet::new(),
            run: 0,
            is_run_opening: false,
            is_reopening: false,
            is_closed: false,
            run_began_at: None,
            recurs_since: None,
            rejections: Rejections::default(),
            text_rejections: Rejections::default(),
            running_since: None,
            created_at: now,
            updated_at: now,
            started_at: None,
            ended_at: None,
        }
    }

    /// The campaign with other settings.
    ///
    /// # Errors
    /// [`NotAllowed`] unless its state allows to edit it.
    pub fn edited(&self, spec: CampaignSpec, now: Timestamp) -> Result<Self, NotAllowed> {
        self.check_open("edit")?;
        self.status.check("edit")?;
        let (version, revision) = (self.version + 1, self.revision + 1);
        // What the new days would have begun before now is past, and not due.
        let days = |spec: &CampaignSpec| (spec.recurrence.clone(), spec.period, spec.time_zone);
        let recurs_since = if days(&spec) == days(&self.spec) { self.recurs_since } else { Some(now) };
        Ok(Self { version, revision, spec, recurs_since, updated_at: now, ..self.clone() })
    }

    /// The campaign while it is removed: nobody changes or starts it any more, and it does not start by itself.
    ///
    /// # Errors
    /// [`NotAllowed`] unless its state allows to delete it.
    pub fn closed(&self, now: Timestamp) -> Result<Self, NotAllowed> {
        self.status.check("delete")?;
        let at_rest = match self.status {
            CampaignStatus::Scheduled { .. } => self.apply(Command::Unschedule, now)?,
            _ => Self { version: self.version + 1, ..self.clone() },
        };
        Ok(Self { is_closed: true, ..at_rest })
    }

    /// # Errors
    /// [`NotAllowed`] if it is being deleted.
    pub fn check_open(&self, command: &'static str) -> Result<(), NotAllowed> {
        if self.is_closed {
            return Err(NotAllowed { status: self.status.name(), command, allowed: vec![Action::Delete] });
        }
        Ok(())
    }

    /// A draft with the same settings and no leads.
    ///
    /// # Errors
    /// [`NotAllowed`] unless its state allows to duplicate it.
    pub fn duplicate(&self, id: CampaignId, name: String, now: Timestamp) -> Result<Self, NotAllowed> {
        self.status.check("duplicate")?;
        Ok(Self::draft(id, CampaignSpec { name, ..self.spec.clone() }, now))
    }
}

#[cfg(test)]
mod tests {
    use super::super::PauseReason;
    use super::*;
    use crate::fixtures::{self, NOW};

    #[test]
    fn drafts_running_and_paused_campaigns_are_edited_and_no_others() {
        let paused = CampaignStatus::Paused { reason: PauseReason::Requested };
        for (status, edits, duplicates) in [
            (CampaignStatus::Draft, true, true),
            (CampaignStatus::Scheduled { start_at: NOW }, false, true),
            (CampaignStatus::Running, true, false),
            (CampaignStatus::Completing, true, false),
            (paused, true, true),
            (CampaignStatus::Completed, false, true),
            (CampaignStatus::Cancelled, false, true),
        ] {
            let campaign = Campaign { status, ..fixtures::campaign() };
            let spec = CampaignSpec { name: "Other".into(), ..campaign.spec.clone() };
            let edited = campaign.edited(spec, NOW);
            assert_eq!(edited.is_ok(), edits, "{}", campaign.status.name());
            assert!(edited.is_err() || edited.is_ok_and(|edited| edited.version == campaign.version + 1));
            let copy = campaign.duplicate(CampaignId::new(NOW, [9; 10]), "Copy".into(), NOW);
            assert_eq!(copy.is_ok(), duplicates, "{}", campaign.status.name());
            assert!(copy.is_err() || copy.is_ok_and(|copy| copy.status == CampaignStatus::Draft));
        }
    }

    #[test]
    fn what_is_being_deleted_can_only_be_deleted() {
        for status in
            [CampaignStatus::Draft, CampaignStatus::Scheduled { start_at: NOW }, CampaignStatus::Completed]
        {
            let closed = Campaign { status, ..fixtures::campaign() }.closed(NOW).expect("it is at rest");
            assert!(!closed.status.is_active());
            for refused in [
                closed.apply(Command::Start, NOW),
                closed.fed(Command::Reopen, NOW),
                closed.edited(closed.spec.clone(), NOW),
            ] {
                assert_eq!(refused.expect_err("it is closed").allowed, [Action::Delete]);
            }
            let again = closed.closed(NOW).expect("the removal may be asked for again");
            assert_eq!(Campaign { version: closed.version, ..again }, closed);
        }
    }
}
