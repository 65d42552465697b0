//! Creating leads in bulk.

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::records::lead::{Lead, Origin};
use carillon_domain::transaction::Transaction;

use super::Holder;
use crate::access::{BATCH_TRIES, Store, Transacted};
use crate::commit::{item_write, lead_item};
use crate::error::StoreError;
use crate::table::{Inserted, ItemWrite, MAX_BATCH_INSERTS, MAX_TRANSACTION_WRITES, TableError};

/// Leads that one request creates (limit of the service on statements).
pub const CREATE_BATCH: usize = MAX_BATCH_INSERTS;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    /// It is this lead now.
    Created(LeadId),
    /// One of its numbers is a lead of the campaign already.
    Duplicate {
        lead: LeadId,
        /// Where that lead came from; none if it came alone.
        of: Option<Origin>,
    },
}

/// What became of a batch of leads, in their order.
pub type CreatedLeads = Vec<RowOutcome>;

/// A row on its way.
struct Row {
    lead: Lead,
    /// Where its further numbers are to point to it.
    further: Vec<LeadId>,
    outcome: Option<RowOutcome>,
}

impl Store {
    /// Creates up to [`CREATE_BATCH`] leads of one campaign: those of one number in one request, each under its own
    /// condition, the others in transactions.
    ///
    /// No number is to stand twice among them. A lead that is there with the same origin was created by ourselves, in a request whose reply
    /// was lost.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the same batch may be sent again.
    pub async fn create_leads(&self, ws: &WorkspaceId, leads: &[Lead]) -> Result<CreatedLeads, StoreError> {
        let mut rows: Vec<Row> = leads.iter().map(Row::new).collect();
        for tries in 0..BATCH_TRIES {
            if rows.iter().all(|row| row.outcome.is_some()) {
                break;
            }
            if tries > 0 {
                self.table.back_off(tries).await;
            }
            let mut taken = self.insert(ws, &mut rows).await?;
            taken.extend(self.insert_with_pointers(ws, &mut rows).await?);
            self.look_at(ws, &mut rows, &taken).await?;
        }
        let outcomes: Option<Vec<_>> = rows.into_iter().map(|row| row.outcome).collect();
        outcomes.ok_or_else(|| TableError::unanswered("throttled", "rows were not written").into())
    }

    /// Inserts the open rows of one number; answers with those whose place is taken.
    async fn insert(&self, ws: &WorkspaceId, rows: &mut [Row]) -> Result<Vec<usize>, StoreError> {
        let open = open(rows, |row| row.further.is_empty());
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let items = open.iter().map(|place| lead_item(ws, &rows[*place].lead)).collect::<Result<_, _>>()?;
        let mut taken = Vec::new();
        for (place, inserted) in open.into_iter().zip(self.table.insert_batch(items).await?) {
            match inserted {
                Inserted::Done => rows[place].created(),
                Inserted::Exists => taken.push(place),
                Inserted::NotServed => {}
            }
        }
        Ok(taken)
    }

    /// Inserts the open rows of several numbers, as many as fit in a transaction; answers with those of which a
    /// place is taken. Those that were with them are left open.
    async fn insert_with_pointers(
        &self,
        ws: &WorkspaceId,
        rows: &mut [Row],
    ) -> Result<Vec<usize>, StoreError> {
        let mut taken = Vec::new();
        let mut together: Vec<(usize, Vec<ItemWrite>)> = Vec::new();
        for place in open(rows, |row| !row.further.is_empty()) {
            let writes = rows[place].writes(ws)?;
            let count: usize = together.iter().map(|(_, writes)| writes.len()).sum();
            if count + writes.len() > MAX_TRANSACTION_WRITES {
                taken.extend(self.insert_together(std::mem::take(&mut together), rows).await?);
            }
            together.push((place, writes));
        }
        taken.extend(self.insert_together(together, rows).await?);
        Ok(taken)
    }

    async fn insert_together(
        &self,
        together: Vec<(usize, Vec<ItemWrite>)>,
        rows: &mut [Row],
    ) -> Result<Vec<usize>, StoreError> {
        if together.is_empty() {
            return Ok(Vec::new());
        }
        let places = together.iter().flat_map(|(place, writes)| writes.iter().map(|_| *place));
        let places: Vec<usize> = places.collect();
        let writes = together.into_iter().flat_map(|(_, writes)| writes).collect();
        match self.transact(writes).await? {
            Transacted::Done => {
                places.into_iter().for_each(|place| rows[place].created());
                Ok(Vec::new())
            }
            Transacted::Refused(has_failed) => {
                let failed = places.into_iter().zip(has_failed).filter(|(_, has_failed)| *has_failed);
                let mut taken: Vec<usize> = failed.map(|(place, _)| place).collect();
                taken.dedup();
                Ok(taken)
            }
        }
    }

    /// Looks at whose the numbers of these rows are: ours, somebody else's, or nobody's any more. Then the row gets
    /// other places, and is left open.
    async fn look_at(&self, ws: &WorkspaceId, rows: &mut [Row], taken: &[usize]) -> Result<(), StoreError> {
        let Some(campaign) = rows.first().map(|row| row.lead.id.campaign()) else { return Ok(()) };
        let numbers = taken.iter().flat_map(|place| rows[*place].lead.phones());
        let numbers: Vec<_> = numbers.map(|number| (campaign.clone(), number.clone())).collect();
        let (holders, stored) = self.holders(ws, &numbers).await?;
        let mut holders = holders.into_iter();
        for place in taken {
            let of_row: Vec<Holder> = holders.by_ref().take(rows[*place].lead.numbers.len()).collect();
            let Some(lead) = of_row.iter().find_map(Holder::lead).cloned() else {
                rows[*place].move_to(of_row);
                continue;
            };
            let of = stored.get(&lead).and_then(|one| one.origin.clone());
            let is_ours = of.is_some() && of == rows[*place].lead.origin;
            rows[*place].outcome =
                Some(if is_ours { RowOutcome::Created(lead) } else { RowOutcome::Duplicate { lead, of } });
        }
        Ok(())
    }
}

impl Row {
    fn new(lead: &Lead) -> Self {
        let campaign: CampaignId = lead.id.campaign();
        let further = lead.phones().skip(1).map(|number| LeadId::derive(&campaign, number)).collect();
        Self { lead: lead.clone(), further, outcome: None }
    }

    fn created(&mut self) {
        self.outcome = Some(RowOutcome::Created(self.lead.id.clone()));
    }

    /// Gives it the places that are free.
    fn move_to(&mut self, free: Vec<Holder>) {
        let mut free = free.into_iter().map(|(Holder::Lead(place) | Holder::Nobody(place))| place);
        self.lead.id = free.next().unwrap_or_else(|| self.lead.id.clone());
        self.further = free.collect();
    }

    fn writes(&self, ws: &WorkspaceId) -> Result<Vec<ItemWrite>, StoreError> {
        let Transaction(writes) = Transaction::create_lead(self.lead.clone(), &self.further);
        writes.iter().map(|write| item_write(ws, write)).collect()
    }
}

/// The places of the rows that are open and of a kind.
fn open(rows: &[Row], is_wanted: impl Fn(&Row) -> bool) -> Vec<usize> {
    let is_open = |row: &Row| row.outcome.is_none() && is_wanted(row);
    (0..rows.len()).filter(|place| is_open(&rows[*place])).collect()
}
