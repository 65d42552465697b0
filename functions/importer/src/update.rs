//! A row whose number is a lead already, and that lead.

use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::importing::{Fault, merged};
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_store::{CommitError, Held, StoreError};

use crate::error::ImportError;

/// How often a lead may change under our hands before the import rests for a moment.
const MAX_TRIES: u32 = 10;

/// Has a stored lead take over what a row of one of its numbers says, unless that is too much for one lead: then
/// answers with the limit. The same row again changes nothing. Answers with what of the row is another lead's.
pub(crate) async fn update(
    context: &Context,
    ws: &WorkspaceId,
    lead: &LeadId,
    row: &Lead,
) -> Result<Result<Vec<Held>, Fault>, ImportError> {
    let (mut row, mut held) = (row.clone(), Vec::new());
    for _ in 0..MAX_TRIES {
        let Some(stored) = context.store.lead(ws, lead).await? else { return Ok(Ok(held)) };
        let after = match merged(&stored, &row, context.now()) {
            Ok(Some(after)) => after,
            Ok(None) => return Ok(Ok(held)),
            Err(fault) => return Ok(Err(fault)),
        };
        let number_writes = match context.store.number_writes(ws, &stored, &after).await? {
            Ok(writes) => writes,
            Err(other) => {
                row.numbers.retain(|one| one.number != other.number);
                held.push(other);
                continue;
            }
        };
        context.store.add_zones(ws, &after.id.campaign(), &after.zones()).await?;
        let mut transaction = Transaction::change_lead(&stored, after);
        transaction.extend(number_writes);
        match context.store.commit(ws, &transaction).await {
            Ok(()) => return Ok(Ok(held)),
            Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::contended("a lead changed again and again").into())
}
