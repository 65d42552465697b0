//! Jobs: what goes on in the background on behalf of somebody, step by step, with a result for each lead or contact.

use serde::{Deserialize, Serialize};

use crate::base::ids::JobId;
use crate::base::time::{DAY_MS, MINUTE_MS, Timestamp};
use crate::records::audit::Act;
use crate::records::export::{ExportedFile, PartName};

mod kind;
mod numbers;
mod result;

pub use kind::{Chosen, ChosenDeliveries, JobKind, JobKindName, OptOutComparison};
pub use numbers::{BegunNumbers, NumbersFile};
pub use result::{
    ContactBatch, ContactOutcome, ContactRefusal, ContactResult, JobResult, LeadOutcome, LeadResult,
};

/// Leads that one step does something to, in one transaction.
pub const LEADS_PER_STEP: usize = 90;
/// How long jobs and their results are kept, in milliseconds.
pub const JOB_KEPT_MS: i64 = 30 * DAY_MS;
/// How often in a row a step may fail before the job is given up.
pub const MAX_FAILURES: u32 = 20;
/// After how long without a step a job is asked for again, in milliseconds: its message may be lost.
pub const SILENCE_MS: i64 = 3 * MINUTE_MS;

/// What goes on in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub id: JobId,
    /// Raised by every step: each counts once.
    pub version: u64,
    pub kind: JobKind,
    pub status: JobStatus,
    /// Where the next step goes on.
    pub checkpoint: Checkpoint,
    pub counts: JobCounts,
    /// Whether leads wait for a call by it that did not before: their campaign has to see them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wakes: bool,
    /// How many portions of results are kept.
    pub portions: u32,
    /// The parts that an export has written so far, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartName>,
    /// What an export has come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ExportedFile>,
    /// Who asked for it.
    pub asked: Act,
    /// How often in a row a step has failed.
    pub failures: u32,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// No step is done yet.
    Queued,
    Running,
    Completed,
    /// Given up; `error` says why.
    Failed,
    /// Somebody stopped it; what was done stays done.
    Cancelled,
}

/// Where a job goes on: a part of its work, by number, and the key in it behind which the rest lies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub part: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobCounts {
    /// What it was done to.
    pub done: u64,
    /// What it was refused for; each says why in the results.
    pub refused: u64,
    /// How much there is to do, if that is known.
    #[serde(default)]
    pub total: Option<u64>,
}

/// Why a job is not cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCancellable {
    /// It has ended so.
    Over(JobStatus),
    /// Half of it would be worse than all.
    MustEnd,
}

impl JobStatus {
    /// Whether there is more to do.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Queued | Self::Running => true,
            Self::Completed | Self::Failed | Self::Cancelled => false,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Job {
    /// A job that nobody has begun.
    pub fn queued(id: JobId, kind: JobKind, total: Option<u64>, asked: Act, now: Timestamp) -> Self {
        Self {
            id,
            version: 1,
            kind,
            status: JobStatus::Queued,
            checkpoint: Checkpoint::default(),
            counts: JobCounts { total, ..JobCounts::default() },
            wakes: false,
            portions: 0,
            parts: Vec::new(),
            file: None,
            asked,
            failures: 0,
            error: None,
            created_at: now,
            updated_at: now,
            finished_at: None,
        }
    }

    /// The job once more, for whoever asks for the same again after it has ended.
    pub fn again(&self, asked: Act, now: Timestamp) -> Self {
        let version = self.version + 1;
        Self { version, ..Self::queued(self.id.clone(), self.kind.clone(), None, asked, now) }
    }

    /// The job after a step that went up to here, with what became of whom.
    pub fn advanced(&self, to: Checkpoint, results: &[JobResult], now: Timestamp) -> Self {
        let refused = results.iter().filter(|result| result.is_refused()).count() as u64;
        let done = results.len() as u64 - refused;
        let portions = self.portions + u32::from(!results.is_empty());
        Self { portions, ..self.counting(to, done, refused, now) }
    }

    /// The job after a step that did so much and keeps no results.
    pub fn counting(&self, to: Checkpoint, done: u64, refused: u64, now: Timestamp) -> Self {
        let counts = JobCounts {
            done: self.counts.done + done,
            refused: self.counts.refused + refused,
            total: self.counts.total,
        };
        let status = JobStatus::Running;
        Self { checkpoint: to, counts, failures: 0, error: None, ..self.with_status(status, now) }
    }

    /// The job that is looked at again later, and is not silent until then.
    pub fn waiting(&self, now: Timestamp) -> Self {
        self.with_status(self.status, now)
    }

    /// The job after a step that wrote so many rows to a part; to none where nothing was found.
    pub fn exporting(&self, to: Checkpoint, part: Option<PartName>, rows: u64, now: Timestamp) -> Self {
        let mut next = self.counting(to, rows, 0, now);
        next.parts.extend(part);
        next
    }

    /// The job once its parts have become a file.
    pub fn exported(&self, file: ExportedFile, now: Timestamp) -> Self {
        Self { file: Some(file), parts: Vec::new(), ..self.completed(now) }
    }

    /// The job once everything is done.
    pub fn completed(&self, now: Timestamp) -> Self {
        let total = Some(self.counts.done + self.counts.refused);
        let counts = JobCounts { total, ..self.counts };
        Self { counts, error: None, ..self.with_status(JobStatus::Completed, now) }
    }

    /// The job once it is given up.
    pub fn failed(&self, error: String, now: Timestamp) -> Self {
        Self { error: Some(error), ..self.with_status(JobStatus::Failed, now) }
    }

    /// The job after a step that was interrupted: given up after too many in a row.
    pub fn interrupted(&self, error: String, now: Timestamp) -> Self {
        let failures = self.failures + 1;
        if failures > MAX_FAILURES {
            return Self { failures, ..self.failed(error, now) };
        }
        Self { failures, error: Some(error), ..self.with_status(self.status, now) }
    }

    /// The job once somebody has stopped it: no step of it is done any more.
    ///
    /// # Errors
    /// [`NotCancellable`] says why it can't be stopped.
    pub fn cancelled(&self, now: Timestamp) -> Result<Self, NotCancellable> {
        match self.status {
            JobStatus::Queued | JobStatus::Running if !self.kind.is_cancellable() => {
                Err(NotCancellable::MustEnd)
            }
            JobStatus::Queued | JobStatus::Running => Ok(self.with_status(JobStatus::Cancelled, now)),
            over @ (JobStatus::Completed | JobStatus::Failed | JobStatus::Cancelled) => {
                Err(NotCancellable::Over(over))
            }
        }
    }

    /// When it is asked for again, should nothing be heard of it till then; never once it is over.
    pub fn silent_at(&self) -> Option<Timestamp> {
        self.status.is_open().then(|| self.updated_at.plus_ms(SILENCE_MS))
    }

    fn with_status(&self, status: JobStatus, now: Timestamp) -> Self {
        let finished_at = (!status.is_open()).then_some(now);
        Self { version: self.version + 1, status, updated_at: now, finished_at, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, NOW};
    use crate::records::audit::Actor;
    use crate::records::lead::{ActionRefusal, LeadAction, LeadFilter, LeadStatus};

    fn job(kind: JobKind) -> Job {
        let actor = Actor { id: "key_1".into(), name: "CRM".into() };
        let act = Act { actor, operation: "bulk_leads".into(), request_id: "r".into(), reason: None };
        Job::queued(JobId::new(NOW, [1; 10]), kind, None, act, NOW)
    }

    fn restart() -> JobKind {
        let chosen = Chosen::Filter { filter: LeadFilter::default() };
        JobKind::Leads {
            campaign: fixtures::campaign_id(),
            action: LeadAction::Restart { reason: None },
            chosen,
        }
    }

    #[test]
    fn a_step_counts_what_it_did_and_clears_what_failed_before() {
        let failed = job(restart()).interrupted("no table".into(), NOW);
        assert_eq!((failed.status, failed.failures, failed.version), (JobStatus::Queued, 1, 2));
        let lead = fixtures::lead(1).id;
        let results = [
            LeadResult { lead: lead.clone(), outcome: LeadOutcome::Done(Some(LeadStatus::Pending)) },
            LeadResult { lead, outcome: LeadOutcome::Refused(ActionRefusal::LiveCall) },
        ]
        .map(JobResult::Lead);
        let to = Checkpoint { part: 3, after: None };
        let stepped = failed.advanced(to.clone(), &results, NOW);
        assert_eq!((stepped.counts.done, stepped.counts.refused, stepped.portions), (1, 1, 1));
        assert_eq!((stepped.failures, &stepped.error, &stepped.checkpoint), (0, &None, &to));
        assert_eq!(stepped.advanced(to, &[], NOW).portions, 1, "nothing to keep");
        let over = stepped.completed(NOW);
        assert_eq!((over.counts.total, over.silent_at()), (Some(2), None));
    }

    #[test]
    fn what_fails_again_and_again_is_given_up_with_its_reason() {
        let mut stubborn = job(restart());
        for _ in 0..MAX_FAILURES {
            stubborn = stubborn.interrupted("no table".into(), NOW);
            assert!(stubborn.silent_at().is_some());
        }
        let given_up = stubborn.interrupted("no table".into(), NOW);
        assert_eq!((given_up.status, given_up.error.as_deref()), (JobStatus::Failed, Some("no table")));
        assert_eq!((given_up.silent_at(), given_up.finished_at), (None, Some(NOW)));
    }

    #[test]
    fn only_what_is_open_and_may_be_halved_is_cancelled() {
        let open = job(restart());
        let cancelled = open.cancelled(NOW).expect("it is open");
        assert_eq!(cancelled.cancelled(NOW), Err(NotCancellable::Over(JobStatus::Cancelled)));
        let over = open.completed(NOW);
        assert_eq!(over.cancelled(NOW), Err(NotCancellable::Over(JobStatus::Completed)));
        let deletion = job(JobKind::DeleteCampaign { campaign: fixtures::campaign_id() });
        assert_eq!(deletion.cancelled(NOW), Err(NotCancellable::MustEnd));
    }

    #[test]
    fn a_job_that_has_ended_begins_again_as_a_new_one() {
        let asked = job(restart()).asked;
        let failed = job(restart()).interrupted("no table".into(), NOW).failed("no table".into(), NOW);
        let later = NOW.plus_ms(1);
        let again = failed.again(asked.clone(), later);
        let new = Job::queued(failed.id.clone(), failed.kind.clone(), None, asked, later);
        assert_eq!(
            again,
            Job { version: failed.version + 1, ..new },
            "which its store takes for its next step"
        );
    }

    #[test]
    fn who_is_on_our_list_alone_is_what_is_left_once_theirs_are_on_it() {
        let found = |theirs, ours| OptOutComparison { theirs, ours, added: 0 }.only_ours();
        assert_eq!((found(3, 5), found(3, 3), found(4, 3)), (2, 0, 0));
    }

    #[test]
    fn a_job_that_waits_is_not_silent() {
        let later = NOW.plus_ms(SILENCE_MS);
        let waits = job(restart()).waiting(later);
        assert_eq!((waits.status, waits.silent_at()), (JobStatus::Queued, Some(later.plus_ms(SILENCE_MS))));
        assert_eq!(waits.version, 2, "of two runs that wait one goes on");
    }
}
