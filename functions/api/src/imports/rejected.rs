//! `/campaigns/{id}/imports/{id}/rejected`: the rows that did not become leads, as JSON and as a
//! CSV to mend and drop again.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use carillon_domain::base::ids::{CampaignId, ImportId};
use carillon_domain::records::import::Import;
use carillon_runtime::context::Context;
use carillon_store::RejectedBy;

use super::{PageQuery, load};
use crate::auth::Principal;
use crate::csv::CsvQuery;
use crate::http::pagination::Page;
use crate::http::path::Ids;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::rejected_rows::{Cost, RejectedRowView, Report};

/// Lists what is wrong with the rows that did not become leads, in their order.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/rejected", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<RejectedRowView>)))]
pub(crate) async fn list_rejected(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let import = load(&context, &principal.workspace, &campaign, &id).await?;
    report(&context, &principal, &import).page(&query, Cost::Row).await
}

/// Lists the cells that can't be read and were left out of leads, in the order of their rows.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/warnings", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<RejectedRowView>)))]
pub(crate) async fn list_warnings(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let import = load(&context, &principal.workspace, &campaign, &id).await?;
    report(&context, &principal, &import).page(&query, Cost::Cell).await
}

/// The rows that did not become leads as CSV: the columns of the file, then `row`, `column`,
/// `value` and `reason`. Mend it and drop it again; these four are not read.
///
/// It comes whole; a long one is elsewhere, and the answer (303) leads there: let your client follow it.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/rejected.csv", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path), CsvQuery),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn download_rejected(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let import = load(&context, &principal.workspace, &campaign, &id).await?;
    report(&context, &principal, &import).csv(query.delimiter).await
}

/// The rows that did not become leads as an Excel workbook, all of its cells text: as the CSV has them.
///
/// It comes whole; a long one is elsewhere, and the answer (303) leads there: let your client follow it.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/rejected.xlsx", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path)),
    responses((status = 200, body = String,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn download_rejected_workbook(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
) -> Result<Response, Problem> {
    let import = load(&context, &principal.workspace, &campaign, &id).await?;
    report(&context, &principal, &import).workbook().await
}

/// The rejected rows of an import.
pub(crate) fn report<'a>(context: &'a Context, principal: &'a Principal, import: &'a Import) -> Report<'a> {
    Report {
        context,
        ws: &principal.workspace,
        by: RejectedBy::Import(&import.id),
        id: import.id.to_string(),
        chunks: import.progress.rejected_chunks,
        headers: &import.headers,
        delimiter: import.delimiter,
    }
}
