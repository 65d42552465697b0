//! `/mappings`: what the columns of files mean, kept for the next one of its kind.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::{ColumnMap, MAX_COLUMNS};
use carillon_domain::records::mapping::{MAX_MAPPINGS, MappingName, SavedMapping};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::http::change::on_current;
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};
use crate::imports::PageQuery;

/// What the columns of one kind of file mean.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappingForm {
    /// All headers of such a file. A file that has exactly these, in any order, is read by the mapping without being
    /// asked.
    #[schema(example = json!(["Apparat", "Name", "Bestellung"]))]
    headers: BTreeSet<String>,
    /// What some of them mean, as `columns` of an import says it.
    #[schema(example = json!({"Apparat": "phone"}))]
    columns: BTreeMap<String, String>,
}

/// What the columns of one kind of file mean.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mapping)]
pub(crate) struct MappingView {
    /// What it is called.
    name: MappingName,
    /// All headers of such a file.
    headers: BTreeSet<String>,
    /// What some of them mean.
    columns: BTreeMap<String, String>,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
}

/// Lists the saved mappings, by name.
#[utoipa::path(get, path = "/mappings", tag = "imports", params(PageQuery),
    responses((status = 200, body = Page<MappingView>)))]
pub(crate) async fn list_mappings(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<MappingView>>, Problem> {
    let mappings = context.store.mappings(&principal.workspace).await?;
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "mappings", is_descending: false, limit: query.limit, cursor };
    Ok(Json(listing.page(&mappings, |one| [one.name.to_string()], |one| one.clone().into())?))
}

/// Shows a saved mapping.
#[utoipa::path(get, path = "/mappings/{mapping}", tag = "imports", params(("mapping" = String, Path)),
    responses((status = 200, body = MappingView)))]
pub(crate) async fn get_mapping(
    State(context): State<Context>,
    principal: Principal,
    Id(name): Id<MappingName>,
) -> Result<Tagged<MappingView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace, &name).await?))
}

/// Saves a mapping under its name, in place of the one that is there.
#[utoipa::path(put, path = "/mappings/{mapping}", tag = "imports", params(("mapping" = String, Path)),
    request_body = MappingForm, responses((status = 200, body = MappingView)))]
pub(crate) async fn put_mapping(
    State(context): State<Context>,
    principal: Principal,
    Id(name): Id<MappingName>,
    if_match: IfMatch,
    Body(form): Body<MappingForm>,
) -> Result<Tagged<MappingView>, Problem> {
    let ws = &principal.workspace;
    let form = form.checked()?;
    let load =
        async || Ok(context.store.mapping(ws, &name).await?.unwrap_or_else(|| blank(&name, context.now())));
    let save = |stored| save(&context, &principal, stored, &form);
    Ok(Tagged::of(on_current(&if_match, load, save).await?))
}

async fn save(
    context: &Context,
    principal: &Principal,
    stored: SavedMapping,
    form: &MappingForm,
) -> Result<Option<SavedMapping>, Problem> {
    let ws = &principal.workspace;
    if stored.version == 0 && context.store.mappings(ws).await?.len() >= MAX_MAPPINGS {
        let detail = format!("a workspace has at most {MAX_MAPPINGS} mappings; delete one first");
        return Err(Problem::new(Code::TooManyMappings, detail));
    }
    let next = SavedMapping {
        version: stored.version + 1,
        headers: form.headers.clone(),
        columns: form.columns.clone(),
        updated_at: context.now(),
        ..stored.clone()
    };
    let store = principal.noting(context, &next.name, &MappingForm::from(&stored), form)?;
    Ok(store.put_mapping(ws, &next).await?.then_some(next))
}

/// Deletes a saved mapping. Imports that name it and have not begun fail.
#[utoipa::path(delete, path = "/mappings/{mapping}", tag = "imports", params(("mapping" = String, Path)),
    responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_mapping(
    State(context): State<Context>,
    principal: Principal,
    Id(name): Id<MappingName>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let ws = &principal.workspace;
    let load = || load(&context, ws, &name);
    let remove = async |stored: SavedMapping| {
        let store = principal.noting(&context, &stored.name, &MappingForm::from(&stored), &())?;
        Ok(store.remove_mapping(ws, &stored).await?.then_some(StatusCode::NO_CONTENT))
    };
    on_current(&if_match, load, remove).await
}

async fn load(context: &Context, ws: &WorkspaceId, name: &MappingName) -> Result<SavedMapping, Problem> {
    context.store.mapping(ws, name).await?.ok_or_else(|| Problem::not_found("mapping", name))
}

/// What stands where there is none yet.
fn blank(name: &MappingName, now: Timestamp) -> SavedMapping {
    SavedMapping {
        name: name.clone(),
        version: 0,
        headers: BTreeSet::new(),
        columns: BTreeMap::new(),
        created_at: now,
        updated_at: now,
    }
}

impl MappingForm {
    /// The form with headers as files are compared by.
    ///
    /// # Errors
    /// A problem that names the fields at fault.
    fn checked(self) -> Result<Self, Problem> {
        let headers: BTreeSet<String> = self.headers.iter().map(|header| header.trim().to_owned()).collect();
        let mut errors = FieldErrors::default();
        errors.check_count("headers", headers.len(), MAX_COLUMNS);
        for (place, header) in headers.iter().enumerate() {
            if header.chars().count() > MAX_NAME_CHARS {
                errors.push(format!("headers[{place}]"), format_args!("at most {MAX_NAME_CHARS} characters"));
            }
        }
        for (header, field) in &self.columns {
            errors.check_text(&format!("columns.{header}"), field, MAX_NAME_CHARS);
        }
        errors.into_result()?;
        let sheet: Vec<String> = headers.iter().cloned().collect();
        ColumnMap::mapped(&sheet, &self.columns)
            .map_err(|error| Problem::of_field(Code::InvalidFields, "columns", error))?;
        Ok(Self { headers, ..self })
    }
}

impl Changeable for SavedMapping {
    fn etag(&self) -> ETag {
        ETag::of(self.version, &MappingForm::from(self))
    }
}

impl From<&SavedMapping> for MappingForm {
    fn from(mapping: &SavedMapping) -> Self {
        Self { headers: mapping.headers.clone(), columns: mapping.columns.clone() }
    }
}

impl From<SavedMapping> for MappingView {
    fn from(mapping: SavedMapping) -> Self {
        Self {
            name: mapping.name,
            headers: mapping.headers,
            columns: mapping.columns,
            created_at: mapping.created_at,
            updated_at: mapping.updated_at,
        }
    }
}
