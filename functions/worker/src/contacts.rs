//! Making contacts leads of a campaign: those that were named, or those that a filter finds.

mod portion;

use std::collections::HashMap;

use carillon_domain::base::ids::{CampaignId, ContactId, LeadId, WorkspaceId};
use carillon_domain::importing::{lead_of, merged};
use carillon_domain::records::campaign::{Campaign, CampaignStatus, OnDuplicate};
use carillon_domain::records::contact::{Contact, ContactFilter};
use carillon_domain::records::job::{
    Checkpoint, Chosen, ContactBatch, ContactOutcome, ContactRefusal, ContactResult, Job, LEADS_PER_STEP,
};
use carillon_domain::records::lead::{FileOrder, Lead};
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;
use carillon_store::{CONTACT_SHARDS, CommitError, Holder, StoreError};

use crate::error::JobError;
use crate::{Step, end, give_up};
use portion::{Entry, Portion};

/// Most contacts that one step looks at: where few are found, it still ends.
const MAX_LOOKED_AT: usize = 2_000;
/// How often a step is made anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// A job of this kind.
pub(crate) struct Work<'a> {
    pub(crate) ws: &'a WorkspaceId,
    pub(crate) job: &'a Job,
    pub(crate) campaign: &'a CampaignId,
    pub(crate) chosen: &'a Chosen<ContactFilter>,
    pub(crate) batch: &'a ContactBatch,
}

/// A contact whose turn it is.
struct Candidate {
    id: ContactId,
    /// None if it is gone.
    contact: Option<Contact>,
    /// Where the job goes on behind it.
    behind: Checkpoint,
}

/// The contacts of a step.
struct Found {
    candidates: Vec<Candidate>,
    /// Where the job goes on behind all of them.
    to: Checkpoint,
}

/// The leads that a campaign has already of some numbers, and the places of the others.
struct Known {
    holders: HashMap<LeadId, Vec<Holder>>,
    leads: HashMap<LeadId, Lead>,
    records: Vec<NumberRecord>,
}

impl Work<'_> {
    /// Does the next step; at the end, has the campaign looked at once more.
    pub(crate) async fn step(&self, context: &Context) -> Result<Step, JobError> {
        let Some(campaign) = context.store.campaign(self.ws, self.campaign).await? else {
            return give_up(context, self.ws, self.job, "the campaign is deleted").await;
        };
        if campaign.status == CampaignStatus::Cancelled {
            let why = "the campaign is cancelled; it takes no leads any more";
            return give_up(context, self.ws, self.job, why).await;
        }
        let Some(workspace) = context.store.workspace(self.ws).await? else {
            return give_up(context, self.ws, self.job, "the workspace is gone").await;
        };
        let Some(found) = self.find(context).await? else {
            if self.job.wakes {
                self.put_to_work(context).await?;
            }
            return end(context, self.ws, &self.job.completed(context.now())).await;
        };
        self.add(context, &campaign, &workspace, &found).await
    }

    async fn put_to_work(&self, context: &Context) -> Result<(), JobError> {
        Ok(lifecycle::put_to_work(context, self.ws, self.campaign, Some(&self.job.asked)).await?)
    }

    /// The contacts of the next step; none if nobody is left.
    async fn find(&self, context: &Context) -> Result<Option<Found>, JobError> {
        match self.chosen {
            Chosen::Ids { portions } if self.job.checkpoint.part >= *portions => Ok(None),
            Chosen::Ids { .. } => self.named(context).await.map(Some),
            Chosen::Filter { .. } if self.job.checkpoint.part >= CONTACT_SHARDS => Ok(None),
            Chosen::Filter { filter } => self.walk(context, filter).await.map(Some),
        }
    }

    /// What is left of the next portion of those that were named.
    async fn named(&self, context: &Context) -> Result<Found, JobError> {
        let Checkpoint { part, after } = &self.job.checkpoint;
        let mut ids: Vec<ContactId> = context.store.chosen(self.ws, &self.job.id, *part).await?;
        let seen = after.as_ref().and_then(|after| ids.iter().position(|id| id.as_str() == after));
        ids.drain(..seen.map_or(0, |seen| seen + 1));
        let mut contacts = self.contacts(context, &ids).await?;
        let candidate = |id: ContactId| Candidate {
            contact: contacts.remove(&id),
            behind: Checkpoint { part: *part, after: Some(id.to_string()) },
            id,
        };
        let candidates = ids.into_iter().map(candidate).collect();
        Ok(Found { candidates, to: Checkpoint { part: part + 1, after: None } })
    }

    /// Looks through the address book from where the last step ended, until enough are found.
    async fn walk(&self, context: &Context, filter: &ContactFilter) -> Result<Found, JobError> {
        let (mut at, mut candidates) = (self.job.checkpoint.clone(), Vec::new());
        let (group, mut looked_at) = (filter.group(), 0);
        while at.part < CONTACT_SHARDS && candidates.len() < LEADS_PER_STEP && looked_at < MAX_LOOKED_AT {
            let after = at.after.as_ref().and_then(|after| after.parse().ok());
            let room = LEADS_PER_STEP - candidates.len();
            let (ids, is_more) =
                context.store.contacts_behind(self.ws, group.as_ref(), at.part, after, room).await?;
            looked_at += ids.len();
            let contacts = context.store.contacts(self.ws, &ids).await?;
            candidates.extend(contacts.into_iter().filter(|contact| filter.finds(contact)).map(|contact| {
                let behind = Checkpoint { part: at.part, after: Some(contact.id.to_string()) };
                Candidate { id: contact.id.clone(), contact: Some(contact), behind }
            }));
            at = match ids.last() {
                Some(last) if is_more => Checkpoint { part: at.part, after: Some(last.to_string()) },
                _ => Checkpoint { part: at.part + 1, after: None },
            };
        }
        Ok(Found { candidates, to: at })
    }

    async fn contacts(
        &self,
        context: &Context,
        ids: &[ContactId],
    ) -> Result<HashMap<ContactId, Contact>, JobError> {
        let contacts = context.store.contacts(self.ws, ids).await?;
        Ok(contacts.into_iter().map(|contact| (contact.id.clone(), contact)).collect())
    }

    /// Makes as many of the contacts leads as fit in one transaction, anew if a number of theirs changes hands
    /// meanwhile.
    async fn add(
        &self,
        context: &Context,
        campaign: &Campaign,
        workspace: &Workspace,
        found: &Found,
    ) -> Result<Step, JobError> {
        for _ in 0..TRIES {
            let portion = self.decide(context, campaign, workspace, found).await?;
            context.store.add_zones(self.ws, self.campaign, &portion.zones()).await?;
            let wakes = portion.wakes();
            let (transaction, next) = portion.into_step(self.job, context.now());
            match context.store.commit(self.ws, &transaction).await {
                Ok(()) if wakes => {
                    self.put_to_work(context).await?;
                    return Ok(Step::Done(Box::new(next)));
                }
                Ok(()) => return Ok(Step::Done(Box::new(next))),
                Err(error) if error.refuses(|write| matches!(write, Write::AdvanceJob(_))) => {
                    return Ok(Step::Overtaken);
                }
                Err(CommitError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::contended("leads changed again and again").into())
    }

    /// What becomes of each contact, up to the first that does not fit any more.
    async fn decide(
        &self,
        context: &Context,
        campaign: &Campaign,
        workspace: &Workspace,
        found: &Found,
    ) -> Result<Portion, JobError> {
        let told = self.job.counts.done + self.job.counts.refused;
        let leads = (told + 1..).zip(&found.candidates).map(|(row, candidate)| {
            let order = FileOrder { at: self.job.created_at, row };
            let contact = candidate.contact.as_ref().ok_or(ContactRefusal::NotThere)?;
            let allowed = &workspace.allowed_number_classes;
            lead_of(contact, self.campaign, self.batch, allowed, order, context.now())
        });
        let leads: Vec<Result<Lead, ContactRefusal>> = leads.collect();
        let known = self.known(context, leads.iter().flatten()).await?;
        let mut portion = Portion::new(self.job.checkpoint.clone(), found.to.clone());
        for (candidate, lead) in found.candidates.iter().zip(leads) {
            let (outcome, transaction, is_suppressed) = match lead {
                Ok(lead) => {
                    let is_suppressed = known.is_suppressed(&lead, campaign);
                    let (outcome, transaction) = self.enter(context, lead, &known).await?;
                    (outcome, transaction, is_suppressed)
                }
                Err(refusal) => (ContactOutcome::Refused(refusal), Transaction::default(), false),
            };
            let result = ContactResult { contact: candidate.id.clone(), outcome, is_suppressed };
            if !portion.add(Entry { result, transaction, behind: candidate.behind.clone() }) {
                break;
            }
        }
        Ok(portion)
    }

    /// What is stored of the numbers of leads to be.
    async fn known(
        &self,
        context: &Context,
        leads: impl Iterator<Item = &Lead> + Clone,
    ) -> Result<Known, JobError> {
        let numbers: Vec<_> = leads.clone().flat_map(Lead::person).collect();
        let in_campaign: Vec<_> =
            numbers.iter().map(|number| (self.campaign.clone(), number.clone())).collect();
        let (holders, stored) = context.store.holders(self.ws, &in_campaign).await?;
        let mut holders = holders.into_iter();
        let of_lead = |lead: &Lead| (lead.id.clone(), holders.by_ref().take(lead.numbers.len()).collect());
        let holders = leads.map(of_lead).collect();
        let records = context.store.number_records(self.ws, &numbers).await?;
        Ok(Known { holders, leads: stored, records })
    }

    /// The lead as a new one, or what it changes in the one that has a number of it.
    async fn enter(
        &self,
        context: &Context,
        lead: Lead,
        known: &Known,
    ) -> Result<(ContactOutcome, Transaction), JobError> {
        let holders = known.holders.get(&lead.id).map(Vec::as_slice).unwrap_or_default();
        let refused = |refusal| (ContactOutcome::Refused(refusal), Transaction::default());
        let stored = holders.iter().find_map(Holder::lead).and_then(|id| known.leads.get(id));
        match (stored, self.batch.on_duplicate) {
            (None, _) => {
                let places = holders.iter().map(|(Holder::Lead(place) | Holder::Nobody(place))| place);
                let mut places = places.cloned();
                let id = places.next().unwrap_or_else(|| lead.id.clone());
                let lead = Lead { id: id.clone(), ..lead };
                let further: Vec<LeadId> = places.collect();
                Ok((ContactOutcome::Created(id), Transaction::create_lead(lead, &further)))
            }
            (Some(stored), OnDuplicate::Skip) => Ok(refused(ContactRefusal::LeadExists(stored.id.clone()))),
            (Some(stored), OnDuplicate::Update) => self.update(context, stored, lead).await,
        }
    }

    /// What a lead takes over of a contact that has a number of it: numbers of other leads stay with those.
    async fn update(
        &self,
        context: &Context,
        stored: &Lead,
        mut by: Lead,
    ) -> Result<(ContactOutcome, Transaction), JobError> {
        let updated = ContactOutcome::Updated(stored.id.clone());
        loop {
            let after = match merged(stored, &by, context.now()) {
                Ok(Some(after)) => after,
                Ok(None) => return Ok((updated, Transaction::default())),
                Err(fault) => {
                    let refusal = ContactRefusal::TooMuch(fault.to_string());
                    return Ok((ContactOutcome::Refused(refusal), Transaction::default()));
                }
            };
            match context.store.number_writes(self.ws, stored, &after).await? {
                Ok(number_writes) => {
                    let mut transaction = Transaction::change_lead(stored, after);
                    transaction.extend(number_writes);
                    return Ok((updated, transaction));
                }
                Err(held) => by.numbers.retain(|one| one.number != held.number),
            }
        }
    }
}

impl Known {
    /// Whether a list that counts for the campaign has a number of the lead.
    fn is_suppressed(&self, lead: &Lead, campaign: &Campaign) -> bool {
        let lists = &campaign.spec.suppression_lists;
        let listed = self.records.iter().filter(|record| record.suppressed_by(lists).is_some());
        listed.map(|record| &record.number).any(|number| lead.number(number).is_some())
    }
}
