//! Decisions of the domain become one transaction of the table.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::evidence;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::{Failed, Running, Stage, Transaction, Write};

use crate::credits::SPENT;
use crate::item::{self, Item, number, text};
use crate::keys::{self, Key};
use crate::planning::FAILED;
use crate::schema::TTL_ATTRIBUTE;
use crate::table::{CONTENTION_TRIES, back_off};
use crate::{Store, StoreError};

mod parts;

use parts::{Change, Condition, touched_twice};

/// A transaction was not committed, or nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// What is stored does not meet these writes' conditions; nothing was written.
    ///
    /// After a lost reply it may have been ourselves: look at what is there.
    #[error("{} of the writes did not meet what is stored", .0.len())]
    Refused(Vec<usize>),
    /// The table did not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommitError {
    /// Whether the condition of the write at this place did not hold.
    pub fn refuses(&self, place: usize) -> bool {
        matches!(self, Self::Refused(places) if places.contains(&place))
    }
}

impl Store {
    /// Commits a transaction as a whole, or nothing of it.
    ///
    /// # Errors
    /// [`CommitError::Refused`] names the writes whose conditions did not hold.
    pub async fn commit(&self, ws: &WorkspaceId, transaction: &Transaction) -> Result<(), CommitError> {
        if transaction.0.is_empty() {
            return Ok(());
        }
        let writes =
            transaction.0.iter().map(|write| self.translate(ws, write)).collect::<Result<Vec<_>, _>>()?;
        self.transact(writes).await
    }

    /// Sends a transaction, again while it only meets others.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), CommitError> {
        if let Some(Key { pk, sk }) = touched_twice(&writes) {
            return Err(StoreError::TouchedTwice { pk, sk }.into());
        }
        let mut last = None;
        for tries in 0..CONTENTION_TRIES {
            let sent = self.client.transact_write_items().set_transact_items(Some(writes.clone())).send();
            match sent.await {
                Ok(_) => return Ok(()),
                Err(error) => match refused(&error) {
                    Some(places) if !places.is_empty() => return Err(CommitError::Refused(places)),
                    // Another transaction held one of the items for a moment.
                    Some(_) => {
                        last = Some(error);
                        back_off(tries).await;
                    }
                    None => return Err(StoreError::service(error).into()),
                },
            }
        }
        Err(last.map_or(CommitError::Refused(Vec::new()), |error| StoreError::service(error).into()))
    }

    fn translate(&self, ws: &WorkspaceId, write: &Write) -> Result<TransactWriteItem, StoreError> {
        match write {
            Write::Claim(active_attempt) => {
                self.put(active_attempt_item(ws, active_attempt)?, &Condition::absent())
            }
            Write::Dial(active_attempt) => {
                self.put(active_attempt_item(ws, active_attempt)?, &at_stage(active_attempt, Stage::Claimed))
            }
            Write::Renew(active_attempt) => {
                self.put(active_attempt_item(ws, active_attempt)?, &at_stage(active_attempt, Stage::Dialling))
            }
            Write::RemoveActiveAttempt { number, attempt, stage } => self.delete(
                keys::active_attempt(ws, number),
                &Condition::active_attempt(attempt.as_str(), *stage),
            ),
            Write::PutRequest(request) => {
                let item = item::encode(keys::request(ws, &request.lead), request)?;
                self.put(item, &Condition::absent())
            }
            Write::RemoveRequest { lead, attempt } => {
                self.delete(keys::request(ws, lead), &Condition::attempt(attempt.as_str()))
            }
            Write::CreateLead(lead) => self.put(lead_item(ws, lead)?, &Condition::absent()),
            Write::UpdateLead { after, .. } => {
                self.put(lead_item(ws, after)?, &Condition::version(after.version))
            }
            Write::UpdateNumber(record) => {
                let item = item::encode(keys::number_record(ws, &record.number), record)?;
                self.put(item, &Condition::first_or_version(record.version))
            }
            Write::AddToDnc { list, number, listing } => {
                self.put_any(item::encode(keys::list_entry(ws, list, number), listing)?)
            }
            Write::RemoveFromDnc { list, number } => self.delete_any(keys::list_entry(ws, list, number)),
            Write::OpenInteraction(interaction) => {
                self.put(interaction_item(ws, interaction)?, &Condition::absent())
            }
            Write::UpdateInteraction { after, .. } => {
                self.put(interaction_item(ws, after)?, &Condition::version(after.version))
            }
            Write::Count { campaign, lead, counters } => {
                self.count(keys::counters_of(ws, campaign, lead), counters)
            }
            Write::NoteRefusal(refusal) => {
                let mut item = item::encode(keys::refusal(ws, refusal), refusal)?;
                let expires_at = refusal.at.plus_ms(evidence::KEPT_MS).as_secs();
                item.insert(TTL_ATTRIBUTE.into(), number(expires_at));
                self.put_any(item)
            }
            Write::Charge { lead, micros } => self.add(keys::spent_on(ws, lead), SPENT, *micros),
            Write::NoteFailure(Failed::Campaign(id)) => self.add(keys::failures(ws, id), FAILED, 1),
            Write::NoteFailure(Failed::CallerNumber(id)) => self.add(keys::failures(ws, id), FAILED, 1),
            Write::AdvancePlan { epoch, rate_states } => {
                let rate_states = serde_dynamo::to_attribute_value(rate_states).map_err(StoreError::codec)?;
                let change = Change::new("SET rate_states = :rate_states")
                    .with(":rate_states", rate_states)
                    .with(":epoch", number(epoch))
                    .on("epoch = :epoch");
                self.update(keys::planning(ws), change)
            }
            Write::UpdateCampaign { after, .. } => {
                let item = item::encode(keys::campaign(ws, &after.id), after)?;
                self.put(item, &Condition::version(after.version))
            }
            Write::InvalidatePlan { campaign, active, running, at } => {
                self.update(keys::planning(ws), supersede(ws, campaign, *active, *running, *at))
            }
        }
    }
}

/// Raises the epoch of the planning state, and notes what became of a campaign.
fn supersede(
    ws: &WorkspaceId,
    campaign: &CampaignId,
    active: bool,
    running: Running,
    at: Timestamp,
) -> Change {
    let (mut add, mut delete) = (vec!["epoch :one"], Vec::new());
    if active { &mut add } else { &mut delete }.push("active :campaign");
    match running {
        Running::No => delete.push("running :campaign"),
        Running::Still | Running::IfFewerThan(_) => add.push("running :campaign"),
    }
    let delete = if delete.is_empty() { String::new() } else { format!(" DELETE {}", delete.join(", ")) };
    let set = "SET wake_at = :at, gsi1pk = :pk, gsi1sk = :sk REMOVE lease_until";
    let entry = keys::wake_entry(ws, at);
    let change = Change::new(format!("ADD {}{delete} {set}", add.join(", ")))
        .with(":one", number(1))
        .with(":campaign", AttributeValue::Ss(vec![campaign.to_string()]))
        .with(":at", text(at))
        .with(":pk", text(entry.pk))
        .with(":sk", text(entry.sk));
    match running {
        Running::No | Running::Still => change,
        Running::IfFewerThan(limit) => change
            .with(":limit", number(limit))
            .with(":id", text(campaign))
            .on("attribute_not_exists(running) OR size(running) < :limit OR contains(running, :id)"),
    }
}

pub(crate) fn committed(result: Result<(), CommitError>) -> Result<bool, StoreError> {
    match result {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(_)) => Ok(false),
        Err(CommitError::Store(error)) => Err(error),
    }
}

fn at_stage(active_attempt: &ActiveAttempt, stage: Stage) -> Condition {
    Condition::active_attempt(active_attempt.attempt.as_str(), stage)
}

pub(crate) fn active_attempt_item(
    ws: &WorkspaceId,
    active_attempt: &ActiveAttempt,
) -> Result<Item, StoreError> {
    item::encode(keys::active_attempt(ws, &active_attempt.number), active_attempt)
}

pub(crate) fn lead_item(ws: &WorkspaceId, lead: &Lead) -> Result<Item, StoreError> {
    item::encode_indexed(keys::lead(ws, &lead.id), keys::due_entry(ws, lead), lead)
}

pub(crate) fn interaction_item(ws: &WorkspaceId, interaction: &Interaction) -> Result<Item, StoreError> {
    let key = keys::interaction(ws, &interaction.id);
    item::encode_indexed(key, keys::ended_entry(ws, interaction), interaction)
}

/// The places whose conditions failed, if the transaction was cancelled; none of them if it only
/// met another transaction.
fn refused(error: &SdkError<TransactWriteItemsError>) -> Option<Vec<usize>> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.as_service_error()? else {
        return None;
    };
    let reasons = cancelled.cancellation_reasons();
    let has = |place: &usize, wanted: &str| reasons[*place].code() == Some(wanted);
    let failed: Vec<_> = (0..reasons.len()).filter(|place| has(place, "ConditionalCheckFailed")).collect();
    let contended = (0..reasons.len()).any(|place| has(&place, "TransactionConflict"));
    if failed.is_empty() && !contended { None } else { Some(failed) }
}
