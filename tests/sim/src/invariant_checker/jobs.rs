//! Jobs: V10.

use std::collections::BTreeSet;

use carillon_domain::records::job::{Job, JobKind, JobResult};
use carillon_domain::reporting::invariants::{self, Invariant};

use super::{Alarm, Workspace};
use crate::ports::written::Written;

/// V10 on a step: it comes after the one before, and its results are stored with it.
pub(super) fn stepping(workspace: &Workspace, written: &[Written], after: &Job) -> Result<(), Alarm> {
    let results = written.iter().map(|write| match write {
        Written::Results(results) => results.len(),
        _ => 0,
    });
    let before = workspace.jobs.get(&after.id);
    invariants::done_once(before, after, results.sum()).map_err(|invariant| {
        let what = format!("a step of {} is not the next one, or tells of other leads", after.id);
        Alarm::new(invariant, what, &[&after.id])
    })
}

/// V10 on a job that is over: each lead has one result.
pub(crate) fn told_once(workspace: &Workspace, job: &Job) -> Result<(), Alarm> {
    let JobKind::Leads { .. } = job.kind else { return Ok(()) };
    let results = workspace.results.get(&job.id).map(Vec::as_slice).unwrap_or_default();
    let leads: BTreeSet<_> = results.iter().map(JobResult::of).collect();
    let counted = usize::try_from(job.counts.done + job.counts.refused).unwrap_or(usize::MAX);
    if leads.len() == results.len() && results.len() == counted {
        return Ok(());
    }
    let what = format!(
        "{} tells of {} leads in {} results, and counts {counted}",
        job.id,
        leads.len(),
        results.len()
    );
    Err(Alarm::new(Invariant::DoneOnce, what, &[&job.id]))
}
