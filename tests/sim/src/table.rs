//! The model of the table: maps instead of items, under the same conditions.

mod commit;
mod due;
mod planning;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use carillon_domain::base::call::{ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::{CampaignId, InteractionId, LeadId, TopUpId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::zone::Zone;
use carillon_domain::planning::{CampaignSnapshot, Failures};
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::active_attempt::{ActiveAttempt, CallRequest};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::counters::Counters;
use carillon_domain::records::credits::Credits;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace;

use crate::job::{ProviderCall, WalkTask};
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
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) tenant: workspace::Workspace,
    pub(crate) rules: Arc<Rulebook>,
    /// The numbers that may be called from, of all campaigns.
    pub(crate) caller_numbers: Vec<CallerNumber>,
    pub(crate) planning: Planning,
    pub(crate) campaigns: BTreeMap<CampaignId, Rc<Campaign>>,
    pub(crate) zones: BTreeMap<CampaignId, BTreeSet<Zone>>,
    pub(crate) active_attempts: BTreeMap<E164, Rc<ActiveAttempt>>,
    pub(crate) requests: BTreeMap<LeadId, CallRequest>,
    pub(crate) leads: Map<LeadId, Rc<Lead>>,
    /// The leads of each campaign.
    rosters: BTreeMap<CampaignId, BTreeSet<LeadId>>,
    /// The leads that a number belongs to.
    owners: Map<E164, BTreeSet<LeadId>>,
    pub(crate) records: Map<E164, Rc<NumberRecord>>,
    /// The entries of the do-not-call lists.
    pub(crate) listed: Set<(ListName, E164)>,
    pub(crate) interactions: Map<InteractionId, Rc<Interaction>>,
    pub(crate) counters: BTreeMap<CampaignId, Counters>,
    /// The last lead that each walk has seen to.
    pub(crate) walks: BTreeMap<(CampaignId, WalkTask), LeadId>,
    pub(crate) failures: Failures,
    pub(crate) refusals: usize,
    pub(crate) spent_micros: i64,
    pub(crate) top_ups: BTreeMap<TopUpId, i64>,
    pub(crate) trails: Map<ProviderCallId, Trail>,
    pub(crate) due: due::DueIndex,
}

/// What is stored under a provider's id of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    /// Our attempt, once the dialer has noted it.
    pub(crate) call: Option<ProviderCall>,
    /// Events that came before that.
    pub(crate) events: Vec<VoiceEvent>,
}

impl Workspace {
    pub(crate) fn new(
        tenant: workspace::Workspace,
        rules: Arc<Rulebook>,
        caller_numbers: Vec<CallerNumber>,
    ) -> Self {
        Self {
            tenant,
            rules,
            caller_numbers,
            planning: Planning::default(),
            campaigns: BTreeMap::new(),
            zones: BTreeMap::new(),
            active_attempts: BTreeMap::new(),
            requests: BTreeMap::new(),
            leads: Map::default(),
            rosters: BTreeMap::new(),
            owners: Map::default(),
            records: Map::default(),
            listed: Set::default(),
            interactions: Map::default(),
            counters: BTreeMap::new(),
            walks: BTreeMap::new(),
            failures: Failures::default(),
            refusals: 0,
            spent_micros: 0,
            top_ups: BTreeMap::new(),
            trails: Map::default(),
            due: due::DueIndex::default(),
        }
    }

    /// A campaign with the zones of its leads and the numbers that it calls from.
    pub(crate) fn scene_of(&self, campaign: &Campaign) -> CampaignSnapshot {
        let is_chosen = |number: &&CallerNumber| campaign.spec.caller_number_ids.contains(&number.id);
        CampaignSnapshot {
            numbers: self.caller_numbers.iter().filter(is_chosen).cloned().collect(),
            zones: self.zones.get(&campaign.id).into_iter().flatten().cloned().collect(),
            campaign: campaign.clone(),
        }
    }

    /// The leads of a campaign, in the order of their ids.
    pub(crate) fn leads_of<'a>(&'a self, campaign: &CampaignId) -> impl Iterator<Item = &'a Rc<Lead>> {
        self.rosters.get(campaign).into_iter().flatten().filter_map(|id| self.leads.get(id))
    }

    /// The ids of a campaign's leads from behind one on.
    pub(crate) fn leads_behind(
        &self,
        campaign: &CampaignId,
        from: Option<&LeadId>,
        count: usize,
    ) -> Vec<LeadId> {
        use std::ops::Bound;
        let Some(roster) = self.rosters.get(campaign) else { return Vec::new() };
        let start = from.map_or(Bound::Unbounded, Bound::Excluded);
        roster.range::<LeadId, _>((start, Bound::Unbounded)).take(count).cloned().collect()
    }

    /// The leads that a number belongs to.
    pub(crate) fn owners_of(&self, number: &E164) -> Vec<Rc<Lead>> {
        let owners = self.owners.get(number).into_iter().flatten();
        owners.filter_map(|id| self.leads.get(id)).cloned().collect()
    }

    /// What is known of numbers; of those that were never met, that nothing is.
    pub(crate) fn records_of(&self, numbers: &[E164]) -> Vec<NumberRecord> {
        let known = |number: &E164| self.records.get(number).map(|record| NumberRecord::clone(record));
        numbers.iter().map(|number| known(number).unwrap_or(NumberRecord::unknown(number.clone()))).collect()
    }

    /// The sums of the ledger; none if the workspace has none.
    pub(crate) fn credits(&self) -> Option<Credits> {
        self.tenant.low_credits_micros.map(|_| Credits {
            topped_up_micros: self.top_ups.values().sum(),
            spent_micros: self.spent_micros,
        })
    }
}
