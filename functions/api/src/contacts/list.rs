//! `GET /contacts`: all of them, those on a list, with a tag, or of a number.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{ContactId, ContactListId, WorkspaceId};
use carillon_domain::base::numbering::{self, Country};
use carillon_domain::records::contact::{Contact, ContactFilter};
use carillon_runtime::context::Context;
use carillon_store::ContactPage as StoredPage;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ContactView;
use crate::auth::Principal;
use crate::contact_lists::load as load_list;
use crate::http::pagination::{Cursor, Limit};
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Which contacts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactsQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those on this list.
    list: Option<ContactListId>,
    /// Only those with this tag, in any case.
    tag: Option<String>,
    /// Only the one with this number, as people write it.
    number: Option<String>,
    /// The country of a `number` that is written without one (ISO 3166-1 alpha-2).
    default_country: Option<Country>,
}

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactPage {
    items: Vec<ContactView>,
    /// Send it as `cursor` for the next page; null if this is the last.
    next_cursor: Option<String>,
    /// How many contacts are on the list, where a `list` alone is asked for.
    total: Option<u64>,
}

/// Lists contacts, the oldest first. With both a `list` and a `tag` a page may have fewer items than asked for, and
/// still be followed by another one, so go on until `next_cursor` is null.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(ContactsQuery),
    responses((status = 200, body = ContactPage)))]
pub(crate) async fn list_contacts(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<ContactsQuery>,
) -> Result<Json<ContactPage>, Problem> {
    let ws = &principal.workspace;
    let filter = ContactFilter { list: query.list, tag: query.tag };
    if let Some(list) = &filter.list {
        load_list(&context, ws, list).await?;
    }
    let name = format!("contacts {}", serde_json::to_value(&filter).unwrap_or_default());
    let page = match &query.number {
        Some(text) => {
            let contacts = of_number(&context, ws, text, query.default_country).await?;
            let contacts = contacts.into_iter().filter(|contact| filter.finds(contact));
            StoredPage { contacts: contacts.collect(), next: None }
        }
        None => {
            let after = query.cursor.as_ref().map(|cursor| place_in(cursor, &name)).transpose()?;
            context.store.contact_page(ws, &filter, after.as_ref(), query.limit.0).await?
        }
    };
    let total = match (&filter, &query.number) {
        (ContactFilter { list: Some(list), tag: None }, None) => {
            context.store.members_of(ws, std::slice::from_ref(list)).await?.remove(list)
        }
        _ => None,
    };
    Ok(Json(ContactPage {
        items: page.contacts.into_iter().map(ContactView::from).collect(),
        next_cursor: page.next.map(|next| Cursor::behind(&name, vec![next.to_string()]).encode()),
        total,
    }))
}

async fn of_number(
    context: &Context,
    ws: &WorkspaceId,
    text: &str,
    default_country: Option<Country>,
) -> Result<Vec<Contact>, Problem> {
    let number = numbering::parse(text, default_country)
        .map_err(|error| Problem::of_field(Code::InvalidQuery, "number", error))?;
    let found = context.store.contacts_of(ws, [&number]).await?;
    Ok(context.store.contacts(ws, &Vec::from_iter(found.into_values())).await?)
}

/// Where a cursor points in the list.
fn place_in(cursor: &Cursor, list: &str) -> Result<ContactId, Problem> {
    cursor.place_in(list, 1)?[0]
        .parse()
        .map_err(|_| Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it"))
}
