//! `/contact-lists/{id}/contacts/{id}`: a contact comes on a list, or is taken off it.

use axum::extract::State;
use carillon_domain::base::ids::{ContactId, ContactListId};
use carillon_domain::records::contact::{Contact, MAX_LISTS};
use carillon_runtime::context::Context;

use super::load as load_list;
use crate::auth::Principal;
use crate::contacts::{ContactView, load, save};
use crate::http::change::on_current;
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::path::Ids;
use crate::http::problem::{Code, Problem};

/// Puts a contact on a list. One that is on it stays as it is.
#[utoipa::path(put, path = "/contact-lists/{contact_list_id}/contacts/{contact_id}", tag = "contacts",
    params(("contact_list_id" = String, Path), ("contact_id" = String, Path)),
    responses((status = 200, body = ContactView)))]
pub(crate) async fn join_contact_list(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ContactId>,
    if_match: IfMatch,
) -> Result<Tagged<ContactView>, Problem> {
    load_list(&context, &principal.workspace, &list).await?;
    let joined = |stored: &Contact| stored.joined(&list, context.now());
    put(&context, &principal, &id, &if_match, joined).await
}

/// Takes a contact off a list; it stays in the address book. One that is not on it stays as it is.
#[utoipa::path(delete, path = "/contact-lists/{contact_list_id}/contacts/{contact_id}", tag = "contacts",
    params(("contact_list_id" = String, Path), ("contact_id" = String, Path)),
    responses((status = 200, body = ContactView)))]
pub(crate) async fn leave_contact_list(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, id): Ids<ContactListId, ContactId>,
    if_match: IfMatch,
) -> Result<Tagged<ContactView>, Problem> {
    load_list(&context, &principal.workspace, &list).await?;
    let left = |stored: &Contact| stored.left(&list, context.now());
    put(&context, &principal, &id, &if_match, left).await
}

async fn put(
    context: &Context,
    principal: &Principal,
    id: &ContactId,
    if_match: &IfMatch,
    changed: impl Fn(&Contact) -> Contact,
) -> Result<Tagged<ContactView>, Problem> {
    let write = async |stored: Contact| {
        let after = changed(&stored);
        if after.lists == stored.lists {
            return Ok(Some(stored));
        }
        if after.lists.len() > MAX_LISTS {
            let reason = format_args!("a contact is on at most {MAX_LISTS} lists; take it off another first");
            return Err(Problem::of_field(Code::InvalidFields, "contact_list_id", reason));
        }
        Ok(save(context, principal, Some(&stored), Some(&after)).await?.then_some(after))
    };
    Ok(Tagged::of(on_current(if_match, || load(context, &principal.workspace, id), write).await?))
}
