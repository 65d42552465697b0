//! `/jobs/{id}/rejected`: the rows of a job's file that could not be used, as JSON and as a CSV to mend and send again.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use carillon_domain::base::ids::JobId;
use carillon_domain::records::job::{BegunNumbers, Job, JobKind, NumbersFile};
use carillon_runtime::context::Context;
use carillon_store::RejectedBy;

use super::load;
use crate::auth::Principal;
use crate::csv::CsvQuery;
use crate::http::pagination::Page;
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::imports::PageQuery;
use crate::rejected_rows::{Cost, RejectedRowView, Report};

/// Lists what could not be read of a file of numbers, in the order of its rows: whom these mean can still be called.
#[utoipa::path(get, path = "/jobs/{job_id}/rejected", tag = "jobs",
    params(("job_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<RejectedRowView>)))]
pub(crate) async fn list_job_rejected(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<JobId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let job = load(&context, &principal.workspace, &id).await?;
    report(&context, &principal, &job).page(&query, Cost::Row).await
}

/// The same rows as CSV: the columns of the file, then `row`, `column`, `value` and `reason`. Mend it and send it
/// again.
///
/// It comes whole; a long one is elsewhere, and the answer (303) leads there: let your client follow it.
#[utoipa::path(get, path = "/jobs/{job_id}/rejected.csv", tag = "jobs",
    params(("job_id" = String, Path), CsvQuery),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn download_job_rejected(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<JobId>,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let job = load(&context, &principal.workspace, &id).await?;
    report(&context, &principal, &job).csv(query.delimiter).await
}

/// What a job rejected; one without a file nothing.
fn report<'a>(context: &'a Context, principal: &'a Principal, job: &'a Job) -> Report<'a> {
    let begun = match &job.kind {
        JobKind::ImportNumbers { file: NumbersFile { begun, .. }, .. } => begun.as_ref(),
        JobKind::Leads { .. }
        | JobKind::AddContacts { .. }
        | JobKind::DeleteContactList { .. }
        | JobKind::ReplayDeliveries { .. }
        | JobKind::FetchRecording { .. }
        | JobKind::CompareOptOuts { .. }
        | JobKind::DeleteCampaign { .. }
        | JobKind::Export(_)
        | JobKind::CheckTemplates { .. } => None,
    };
    let (headers, delimiter) = begun
        .map_or((&[][..], ','), |BegunNumbers { headers, delimiter, .. }| (headers.as_slice(), *delimiter));
    Report {
        context,
        ws: &principal.workspace,
        by: RejectedBy::Job(&job.id),
        id: job.id.to_string(),
        chunks: begun.map_or(0, |_| job.portions.into()),
        headers,
        delimiter,
    }
}
