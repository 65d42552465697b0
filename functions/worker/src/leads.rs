//! Doing something to many leads of a campaign: those that were named, or those that a filter finds.

use std::collections::BTreeSet;

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::base::zone::Zone;
use carillon_domain::calling::lead_action::{Acted, ActionContext, decide};
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::campaign::{Campaign, CampaignStatus};
use carillon_domain::records::job::{
    Checkpoint, Chosen, Job, JobResult, LEADS_PER_STEP, LeadOutcome, LeadResult,
};
use carillon_domain::records::lead::{ActionRefusal, Lead, LeadAction, LeadFilter};
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;
use carillon_store::table::MAX_TRANSACTION_WRITES;
use carillon_store::{CommitError, StoreError};

use crate::error::JobError;
use crate::shards::next_leads;
use crate::{Step, end, give_up};

// Counters, the job and a portion of its results go with the leads.
const _: () = assert!(LEADS_PER_STEP + 3 <= MAX_TRANSACTION_WRITES);
/// Most leads that one step looks at: where few are found, it still ends.
const MAX_LOOKED_AT: usize = 2_000;
/// How often a step is made anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// A job of this kind.
pub(crate) struct Work<'a> {
    pub(crate) ws: &'a WorkspaceId,
    pub(crate) job: &'a Job,
    pub(crate) campaign: &'a CampaignId,
    pub(crate) action: &'a LeadAction,
    pub(crate) chosen: &'a Chosen<LeadFilter>,
}

/// The leads of a step.
struct Found {
    ids: Vec<LeadId>,
    leads: Vec<Lead>,
    to: Checkpoint,
}

/// What a step comes to.
struct Outcome {
    transaction: Transaction,
    results: Vec<JobResult>,
    /// Zones in which leads wait that were not in the campaign's directory for sure.
    zones: BTreeSet<Zone>,
    /// Whether a lead waits for a call that did not before.
    wakes: bool,
}

impl Work<'_> {
    /// Does the next step; at the end, has the campaign looked at once more.
    pub(crate) async fn step(&self, context: &Context) -> Result<Step, JobError> {
        let Some(campaign) = context.store.campaign(self.ws, self.campaign).await? else {
            return give_up(context, self.ws, self.job, "the campaign is deleted").await;
        };
        if self.action.needs_calls() && campaign.status == CampaignStatus::Cancelled {
            let why = "the campaign is cancelled; nobody of it is called any more";
            return give_up(context, self.ws, self.job, why).await;
        }
        let Some(found) = self.find(context).await? else {
            self.put_to_work(context).await?;
            return end(context, self.ws, &self.job.completed(context.now())).await;
        };
        self.act(context, &campaign, found).await
    }

    /// Lets the planner see what was done: leads that wait again, or a campaign that has nobody left to call.
    async fn put_to_work(&self, context: &Context) -> Result<(), JobError> {
        if self.job.wakes {
            lifecycle::put_to_work(context, self.ws, self.campaign, Some(&self.job.asked)).await?;
        } else {
            lifecycle::announce(context, self.ws).await?;
        }
        Ok(())
    }

    /// The leads of the next step; none if nothing is left to do.
    async fn find(&self, context: &Context) -> Result<Option<Found>, JobError> {
        match self.chosen {
            Chosen::Ids { portions } => {
                let part = self.job.checkpoint.part;
                if part >= *portions {
                    return Ok(None);
                }
                let ids = context.store.chosen::<LeadId>(self.ws, &self.job.id, part).await?;
                let leads = self.named(context, &ids).await?;
                Ok(Some(Found { ids, leads, to: Checkpoint { part: part + 1, after: None } }))
            }
            Chosen::Filter { filter } => self.walk(context, filter).await,
        }
    }

    /// Those of the leads that are there; one of another campaign is not.
    async fn named(&self, context: &Context, ids: &[LeadId]) -> Result<Vec<Lead>, JobError> {
        let is_ours = |id: &&LeadId| id.campaign() == *self.campaign;
        let ids: Vec<LeadId> = ids.iter().filter(is_ours).cloned().collect();
        Ok(context.store.leads(self.ws, &ids).await?)
    }

    /// Looks through the leads from where the last step ended, until enough are found.
    async fn walk(&self, context: &Context, filter: &LeadFilter) -> Result<Option<Found>, JobError> {
        let (mut at, mut leads) = (self.job.checkpoint.clone(), Vec::new());
        let mut looked_at = 0;
        while leads.len() < LEADS_PER_STEP && looked_at < MAX_LOOKED_AT {
            let room = LEADS_PER_STEP - leads.len();
            let Some((read, to)) = next_leads(context, self.ws, self.campaign, &at, room).await? else {
                break;
            };
            looked_at += read.len();
            at = to;
            leads.extend(read.into_iter().filter(|lead| filter.takes(lead)));
        }
        if at == self.job.checkpoint {
            return Ok(None);
        }
        Ok(Some(Found { ids: leads.iter().map(|lead| lead.id.clone()).collect(), leads, to: at }))
    }

    /// Does it to the leads that were found, anew if one of them changes meanwhile.
    async fn act(&self, context: &Context, campaign: &Campaign, found: Found) -> Result<Step, JobError> {
        let Some(workspace) = context.store.workspace(self.ws).await? else {
            return give_up(context, self.ws, self.job, "the workspace is gone").await;
        };
        let rules = workspace.rulebook();
        let Found { ids, mut leads, to } = found;
        for _ in 0..TRIES {
            let outcome = self.decide(context, campaign, (&workspace, &rules), &ids, &leads).await?;
            context.store.add_zones(self.ws, self.campaign, &outcome.zones).await?;
            let mut next = self.job.advanced(to.clone(), &outcome.results, context.now());
            next.wakes |= outcome.wakes;
            let mut transaction = outcome.transaction;
            if !outcome.results.is_empty() {
                let (job, portion) = (next.id.clone(), self.job.portions);
                transaction.push(Write::KeepResults { job, portion, results: outcome.results });
            }
            transaction.push(Write::AdvanceJob(next.clone()));
            match context.store.commit(self.ws, &transaction).await {
                Ok(()) => {
                    if outcome.wakes {
                        let act = Some(&self.job.asked);
                        lifecycle::put_to_work(context, self.ws, self.campaign, act).await?;
                    }
                    return Ok(Step::Done(Box::new(next)));
                }
                Err(error) if error.refuses(|write| matches!(write, Write::AdvanceJob(_))) => {
                    return Ok(Step::Overtaken);
                }
                Err(CommitError::Refused(_)) => leads = self.read_again(context, &ids).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::contended("leads changed again and again").into())
    }

    /// The leads of a step as they are stored now, if they are still meant.
    async fn read_again(&self, context: &Context, ids: &[LeadId]) -> Result<Vec<Lead>, JobError> {
        let mut leads = self.named(context, ids).await?;
        if let Chosen::Filter { filter } = self.chosen {
            leads.retain(|lead| filter.takes(lead));
        }
        Ok(leads)
    }

    async fn decide(
        &self,
        context: &Context,
        campaign: &Campaign,
        (workspace, rules): (&Workspace, &Rulebook),
        ids: &[LeadId],
        leads: &[Lead],
    ) -> Result<Outcome, JobError> {
        let records = if self.action.needs_records() {
            let numbers: Vec<_> = leads.iter().flat_map(|lead| lead.phones().cloned()).collect();
            context.store.number_records(self.ws, &numbers).await?
        } else {
            Vec::new()
        };
        let uncounted = if self.action.needs_counting() {
            context.store.uncounted(self.ws, leads).await?
        } else {
            BTreeSet::new()
        };
        let (mut changes, mut results) = (Vec::new(), Vec::new());
        let (mut wakes, mut zones) = (false, BTreeSet::new());
        for lead in leads {
            let records = records_of(lead, &records);
            let (now, is_counted) = (context.now(), !uncounted.contains(&lead.id));
            let records = &records[..];
            let facts = ActionContext { now, lead, campaign, workspace, rules, records, is_counted };
            let outcome = match decide(&facts, self.action) {
                Ok(acted) => {
                    let outcome = acted.outcome(lead);
                    match acted {
                        Acted::Unchanged => {}
                        Acted::Removed => changes.push((lead, None)),
                        Acted::Become(after) => {
                            wakes |= after.state.is_waiting() && !lead.state.is_waiting();
                            if after.zone != lead.zone {
                                zones.extend(after.zones());
                            }
                            changes.push((lead, Some(*after)));
                        }
                    }
                    outcome
                }
                Err(refusal) => LeadOutcome::Refused(refusal),
            };
            results.push(JobResult::Lead(LeadResult { lead: lead.id.clone(), outcome }));
        }
        if let Chosen::Ids { .. } = self.chosen {
            let is_there = |id: &LeadId| leads.iter().any(|lead| lead.id == *id);
            let refused = LeadOutcome::Refused(ActionRefusal::NotThere);
            let gone = ids.iter().filter(|id| !is_there(id));
            let told = |id: &LeadId| LeadResult { lead: id.clone(), outcome: refused.clone() };
            results.extend(gone.map(told).map(JobResult::Lead));
        }
        Ok(Outcome { transaction: Transaction::of_leads(changes), results, zones, wakes })
    }
}

fn records_of(lead: &Lead, records: &[NumberRecord]) -> Vec<NumberRecord> {
    let own: BTreeSet<Subscriber> = Subscriber::all(lead.phones()).into_iter().collect();
    records.iter().filter(|record| own.contains(&record.subscriber())).cloned().collect()
}
