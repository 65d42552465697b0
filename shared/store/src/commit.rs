//! Decisions of the domain become one transaction of the table.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::counters::Counters;
use carillon_domain::records::evidence;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::{Failed, Running, Stage, Transaction, Write};

use crate::access::Store;
use crate::access::Transacted;
use crate::contacts::contact_write;
use crate::credits::SPENT;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::jobs::{job_item, results_put};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::leads::{POINTS_TO, listed, pointer_item, removal};
use crate::planning::{FAILED, RESTS_UNTIL, wake_at};
use crate::table::{Change, Condition, Item, ItemWrite, Key};

/// A transaction was not committed, or nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// What is stored does not meet the conditions of these writes; nothing was written.
    ///
    /// After a lost reply it may have been ourselves: look at what is there.
    #[error("{} of the writes did not meet what is stored", .0.len())]
    Refused(Vec<Write>),
    /// The table did not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommitError {
    /// Whether the condition of such a write did not hold.
    pub fn refuses(&self, is: impl Fn(&Write) -> bool) -> bool {
        matches!(self, Self::Refused(writes) if writes.iter().any(is))
    }

    /// Whether only conditions of such writes did not hold.
    pub fn refuses_only(&self, is: impl Fn(&Write) -> bool) -> bool {
        matches!(self, Self::Refused(writes) if writes.iter().all(is))
    }
}

impl Store {
    /// Commits a transaction as a whole, or nothing of it.
    ///
    /// # Errors
    /// [`CommitError::Refused`] has the writes whose conditions did not hold.
    pub async fn commit(&self, ws: &WorkspaceId, transaction: &Transaction) -> Result<(), CommitError> {
        if transaction.0.is_empty() {
            return Ok(());
        }
        let writes = transaction.0.iter().map(|write| item_write(ws, write)).collect::<Result<_, _>>()?;
        match self.transact(writes).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(has_failed) => {
                let refused = transaction.0.iter().zip(has_failed).filter(|(_, has_failed)| *has_failed);
                Err(CommitError::Refused(refused.map(|(write, _)| write.clone()).collect()))
            }
        }
    }
}

/// A write of the domain as the table takes it.
pub(crate) fn item_write(ws: &WorkspaceId, write: &Write) -> Result<ItemWrite, StoreError> {
    Ok(match write {
        Write::Claim(attempt) => attempt_put(ws, attempt)?.when(Condition::NoItem),
        Write::Dial(attempt) => attempt_put(ws, attempt)?.when(at_stage(attempt, Stage::Claimed)),
        Write::Renew(attempt) => attempt_put(ws, attempt)?.when(at_stage(attempt, Stage::Dialling)),
        Write::RemoveActiveAttempt { number, attempt, stage } => {
            ItemWrite::delete(keys::active_attempt(ws, number))
                .when(Condition::of_attempt_at(attempt.as_str(), *stage))
        }
        Write::PutRequest(request) => {
            let item = item::encode(keys::request(ws, &request.lead), request)?;
            ItemWrite::put(item).when(Condition::NoItem)
        }
        Write::RemoveRequest { lead, attempt } => {
            ItemWrite::delete(keys::request(ws, lead)).when(Condition::of_attempt(attempt.as_str()))
        }
        Write::CreateLead(lead) => ItemWrite::put(lead_item(ws, lead)?).when(Condition::NoItem),
        Write::ListLeads(block) => listed(ws, block),
        Write::UpdateLead { after, .. } => {
            ItemWrite::put(lead_item(ws, after)?).when(Condition::one_older(after.version))
        }
        Write::HoldNumber { place, lead } => {
            ItemWrite::put(pointer_item(ws, place, lead)?).when(Condition::NoItem)
        }
        Write::GiveUpNumber { place, lead } => {
            ItemWrite::delete(keys::lead(ws, place)).when(Condition::Equals(POINTS_TO, item::text(lead)))
        }
        Write::RemoveLead(lead) => removal(ws, lead)?.when(Condition::is_version(lead.version)),
        Write::UpdateNumber(record) => {
            let item = item::encode(keys::number_record(ws, &record.number), record)?;
            ItemWrite::put(item).when(Condition::first_or_one_older(record.version))
        }
        Write::AddToDnc { list, number, listing } => {
            ItemWrite::put(item::encode(keys::list_entry(ws, list, number), listing)?)
        }
        Write::RemoveFromDnc { list, number } => ItemWrite::delete(keys::list_entry(ws, list, number)),
        Write::OpenInteraction(interaction) => {
            ItemWrite::put(interaction_item(ws, interaction)?).when(Condition::NoItem)
        }
        Write::UpdateInteraction { after, .. } => {
            ItemWrite::put(interaction_item(ws, after)?).when(Condition::one_older(after.version))
        }
        Write::KeepAnalysis { after, .. } => {
            let item = item::encode(keys::analysis(ws, &after.id), after)?;
            ItemWrite::put(item).when(Condition::first_or_one_older(after.version))
        }
        Write::Count { campaign, lead, counters } => count(keys::counters_of(ws, campaign, lead), counters),
        Write::NoteRefusal(refusal) => {
            let mut item = item::encode(keys::refusal(ws, refusal), refusal)?;
            let expires_at = refusal.at.plus_ms(evidence::KEPT_MS).as_secs();
            item.insert(TTL_ATTRIBUTE.into(), number(expires_at));
            ItemWrite::put(item)
        }
        Write::Charge { lead, micros } => add(keys::spent_on(ws, lead), SPENT, *micros),
        Write::NoteFailure(Failed::Campaign(id)) => add(keys::failures(ws, id), FAILED, 1),
        Write::NoteFailure(Failed::CallerNumber(id)) => add(keys::failures(ws, id), FAILED, 1),
        Write::AdvancePlan { epoch, rate_states } => {
            let changes = vec![Change::Set("rate_states", item::value(rate_states)?)];
            ItemWrite::update(keys::planning(ws), changes).when(Condition::at_epoch(*epoch))
        }
        Write::CreateJob(job) => ItemWrite::put(job_item(ws, job)?).when(Condition::NoItem),
        Write::AdvanceJob(job) => ItemWrite::put(job_item(ws, job)?).when(Condition::one_older(job.version)),
        Write::KeepResults { job, portion, results } => results_put(ws, job, *portion, results)?,
        Write::Contact(write) => contact_write(ws, write)?,
        Write::UpdateCampaign { after, .. } => {
            let item = item::encode(keys::campaign(ws, &after.id), after)?;
            ItemWrite::put(item).when(Condition::one_older(after.version))
        }
        Write::InvalidatePlan { campaign, active, running, at } => {
            invalidate_plan(ws, campaign, *active, *running, *at)
        }
    })
}

/// Raises the epoch of the planning state, and notes what became of a campaign.
fn invalidate_plan(
    ws: &WorkspaceId,
    campaign: &CampaignId,
    active: bool,
    running: Running,
    at: Timestamp,
) -> ItemWrite {
    let noted = |set, is_in: bool| {
        let id = campaign.to_string();
        if is_in { Change::Include(set, vec![id]) } else { Change::Exclude(set, id) }
    };
    let mut changes = vec![
        Change::Add("epoch", 1),
        Change::Remove("lease_until"),
        Change::Remove(RESTS_UNTIL),
        // Claims may be taken back: their leads are due again where a plan has seen nobody.
        Change::Set("work_added_at", item::text(at)),
        noted("active", active),
        noted("running", running != Running::No),
    ];
    changes.extend(wake_at(ws, at));
    let update = ItemWrite::update(keys::planning(ws), changes);
    match running {
        Running::No | Running::Still => update,
        Running::IfFewerThan(limit) => {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            update.when(Condition::has_room_for(campaign.as_str(), "running", limit))
        }
    }
}

/// Adds to a campaign's counters.
pub(crate) fn count(key: Key, counters: &Counters) -> ItemWrite {
    let changes = counters.iter().map(|(counter, by)| Change::Add(counter.name(), by));
    ItemWrite::update(key, changes.collect())
}

/// Adds to one attribute of an item.
fn add(key: Key, name: &'static str, by: i64) -> ItemWrite {
    ItemWrite::update(key, vec![Change::Add(name, by)])
}

fn attempt_put(ws: &WorkspaceId, attempt: &ActiveAttempt) -> Result<ItemWrite, StoreError> {
    Ok(ItemWrite::put(item::encode(keys::active_attempt(ws, &attempt.number), attempt)?))
}

fn at_stage(attempt: &ActiveAttempt, stage: Stage) -> Condition {
    Condition::of_attempt_at(attempt.attempt.as_str(), stage)
}

pub(crate) fn lead_item(ws: &WorkspaceId, lead: &Lead) -> Result<Item, StoreError> {
    item::encode_indexed(keys::lead(ws, &lead.id), keys::due_entry(ws, lead), lead)
}

pub(crate) fn interaction_item(ws: &WorkspaceId, interaction: &Interaction) -> Result<Item, StoreError> {
    let key = keys::interaction(ws, &interaction.id);
    item::encode_indexed(key, keys::ended_entry(ws, interaction), interaction)
}
