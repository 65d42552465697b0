//! Storing contacts: each number has one of them.

use carillon_domain::base::ids::ContactId;
use carillon_domain::importing::merged_contact;
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::contact::Contact;
use carillon_runtime::context::Context;
use carillon_store::ContactChange;

use crate::auth::Principal;
use crate::http::change::{Patchable, on_current};
use crate::http::if_match::IfMatch;
use crate::http::problem::{Code, Problem};

/// How often a contact is put anew where a number of it changed hands meanwhile.
const TRIES: usize = 8;

/// Stores a contact in the place of another state of it, with an entry of the audit log; says whether nobody else was
/// faster.
///
/// # Errors
/// A problem if one of its numbers is another contact's, or a list is not there.
pub(crate) async fn save(
    context: &Context,
    principal: &Principal,
    before: Option<&Contact>,
    after: Option<&Contact>,
) -> Result<bool, Problem> {
    settled(change(context, principal, before, after).await?)
}

/// Whether a change was made, or nothing stands in its way.
fn settled(change: ContactChange) -> Result<bool, Problem> {
    match change {
        ContactChange::Done => Ok(true),
        ContactChange::Overtaken => Ok(false),
        ContactChange::Held { by, .. } => Err(exists(&by)),
        ContactChange::NoList(list) => {
            let reason = format_args!("there is no contact list {list} in this workspace");
            Err(Problem::of_field(Code::InvalidFields, "lists", reason))
        }
    }
}

/// Adds a contact, or has the one of its number take it over.
pub(super) async fn add(
    context: &Context,
    principal: &Principal,
    contact: Contact,
    on_duplicate: OnDuplicate,
) -> Result<Contact, Problem> {
    for _ in 0..TRIES {
        match change(context, principal, None, Some(&contact)).await? {
            // Itself, from a request whose reply was lost.
            ContactChange::Held { by, .. } if by == contact.id => {
                return super::load(context, &principal.workspace, &by).await;
            }
            ContactChange::Held { by, .. } if on_duplicate == OnDuplicate::Update => {
                return take_over(context, principal, &by, &contact).await;
            }
            change => {
                if settled(change)? {
                    return Ok(contact);
                }
            }
        }
    }
    Err(Problem::contended())
}

async fn change(
    context: &Context,
    principal: &Principal,
    before: Option<&Contact>,
    after: Option<&Contact>,
) -> Result<ContactChange, Problem> {
    let Some(contact) = after.or(before) else { return Ok(ContactChange::Done) };
    let [was, is] = [before, after].map(|state| state.map(Contact::form));
    let store = principal.noting(context, &contact.id, &was, &is)?;
    Ok(store.change_contact(&principal.workspace, before, after).await?)
}

/// The contact of the same number, once it has taken over what was sent.
async fn take_over(
    context: &Context,
    principal: &Principal,
    id: &ContactId,
    sent: &Contact,
) -> Result<Contact, Problem> {
    let load = || super::load(context, &principal.workspace, id);
    let write = async |stored: Contact| match merged_contact(&stored, sent, context.now()) {
        Ok(None) => Ok(Some(stored)),
        Ok(Some(after)) => Ok(save(context, principal, Some(&stored), Some(&after)).await?.then_some(after)),
        Err(fault) => Err(Problem::of_field(Code::InvalidFields, "contact", fault)),
    };
    on_current(&IfMatch::Absent, load, write).await
}

fn exists(id: &ContactId) -> Problem {
    let detail = "a number of theirs is a contact already; change that contact instead";
    Problem::new(Code::ContactExists, detail).existing(id)
}
