//! `/jobs`: what goes on in the background, how far it is, and what became of each.

mod chosen;
mod rejected;
mod results;
mod view;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::{JobId, WorkspaceId};
use carillon_domain::records::job::{Job, JobKindName, JobStatus, NotCancellable};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::services::{exports as exported, lifecycle};
use carillon_store::{CommitError, JobFilter};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use crate::auth::Principal;
use crate::exports;
use crate::http::idempotency::Created;
use crate::http::pagination::{Cursor, Limit, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

pub(crate) use chosen::{keep_chosen, once_each};
pub(crate) use rejected::*;
pub(crate) use results::*;
pub(crate) use view::{ActionName, JobView};

/// Names the list in cursors.
const LIST: &str = "jobs";
/// How often a cancellation is made anew on what a step has stored meanwhile.
const TRIES: usize = 20;

/// Which jobs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those in this state.
    status: Option<JobStatus>,
    /// Only those that do this.
    kind: Option<JobKindName>,
}

/// Lists jobs, the newest first; they are kept for 30 days. One that fetches a recording stands where its call does. A page
/// with fewer jobs than were asked for may be followed by others.
#[utoipa::path(get, path = "/jobs", tag = "jobs", params(JobQuery),
    responses((status = 200, body = Page<JobView>)))]
pub(crate) async fn list_jobs(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<JobQuery>,
) -> Result<Json<Page<JobView>>, Problem> {
    let after = behind(query.cursor.as_ref())?;
    let filter = JobFilter { status: query.status, kind: query.kind };
    let page = context.store.jobs(&principal.workspace, filter, after.as_ref(), query.limit.0).await?;
    Ok(Json(Page {
        items: page.jobs.into_iter().map(JobView::from).collect(),
        next_cursor: page.next.map(|id| Cursor::behind(LIST, vec![id.to_string()]).encode()),
    }))
}

/// Shows how far a job is, and the file that it has written: `url` leads there for a quarter of an hour, and is made anew
/// each time, for whoever may see what is in the file. The file is there for a day.
#[utoipa::path(get, path = "/jobs/{job_id}", tag = "jobs", params(("job_id" = String, Path)),
    responses((status = 200, body = JobView)))]
pub(crate) async fn get_job(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<JobId>,
) -> Result<Json<JobView>, Problem> {
    let ws = &principal.workspace;
    let job = load(&context, ws, &id).await?;
    let link = exports::link(&context, ws, &principal, &job).await?;
    Ok(Json(JobView::from(job).with(link)))
}

/// Stops a job. Once this has answered it does nothing more; what it has done stays done.
///
/// The deletion of a campaign or a contact list can't be stopped: half of it would be worse than all.
#[utoipa::path(post, path = "/jobs/{job_id}/cancel", tag = "jobs", params(("job_id" = String, Path)),
    responses((status = 200, body = JobView)))]
pub(crate) async fn cancel_job(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<JobId>,
) -> Result<Json<JobView>, Problem> {
    let ws = &principal.workspace;
    for _ in 0..TRIES {
        let stored = load(&context, ws, &id).await?;
        let cancelled = match stored.cancelled(context.now()) {
            Ok(cancelled) => cancelled,
            // By an earlier try of this request, it may be.
            Err(NotCancellable::Over(JobStatus::Cancelled)) => return wrapped_up(&context, ws, stored).await,
            Err(refusal) => return Err(not_cancelled(refusal)),
        };
        let (before, after) = (json!({ "status": stored.status }), json!({ "status": cancelled.status }));
        let store = principal.noting(&context, &id, &before, &after)?;
        match store.commit(ws, &Transaction::of(Write::AdvanceJob(cancelled.clone()))).await {
            Ok(()) => return wrapped_up(&context, ws, cancelled).await,
            // A step was done in this moment.
            Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::contended())
}

/// The job as its client sees it, once the planner knows of the leads that wait again by it, and what it has left of a
/// file is gone.
async fn wrapped_up(context: &Context, ws: &WorkspaceId, job: Job) -> Result<Json<JobView>, Problem> {
    exported::remove_parts(context, ws, &job).await;
    if job.wakes
        && let Some(campaign) = job.kind.campaign()
    {
        match lifecycle::put_to_work(context, ws, campaign, Some(&job.asked)).await {
            Ok(()) | Err(lifecycle::LifecycleError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(job.into()))
}

fn not_cancelled(refusal: NotCancellable) -> Problem {
    match refusal {
        NotCancellable::Over(status) => {
            let detail = format_args!("the job is {}; there is nothing to stop", status.name());
            Problem::new(Code::JobOver, detail)
        }
        NotCancellable::MustEnd => Problem::new(
            Code::NotCancellable,
            "a deletion goes on to its end: half a campaign or half a list is no use to anybody",
        ),
    }
}

/// Stores a new job, and has a worker begin it. One with its id is itself, from a request that nobody knew the end
/// of. The audit log tells of it under what it is done to.
pub(crate) async fn create(
    context: &Context,
    principal: &Principal,
    job: Job,
    resource: &impl ToString,
) -> Result<Job, Problem> {
    let job = announce(context, principal, job, resource).await?;
    begin(context, &principal.workspace, &job.id).await;
    Ok(job)
}

/// Stores a new job that waits for something, as `create` does.
pub(crate) async fn announce(
    context: &Context,
    principal: &Principal,
    job: Job,
    resource: &impl ToString,
) -> Result<Job, Problem> {
    let ws = &principal.workspace;
    let told = JobView::from(job.clone());
    let store = principal.noting(context, resource, &(), &told)?;
    match store.commit(ws, &Transaction::of(Write::CreateJob(job.clone()))).await {
        Ok(()) => Ok(job),
        Err(CommitError::Refused(_)) => load(context, ws, &job.id).await,
        Err(error) => Err(error.into()),
    }
}

/// Has a worker begin a job. A message that is lost is made up for by the tick.
pub(crate) async fn begin(context: &Context, ws: &WorkspaceId, id: &JobId) {
    if let Err(error) = context.send_job(ws, id, 0).await {
        tracing::warn!(%error, job = %id, "a job was not asked for; the tick makes up for it");
    }
}

/// What was created, with where it is to be found.
pub(crate) fn accepted(created: Created) -> Response {
    let place: (HeaderName, String) =
        (header::LOCATION, path_of(created.view["id"].as_str().unwrap_or_default()));
    ([place], created).into_response()
}

pub(crate) fn path_of(id: &str) -> String {
    format!("/api/v1/jobs/{id}")
}

async fn load(context: &Context, ws: &WorkspaceId, id: &JobId) -> Result<Job, Problem> {
    context.store.job(ws, id).await?.ok_or_else(|| Problem::not_found("job", id))
}

/// Where a cursor points in the list.
fn behind(cursor: Option<&Cursor>) -> Result<Option<JobId>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let id = cursor.place_in(LIST, 1)?[0].parse();
    id.map(Some)
        .map_err(|_| Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it"))
}
