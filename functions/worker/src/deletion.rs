//! Deleting a campaign with all that belongs to it, or a contact list.

use carillon_domain::base::ids::{CampaignId, ContactListId, WorkspaceId};
use carillon_domain::base::time::SECOND_MS;
use carillon_domain::records::job::Job;
use carillon_runtime::context::Context;
use carillon_runtime::services::recordings;
use carillon_store::Removal;

use crate::Step;
use crate::error::JobError;

/// How often a look is taken whether the last calls have ended, in milliseconds.
const CALLS_AGAIN_MS: i64 = 15 * SECOND_MS;

pub(crate) async fn step(
    context: &Context,
    ws: &WorkspaceId,
    job: &Job,
    campaign: &CampaignId,
) -> Result<Step, JobError> {
    // A call by hand may have been asked for in the moment in which it was closed: its end needs the lead.
    if job.checkpoint.part == 0 && is_called(context, ws, campaign).await? {
        return Ok(Step::Later { delay_ms: CALLS_AGAIN_MS });
    }
    let found = context.store.next_to_remove(ws, campaign, job).await?;
    for (id, copy) in found.iter().flat_map(|found| &found.recordings) {
        context.files.remove(&recordings::file_key(ws, id, copy)).await?;
    }
    Ok(stepped(context.store.remove_next(ws, campaign, job, found, context.now()).await?))
}

/// Takes contacts off a list; they stay in the address book.
pub(crate) async fn contact_list(
    context: &Context,
    ws: &WorkspaceId,
    job: &Job,
    list: &ContactListId,
) -> Result<Step, JobError> {
    Ok(stepped(context.store.empty_contact_list(ws, list, job, context.now()).await?))
}

fn stepped(removal: Removal) -> Step {
    match removal {
        Removal::Stepped(next) => Step::Done(next),
        Removal::Done => Step::Over,
        Removal::Overtaken => Step::Overtaken,
    }
}

async fn is_called(context: &Context, ws: &WorkspaceId, campaign: &CampaignId) -> Result<bool, JobError> {
    let (active_attempts, requests) = context.store.in_flight(ws).await?;
    Ok(active_attempts.iter().any(|active_attempt| active_attempt.campaign == *campaign)
        || requests.iter().any(|request| request.lead.campaign() == *campaign))
}
