//! Creating leads in bulk.

use std::collections::HashMap;

use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::records::lead::{Lead, Origin};

use crate::access::BATCH_TRIES;
use crate::access::Store;
use crate::commit::lead_item;
use crate::error::StoreError;
use crate::table::{Inserted, MAX_BATCH_INSERTS, TableError};

/// Leads that one request creates (limit of the service on statements).
pub const CREATE_BATCH: usize = MAX_BATCH_INSERTS;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    /// It is a lead now.
    Created,
    /// Its number is a lead of the campaign already.
    Duplicate {
        /// Where that lead came from; none if it came alone.
        of: Option<Origin>,
    },
}

/// What became of a batch of leads, in their order.
pub type CreatedLeads = Vec<RowOutcome>;

impl Store {
    /// Creates up to [`CREATE_BATCH`] leads in one request, each under its own condition.
    ///
    /// A lead that is there with the same origin was created by ourselves, in a request whose reply
    /// was lost.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the same batch may be sent again.
    pub async fn create_leads(&self, ws: &WorkspaceId, leads: &[Lead]) -> Result<CreatedLeads, StoreError> {
        let mut outcomes = vec![None; leads.len()];
        for tries in 0..BATCH_TRIES {
            let open: Vec<_> = (0..leads.len()).filter(|place| outcomes[*place].is_none()).collect();
            if open.is_empty() {
                break;
            }
            if tries > 0 {
                self.table.back_off(tries).await;
            }
            let items = open.iter().map(|place| lead_item(ws, &leads[*place])).collect::<Result<_, _>>()?;
            for (place, inserted) in open.into_iter().zip(self.table.insert_batch(items).await?) {
                outcomes[place] = match inserted {
                    Inserted::Done => Some(RowOutcome::Created),
                    Inserted::Exists => Some(RowOutcome::Duplicate { of: None }),
                    Inserted::NotServed => None,
                };
            }
        }
        let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
        let Some(mut outcomes) = outcomes else {
            return Err(TableError::unanswered("throttled", "rows were not written").into());
        };
        self.tell_lost_replies(ws, leads, &mut outcomes).await?;
        Ok(outcomes)
    }

    /// Looks at the leads that were there already: ours, or somebody else's?
    async fn tell_lost_replies(
        &self,
        ws: &WorkspaceId,
        leads: &[Lead],
        outcomes: &mut [RowOutcome],
    ) -> Result<(), StoreError> {
        let doubtful: Vec<_> = leads
            .iter()
            .zip(outcomes.iter())
            .filter(|(_, outcome)| matches!(outcome, RowOutcome::Duplicate { .. }))
            .map(|(lead, _)| lead.id.clone())
            .collect();
        let stored: HashMap<_, _> = self
            .leads(ws, &distinct(doubtful))
            .await?
            .into_iter()
            .map(|lead| (lead.id.clone(), lead.origin))
            .collect();
        for (lead, outcome) in leads.iter().zip(outcomes) {
            if let (RowOutcome::Duplicate { of }, Some(origin)) = (&mut *outcome, stored.get(&lead.id)) {
                if origin.is_some() && *origin == lead.origin {
                    *outcome = RowOutcome::Created;
                } else {
                    *of = origin.clone();
                }
            }
        }
        Ok(())
    }
}

fn distinct(mut ids: Vec<LeadId>) -> Vec<LeadId> {
    ids.sort();
    ids.dedup();
    ids
}
