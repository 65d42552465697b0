//! `/contact-lists`: contacts that somebody has put together.

mod imports;
mod members;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::{ContactListId, JobId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::contact_list::ContactList;
use carillon_domain::records::job::{Job, JobKind};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::http::change::{Patchable, change, on_current};
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS, MAX_TEXT_CHARS, present};
use crate::imports::PageQuery;
use crate::jobs::{self, JobView};

pub(crate) use imports::*;
pub(crate) use members::*;

/// A list of contacts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactListForm {
    /// What it is called.
    #[schema(example = "Autumn fair", min_length = 1, max_length = 200)]
    name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 4000)]
    description: Option<String>,
}

/// A list of contacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactList)]
pub(crate) struct ContactListView {
    /// Its id.
    id: ContactListId,
    /// What it is called.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// How many contacts are on it.
    contacts: u64,
    /// When it was created.
    created_at: Timestamp,
    /// When its name or description was last changed.
    updated_at: Timestamp,
}

type ContactListPatch = Patch<ContactListForm>;

/// Creates a list without contacts.
#[utoipa::path(post, path = "/contact-lists", tag = "contacts", params(IdempotencyHeader),
    request_body = ContactListForm, responses((status = 201, body = ContactListView)))]
pub(crate) async fn create_contact_list(
    State(context): State<Context>,
    principal: Principal,
    creation: Creation<ContactListForm>,
) -> Result<Created, Problem> {
    let ws = &principal.workspace;
    let create = async |form: ContactListForm, birth: Birth| {
        let form = form.checked()?;
        let list = ContactList {
            id: ContactListId::new(birth.at, birth.seed),
            version: 1,
            name: form.name,
            description: form.description,
            is_closed: false,
            created_at: birth.at,
            updated_at: birth.at,
        };
        let store = principal.noting(&context, &list.id, &(), &list.form())?;
        // One with its id is itself, from a request that nobody knew the end of.
        let list = if store.create_contact_list(ws, &list).await? {
            list
        } else {
            load(&context, ws, &list.id).await?
        };
        shown(&context, ws, list).await
    };
    creation.once(&context, ws, StatusCode::CREATED, create).await
}

/// Lists the contact lists, the oldest first.
#[utoipa::path(get, path = "/contact-lists", tag = "contacts", params(PageQuery),
    responses((status = 200, body = Page<ContactListView>)))]
pub(crate) async fn list_contact_lists(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ContactListView>>, Problem> {
    let lists = context.store.contact_lists(&principal.workspace).await?;
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "contact lists", is_descending: false, limit: query.limit, cursor };
    let Page { items, next_cursor } =
        listing.page(&lists, |list| [list.id.to_string()], ContactList::clone)?;
    let ids: Vec<ContactListId> = items.iter().map(|list| list.id.clone()).collect();
    let members = context.store.members_of(&principal.workspace, &ids).await?;
    let view = |list: ContactList| {
        let contacts = members.get(&list.id).copied().unwrap_or_default();
        ContactListView::of(list, contacts)
    };
    Ok(Json(Page { items: items.into_iter().map(view).collect(), next_cursor }))
}

/// Shows a contact list.
#[utoipa::path(get, path = "/contact-lists/{contact_list_id}", tag = "contacts",
    params(("contact_list_id" = String, Path)), responses((status = 200, body = ContactListView)))]
pub(crate) async fn get_contact_list(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<ContactListId>,
) -> Result<Tagged<ContactListView>, Problem> {
    let ws = &principal.workspace;
    shown(&context, ws, load(&context, ws, &id).await?).await
}

/// Changes what a list is called, and what it is for.
#[utoipa::path(patch, path = "/contact-lists/{contact_list_id}", tag = "contacts",
    params(("contact_list_id" = String, Path)), request_body = ContactListPatch,
    responses((status = 200, body = ContactListView)))]
pub(crate) async fn change_contact_list(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<ContactListId>,
    if_match: IfMatch,
    patch: ContactListPatch,
) -> Result<Tagged<ContactListView>, Problem> {
    let ws = &principal.workspace;
    let make = |stored: &ContactList, form: ContactListForm| {
        let ContactListForm { name, description } = form.checked()?;
        let (version, updated_at) = (stored.version + 1, context.now());
        Ok(ContactList { version, name, description, updated_at, ..stored.clone() })
    };
    let save = async |before: ContactList, after: ContactList| {
        let store = principal.noting(&context, &after.id, &before.form(), &after.form())?;
        Ok(store.update_contact_list(ws, &after).await?)
    };
    let changed = change(&if_match, &patch, || load(&context, ws, &id), make, save).await?;
    shown(&context, ws, changed).await
}

/// Deletes a list. It is gone at once; its contacts stay, and are taken off it in the background: the answer is the job
/// that does so.
#[utoipa::path(delete, path = "/contact-lists/{contact_list_id}", tag = "contacts",
    params(("contact_list_id" = String, Path)),
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn delete_contact_list(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<ContactListId>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let close = async |stored: ContactList| {
        let members = context.store.members_of(ws, std::slice::from_ref(&id)).await?.remove(&id);
        let kind = JobKind::DeleteContactList { list: id.clone() };
        let (job, now) = (JobId::new(context.now(), context.random.draw()), context.now());
        let job = Job::queued(job, kind, members, principal.act.clone(), now);
        let store = principal.noting(&context, &id, &stored.form(), &())?;
        Ok(store.close_contact_list(ws, &stored.closed(now), &job).await?.then_some(job))
    };
    let job = on_current(&if_match, || load(&context, ws, &id), close).await?;
    jobs::begin(&context, ws, &job.id).await;
    let place = [(header::LOCATION, jobs::path_of(job.id.as_str()))];
    Ok((StatusCode::ACCEPTED, place, Json(JobView::from(job))).into_response())
}

/// The list of this id.
pub(crate) async fn load(
    context: &Context,
    ws: &WorkspaceId,
    id: &ContactListId,
) -> Result<ContactList, Problem> {
    context.store.contact_list(ws, id).await?.ok_or_else(|| Problem::not_found("contact list", id))
}

/// A list as its client sees it.
async fn shown(
    context: &Context,
    ws: &WorkspaceId,
    list: ContactList,
) -> Result<Tagged<ContactListView>, Problem> {
    let members = context.store.members_of(ws, std::slice::from_ref(&list.id)).await?.remove(&list.id);
    Ok(Tagged { etag: Some(list.etag()), view: ContactListView::of(list, members.unwrap_or_default()) })
}

impl ContactListForm {
    /// # Errors
    /// A problem that names every field at fault.
    fn checked(self) -> Result<Self, Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("name", &self.name, MAX_NAME_CHARS);
        errors.check_optional_text("description", self.description.as_deref(), MAX_TEXT_CHARS);
        errors.into_result()?;
        Ok(Self { name: self.name.trim().to_owned(), description: present(self.description) })
    }
}

impl Changeable for ContactList {
    fn etag(&self) -> ETag {
        ETag::of(self.version, &self.form())
    }
}

impl Patchable for ContactList {
    type Form = ContactListForm;

    fn form(&self) -> ContactListForm {
        ContactListForm { name: self.name.clone(), description: self.description.clone() }
    }
}

impl ContactListView {
    fn of(list: ContactList, contacts: u64) -> Self {
        Self {
            id: list.id,
            name: list.name,
            description: list.description,
            contacts,
            created_at: list.created_at,
            updated_at: list.updated_at,
        }
    }
}
