//! The planner's lease: one planner at a time, and each with an epoch of its own.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::transaction::Transaction;

use super::{PlanState, RESTS_UNTIL, wake_at};
use crate::access::{Store, Transacted};
use crate::commit::item_write;
use crate::error::StoreError;
use crate::item::{self, text};
use crate::keys;
use crate::table::{AttributeValue, Change, Condition, ItemWrite};

/// That a planner at work is to plan again.
const DIRTY: &str = "dirty";

/// What came of asking for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// It is ours, with a new epoch.
    Taken(Box<PlanState>),
    /// Another planner holds it, and was told to plan again.
    Held,
}

/// What came of giving the lease back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    Done,
    /// Something changed meanwhile: plan again.
    Again(Box<PlanState>),
    /// Another planner has taken over.
    Overtaken,
}

impl Store {
    /// Takes the planner's lease and the next epoch; tells the holder to plan again if there is
    /// one.
    pub async fn take_lease(
        &self,
        ws: &WorkspaceId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Lease, StoreError> {
        // Twice: the holder may let go between the two questions.
        for _ in 0..2 {
            let changes = vec![
                Change::Set("lease_until", text(until)),
                Change::Set(DIRTY, AttributeValue::Bool(false)),
                Change::Add("epoch", 1),
                Change::Remove(RESTS_UNTIL),
            ];
            let is_free = Condition::Absent("lease_until").or(Condition::LessThan("lease_until", text(now)));
            if let Some(state) = self.update_if(keys::planning(ws), changes, Some(is_free)).await? {
                return Ok(Lease::Taken(Box::new(item::decode(state)?)));
            }
            if self.set_dirty(ws, now).await? {
                return Ok(Lease::Held);
            }
        }
        Ok(Lease::Held)
    }

    /// Gives the lease back without a word of what was learnt; nothing if another planner has it.
    pub async fn drop_lease(&self, ws: &WorkspaceId, epoch: u64) -> Result<(), StoreError> {
        let changes = vec![Change::Remove("lease_until")];
        self.update_if(keys::planning(ws), changes, Some(Condition::at_epoch(epoch))).await.map(drop)
    }

    async fn set_dirty(&self, ws: &WorkspaceId, now: Timestamp) -> Result<bool, StoreError> {
        let changes = vec![Change::Set(DIRTY, AttributeValue::Bool(true))];
        let is_held = Condition::AtLeast("lease_until", text(now));
        Ok(self.update_if(keys::planning(ws), changes, Some(is_held)).await?.is_some())
    }

    /// Gives the lease back with what the plan learnt, unless something changed meanwhile.
    pub async fn release_lease(&self, ws: &WorkspaceId, state: &PlanState) -> Result<Release, StoreError> {
        let release = release(ws, state)?;
        match self.write_again(release).await? {
            Some(_) => Ok(Release::Done),
            None => self.start_again(ws, state.epoch).await,
        }
    }

    /// Gives the lease back with what the plan learnt, and makes its last claims: all of it, or nothing. Says
    /// whether it was done; after a lost reply it may have been.
    pub async fn release_with(
        &self,
        ws: &WorkspaceId,
        state: &PlanState,
        claims: &Transaction,
    ) -> Result<bool, StoreError> {
        let mut writes = vec![release(ws, state)?];
        for write in &claims.0 {
            writes.push(item_write(ws, write)?);
        }
        Ok(self.transact(writes).await? == Transacted::Done)
    }

    /// Clears `dirty` for another plan in the same epoch.
    async fn start_again(&self, ws: &WorkspaceId, epoch: u64) -> Result<Release, StoreError> {
        let changes = vec![Change::Set(DIRTY, AttributeValue::Bool(false))];
        let is_ours = Condition::at_epoch(epoch).and(Condition::Present("lease_until"));
        match self.update_if(keys::planning(ws), changes, Some(is_ours)).await? {
            Some(state) => Ok(Release::Again(Box::new(item::decode(state)?))),
            None => Ok(Release::Overtaken),
        }
    }
}

/// The write that gives the lease back, if nothing changed meanwhile.
fn release(ws: &WorkspaceId, state: &PlanState) -> Result<ItemWrite, StoreError> {
    let mut changes = vec![
        Change::Set("rate_states", item::value(&state.rate_states)?),
        Change::Set("walks", item::value(&state.walks)?),
        Change::Set("hinted_at", text(state.hinted_at)),
        Change::Set("is_busy", AttributeValue::Bool(state.is_busy)),
        Change::Remove("lease_until"),
    ];
    match state.wake_at {
        None => changes.extend(["wake_at", "gsi1pk", "gsi1sk"].map(Change::Remove)),
        Some(at) => changes.extend(wake_at(ws, at)),
    }
    changes.push(match state.rests_until {
        None => Change::Remove(RESTS_UNTIL),
        Some(at) => Change::Set(RESTS_UNTIL, text(at)),
    });
    let is_clean = Condition::Equals(DIRTY, AttributeValue::Bool(false));
    let unchanged = Condition::at_epoch(state.epoch).and(is_clean);
    Ok(ItemWrite::update(keys::planning(ws), changes).when(unchanged))
}
