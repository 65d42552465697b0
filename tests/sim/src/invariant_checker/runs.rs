//! Runs of a campaign, and how many campaigns run: V3, V5 and V7.

use carillon_domain::base::time::{MAX_SKEW_MS, Timestamp};
use carillon_domain::policy::schedule::{RunTakes, local_date};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::reporting::invariants::Invariant;

use super::Alarm;
use super::Workspace;
use crate::ports::written::Written;

/// V3 and V7 on a campaign that is about to be changed: no run begins before it is due, and none
/// leaves out a lead that it takes.
pub(super) fn changing(
    workspace: &Workspace,
    written: &[Written],
    after: &Campaign,
    now: Timestamp,
) -> Result<(), Alarm> {
    let Some(before) = workspace.campaigns.get(&after.id) else { return Ok(()) };
    starting(workspace, written, before, after)?;
    if before.status.is_running() && after.run != before.run && !is_due(before, after, now) {
        let what = format!("{} begins run {} before it is due", after.id, after.run);
        return Err(Alarm::new(Invariant::AttemptsBounded, what, &[&after.id]));
    }
    if before.is_run_opening && !after.is_run_opening && before.run == after.run {
        let began_at = before.run_began_at.unwrap_or(now).plus_ms(-2 * MAX_SKEW_MS);
        let takes = before.spec.recurrence.as_ref().map_or(RunTakes::Unreached, |one| one.takes());
        let is_left_out =
            |lead: &&Lead| lead.run < before.run && lead.updated_at < began_at && is_taken(lead, takes);
        if let Some(lead) = workspace.leads_of(&after.id).find(is_left_out) {
            let what = format!("{} is left out of run {}", lead.id, before.run);
            return Err(Alarm::new(Invariant::EverybodySettles, what, &[&after.id, &lead.id]));
        }
    }
    Ok(())
}

/// Whether the schedule has a run between the one before and now, and nothing but that begins.
fn is_due(before: &Campaign, after: &Campaign, now: Timestamp) -> bool {
    let (Some(recurrence), Some(began_at)) = (&before.spec.recurrence, before.run_began_at) else {
        return false;
    };
    let tz = before.spec.time_zone;
    let anchor = before.spec.period.start().unwrap_or_else(|| local_date(tz, before.created_at));
    let due_at = recurrence.next_run(tz, began_at, anchor);
    after.run == before.run + 1
        && recurrence.max_runs().is_none_or(|max| after.run <= max)
        && due_at.is_some_and(|due_at| due_at <= now.plus_ms(MAX_SKEW_MS))
}

fn is_taken(lead: &Lead, takes: RunTakes) -> bool {
    match lead.state {
        _ if lead.is_test && lead.state.is_settled() => false,
        LeadState::RetryScheduled { .. } | LeadState::Exhausted => takes != RunTakes::New,
        LeadState::Failed if lead.fault.is_some() => takes != RunTakes::New,
        LeadState::Completed | LeadState::Failed => takes == RunTakes::All,
        LeadState::Pending
        | LeadState::CallbackScheduled { .. }
        | LeadState::InProgress { .. }
        | LeadState::Suspended { .. }
        | LeadState::Skipped { .. } => false,
    }
}

/// V5 on the campaigns that run: none begins that is one too many, but for one that a call opens again.
fn starting(
    workspace: &Workspace,
    written: &[Written],
    before: &Campaign,
    after: &Campaign,
) -> Result<(), Alarm> {
    let is_of_call = written.iter().any(|write| matches!(write, Written::Interaction(_)));
    let running = workspace.campaigns.values().filter(|campaign| campaign.status.is_counted()).count();
    let limit = usize::try_from(workspace.tenant.running_limit).unwrap_or(usize::MAX);
    if !after.status.is_counted() || before.status.is_counted() || is_of_call || running < limit {
        return Ok(());
    }
    let what = format!("{} is one running campaign too many", after.id);
    Err(Alarm::new(Invariant::WithinLimits, what, &[&after.id]))
}
