//! What handlers read.

use std::rc::Rc;
use std::sync::Arc;

use carillon_domain::base::ids::{CampaignId, InteractionId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::planning::{CampaignSnapshot, DueQuery, Failures};
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::active_attempt::{ActiveAttempt, CallRequest};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::counters::Counters;
use carillon_domain::records::credits::Credits;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace::Workspace;

use crate::job::ProviderCall;
use crate::table::{self, DueKey, DuePage};
use crate::world::{NoAnswer, World};

/// What stands around one attempt.
#[derive(Debug, Clone)]
pub(crate) struct AttemptContext {
    pub(crate) active_attempt: Option<Rc<ActiveAttempt>>,
    pub(crate) lead: Option<Rc<Lead>>,
    pub(crate) campaign: Option<Rc<Campaign>>,
    pub(crate) interaction: Option<Rc<Interaction>>,
    /// What is known of the person's numbers, where it is read.
    pub(crate) records: Vec<NumberRecord>,
}

/// What a plan reads of its workspace besides what flies.
#[derive(Debug, Clone)]
pub(crate) struct References {
    pub(crate) tenant: Workspace,
    pub(crate) rules: Arc<Rulebook>,
    pub(crate) credits: Option<Credits>,
    pub(crate) failures: Failures,
    pub(crate) campaigns: Vec<CampaignSnapshot>,
}

impl World {
    /// Everything in flight, and the calls that were asked for, oldest first.
    pub(crate) async fn in_flight(
        &self,
        ws: usize,
    ) -> Result<(Vec<ActiveAttempt>, Vec<CallRequest>), NoAnswer> {
        self.read(ws, |workspace| {
            let active_attempts = workspace
                .active_attempts
                .values()
                .map(|active_attempt| ActiveAttempt::clone(active_attempt))
                .collect();
            let mut requests: Vec<_> = workspace.requests.values().cloned().collect();
            requests.sort_by_key(|request| request.requested_at);
            (active_attempts, requests)
        })
        .await
    }

    /// The workspace, and campaigns with the zones of their leads and the numbers that they call
    /// from.
    pub(crate) async fn references(
        &self,
        ws: usize,
        ids: impl IntoIterator<Item = &CampaignId>,
    ) -> Result<References, NoAnswer> {
        self.read(ws, |workspace| {
            let found = ids.into_iter().filter_map(|id| workspace.campaigns.get(id));
            References {
                tenant: workspace.tenant.clone(),
                rules: Arc::clone(&workspace.rules),
                credits: workspace.credits(),
                failures: workspace.failures.clone(),
                campaigns: found.map(|campaign| workspace.scene_of(campaign)).collect(),
            }
        })
        .await
    }

    /// The workspace, its rules and its ledger.
    pub(crate) async fn tenant(
        &self,
        ws: usize,
    ) -> Result<(Workspace, Arc<Rulebook>, Option<Credits>), NoAnswer> {
        let look = |workspace: &table::Workspace| {
            (workspace.tenant.clone(), Arc::clone(&workspace.rules), workspace.credits())
        };
        self.read(ws, look).await
    }

    /// What is known of numbers.
    pub(crate) async fn records(&self, ws: usize, numbers: &[E164]) -> Result<Vec<NumberRecord>, NoAnswer> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        self.read(ws, |workspace| workspace.records_of(numbers)).await
    }

    /// The leads that a number belongs to.
    pub(crate) async fn owners(&self, ws: usize, number: &E164) -> Result<Vec<Rc<Lead>>, NoAnswer> {
        self.read(ws, |workspace| workspace.owners_of(number)).await
    }

    /// The ids of a campaign's leads from behind one on.
    pub(crate) async fn leads_behind(
        &self,
        ws: usize,
        campaign: &CampaignId,
        from: Option<&LeadId>,
        count: usize,
    ) -> Result<Vec<LeadId>, NoAnswer> {
        self.read(ws, |workspace| workspace.leads_behind(campaign, from, count)).await
    }

    /// A page of the due index.
    pub(crate) async fn due_leads(
        &self,
        ws: usize,
        opening: &DueQuery,
        limit: usize,
        from: Option<&DueKey>,
    ) -> Result<DuePage, NoAnswer> {
        self.request().await?;
        let place = (opening.campaign.clone(), opening.class, opening.zone.clone());
        let now = self.agenda.now();
        Ok(self.table.borrow_mut().workspaces[ws].due.page(&place, limit, from, now))
    }

    /// Several leads in the order of their ids.
    pub(crate) async fn leads(&self, ws: usize, ids: &[LeadId]) -> Result<Vec<Lead>, NoAnswer> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let clone = |lead: &Rc<Lead>| Lead::clone(lead);
        self.read(ws, |workspace| ids.iter().filter_map(|id| workspace.leads.get(id).map(clone)).collect())
            .await
    }

    pub(crate) async fn lead(&self, ws: usize, id: &LeadId) -> Result<Option<Rc<Lead>>, NoAnswer> {
        self.read(ws, |workspace| workspace.leads.get(id).cloned()).await
    }

    pub(crate) async fn campaign(
        &self,
        ws: usize,
        id: &CampaignId,
    ) -> Result<Option<Rc<Campaign>>, NoAnswer> {
        self.read(ws, |workspace| workspace.campaigns.get(id).cloned()).await
    }

    /// What stands around one attempt.
    pub(crate) async fn attempt_context(
        &self,
        ws: usize,
        call: &ProviderCall,
    ) -> Result<AttemptContext, NoAnswer> {
        self.read(ws, |workspace| AttemptContext {
            active_attempt: workspace.active_attempts.get(&call.number).cloned(),
            lead: workspace.leads.get(&call.lead).cloned(),
            campaign: workspace.campaigns.get(&call.lead.campaign()).cloned(),
            interaction: workspace.interactions.get(&InteractionId::of(&call.attempt)).cloned(),
            records: Vec::new(),
        })
        .await
    }

    /// The active attempt of a number.
    pub(crate) async fn active_attempt(
        &self,
        ws: usize,
        number: &E164,
    ) -> Result<Option<Rc<ActiveAttempt>>, NoAnswer> {
        self.read(ws, |workspace| workspace.active_attempts.get(number).cloned()).await
    }

    pub(crate) async fn interaction(
        &self,
        ws: usize,
        id: &InteractionId,
    ) -> Result<Option<Rc<Interaction>>, NoAnswer> {
        self.read(ws, |workspace| workspace.interactions.get(id).cloned()).await
    }

    /// The sums of a campaign's counters.
    pub(crate) async fn counters(&self, ws: usize, id: &CampaignId) -> Result<Counters, NoAnswer> {
        self.read(ws, |workspace| workspace.counters.get(id).cloned().unwrap_or_default()).await
    }

    /// Whether any lead of a campaign has not settled.
    pub(crate) async fn has_unsettled(&self, ws: usize, id: &CampaignId) -> Result<bool, NoAnswer> {
        self.read(ws, |workspace| workspace.leads_of(id).any(|lead| !lead.state.is_settled())).await
    }
}
