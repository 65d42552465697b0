//! Caller numbers: each number once in its workspace.
//!
//! Two records of one number would dial it at twice its rate. So each holds a claim on its number, which
//! is put and removed with it.

use carillon_domain::base::ids::{CallerNumberId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::policy::assistant::CallerNumber;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::access::Transacted;
use crate::error::StoreError;
use crate::table::{Condition, ItemWrite};
use crate::{item, keys};

#[derive(Debug, Serialize, Deserialize)]
struct Claim {
    id: CallerNumberId,
}

impl Store {
    /// Creates a caller number. Says whether there was none with its id, and none of its number.
    pub async fn create_caller_number(
        &self,
        ws: &WorkspaceId,
        number: &CallerNumber,
    ) -> Result<bool, StoreError> {
        let record = item::encode(keys::caller_number(ws, &number.id), number)?;
        let writes = vec![ItemWrite::put(record).when(Condition::NoItem), claim(ws, number)?];
        Ok(self.transact(writes).await? == Transacted::Done)
    }

    /// Stores a changed caller number, if the stored one is one version older and nobody else has the
    /// number. Says whether it was stored.
    pub async fn update_caller_number(
        &self,
        ws: &WorkspaceId,
        number: &CallerNumber,
    ) -> Result<bool, StoreError> {
        // What is read here is what is written over: the version says so.
        let Some(stored) = self.caller_number(ws, &number.id).await? else { return Ok(false) };
        let record = item::encode(keys::caller_number(ws, &number.id), number)?;
        let record = ItemWrite::put(record).when(Condition::one_older(number.version));
        let mut writes = vec![record, claim(ws, number)?];
        if stored.number != number.number {
            writes.push(release(ws, &stored.number, &stored.id));
        }
        Ok(self.transact(writes).await? == Transacted::Done)
    }

    /// One caller number.
    pub async fn caller_number(
        &self,
        ws: &WorkspaceId,
        id: &CallerNumberId,
    ) -> Result<Option<CallerNumber>, StoreError> {
        self.get(keys::caller_number(ws, id)).await
    }

    /// Whose number of ours this is, if it is one.
    pub async fn caller_number_of(
        &self,
        ws: &WorkspaceId,
        number: &E164,
    ) -> Result<Option<CallerNumberId>, StoreError> {
        let claim: Option<Claim> = self.get(keys::caller_claim(ws, number)).await?;
        Ok(claim.map(|claim| claim.id))
    }

    /// Removes a caller number with the count of its failures, if the stored one is this version; its number
    /// may then be created again. Says whether it was.
    pub async fn remove_caller_number(
        &self,
        ws: &WorkspaceId,
        number: &CallerNumber,
    ) -> Result<bool, StoreError> {
        let writes = vec![
            ItemWrite::delete(keys::caller_number(ws, &number.id))
                .when(Condition::is_version(number.version)),
            release(ws, &number.number, &number.id),
            ItemWrite::delete(keys::failures(ws, &number.id)),
        ];
        Ok(self.transact(writes).await? == Transacted::Done)
    }
}

fn claim(ws: &WorkspaceId, number: &CallerNumber) -> Result<ItemWrite, StoreError> {
    let claim = Claim { id: number.id.clone() };
    let item = item::encode(keys::caller_claim(ws, &number.number), &claim)?;
    Ok(ItemWrite::put(item).when(Condition::none_but(number.id.as_str())))
}

fn release(ws: &WorkspaceId, number: &E164, id: &CallerNumberId) -> ItemWrite {
    ItemWrite::delete(keys::caller_claim(ws, number)).when(Condition::none_but(id.as_str()))
}
