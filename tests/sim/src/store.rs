//! The table as handlers reach it: requests that take time and may fail.

mod planning;
mod reads;
mod writes;

use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::CampaignStatus;
use carillon_domain::transaction::{Transaction, Write};

use crate::errands;
use crate::table::Workspace;
use crate::tale::Tale;
use crate::world::{NoAnswer, World};

pub(crate) use reads::AttemptContext;

/// A transaction was not committed, or nobody knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CommitError {
    /// What is stored does not meet the conditions of the writes at these places.
    Refused(Vec<usize>),
    /// The table did not say.
    NoAnswer,
}

impl From<NoAnswer> for CommitError {
    fn from(_: NoAnswer) -> Self {
        Self::NoAnswer
    }
}

impl From<CommitError> for NoAnswer {
    fn from(_: CommitError) -> Self {
        Self
    }
}

impl World {
    /// Commits a transaction as a whole, or nothing of it.
    pub(crate) async fn commit(&self, ws: usize, transaction: Transaction) -> Result<(), CommitError> {
        self.request().await?;
        // The table refuses it whatever is stored: whoever made it can never go on.
        assert_eq!(transaction.touched_twice(), None, "a transaction touches an item twice");
        let now = self.agenda.now();
        let mut table = self.table.borrow_mut();
        let workspace = &mut table.workspaces[ws];
        let refused = workspace.refused(&transaction, self.bug());
        if !refused.is_empty() {
            self.tell(|| format!("refused at {refused:?}: {}", Tale(&transaction)));
            return Err(CommitError::Refused(refused));
        }
        self.tell(|| format!("written: {}", Tale(&transaction)));
        let mut watch = self.watch.borrow_mut();
        self.raise(watch.committing(workspace, &transaction, now));
        let claims = self.look_over(ws, &transaction);
        workspace.apply(transaction, now, self.lag_ms());
        if !claims.is_empty() {
            self.raise(watch.claimed(workspace, &claims, now));
        }
        Ok(self.reply()?)
    }

    /// What a transaction claims. Now and then somebody meddles with what it does.
    fn look_over(&self, ws: usize, transaction: &Transaction) -> Vec<ActiveAttempt> {
        let mut claims = Vec::new();
        for write in &transaction.0 {
            match write {
                Write::Claim(active_attempt) => {
                    claims.push(active_attempt.clone());
                    if self.strikes(|weather| weather.meddling) {
                        errands::meddle(self, ws, active_attempt);
                    }
                }
                Write::UpdateCampaign { after: campaign, .. } => match campaign.status {
                    CampaignStatus::Completing | CampaignStatus::Completed => {
                        errands::come_late(self, ws, &campaign.id);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        claims
    }

    /// One request to the table.
    async fn request(&self) -> Result<(), NoAnswer> {
        self.travel().await;
        if self.strikes(|weather| weather.throttled) { Err(NoAnswer) } else { Ok(()) }
    }

    /// The reply to a write that happened.
    fn reply(&self) -> Result<(), NoAnswer> {
        if self.strikes(|weather| weather.reply_lost) {
            self.tell(|| "its reply is lost".to_owned());
            return Err(NoAnswer);
        }
        Ok(())
    }

    fn lag_ms(&self) -> i64 {
        self.draw.between(0, self.weather().index_lag_ms)
    }

    /// Reads something of a workspace.
    async fn read<T>(&self, ws: usize, look: impl FnOnce(&Workspace) -> T) -> Result<T, NoAnswer> {
        self.request().await?;
        Ok(look(&self.table.borrow().workspaces[ws]))
    }

    /// Writes one item of a workspace.
    async fn put<T>(&self, ws: usize, change: impl FnOnce(&mut Workspace) -> T) -> Result<T, NoAnswer> {
        self.request().await?;
        let answer = change(&mut self.table.borrow_mut().workspaces[ws]);
        self.reply().map(|()| answer)
    }
}
