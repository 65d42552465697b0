//! The table as handlers reach it: requests that take time and may fail.

use std::collections::BTreeSet;
use std::rc::Rc;

use carillon_domain::call::{ProviderCallId, VoiceEvent};
use carillon_domain::campaign::Campaign;
use carillon_domain::flight::{CallRequest, Flight};
use carillon_domain::ids::{CampaignId, InteractionId, LeadId};
use carillon_domain::interaction::Interaction;
use carillon_domain::lead::Lead;
use carillon_domain::pacing::Paces;
use carillon_domain::phone::E164;
use carillon_domain::plan::{CampaignScene, Opening};
use carillon_domain::tally::Tally;
use carillon_domain::time::Timestamp;
use carillon_domain::write::{Transaction, Write};
use carillon_domain::zone::Zone;

use crate::bug::Bug;
use crate::errands;
use crate::job::ProviderCall;
use crate::table::{DueKey, DuePage, PlanState, Planning, Release, Trail, Workspace};
use crate::tale::Tale;
use crate::world::{NoAnswer, World};

/// How often a change of the paces is made anew on what the planner has stored meanwhile.
const PACES_TRIES: usize = 4;

/// A transaction was not committed, or nobody knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CommitError {
    /// What is stored does not meet the conditions of the writes at these places.
    Refused(Vec<usize>),
    /// The table did not say.
    NoAnswer,
}

impl From<NoAnswer> for CommitError {
    fn from(_: NoAnswer) -> Self {
        Self::NoAnswer
    }
}

impl From<CommitError> for NoAnswer {
    fn from(_: CommitError) -> Self {
        Self
    }
}

/// What stands around one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) flight: Option<Rc<Flight>>,
    pub(crate) lead: Option<Rc<Lead>>,
    pub(crate) campaign: Option<Rc<Campaign>>,
    pub(crate) interaction: Option<Rc<Interaction>>,
}

impl World {
    /// Commits a transaction as a whole, or nothing of it.
    pub(crate) async fn commit(&self, ws: usize, transaction: Transaction) -> Result<(), CommitError> {
        self.request().await?;
        let now = self.agenda.now();
        let mut table = self.table.borrow_mut();
        let workspace = &mut table.workspaces[ws];
        let refused = workspace.refused(&transaction, self.bug());
        if !refused.is_empty() {
            self.tell(|| format!("refused at {refused:?}: {}", Tale(&transaction)));
            return Err(CommitError::Refused(refused));
        }
        self.tell(|| format!("written: {}", Tale(&transaction)));
        let mut watch = self.watch.borrow_mut();
        self.raise(watch.committing(workspace, &transaction, now));
        let claims = self.look_at_claims(ws, &transaction);
        workspace.apply(transaction, now, self.lag_ms());
        for campaign in claims {
            self.raise(watch.claimed(workspace, &campaign));
        }
        Ok(self.reply()?)
    }

    /// The campaigns for which a transaction claims. Now and then somebody meddles with a claim.
    fn look_at_claims(&self, ws: usize, transaction: &Transaction) -> BTreeSet<CampaignId> {
        let mut campaigns = BTreeSet::new();
        for write in &transaction.0 {
            let Write::Claim(flight) = write else { continue };
            campaigns.insert(flight.campaign.clone());
            if self.strikes(|weather| weather.meddling) {
                errands::meddle(self, ws, flight);
            }
        }
        campaigns
    }

    /// One request to the table.
    async fn request(&self) -> Result<(), NoAnswer> {
        self.travel().await;
        if self.strikes(|weather| weather.throttled) { Err(NoAnswer) } else { Ok(()) }
    }

    /// The reply to a write that happened.
    fn reply(&self) -> Result<(), NoAnswer> {
        if self.strikes(|weather| weather.reply_lost) {
            self.tell(|| "its reply is lost".to_owned());
            return Err(NoAnswer);
        }
        Ok(())
    }

    fn lag_ms(&self) -> i64 {
        self.draw.between(0, self.weather().index_lag_ms)
    }

    /// Reads something of a workspace.
    async fn read<T>(&self, ws: usize, look: impl FnOnce(&Workspace) -> T) -> Result<T, NoAnswer> {
        self.request().await?;
        Ok(look(&self.table.borrow().workspaces[ws]))
    }

    /// Writes one item of a workspace.
    async fn put<T>(&self, ws: usize, change: impl FnOnce(&mut Workspace) -> T) -> Result<T, NoAnswer> {
        self.request().await?;
        let answer = change(&mut self.table.borrow_mut().workspaces[ws]);
        self.reply().map(|()| answer)
    }

    /// Takes the planner's lease; tells its holder to plan again if there is one.
    pub(crate) async fn take_lease(
        &self,
        ws: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<PlanState>, NoAnswer> {
        // Twice: the holder may let go between the two questions.
        for _ in 0..2 {
            let taken = self.put(ws, |workspace| workspace.planning.take_lease(now, until)).await?;
            if taken.is_some() || self.put(ws, |workspace| workspace.planning.set_dirty(now)).await? {
                return Ok(taken);
            }
        }
        Ok(None)
    }

    /// Gives the lease back with what the plan learnt, unless something changed meanwhile.
    pub(crate) async fn release_lease(&self, ws: usize, learnt: &PlanState) -> Result<Release, NoAnswer> {
        let at = || self.agenda.now();
        self.put(ws, |workspace| workspace.planning.release(learnt, at())).await
    }

    /// Notes that there is new work.
    pub(crate) async fn add_work(&self, ws: usize, now: Timestamp) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| workspace.planning.add_work(now, self.agenda.now())).await
    }

    /// Changes the paces, whatever the planner does: anew if it has advanced them meanwhile.
    pub(crate) async fn update_paces(&self, ws: usize, change: impl Fn(&mut Paces)) -> Result<(), NoAnswer> {
        let look = |planning: &Planning| (planning.state.epoch, planning.state.paces.clone());
        for _ in 0..PACES_TRIES {
            let before = self.read(ws, |workspace| look(&workspace.planning)).await?;
            let mut paces = before.1.clone();
            change(&mut paces);
            let is_stored = self
                .put(ws, |workspace| {
                    let now = look(&workspace.planning);
                    let is_same = now == before || self.has(Bug::RestOverwritesPaces) && now.0 == before.0;
                    if is_same {
                        workspace.planning.replace_paces(paces);
                    }
                    is_same
                })
                .await?;
            if is_stored {
                return Ok(());
            }
        }
        Err(NoAnswer)
    }

    /// The workspaces that the wake index shows as due.
    pub(crate) async fn due_workspaces(&self, now: Timestamp) -> Result<Vec<usize>, NoAnswer> {
        self.request().await?;
        let (at, lag_ms) = (self.agenda.now(), self.lag_ms());
        let table = self.table.borrow();
        let is_due = |ws: &usize| table.workspaces[*ws].planning.is_due(now, at, lag_ms);
        Ok((0..table.workspaces.len()).filter(is_due).collect())
    }

    /// Everything in flight, and the calls that were asked for, oldest first.
    pub(crate) async fn in_flight(&self, ws: usize) -> Result<(Vec<Flight>, Vec<CallRequest>), NoAnswer> {
        self.read(ws, |workspace| {
            let flights = workspace.flights.values().map(|flight| Flight::clone(flight)).collect();
            let mut requests: Vec<_> = workspace.requests.values().cloned().collect();
            requests.sort_by_key(|request| request.requested_at);
            (flights, requests)
        })
        .await
    }

    /// Campaigns with the zones of their leads and the numbers that they call from.
    pub(crate) async fn campaigns(
        &self,
        ws: usize,
        ids: impl IntoIterator<Item = &CampaignId>,
    ) -> Result<Vec<CampaignScene>, NoAnswer> {
        self.read(ws, |workspace| {
            let found = ids.into_iter().filter_map(|id| workspace.campaigns.get(id));
            found.map(|campaign| workspace.scene_of(campaign)).collect()
        })
        .await
    }

    /// A page of the due index.
    pub(crate) async fn due_leads(
        &self,
        ws: usize,
        opening: &Opening,
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

    /// One lead.
    pub(crate) async fn lead(&self, ws: usize, id: &LeadId) -> Result<Option<Rc<Lead>>, NoAnswer> {
        self.read(ws, |workspace| workspace.leads.get(id).cloned()).await
    }

    /// One campaign.
    pub(crate) async fn campaign(
        &self,
        ws: usize,
        id: &CampaignId,
    ) -> Result<Option<Rc<Campaign>>, NoAnswer> {
        self.read(ws, |workspace| workspace.campaigns.get(id).cloned()).await
    }

    /// What stands around one attempt.
    pub(crate) async fn surroundings(
        &self,
        ws: usize,
        call: &ProviderCall,
    ) -> Result<Surroundings, NoAnswer> {
        self.read(ws, |workspace| Surroundings {
            flight: workspace.flights.get(&call.number).cloned(),
            lead: workspace.leads.get(&call.lead).cloned(),
            campaign: workspace.campaigns.get(&call.lead.campaign()).cloned(),
            interaction: workspace.interactions.get(&InteractionId::of(&call.attempt)).cloned(),
        })
        .await
    }

    /// The flight of a number.
    pub(crate) async fn flight(&self, ws: usize, number: &E164) -> Result<Option<Rc<Flight>>, NoAnswer> {
        self.read(ws, |workspace| workspace.flights.get(number).cloned()).await
    }

    /// One interaction.
    pub(crate) async fn interaction(
        &self,
        ws: usize,
        id: &InteractionId,
    ) -> Result<Option<Rc<Interaction>>, NoAnswer> {
        self.read(ws, |workspace| workspace.interactions.get(id).cloned()).await
    }

    /// The sums of a campaign's counters.
    pub(crate) async fn counters(&self, ws: usize, id: &CampaignId) -> Result<Tally, NoAnswer> {
        self.read(ws, |workspace| workspace.counters.get(id).cloned().unwrap_or_default()).await
    }

    /// How many leads of a campaign have not settled.
    pub(crate) async fn count_unsettled(&self, ws: usize, id: &CampaignId) -> Result<usize, NoAnswer> {
        self.read(ws, |workspace| workspace.leads_of(id).filter(|lead| !lead.state.is_settled()).count())
            .await
    }

    /// Adds a zone to a campaign's directory.
    pub(crate) async fn add_zone(&self, ws: usize, id: &CampaignId, zone: &Zone) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            workspace.zones.entry(id.clone()).or_default().insert(zone.clone());
        })
        .await
    }

    /// Puts a number on the do-not-call list.
    pub(crate) async fn suppress(&self, ws: usize, number: &E164) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            workspace.suppressed.insert(number.clone());
        })
        .await
    }

    /// Notes which attempt a provider's call is.
    pub(crate) async fn note_provider_call(
        &self,
        ws: usize,
        id: &ProviderCallId,
        call: &ProviderCall,
    ) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            workspace.trails.entry(id.clone()).or_default().call = Some(call.clone());
        })
        .await
    }

    /// What is stored under a provider's id of a call.
    pub(crate) async fn call_trail(&self, ws: usize, id: &ProviderCallId) -> Result<Trail, NoAnswer> {
        self.read(ws, |workspace| workspace.trails.get(id).cloned().unwrap_or_default()).await
    }

    /// Keeps an event whose call is not known yet; the same event once.
    pub(crate) async fn keep_early_event(
        &self,
        ws: usize,
        id: &ProviderCallId,
        event: &VoiceEvent,
    ) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            let events = &mut workspace.trails.entry(id.clone()).or_default().events;
            if !events.contains(event) {
                events.push(event.clone());
            }
        })
        .await
    }
}
