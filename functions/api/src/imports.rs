//! `/campaigns/{id}/imports`: announce a file, follow it, see what was rejected.

mod rejected;
mod view;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{CampaignId, ImportId, WorkspaceId};
use carillon_domain::importing::MAX_COLUMNS;
use carillon_domain::records::campaign::{CampaignStatus, Command, OnDuplicate};
use carillon_domain::records::import::{Import, ImportProgress, ImportStatus};
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
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};

pub(crate) use rejected::*;
use view::UploadView;
pub(crate) use view::{AnnouncedImport, ImportView};

/// How long an upload link lives, in seconds.
const UPLOAD_LINK_SECS: u32 = 3_600;

/// A file to be uploaded.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportForm {
    /// What the file is called.
    #[schema(example = "people.csv", min_length = 1, max_length = 200)]
    file_name: String,
    /// What some of its columns mean: header to `phone`, `phone_2`, `name`, `first_name`,
    /// `last_name`, `email`, `company`, `timezone`, `tags`, `consent_source`, `consent_at`,
    /// `consent_channel`, `consent_proof`, `ignore`, or the name of a variable.
    /// `phone international` and `phone national` say besides what digits without + are. The others
    /// are recognised by their headers.
    #[serde(default)]
    #[schema(example = json!({"Telefon": "phone", "Bestellung": "order_id"}))]
    columns: BTreeMap<String, String>,
    /// What a row does whose number is a lead of the campaign already; as the campaign's `on_duplicate`
    /// says, unless set.
    #[serde(default)]
    on_duplicate: Option<OnDuplicate>,
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

/// Announces a file and answers with a link to upload it to.
///
/// Send the file with the method and the headers that `upload` names; it is read as soon as it
/// has come. The link is good for an hour.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/imports", tag = "imports",
    params(("campaign_id" = String, Path), IdempotencyHeader),
    request_body = ImportForm, responses((status = 201, body = AnnouncedImport)))]
pub(crate) async fn create_import(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<ImportForm>,
) -> Result<Created, Problem> {
    let create = async |form: ImportForm, birth: Birth| {
        let status = load_campaign(&context, &principal.workspace, &campaign).await?.status;
        if status == CampaignStatus::Cancelled {
            status.apply(Command::Reopen)?;
        }
        let mut told = serde_json::to_value(&form).unwrap_or_default();
        told["campaign_id"] = campaign.to_string().into();
        let import = form.into_import(&principal.workspace, &campaign, birth)?;
        let store = principal.noting(&context, &import.id, &(), &told)?;
        store.create_import(&principal.workspace, &import).await?;
        Ok(Tagged::fixed(ImportView::from(import)))
    };
    let mut created = creation.once(&context, &principal.workspace, StatusCode::CREATED, create).await?;
    // A link is never stored: an answer that is given again gets a new one.
    let key = created.view["file_key"].as_str().unwrap_or_default();
    let upload = context.files.presign_put(key, UPLOAD_LINK_SECS, None).await?;
    created.view["upload"] = serde_json::to_value(UploadView::from(upload)).unwrap_or_default();
    Ok(created)
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
    let mut imports = context.store.imports(&principal.workspace, &campaign).await?;
    imports.reverse();
    let list = format!("imports of {campaign}");
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

async fn load(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    id: &ImportId,
) -> Result<Import, Problem> {
    context.store.import(ws, campaign, id).await?.ok_or_else(|| Problem::not_found("import", id))
}

impl ImportForm {
    fn into_import(self, ws: &WorkspaceId, campaign: &CampaignId, birth: Birth) -> Result<Import, Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("file_name", &self.file_name, MAX_NAME_CHARS);
        errors.check_count("columns", self.columns.len(), MAX_COLUMNS);
        for (header, field) in &self.columns {
            let name = format!("columns.{header}");
            errors.check_text(&name, header, MAX_NAME_CHARS);
            errors.check_text(&name, field, MAX_NAME_CHARS);
        }
        errors.into_result()?;
        let id = ImportId::new(birth.at, birth.seed);
        Ok(Import {
            file_key: format!("imports/{ws}/{campaign}/{id}/{}", safe_name(&self.file_name)),
            id,
            version: 1,
            campaign: campaign.clone(),
            file_name: self.file_name.trim().to_owned(),
            columns: self.columns,
            on_duplicate: self.on_duplicate,
            headers: Vec::new(),
            delimiter: ',',
            bare_digits: Vec::new(),
            notices: Vec::new(),
            size_bytes: 0,
            status: ImportStatus::AwaitingFile,
            error: None,
            progress: ImportProgress::default(),
            created_at: birth.at,
            updated_at: birth.at,
            finished_at: None,
        })
    }
}

/// The name as a part of a path that every store of files takes.
fn safe_name(name: &str) -> String {
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
