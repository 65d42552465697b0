//! The runs of a campaign, and the days between which it calls.

use chrono::NaiveDate;

use super::{Campaign, CampaignStatus, Command};
use crate::base::time::{MINUTE_MS, Timestamp};
use crate::bug::{Switch, planted};
use crate::policy::schedule::{RunTakes, local_date};

impl Campaign {
    /// Counts a run that begins now; from the second one on, leads have to be begun anew.
    pub(super) fn begin_run(&mut self, now: Timestamp) {
        self.run += 1;
        self.is_run_opening = self.run > 1;
        self.run_began_at = Some(now);
    }

    /// The campaign once the leads of its run are all begun anew.
    pub fn run_opened(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, is_run_opening: false, updated_at: now, ..self.clone() }
    }

    /// Which leads a run takes.
    pub fn run_takes(&self) -> RunTakes {
        self.spec.recurrence.as_ref().map_or_else(RunTakes::default, |recurrence| recurrence.takes())
    }

    /// When the next run begins, after this moment; none if there is no other.
    pub fn next_run_at(&self, after: Timestamp) -> Option<Timestamp> {
        let recurrence = self.spec.recurrence.as_ref()?;
        if !recurrence.has_runs_left(self.run) {
            return None;
        }
        let next = recurrence.next_run(self.spec.time_zone, after, self.anchor())?;
        (!self.is_over(next)).then_some(next)
    }

    /// When the first run begins by itself, from `now` on and inside the campaign's days; none if it
    /// does not recur.
    pub fn first_run_at(&self, now: Timestamp) -> Option<Timestamp> {
        let from = self.begins_at(now).unwrap_or(now).plus_ms(-1).max(now);
        self.next_run_at(from)
    }

    /// When a run begins that is still to come, by itself.
    pub fn upcoming_run(&self) -> Option<Timestamp> {
        match self.status {
            CampaignStatus::Scheduled { start_at } if !self.is_reopening => Some(start_at),
            CampaignStatus::Scheduled { .. }
            | CampaignStatus::Running
            | CampaignStatus::Completing
            | CampaignStatus::Paused { .. } => self.runs_after().and_then(|after| self.next_run_at(after)),
            CampaignStatus::Draft | CampaignStatus::Completed | CampaignStatus::Cancelled => None,
        }
    }

    /// The moment after which its next run is: its latest one began, or it was made to recur as it does.
    fn runs_after(&self) -> Option<Timestamp> {
        self.run_began_at.map(|began_at| self.recurs_since.map_or(began_at, |since| began_at.max(since)))
    }

    /// Whether a run falls due while the one before it is under way.
    pub fn is_run_due(&self, now: Timestamp) -> bool {
        let began_at = self.runs_after().filter(|_| !self.is_run_opening);
        let forgotten = began_at.filter(|_| planted(Switch::RunBeginsTwice)).map(|_| now.plus_ms(-MINUTE_MS));
        forgotten
            .or(began_at)
            .and_then(|began_at| self.next_run_at(began_at))
            .is_some_and(|due_at| due_at <= now)
    }

    /// What follows once everybody is settled: the end, or the next run. One that fell due meanwhile
    /// begins at once.
    pub fn finish(&self, now: Timestamp) -> Command {
        match self.next_run_at(self.runs_after().unwrap_or(now)) {
            Some(start_at) => Command::AwaitRun { start_at },
            None => Command::Complete,
        }
    }

    /// When the campaign's days begin, if they have not.
    pub fn begins_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.spec.period.begins_at(self.spec.time_zone).filter(|begins_at| now < *begins_at)
    }

    /// When the campaign's days are over, if they ever are.
    pub fn over_at(&self) -> Option<Timestamp> {
        self.spec.period.over_at(self.spec.time_zone)
    }

    /// Whether the campaign's days are over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.over_at().is_some_and(|over_at| now >= over_at)
    }

    /// The day from which the recurrence counts.
    pub(super) fn anchor(&self) -> NaiveDate {
        self.spec.period.start().unwrap_or_else(|| local_date(self.spec.time_zone, self.created_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::DAY_MS;
    use crate::fixtures::{self, NOW};
    use crate::policy::schedule::Recurrence;

    fn recurring(json: &str) -> Option<Recurrence> {
        Some(serde_json::from_str(json).expect("a recurrence"))
    }

    #[test]
    fn another_recurrence_begins_no_run_for_a_moment_that_is_past() {
        let mut campaign = fixtures::campaign();
        campaign.spec.recurrence = recurring(r#"{"frequency":"weekly","on":["monday"],"at":"09:00"}"#);
        let now = NOW.plus_ms(DAY_MS);
        let next = campaign.upcoming_run().expect("it recurs");
        assert!(next > now);
        for json in [
            r#"{"frequency":"daily","at":"09:00"}"#,
            r#"{"frequency":"daily","at":"00:01"}"#,
            r#"{"frequency":"weekly","on":["monday","tuesday","wednesday","thursday","friday"],"at":"07:00"}"#,
            r#"{"frequency":"monthly","on":[1,15,"last"],"at":"09:00"}"#,
        ] {
            let spec = super::super::CampaignSpec { recurrence: recurring(json), ..campaign.spec.clone() };
            let edited = campaign.edited(spec, now).expect("it runs");
            assert!(!edited.is_run_due(now), "{json}");
            let upcoming = edited.upcoming_run().expect("it recurs");
            assert!(upcoming > now, "{json}");
            assert!(edited.is_run_due(upcoming), "{json}");
            assert_eq!(edited.finish(now), Command::AwaitRun { start_at: upcoming }, "{json}");
        }
        let renamed = super::super::CampaignSpec { name: "Other".into(), ..campaign.spec.clone() };
        let same = campaign.edited(renamed, now).expect("it runs");
        assert_eq!(same.upcoming_run(), Some(next), "saved again, it keeps its rhythm");
    }
}
