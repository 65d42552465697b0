//! Does what people ask for in the background, step by step.
//!
//! A step is one transaction: what it does, what became of each, and how far the job is then, conditional on the
//! job's version. So a step that comes twice is done once, and a job that is cancelled does nothing more.

mod contacts;
mod deletion;
mod error;
mod export;
mod leads;
mod numbers;
mod opt_outs;
mod recording;
mod replay;
mod shards;
mod template_check;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::records::job::{Job, JobKind};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::batch::{self, Chain};
use carillon_runtime::context::Context;
use carillon_runtime::messages::{CopyRecording, JobMessage};
use carillon_runtime::services::exports;
use carillon_store::CommitError;
use serde::Deserialize;

pub use error::JobError;

/// How long a job rests whose step was interrupted, in milliseconds.
const AFTER_FAILURE_MS: i64 = 15 * SECOND_MS;

/// What came of a step.
enum Step {
    /// The job as it stands then: there may be more to do.
    Done(Box<Job>),
    /// The job is over.
    Over,
    /// Another run of the job was faster, and goes on.
    Overtaken,
    /// It can't be done yet; it is looked at again then.
    Later { delay_ms: i64 },
}

/// What the queue of jobs carries.
#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Job(JobMessage),
    CopyRecording(CopyRecording),
}

/// Handles a batch of messages: jobs to go on with, and recordings to copy.
///
/// What is not done by `deadline` goes on in another run.
pub async fn handle(context: &Context, event: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
    batch::each(event, |message: Message| async move {
        match message {
            Message::Job(job) => run(context, &job, deadline).await,
            Message::CopyRecording(copy) => Box::pin(recording::copy(context, copy)).await,
        }
    })
    .await
}

/// Goes on with a job until it is over, or nearly out of time; by one step at least.
async fn run(context: &Context, message: &JobMessage, deadline: Timestamp) -> Result<(), JobError> {
    let (ws, id) = (&message.workspace, &message.job);
    let Some(mut job) = context.store.job(ws, id).await? else { return Ok(()) };
    while job.status.is_open() {
        job = match step(context, ws, &job, deadline).await {
            Ok(Step::Done(next)) => *next,
            Ok(Step::Over | Step::Overtaken) => return Ok(()),
            Ok(Step::Later { delay_ms }) => {
                // Of several runs that wait, one goes on.
                if advance(context, ws, &job.waiting(context.now())).await? {
                    context.send_job(ws, id, delay_ms).await?;
                }
                return Ok(());
            }
            Err(error) => return interrupted(context, ws, &job, &error).await,
        };
        if job.status.is_open() && context.now() >= deadline {
            return Ok(context.send_job(ws, id, 0).await?);
        }
    }
    Ok(())
}

async fn step(context: &Context, ws: &WorkspaceId, job: &Job, deadline: Timestamp) -> Result<Step, JobError> {
    match &job.kind {
        JobKind::Leads { campaign, action, chosen } => {
            let work = leads::Work { ws, job, campaign, action, chosen };
            Box::pin(work.step(context)).await
        }
        JobKind::AddContacts { campaign, chosen, batch } => {
            let work = contacts::Work { ws, job, campaign, chosen, batch };
            Box::pin(work.step(context)).await
        }
        JobKind::DeleteCampaign { campaign } => deletion::step(context, ws, job, campaign).await,
        JobKind::ImportNumbers { list, file } => {
            let work = numbers::Work { ws, list, deadline };
            Box::pin(work.run(context, job, file)).await
        }
        JobKind::CheckTemplates { campaign, findings } => {
            Box::pin(template_check::step(context, ws, job, (campaign, findings))).await
        }
        JobKind::Export(export) => Box::pin(export::Work { context, ws, job, export }.step()).await,
        JobKind::DeleteContactList { list } => deletion::contact_list(context, ws, job, list).await,
        JobKind::ReplayDeliveries { endpoint, chosen } => {
            replay::step(context, ws, job, (endpoint, chosen)).await
        }
        JobKind::FetchRecording { interaction } => {
            Box::pin(recording::step(context, ws, job, interaction)).await
        }
        JobKind::CompareOptOuts { provider, lists, found } => {
            let work = opt_outs::Work { ws, job, provider: *provider, lists, found: *found };
            Box::pin(work.step(context)).await
        }
    }
}

/// Notes that a step failed, and has it done again after a rest; gives the job up after too many.
async fn interrupted(
    context: &Context,
    ws: &WorkspaceId,
    job: &Job,
    error: &JobError,
) -> Result<(), JobError> {
    tracing::warn!(job = %job.id, failures = job.failures, error = %Chain(error), "a job was interrupted");
    let Some(stored) = context.store.job(ws, &job.id).await? else { return Ok(()) };
    if !stored.status.is_open() {
        return Ok(());
    }
    // A step whose reply was lost is done; the next one is not to blame for it.
    if stored.version == job.version {
        let next = stored.interrupted(error.to_string(), context.now());
        if !advance(context, ws, &next).await? {
            return Ok(());
        }
        if !next.status.is_open() {
            exports::remove_parts(context, ws, &next).await;
            return Ok(());
        }
    }
    Ok(context.send_job(ws, &job.id, AFTER_FAILURE_MS).await?)
}

/// Stores a job that is over.
async fn end(context: &Context, ws: &WorkspaceId, over: &Job) -> Result<Step, JobError> {
    Ok(if advance(context, ws, over).await? { Step::Over } else { Step::Overtaken })
}

/// Ends a job that can't be done, with its reason.
async fn give_up(context: &Context, ws: &WorkspaceId, job: &Job, why: &str) -> Result<Step, JobError> {
    end(context, ws, &job.failed(why.to_owned(), context.now())).await
}

/// Stores a job that nothing else changes with; says whether nobody was faster.
async fn advance(context: &Context, ws: &WorkspaceId, next: &Job) -> Result<bool, JobError> {
    match context.store.commit(ws, &Transaction::of(Write::AdvanceJob(next.clone()))).await {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
