//! `/campaigns/{id}/imports`: announce a file, follow it, see what was rejected. Files of contact lists share
//! what is here.

mod body;
mod options;
mod preview;
mod rejected;
mod view;

use std::collections::BTreeMap;
use std::fmt::Display;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{CampaignId, ImportId, WorkspaceId};
use carillon_domain::base::numbering::Country;
use carillon_domain::records::campaign::{CampaignStatus, Command, OnDuplicate};
use carillon_domain::records::import::{Import, ImportOptions, ImportTarget};
use carillon_domain::records::mapping::MappingName;
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::pagination::{Cursor, Limit, Listing, Page};
use crate::http::path::{Id, Ids};
use crate::http::problem::Problem;
use crate::http::query::Asked;

use body::NewImport;
pub(crate) use body::{ImportCreation, SentFile};
pub(crate) use options::FileQuery;
pub(crate) use preview::*;
pub(crate) use rejected::*;
pub(crate) use view::{AnnouncedImport, ImportView, UploadView};

/// How long an upload link lives, in seconds.
pub(crate) const UPLOAD_LINK_SECS: u32 = 3_600;

/// A file to be uploaded.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportForm {
    /// What the file is called.
    #[schema(example = "people.csv", min_length = 1, max_length = 200)]
    file_name: String,
    /// What some of its columns mean: header to `phone`, `phone_2`, `name`, `first_name`,
    /// `last_name`, `email`, `company`, `timezone`, `tags`, `country`, `consent_source`, `consent_at`,
    /// `consent_channel`, `consent_proof`, `ignore`, or the name of a variable; `phone_label`, `phone_name`,
    /// `phone_2_label`, `phone_2_name` and so on are the label and the name of a number that is there.
    /// `phone international` and `phone national` say besides what digits without + are. The others
    /// are recognised by their headers.
    #[serde(default)]
    #[schema(example = json!({"Telefon": "phone", "Bestellung": "order_id"}))]
    columns: BTreeMap<String, String>,
    /// The saved mapping that says what its columns mean, as far as `columns` does not. One whose headers are exactly
    /// those of the file is used unasked, where neither is given.
    #[serde(default)]
    mapping: Option<MappingName>,
    /// What a row does whose number is a lead of the campaign already; as the campaign's `on_duplicate`
    /// says, unless set. Of a contact list, what one does whose number is a contact; it comes on the list either way.
    #[serde(default)]
    on_duplicate: Option<OnDuplicate>,
    /// The country of numbers that are written without one; the campaign's unless set.
    #[serde(default)]
    default_country: Option<Country>,
    /// What all leads of the file are tagged with.
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<String>,
    /// The sheet of a workbook that is read; the first that has a column of numbers, unless set.
    #[serde(default)]
    sheet: Option<String>,
}

/// How to page through a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    pub(crate) limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    pub(crate) cursor: Option<Cursor>,
}

/// Imports the file in the body, or announces one and answers with a link to upload it to.
///
/// With `file_name` in the query the body is the file, of at most 1 MiB: CSV, JSON, or an Excel workbook, whatever it
/// is called. Without, it is JSON that announces one of any size: send that with the method and the headers that
/// `upload` names. The link is good for an hour. Either is read as soon as it has come.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/imports", tag = "imports",
    params(("campaign_id" = String, Path), FileQuery, IdempotencyHeader),
    request_body(content((ImportForm = "application/json"), (String = "text/csv"),
        (String = "application/x-ndjson"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 201, body = AnnouncedImport)))]
pub(crate) async fn create_import(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    ImportCreation(creation): ImportCreation,
) -> Result<Created, Problem> {
    let status = load_campaign(&context, &principal.workspace, &campaign).await?.status;
    if status == CampaignStatus::Cancelled {
        status.apply(Command::Reopen)?;
    }
    create(&context, &principal, ImportTarget::Campaign(campaign), creation).await
}

/// Imports a file, or announces one, into a campaign or a contact list that is there.
pub(crate) async fn create(
    context: &Context,
    principal: &Principal,
    target: ImportTarget,
    creation: Creation<NewImport>,
) -> Result<Created, Problem> {
    let ws = &principal.workspace;
    let create = async |new: NewImport, birth: Birth| {
        let (file_name, options, bytes) = new.parts();
        options::check(context, ws, &file_name, &options).await?;
        let mut told = serde_json::to_value(&options).unwrap_or_default();
        told["file_name"] = file_name.as_str().into();
        let into = match &target {
            ImportTarget::Campaign(_) => "campaign_id",
            ImportTarget::ContactList(_) => "contact_list_id",
        };
        told[into] = target.to_string().into();
        let import = import(ws, &target, &file_name, options, birth);
        let store = principal.noting(context, &import.id, &(), &told)?;
        store.create_import(ws, &import).await?;
        let is_sent = bytes.is_some();
        if let Some(bytes) = bytes {
            // The bucket tells the importer.
            context.files.write(&import.file_key, bytes.to_vec()).await?;
        }
        Ok(Tagged::fixed(NewImportView { import: import.into(), is_sent }))
    };
    let mut created = creation.once(context, ws, StatusCode::CREATED, create).await?;
    let is_sent = created.view.as_object_mut().and_then(|view| view.remove("is_sent"));
    if is_sent != Some(true.into()) {
        // A link is never stored: an answer that is given again gets a new one.
        let key = created.view["file_key"].as_str().unwrap_or_default();
        let upload = context.files.presign_put(key, UPLOAD_LINK_SECS, None).await?;
        created.view["upload"] = serde_json::to_value(UploadView::from(upload)).unwrap_or_default();
    }
    Ok(created)
}

/// An import as it is remembered with its answer.
#[derive(Debug, Serialize)]
struct NewImportView {
    #[serde(flatten)]
    import: ImportView,
    /// Whether its file came with it.
    is_sent: bool,
}

/// Lists the imports of a campaign, the latest first.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports", tag = "imports",
    params(("campaign_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<ImportView>)))]
pub(crate) async fn list_imports(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ImportView>>, Problem> {
    load_campaign(&context, &principal.workspace, &campaign).await?;
    list(&context, &principal.workspace, &ImportTarget::Campaign(campaign), &query).await
}

/// The imports of a campaign or a contact list, the latest first.
pub(crate) async fn list(
    context: &Context,
    ws: &WorkspaceId,
    target: &ImportTarget,
    query: &PageQuery,
) -> Result<Json<Page<ImportView>>, Problem> {
    let mut imports = context.store.imports(ws, target).await?;
    imports.reverse();
    let list = format!("imports of {target}");
    let listing =
        Listing { list: &list, is_descending: true, limit: query.limit, cursor: query.cursor.as_ref() };
    Ok(Json(listing.page(&imports, |import| [import.id.to_string()], |import| import.clone().into())?))
}

/// Shows how far an import is.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path)),
    responses((status = 200, body = ImportView)))]
pub(crate) async fn get_import(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(load(&context, &principal.workspace, &campaign, &id).await?.into()))
}

/// The import of this id into a campaign or a contact list.
pub(crate) async fn load(
    context: &Context,
    ws: &WorkspaceId,
    target: &(impl Display + Sync),
    id: &ImportId,
) -> Result<Import, Problem> {
    context.store.import(ws, target, id).await?.ok_or_else(|| Problem::not_found("import", id))
}

impl NewImport {
    /// What the file is called, what is said of it, and its bytes if they are there.
    fn parts(self) -> (String, ImportOptions, Option<Bytes>) {
        match self {
            Self::Announced(form) => {
                let options = ImportOptions {
                    columns: form.columns,
                    mapping: form.mapping,
                    on_duplicate: form.on_duplicate,
                    default_country: form.default_country,
                    tags: form.tags.iter().map(|tag| tag.trim().to_owned()).collect(),
                    sheet: form.sheet,
                };
                (form.file_name, options, None)
            }
            Self::Sent { query, file_name, bytes } => (file_name, query.into_options(), Some(bytes)),
        }
    }
}

fn import(
    ws: &WorkspaceId,
    target: &ImportTarget,
    file_name: &str,
    options: ImportOptions,
    birth: Birth,
) -> Import {
    let id = ImportId::new(birth.at, birth.seed);
    let key = format!("imports/{ws}/{target}/{id}/{}", safe_name(file_name));
    Import::new(id, target.clone(), key, file_name.trim().to_owned(), options, birth.at)
}

/// The name as a part of a path that every store of files takes.
pub(crate) fn safe_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.trim().chars().map(safe).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn a_file_name_leads_nowhere_else() {
        for (name, safe) in [
            ("people.csv", "people.csv"),
            (" Kunden (März).csv ", "Kunden__M_rz_.csv"),
            ("../../secrets", "_.._secrets"),
            ("a/b\\c", "a_b_c"),
            ("..", "file"),
            ("\u{0}", "_"),
        ] {
            assert_eq!(safe_name(name), safe);
        }
    }
}
