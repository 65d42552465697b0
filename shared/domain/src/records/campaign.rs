//! Campaigns and their life.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::ids::{CampaignId, ImportId};
use crate::base::is_default::is_default;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::policy::hours::CallingHours;
use crate::policy::rules::Rulebook;
use crate::records::lead::{Lead, LeadState};

mod callers;
mod edit;
mod rejections;
mod runs;
mod schedule_note;
mod spec;
mod status;

pub use callers::NoCallers;
pub use rejections::Rejections;
pub use schedule_note::ScheduleNote;
pub use spec::*;
pub use status::{Action, CampaignStatus, Command, NotAllowed, PauseReason, StatusName};

/// A campaign: whom to reach is in its leads, everything else is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    pub id: CampaignId,
    pub version: u64,
    /// Raised when its settings change, or its state as clients see it: the version moves with much else.
    #[serde(default)]
    pub revision: u64,
    /// What a client may set.
    pub spec: CampaignSpec,
    /// Where it stands in its life.
    pub status: CampaignStatus,
    /// Files that are being read into it; it does not complete meanwhile.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub open_imports: BTreeSet<ImportId>,
    /// Its latest run, counted from 1; 0 before the first.
    #[serde(default)]
    pub run: u32,
    /// Whether leads are still being begun anew for that run; it does not complete meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_run_opening: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_began_at: Option<Timestamp>,
    /// Since when it recurs as it does, if that was changed: moments before it begin no run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurs_since: Option<Timestamp>,
    /// What the provider found wrong of late.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rejections: Rejections,
    /// The same of texts.
    #[serde(default)]
    pub text_rejections: Rejections,
    /// Whether it had completed, has work again and waits until fewer campaigns run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_reopening: bool,
    /// Whether it is being deleted: nothing but that happens to it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_closed: bool,
    /// When it last began to call, after a start or a rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_since: Option<Timestamp>,
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    pub started_at: Option<Timestamp>,
    /// When it completed or was cancelled.
    pub ended_at: Option<Timestamp>,
}

impl Campaign {
    /// The campaign after `command`, with its version raised. It does not complete while it is being
    /// fed: by a file, or by a run that begins leads anew. A run begins when it is due, and once.
    ///
    /// # Errors
    /// [`NotAllowed`] if its state does not allow the command.
    pub fn apply(&self, command: Command, now: Timestamp) -> Result<Self, NotAllowed> {
        self.check_open(command.name())?;
        let status = self.status.apply(command)?;
        let is_finished = match command {
            Command::BeginCompletion | Command::Complete | Command::AwaitRun { .. } => true,
            Command::Start
            | Command::Schedule { .. }
            | Command::Unschedule
            | Command::Pause { .. }
            | Command::Resume
            | Command::Cancel
            | Command::Reopen
            | Command::AwaitRoom { .. }
            | Command::BeginRun => false,
        };
        // Two planners may find the same run due: only one begins it.
        let is_early = command == Command::BeginRun && !self.is_run_due(now);
        // What waits for its first start, or its next run, has not been open.
        let is_scheduled = matches!(self.status, CampaignStatus::Scheduled { .. });
        let is_another = is_scheduled && self.is_reopening != (command == Command::Reopen);
        let is_start = matches!(command, Command::Start | Command::Reopen);
        if is_early || (is_finished && self.is_being_fed()) || (is_start && is_another) {
            let (status, allowed) = (self.status.name(), self.status.allowed());
            return Err(NotAllowed { status, command: command.name(), allowed });
        }
        let mut next = Self { version: self.version + 1, updated_at: now, ..self.clone() };
        if status.is_running() && !self.status.is_counted() {
            next.running_since = Some(now);
        }
        if status.is_running() && next.started_at.is_none() {
            next.started_at = Some(now);
        }
        if matches!(command, Command::Start | Command::BeginRun) {
            next.begin_run(now);
        }
        if command == Command::Resume {
            (next.rejections, next.text_rejections) = (Rejections::default(), Rejections::default());
        }
        next.revision += u64::from(!status.looks_like(&self.status));
        next.is_reopening = matches!(command, Command::AwaitRoom { .. });
        next.ended_at = if status.is_ended() { Some(now) } else { None };
        next.status = status;
        Ok(next)
    }

    /// Whether the planner has to look at the campaign: one that rests has an end, too.
    pub fn is_active(&self) -> bool {
        let is_paused = matches!(self.status, CampaignStatus::Paused { .. });
        self.status.is_active() || (is_paused && self.over_at().is_some())
    }

    /// The campaign as it takes new leads, by its status: opened again if it had completed, by `if_ended`,
    /// which says whether there is room for it to run.
    ///
    /// # Errors
    /// [`NotAllowed`] if it is cancelled, or being deleted.
    pub fn fed(&self, if_ended: Command, now: Timestamp) -> Result<Self, NotAllowed> {
        self.check_open("feed")?;
        match self.status {
            CampaignStatus::Completing => self.apply(Command::Reopen, now),
            CampaignStatus::Completed | CampaignStatus::Cancelled => self.apply(if_ended, now),
            CampaignStatus::Draft
            | CampaignStatus::Scheduled { .. }
            | CampaignStatus::Running
            | CampaignStatus::Paused { .. } => Ok(Self { version: self.version + 1, ..self.clone() }),
        }
    }

    /// Whether what was claimed in its turn stands on terms that hold no more once it is changed so. A file
    /// being read changes none.
    pub fn voids_claims(&self, next: &Self) -> bool {
        self.status.is_running() && (self.status != next.status || self.spec != next.spec)
    }

    /// Whether leads are still being added or begun anew.
    pub fn is_being_fed(&self) -> bool {
        self.is_run_opening || !self.open_imports.is_empty()
    }

    /// The hours in which a lead of this zone may be called.
    pub fn hours_in<'a>(&'a self, zone: &'a Zone, rules: &'a Rulebook) -> CallingHours<'a> {
        self.hours_for(Channel::Call, zone, rules)
    }

    /// The hours in which a lead of this zone may be reached for the first time.
    pub fn hours_first<'a>(&'a self, zone: &'a Zone, rules: &'a Rulebook) -> CallingHours<'a> {
        self.hours_for(self.spec.cadence.channel(0), zone, rules)
    }

    /// How a lead's next attempt reaches them: who wants to be called back is called.
    pub fn channel_of(&self, lead: &Lead) -> Channel {
        match lead.state.standing() {
            LeadState::CallbackScheduled { .. } => Channel::Call,
            _ => self.spec.cadence.channel(lead.step),
        }
    }

    /// The hours in which they may be reached in a channel.
    pub fn hours_for<'a>(
        &'a self,
        channel: Channel,
        zone: &'a Zone,
        rules: &'a Rulebook,
    ) -> CallingHours<'a> {
        CallingHours {
            weekly: &self.spec.hours,
            except: &self.spec.except_dates,
            zone,
            campaign_tz: self.spec.time_zone,
            whose: self.spec.hours_zone,
            rules,
            channel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_252_200_000);
    const COMMANDS: [Command; 12] = [
        Command::Start,
        Command::Schedule { start_at: AT },
        Command::Unschedule,
        Command::Pause { reason: PauseReason::Requested },
        Command::Resume,
        Command::Cancel,
        Command::BeginCompletion,
        Command::Complete,
        Command::Reopen,
        Command::AwaitRun { start_at: AT },
        Command::BeginRun,
        Command::AwaitRoom { since: AT },
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
                let offered = state.allowed().iter().any(|action| action.name() == command.name());
                match state.apply(command) {
                    Ok(next) => assert!(next != state || command == Command::BeginRun),
                    Err(refusal) => {
                        assert!(!offered, "{refusal}");
                        assert!(
                            state.allowed().iter().all(|action| refusal.to_string().contains(action.name()))
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_run_begins_when_it_is_due_and_once() {
        let daily = r#"{"frequency":"daily","at":"09:00"}"#;
        let mut campaign = crate::fixtures::campaign();
        campaign.spec.recurrence = Some(serde_json::from_str(daily).expect("a recurrence"));
        let tomorrow = crate::fixtures::NOW.plus_ms(crate::base::time::DAY_MS);
        assert!(campaign.apply(Command::BeginRun, crate::fixtures::NOW).is_err());
        let mut begun = campaign.apply(Command::BeginRun, tomorrow).expect("due");
        begun = begun.run_opened(tomorrow);
        assert_eq!(begun.run, 2);
        assert!(begun.apply(Command::BeginRun, tomorrow.plus_ms(1)).is_err());
    }

    #[test]
    fn the_revision_moves_with_what_clients_see() {
        let running = crate::fixtures::campaign();
        let verified = running.apply(Command::BeginCompletion, AT).expect("it runs");
        assert_eq!((verified.revision, verified.version), (running.revision, running.version + 1));
        let fed = verified.fed(Command::Reopen, AT).expect("it takes leads");
        assert_eq!(fed.revision, running.revision);
        let paused = fed.apply(Command::Pause { reason: PauseReason::Requested }, AT).expect("it runs");
        let resumed = paused.apply(Command::Resume, AT).expect("it rests");
        assert_eq!([paused.revision, resumed.revision], [running.revision + 1, running.revision + 2]);
        let edited = resumed.edited(resumed.spec.clone(), AT).expect("it may be edited");
        assert_eq!(edited.revision, resumed.revision + 1);
    }

    #[test]
    fn nothing_leads_out_of_cancelled() {
        for command in COMMANDS {
            assert!(CampaignStatus::Cancelled.apply(command).is_err());
        }
    }

    #[test]
    fn only_a_completed_campaign_reopens() {
        for status in states() {
            let campaign = Campaign { status, ..crate::fixtures::campaign() };
            let reopens = campaign.apply(Command::Reopen, AT).is_ok();
            let is_over = matches!(campaign.status, CampaignStatus::Completing | CampaignStatus::Completed);
            assert_eq!(reopens, is_over, "{:?}", campaign.status);
        }
    }

    #[test]
    fn one_that_waits_for_room_goes_on_with_its_run() {
        let completed = Campaign { status: CampaignStatus::Completed, ..crate::fixtures::campaign() };
        let waiting = completed.apply(Command::AwaitRoom { since: AT }, AT).expect("completed");
        assert_eq!(waiting.status, CampaignStatus::Scheduled { start_at: AT });
        assert!(waiting.apply(Command::Start, AT).is_err(), "a start would begin a run");
        let reopened = waiting.apply(Command::Reopen, AT).expect("it waits");
        assert_eq!((&reopened.status, reopened.run), (&CampaignStatus::Running, completed.run));
        assert!(!reopened.is_reopening);
    }
}
