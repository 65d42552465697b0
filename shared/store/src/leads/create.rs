//! Creating leads in bulk.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{BatchStatementErrorCodeEnum, BatchStatementRequest};
use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::records::lead::{Lead, Origin};

use crate::commit::lead_item;
use crate::table::back_off;
use crate::{Store, StoreError};

/// Leads that one request creates (limit of the service on statements).
pub const CREATE_BATCH: usize = 25;
/// How often the rest of a batch that was throttled is sent again.
const CREATE_TRIES: u32 = 8;

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
        for tries in 0..CREATE_TRIES {
            let open: Vec<_> = (0..leads.len()).filter(|place| outcomes[*place].is_none()).collect();
            if open.is_empty() {
                break;
            }
            if tries > 0 {
                back_off(tries).await;
            }
            let statements =
                open.iter().map(|place| self.insert(ws, &leads[*place])).collect::<Result<Vec<_>, _>>()?;
            let answer = self
                .client
                .batch_execute_statement()
                .set_statements(Some(statements))
                .send()
                .await
                .map_err(StoreError::service)?;
            for (place, response) in open.into_iter().zip(answer.responses.unwrap_or_default()) {
                match response.error.and_then(|error| error.code) {
                    None => outcomes[place] = Some(RowOutcome::Created),
                    Some(BatchStatementErrorCodeEnum::DuplicateItem) => {
                        outcomes[place] = Some(RowOutcome::Duplicate { of: None });
                    }
                    Some(_) => {}
                }
            }
        }
        let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
        let Some(mut outcomes) = outcomes else {
            return Err(StoreError::Service {
                code: "throttled".into(),
                source: "rows were not written".into(),
            });
        };
        self.tell_lost_replies(ws, leads, &mut outcomes).await?;
        Ok(outcomes)
    }

    fn insert(&self, ws: &WorkspaceId, lead: &Lead) -> Result<BatchStatementRequest, StoreError> {
        let item = lead_item(ws, lead)?;
        let (names, values): (Vec<_>, Vec<_>) = item.into_iter().unzip();
        let places: Vec<_> = names.iter().map(|name| format!("'{name}': ?")).collect();
        BatchStatementRequest::builder()
            .statement(format!("INSERT INTO \"{}\" VALUE {{{}}}", self.table, places.join(", ")))
            .set_parameters(Some(values))
            .build()
            .map_err(|error| StoreError::Service {
                code: "incomplete request".to_owned(),
                source: Box::new(error),
            })
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
