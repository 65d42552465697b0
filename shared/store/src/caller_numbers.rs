//! Caller numbers: each number once in its workspace.
//!
//! Two records of one number would dial it at twice its rate. So each holds a claim on its number, which
//! is put and removed with it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use carillon_domain::base::ids::{CallerNumberId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::policy::assistant::CallerNumber;
use serde::{Deserialize, Serialize};

use crate::commit::committed;
use crate::{Store, StoreError, item, keys};

/// How often a removal looks anew at a record that somebody changed meanwhile.
const TRIES: usize = 8;

#[derive(Debug, Serialize, Deserialize)]
struct Claim {
    id: CallerNumberId,
}

impl Store {
    /// Creates a caller number. Says whether there was none with its id, and none of its number.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn create_caller_number(
        &self,
        ws: &WorkspaceId,
        number: &CallerNumber,
    ) -> Result<bool, StoreError> {
        let record = item::encode(keys::caller_number(ws, &number.id), number)?;
        committed(self.transact(vec![self.put_first(record)?, self.claim(ws, number)?]).await)
    }

    /// Stores a changed caller number, if the stored one is one version older and nobody else has the
    /// number. Says whether it was stored.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn update_caller_number(
        &self,
        ws: &WorkspaceId,
        number: &CallerNumber,
    ) -> Result<bool, StoreError> {
        // What is read here is what is written over: the version says so.
        let Some(stored) = self.caller_number(ws, &number.id).await? else { return Ok(false) };
        let record = item::encode(keys::caller_number(ws, &number.id), number)?;
        let mut writes = vec![self.put_next(record, number.version)?, self.claim(ws, number)?];
        if stored.number != number.number {
            writes.push(self.release(ws, &stored.number, &stored.id)?);
        }
        committed(self.transact(writes).await)
    }

    /// One caller number.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn caller_number(
        &self,
        ws: &WorkspaceId,
        id: &CallerNumberId,
    ) -> Result<Option<CallerNumber>, StoreError> {
        self.get(keys::caller_number(ws, id)).await
    }

    /// Whose number of ours this is, if it is one.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn caller_number_of(
        &self,
        ws: &WorkspaceId,
        number: &E164,
    ) -> Result<Option<CallerNumberId>, StoreError> {
        let claim: Option<Claim> = self.get(keys::caller_claim(ws, number)).await?;
        Ok(claim.map(|claim| claim.id))
    }

    /// Removes a caller number with the count of its failures; its number may then be created again.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the removal may be asked for again.
    pub async fn remove_caller_number(
        &self,
        ws: &WorkspaceId,
        id: &CallerNumberId,
    ) -> Result<(), StoreError> {
        // First: who finds the number gone asks no more.
        self.remove(keys::failures(ws, id)).await?;
        for _ in 0..TRIES {
            let Some(stored) = self.caller_number(ws, id).await? else { return Ok(()) };
            let writes = vec![
                self.delete_version(keys::caller_number(ws, id), stored.version)?,
                self.release(ws, &stored.number, id)?,
            ];
            if committed(self.transact(writes).await)? {
                return Ok(());
            }
        }
        Err(StoreError::Service {
            code: "contended".to_owned(),
            source: format!("the caller number {id} kept changing").into(),
        })
    }
}

impl Store {
    fn claim(&self, ws: &WorkspaceId, number: &CallerNumber) -> Result<TransactWriteItem, StoreError> {
        let claim = Claim { id: number.id.clone() };
        self.put_owned(item::encode(keys::caller_claim(ws, &number.number), &claim)?, number.id.as_str())
    }

    fn release(
        &self,
        ws: &WorkspaceId,
        number: &E164,
        id: &CallerNumberId,
    ) -> Result<TransactWriteItem, StoreError> {
        self.delete_owned(keys::caller_claim(ws, number), id.as_str())
    }
}
