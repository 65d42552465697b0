//! `/contacts`: the people of the address book.

mod form;
mod list;
mod save;
mod view;

use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{ContactId, WorkspaceId};
use carillon_domain::base::numbering::Country;
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::contact::Contact;
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Principal;
use crate::http::change::{change, on_current};
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::leads::NumberRules;

use form::ContactForm;
pub(crate) use list::*;
pub(crate) use save::save;
pub(crate) use view::ContactView;

type ContactPatch = Patch<ContactForm>;

/// How a contact that is sent is taken.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactQuery {
    /// The country of numbers that are written without one (ISO 3166-1 alpha-2).
    default_country: Option<Country>,
    /// What becomes of it if one of its numbers is a contact already.
    #[serde(default)]
    #[param(inline)]
    on_duplicate: OnDuplicate,
}

/// How numbers of a contact are read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CountryQuery {
    /// The country of numbers that are written without one (ISO 3166-1 alpha-2).
    default_country: Option<Country>,
}

/// Adds a contact.
///
/// A number, be it the first or another, that is a contact already is refused with `contact_exists`, and
/// `existing_id` names that contact; unless `on_duplicate` is `update`: then that contact takes over what is sent, comes on the lists that
/// are named, and is the answer.
#[utoipa::path(post, path = "/contacts", tag = "contacts", params(ContactQuery, IdempotencyHeader),
    request_body = ContactForm, responses((status = 201, body = ContactView)))]
pub(crate) async fn create_contact(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<ContactQuery>,
    creation: Creation<ContactForm>,
) -> Result<Created, Problem> {
    let ws = &principal.workspace;
    let create = async |form: ContactForm, birth: Birth| {
        let id = ContactId::new(birth.at, birth.seed);
        if birth.is_repeat
            && let Some(stored) = context.store.contact(ws, &id).await?
        {
            return Ok(Tagged::<ContactView>::of(stored));
        }
        let allowed = crate::workspace::load(&context, ws).await?.allowed_number_classes;
        let rules = NumberRules { default_country: query.default_country, allowed, own: &[] };
        let contact = form.into_contact(id, &rules, birth.at)?;
        let stored = save::add(&context, &principal, contact, query.on_duplicate).await?;
        Ok(Tagged::of(stored))
    };
    creation.once(&context, ws, StatusCode::CREATED, create).await
}

/// Shows a contact.
#[utoipa::path(get, path = "/contacts/{contact_id}", tag = "contacts", params(("contact_id" = String, Path)),
    responses((status = 200, body = ContactView)))]
pub(crate) async fn get_contact(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<ContactId>,
) -> Result<Tagged<ContactView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace, &id).await?))
}

/// Changes a contact; the leads that came from it stay as they are. A number that is another contact's is refused with
/// `contact_exists`.
#[utoipa::path(patch, path = "/contacts/{contact_id}", tag = "contacts",
    params(("contact_id" = String, Path), CountryQuery), request_body = ContactPatch,
    responses((status = 200, body = ContactView)))]
pub(crate) async fn change_contact(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<ContactId>,
    Asked(query): Asked<CountryQuery>,
    if_match: IfMatch,
    patch: ContactPatch,
) -> Result<Tagged<ContactView>, Problem> {
    let ws = &principal.workspace;
    let allowed = crate::workspace::load(&context, ws).await?.allowed_number_classes;
    let make = |stored: &Contact, form: ContactForm| {
        let default_country = query.default_country;
        let rules = NumberRules { default_country, allowed, own: &stored.numbers };
        form.onto_contact(stored, &rules, context.now())
    };
    let load = || load(&context, ws, &id);
    let save =
        async |before: Contact, after: Contact| save(&context, &principal, Some(&before), Some(&after)).await;
    Ok(Tagged::of(change(&if_match, &patch, load, make, save).await?))
}

/// Deletes a contact. The leads that came from it stay.
#[utoipa::path(delete, path = "/contacts/{contact_id}", tag = "contacts", params(("contact_id" = String, Path)),
    responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_contact(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<ContactId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let load = || load(&context, &principal.workspace, &id);
    let remove = async |stored: Contact| {
        let is_gone = save(&context, &principal, Some(&stored), None).await?;
        Ok(is_gone.then_some(StatusCode::NO_CONTENT))
    };
    on_current(&if_match, load, remove).await
}

/// The contact of this id.
pub(crate) async fn load(context: &Context, ws: &WorkspaceId, id: &ContactId) -> Result<Contact, Problem> {
    context.store.contact(ws, id).await?.ok_or_else(|| Problem::not_found("contact", id))
}
