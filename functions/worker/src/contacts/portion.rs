//! The contacts that become leads in one transaction.

use std::collections::BTreeSet;

use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::job::{Checkpoint, ContactResult, Job, JobResult};
use carillon_domain::records::lead::{Lead, LeadBlock};
use carillon_domain::transaction::{Transaction, Write};
use carillon_store::table::MAX_TRANSACTION_WRITES;

/// Writes that go with the leads: their list, counters, the job and a portion of its results.
const BESIDE: usize = 4;

/// What comes of one contact.
pub(super) struct Entry {
    pub(super) result: ContactResult,
    pub(super) transaction: Transaction,
    /// Where the job goes on behind it.
    pub(super) behind: Checkpoint,
}

/// What comes of a step.
pub(super) struct Portion {
    writes: Vec<Write>,
    counters: Counters,
    results: Vec<JobResult>,
    /// Where the job goes on behind all that could be added.
    to: Checkpoint,
    /// Where it goes on behind those that were.
    behind: Checkpoint,
    /// Whether some did not fit.
    is_cut: bool,
}

impl Portion {
    /// One without contacts, from one place to another.
    pub(super) fn new(behind: Checkpoint, to: Checkpoint) -> Self {
        let (writes, results) = (Vec::new(), Vec::new());
        Self { writes, counters: Counters::default(), results, to, behind, is_cut: false }
    }

    /// Adds what comes of a contact, if the table takes it with the rest: not too many writes, and none of an item that
    /// is written already. Else the job goes on with it. Says whether it was added.
    pub(super) fn add(&mut self, entry: Entry) -> bool {
        let Entry { result, transaction: Transaction(writes), behind } = entry;
        let is_same = |one: &Write| self.writes.iter().any(|other| other.item() == one.item());
        let count = self.writes.len() + writes.len() + BESIDE;
        if count > MAX_TRANSACTION_WRITES || writes.iter().any(is_same) {
            self.is_cut = true;
            return false;
        }
        for write in writes {
            match write {
                // One item counts them all.
                Write::Count { counters, .. } => self.counters.merge(&counters),
                write => self.writes.push(write),
            }
        }
        self.results.push(JobResult::Contact(result));
        self.behind = behind;
        true
    }

    /// The transaction of a job's step, and the job after it.
    pub(super) fn into_step(self, job: &Job, now: Timestamp) -> (Transaction, Job) {
        let wakes = self.wakes();
        let created: Vec<&Lead> = self.created().collect();
        let block = LeadBlock::of(created.iter().copied());
        let mut counters = self.counters.clone();
        counters.add(Counter::Leads, i64::try_from(created.len()).unwrap_or(i64::MAX));
        let count = self.leads().next().and_then(|lead| Write::count(&lead.id, counters));
        let to = if self.is_cut { self.behind } else { self.to };
        let mut next = job.advanced(to, &self.results, now);
        next.wakes |= wakes;
        let mut transaction = Transaction(self.writes);
        transaction.extend(count);
        transaction.extend(block.map(Write::ListLeads));
        if !self.results.is_empty() {
            let (id, portion) = (job.id.clone(), job.portions);
            transaction.push(Write::KeepResults { job: id, portion, results: self.results });
        }
        transaction.push(Write::AdvanceJob(next.clone()));
        (transaction, next)
    }

    /// The zones in which its leads may be called.
    pub(super) fn zones(&self) -> BTreeSet<Zone> {
        self.leads().flat_map(Lead::zones).collect()
    }

    /// Whether a lead waits for a call that did not before.
    pub(super) fn wakes(&self) -> bool {
        self.writes.iter().any(|write| match write {
            Write::CreateLead(_) => true,
            Write::UpdateLead { before, after } => after.state.is_waiting() && !before.state.is_waiting(),
            _ => false,
        })
    }

    fn created(&self) -> impl Iterator<Item = &Lead> {
        self.writes.iter().filter_map(|write| match write {
            Write::CreateLead(lead) => Some(lead),
            _ => None,
        })
    }

    fn leads(&self) -> impl Iterator<Item = &Lead> {
        self.writes.iter().filter_map(|write| match write {
            Write::CreateLead(lead) | Write::UpdateLead { after: lead, .. } => Some(lead),
            _ => None,
        })
    }
}
