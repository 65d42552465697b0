//! `/contact-lists/{id}/imports`: files of contacts, as those of leads are.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use carillon_domain::base::ids::{ContactListId, ImportId};
use carillon_domain::importing::ImportDefaults;
use carillon_domain::records::import::ImportTarget;
use carillon_runtime::context::Context;

use super::load as load_list;
use crate::auth::Principal;
use crate::csv::CsvQuery;
use crate::http::idempotency::{Created, IdempotencyHeader};
use crate::http::pagination::Page;
use crate::http::path::{Id, Ids};
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::imports::{
    self, AnnouncedImport, FileQuery, ImportCreation, ImportForm, ImportView, PageQuery, PreviewView,
    SentFile,
};
use crate::rejected_rows::{Cost, RejectedRowView};

/// Imports the file in the body into a list, or announces one and answers with a link to upload it to.
///
/// Each row becomes a contact on the list, by the same columns as the rows of a campaign's file become leads. Whoever is a
/// contact already comes on the list, too: with `on_duplicate` `update` they take over what the row says, else they stay as
/// they are, and the row is reported.
#[utoipa::path(post, path = "/contact-lists/{contact_list_id}/imports", tag = "imports",
    params(("contact_list_id" = String, Path), FileQuery, IdempotencyHeader),
    request_body(content((ImportForm = "application/json"), (String = "text/csv"),
        (String = "application/x-ndjson"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 201, body = AnnouncedImport)))]
pub(crate) async fn create_contact_import(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ContactListId>,
    ImportCreation(creation): ImportCreation,
) -> Result<Created, Problem> {
    load_list(&context, &principal.workspace, &list).await?;
    imports::create(&context, &principal, ImportTarget::ContactList(list), creation).await
}

/// Shows what the file in the body would be read as, by its first rows. Nothing is stored.
#[utoipa::path(post, path = "/contact-lists/{contact_list_id}/imports/preview", tag = "imports",
    params(("contact_list_id" = String, Path), FileQuery),
    request_body(content((String = "text/csv"), (Vec<serde_json::Value> = "application/json"),
        (String = "application/x-ndjson"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 200, body = PreviewView)))]
pub(crate) async fn preview_contact_import(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ContactListId>,
    sent: SentFile,
) -> Result<Json<PreviewView>, Problem> {
    load_list(&context, &principal.workspace, &list).await?;
    imports::preview_sent(&context, &principal, ImportDefaults::default(), sent).await
}

/// Shows what the file of an import into a contact list is read as, by its first rows.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}/imports/{import_id}/preview", tag = "imports",
    params(("contact_list_id" = String, Path), ("import_id" = String, Path)),
    responses((status = 200, body = PreviewView)))]
pub(crate) async fn get_contact_import_preview(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ImportId>,
) -> Result<Json<PreviewView>, Problem> {
    let ws = &principal.workspace;
    let import = imports::load(&context, ws, &list, &id).await?;
    imports::preview_of(&context, ws, ImportDefaults::default(), import).await
}

/// Lists the imports of a contact list, the latest first.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}/imports", tag = "imports",
    params(("contact_list_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<ImportView>)))]
pub(crate) async fn list_contact_imports(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ContactListId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ImportView>>, Problem> {
    load_list(&context, &principal.workspace, &list).await?;
    imports::list(&context, &principal.workspace, &ImportTarget::ContactList(list), &query).await
}

/// Shows how far an import into a contact list is.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}/imports/{import_id}", tag = "imports",
    params(("contact_list_id" = String, Path), ("import_id" = String, Path)),
    responses((status = 200, body = ImportView)))]
pub(crate) async fn get_contact_import(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ImportId>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(imports::load(&context, &principal.workspace, &list, &id).await?.into()))
}

/// Lists what is wrong with the rows that did not become contacts, in their order.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}/imports/{import_id}/rejected", tag = "imports",
    params(("contact_list_id" = String, Path), ("import_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<RejectedRowView>)))]
pub(crate) async fn list_rejected_contacts(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ImportId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let import = imports::load(&context, &principal.workspace, &list, &id).await?;
    imports::report(&context, &principal, &import).page(&query, Cost::Row).await
}

/// Lists the cells that can't be read and were left out of contacts, in the order of their rows.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}/imports/{import_id}/warnings", tag = "imports",
    params(("contact_list_id" = String, Path), ("import_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<RejectedRowView>)))]
pub(crate) async fn list_contact_warnings(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ImportId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let import = imports::load(&context, &principal.workspace, &list, &id).await?;
    imports::report(&context, &principal, &import).page(&query, Cost::Cell).await
}

/// The rows that did not become contacts as CSV, as those of a campaign's file: mend it and send it again.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}/imports/{import_id}/rejected.csv", tag = "imports",
    params(("contact_list_id" = String, Path), ("import_id" = String, Path), CsvQuery),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn download_rejected_contacts(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ImportId>,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let import = imports::load(&context, &principal.workspace, &list, &id).await?;
    imports::report(&context, &principal, &import).csv(query.delimiter).await
}

/// The same as an Excel workbook, all of its cells text.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}/imports/{import_id}/rejected.xlsx", tag = "imports",
    params(("contact_list_id" = String, Path), ("import_id" = String, Path)),
    responses((status = 200, body = String,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn download_rejected_contacts_workbook(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ImportId>,
) -> Result<Response, Problem> {
    let import = imports::load(&context, &principal.workspace, &list, &id).await?;
    imports::report(&context, &principal, &import).workbook().await
}
