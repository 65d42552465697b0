//! A workspace as it was committed, write by write.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use carillon_domain::base::ids::{CampaignId, InteractionId, JobId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState, CallRequest};
use carillon_domain::records::campaign::{Campaign, CampaignStatus};
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::job::{Job, JobResult};
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace::Workspace as Tenant;

use super::News;
use crate::ports::written::Written;

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) tenant: Tenant,
    pub(crate) rules: Arc<Rulebook>,
    pub(crate) caller_numbers: Vec<CallerNumber>,
    /// All numbers of whoever has this one, whether a campaign knows them or not.
    pub(crate) persons: BTreeMap<E164, Rc<[E164]>>,
    pub(crate) campaigns: BTreeMap<CampaignId, Rc<Campaign>>,
    pub(crate) leads: BTreeMap<LeadId, Rc<Lead>>,
    of_campaign: BTreeMap<CampaignId, Vec<LeadId>>,
    /// Where the leads of a campaign live.
    pub(crate) zones: BTreeMap<CampaignId, BTreeSet<Zone>>,
    pub(crate) active: BTreeMap<E164, Rc<ActiveAttempt>>,
    pub(crate) requests: BTreeMap<LeadId, CallRequest>,
    pub(crate) interactions: BTreeMap<InteractionId, Interaction>,
    pub(crate) records: BTreeMap<E164, NumberRecord>,
    pub(crate) rate_states: RateStates,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    /// What became of each lead, in the order in which it was told.
    pub(crate) results: BTreeMap<JobId, Vec<JobResult>>,
    /// The entries of the do-not-call lists.
    pub(super) listed: BTreeSet<(ListName, E164)>,
    /// Who has ever been.
    pub(super) ever_listed: BTreeSet<(ListName, E164)>,
}

impl Workspace {
    pub(crate) fn new(tenant: Tenant, caller_numbers: Vec<CallerNumber>, campaigns: &[Campaign]) -> Self {
        Self {
            rules: tenant.rulebook(),
            tenant,
            caller_numbers,
            persons: BTreeMap::default(),
            campaigns: campaigns.iter().map(|one| (one.id.clone(), Rc::new(one.clone()))).collect(),
            leads: BTreeMap::default(),
            of_campaign: BTreeMap::default(),
            zones: BTreeMap::default(),
            active: BTreeMap::default(),
            requests: BTreeMap::default(),
            interactions: BTreeMap::default(),
            records: BTreeMap::default(),
            rate_states: RateStates::default(),
            jobs: BTreeMap::default(),
            results: BTreeMap::default(),
            listed: BTreeSet::default(),
            ever_listed: BTreeSet::default(),
        }
    }

    /// Somebody has these numbers.
    pub(crate) fn meet(&mut self, numbers: &[E164]) {
        let all: Rc<[E164]> = numbers.into();
        self.persons.extend(numbers.iter().map(|number| (number.clone(), Rc::clone(&all))));
    }

    /// Whether what is written is the dial of what was claimed.
    pub(super) fn is_dial(&self, active: &ActiveAttempt) -> bool {
        let is_claimed = |stored: &Rc<ActiveAttempt>| stored.dialled_at().is_none();
        !active.is_inbound()
            && active.dialled_at().is_some()
            && self.active.get(&active.number).is_none_or(is_claimed)
    }

    pub(crate) fn leads_of(&self, id: &CampaignId) -> impl Iterator<Item = &Lead> {
        let ids = self.of_campaign.get(id).into_iter().flatten();
        ids.filter_map(|id| self.leads.get(id)).map(AsRef::as_ref)
    }

    pub(crate) fn records_of(&self, numbers: &[E164]) -> Vec<NumberRecord> {
        let record = |number: &E164| self.records.get(number).cloned();
        numbers.iter().map(|number| record(number).unwrap_or(NumberRecord::unknown(number.clone()))).collect()
    }

    /// What was written stands.
    pub(super) fn apply(&mut self, written: Vec<Written>) -> News {
        let mut news = News::default();
        let stepped = written.iter().find_map(|write| match write {
            Written::Job(job) => Some(job.id.clone()),
            _ => None,
        });
        for write in written {
            match write {
                Written::Attempt(active) => {
                    let active = Rc::new(active);
                    if matches!(active.state, ActiveAttemptState::Claimed { .. }) {
                        news.claims.push(Rc::clone(&active));
                    }
                    self.active.insert(active.number.clone(), active);
                }
                Written::AttemptRemoved(number) => drop(self.active.remove(&number)),
                Written::Request(request) => drop(self.requests.insert(request.lead.clone(), request)),
                Written::RequestRemoved(lead) => drop(self.requests.remove(&lead)),
                Written::Lead(lead) => self.put_lead(lead),
                Written::LeadRemoved(lead) => self.remove_lead(&lead),
                Written::Job(job) => drop(self.jobs.insert(job.id.clone(), job)),
                Written::Results(results) => {
                    if let Some(job) = &stepped {
                        self.results.entry(job.clone()).or_default().extend(results);
                    }
                }
                Written::NumberRecord(record) => drop(self.records.insert(record.number.clone(), record)),
                Written::Listed(list, number) => {
                    self.ever_listed.insert((list.clone(), number.clone()));
                    self.listed.insert((list, number));
                }
                Written::Unlisted(list, number) => drop(self.listed.remove(&(list, number))),
                Written::Interaction(it) => drop(self.interactions.insert(it.id.clone(), it)),
                Written::Campaign(campaign) => {
                    let is_completing = campaign.status == CampaignStatus::Completing;
                    news.completing = is_completing.then(|| campaign.id.clone());
                    self.campaigns.insert(campaign.id.clone(), Rc::new(campaign));
                }
                Written::RateStates(states) => self.rate_states = states,
            }
        }
        news
    }

    fn remove_lead(&mut self, id: &LeadId) {
        self.leads.remove(id);
        if let Some(ids) = self.of_campaign.get_mut(&id.campaign()) {
            ids.retain(|other| other != id);
        }
    }

    fn put_lead(&mut self, lead: Lead) {
        let campaign = lead.id.campaign();
        let zones = self.zones.entry(campaign.clone()).or_default();
        if !zones.contains(&lead.zone) {
            zones.insert(lead.zone.clone());
        }
        let id = lead.id.clone();
        if self.leads.insert(id.clone(), Rc::new(lead)).is_none() {
            self.of_campaign.entry(campaign).or_default().push(id);
        }
    }
}
