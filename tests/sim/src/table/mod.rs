//! The model of the table: maps instead of items, under the same conditions.

mod commit;
mod due;
mod planning;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use carillon_domain::assistant::CallerNumber;
use carillon_domain::call::{ProviderCallId, VoiceEvent};
use carillon_domain::campaign::Campaign;
use carillon_domain::flight::{CallRequest, Flight};
use carillon_domain::ids::{AttemptId, CampaignId, InteractionId, LeadId};
use carillon_domain::interaction::Interaction;
use carillon_domain::lead::Lead;
use carillon_domain::phone::E164;
use carillon_domain::plan::CampaignScene;
use carillon_domain::tally::Tally;
use carillon_domain::zone::Zone;

use crate::job::ProviderCall;
use crate::map::{Map, Set};

pub(crate) use due::{DueKey, DuePage};
pub(crate) use planning::{PlanState, Planning, Release};

/// The table of a run.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// By number: nothing is shared between them.
    pub(crate) workspaces: Vec<Workspace>,
}

/// What is stored of one workspace.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// Most calls at once.
    pub(crate) limit: usize,
    /// The numbers that may be called from, of all campaigns.
    pub(crate) caller_numbers: Vec<CallerNumber>,
    pub(crate) planning: Planning,
    pub(crate) campaigns: BTreeMap<CampaignId, Rc<Campaign>>,
    pub(crate) zones: BTreeMap<CampaignId, BTreeSet<Zone>>,
    pub(crate) flights: BTreeMap<E164, Rc<Flight>>,
    pub(crate) requests: BTreeMap<AttemptId, CallRequest>,
    pub(crate) leads: Map<LeadId, Rc<Lead>>,
    /// Numbers whose owner does not want to be called.
    pub(crate) suppressed: Set<E164>,
    pub(crate) interactions: Map<InteractionId, Rc<Interaction>>,
    pub(crate) counters: BTreeMap<CampaignId, Tally>,
    pub(crate) trails: Map<ProviderCallId, Trail>,
    pub(crate) due: due::DueIndex,
}

/// What is stored under a provider's id of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    /// Our attempt, once the dialler has noted it.
    pub(crate) call: Option<ProviderCall>,
    /// Events that came before that.
    pub(crate) events: Vec<VoiceEvent>,
}

impl Workspace {
    /// A campaign with the zones of its leads and the numbers that it calls from.
    pub(crate) fn scene_of(&self, campaign: &Campaign) -> CampaignScene {
        let is_chosen = |number: &&CallerNumber| campaign.spec.caller_number_ids.contains(&number.id);
        CampaignScene {
            numbers: self.caller_numbers.iter().filter(is_chosen).cloned().collect(),
            zones: self.zones.get(&campaign.id).into_iter().flatten().cloned().collect(),
            campaign: campaign.clone(),
        }
    }

    /// The leads of a campaign.
    pub(crate) fn leads_of<'a>(&'a self, campaign: &'a CampaignId) -> impl Iterator<Item = &'a Lead> {
        self.leads.values().map(Rc::as_ref).filter(|lead| lead.id.campaign() == *campaign)
    }
}
