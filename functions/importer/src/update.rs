//! A row whose number is a lead already, and that lead.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::importing::{Fault, merged};
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_store::{CommitError, StoreError};

use crate::error::ImportError;

/// How often a lead may change under our hands before the import rests for a moment.
const MAX_TRIES: u32 = 5;

/// Has the stored lead take over what a row of its number says, unless that is too much for one lead: then
/// answers with the limit. The same row again changes nothing.
pub(crate) async fn update(
    context: &Context,
    ws: &WorkspaceId,
    by: &Lead,
) -> Result<Result<(), Fault>, ImportError> {
    for _ in 0..MAX_TRIES {
        let Some(stored) = context.store.lead(ws, &by.id).await? else { return Ok(Ok(())) };
        let after = match merged(&stored, by, context.now()) {
            Ok(Some(after)) => after,
            Ok(None) => return Ok(Ok(())),
            Err(fault) => return Ok(Err(fault)),
        };
        context.store.add_zones(ws, &after.id.campaign(), &after.zones()).await?;
        match context.store.commit(ws, &Transaction::change_lead(&stored, after)).await {
            Ok(()) => return Ok(Ok(())),
            Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::contended("a lead changed again and again").into())
}
