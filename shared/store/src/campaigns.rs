//! Campaigns, zones and counters.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::{AssistantId, CampaignId, WorkspaceId};
use carillon_domain::base::zone::Zone;
use carillon_domain::planning::{EmptyPartitions, Failures};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::workspace::Workspace;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number_of, take};
use crate::keys::{self, COUNTER_SHARDS};
use crate::planning::{FAILED, MarksItem};
use crate::table::{Change, Item, Key};

#[derive(Debug, Default, Deserialize)]
struct ZonesItem {
    #[serde(default)]
    zones: BTreeSet<String>,
}

impl ZonesItem {
    fn zones(self) -> Vec<Zone> {
        self.zones.iter().filter_map(|key| key.parse().ok()).collect()
    }
}

/// A workspace and campaigns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceState {
    pub workspace: Option<Workspace>,
    /// The assistants that were asked for, as far as there are.
    pub assistants: Vec<Assistant>,
    /// The caller numbers that have a pace, as far as there are.
    pub numbers: Vec<CallerNumber>,
    /// What is known to be empty.
    pub empty_partitions: EmptyPartitions,
    /// How many calls have failed so far, of the campaigns and caller numbers that were asked for.
    pub failures: Failures,
    /// The campaigns that were asked for, as far as there are, with the zones of their leads.
    pub campaigns: Vec<(Campaign, Vec<Zone>)>,
}

impl Store {
    /// Creates a campaign. Says whether there was none with its id.
    pub async fn create_campaign(&self, ws: &WorkspaceId, campaign: &Campaign) -> Result<bool, StoreError> {
        self.put_new(keys::campaign(ws, &campaign.id), campaign).await
    }

    /// One campaign. One that is being deleted is gone for everybody but who deletes it.
    pub async fn campaign(&self, ws: &WorkspaceId, id: &CampaignId) -> Result<Option<Campaign>, StoreError> {
        let campaign: Option<Campaign> = self.get(keys::campaign(ws, id)).await?;
        Ok(campaign.filter(|campaign| !campaign.is_closed))
    }

    /// A campaign that is being deleted.
    pub async fn closed_campaign(
        &self,
        ws: &WorkspaceId,
        id: &CampaignId,
    ) -> Result<Option<Campaign>, StoreError> {
        let campaign: Option<Campaign> = self.get(keys::campaign(ws, id)).await?;
        Ok(campaign.filter(|campaign| campaign.is_closed))
    }

    /// All campaigns of a workspace but those that are being deleted, oldest first.
    pub async fn campaigns(&self, ws: &WorkspaceId) -> Result<Vec<Campaign>, StoreError> {
        let mut campaigns: Vec<Campaign> = self.list(keys::campaigns(ws)).await?;
        campaigns.retain(|campaign| !campaign.is_closed);
        Ok(campaigns)
    }

    /// The workspace, campaigns with the zones of their leads, assistants, and whatever has a pace with its
    /// failures, in one request.
    pub async fn workspace_and_campaigns(
        &self,
        ws: &WorkspaceId,
        ids: &BTreeSet<CampaignId>,
        assistants: &BTreeSet<AssistantId>,
        rate_states: &RateStates,
    ) -> Result<WorkspaceState, StoreError> {
        let mut wanted: Vec<_> =
            ids.iter().flat_map(|id| [keys::campaign(ws, id), keys::zones(ws, id)]).collect();
        wanted.push(keys::workspace(ws));
        wanted.push(keys::empty_partitions(ws));
        wanted.extend(assistants.iter().map(|id| keys::assistant(ws, id)));
        wanted.extend(rate_states.numbers.keys().map(|id| keys::caller_number(ws, id)));
        wanted.extend(rate_states.numbers.keys().map(|id| keys::failures(ws, id)));
        wanted.extend(rate_states.campaigns.keys().map(|id| keys::failures(ws, id)));
        let mut items = self.get_all(wanted).await?;
        let workspace = take(&mut items, &keys::workspace(ws))?;
        let empty_partitions: Option<MarksItem> = take(&mut items, &keys::empty_partitions(ws))?;
        let numbers = rate_states.numbers.keys().map(|id| keys::caller_number(ws, id));
        let numbers = take_all(&mut items, numbers)?;
        let assistants = take_all(&mut items, assistants.iter().map(|id| keys::assistant(ws, id)))?;
        let failures = failures_in(&items, ws, rate_states);
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(campaign) = items.remove(&keys::campaign(ws, id)) else { continue };
            let zones: ZonesItem =
                items.remove(&keys::zones(ws, id)).map(item::decode).transpose()?.unwrap_or_default();
            let campaign: Campaign = item::decode(campaign)?;
            if !campaign.is_closed {
                found.push((campaign, zones.zones()));
            }
        }
        let empty_partitions = empty_partitions.unwrap_or_default().empty_partitions;
        Ok(WorkspaceState { workspace, assistants, numbers, empty_partitions, failures, campaigns: found })
    }

    /// Adds zones to a campaign's directory; done before the first lead in a zone is created.
    pub async fn add_zones(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        zones: &BTreeSet<Zone>,
    ) -> Result<(), StoreError> {
        let names: Vec<_> = zones.iter().map(Zone::key).collect();
        if names.is_empty() {
            return Ok(());
        }
        self.update(keys::zones(ws, campaign), vec![Change::Include("zones", names)]).await
    }

    /// The sums of a campaign's counters.
    pub async fn counters(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<Counters, StoreError> {
        let shards = (0..COUNTER_SHARDS).map(|shard| keys::counters(ws, campaign, shard)).collect();
        let mut sums = Counters::default();
        for item in self.get_all(shards).await?.values() {
            for counter in Counter::all() {
                sums.add(counter, number_of(item, counter.name()));
            }
        }
        Ok(sums)
    }
}

/// The entities under these keys, as far as there are, among items that were read.
fn take_all<T: DeserializeOwned>(
    items: &mut HashMap<Key, Item>,
    keys: impl Iterator<Item = Key>,
) -> Result<Vec<T>, StoreError> {
    keys.filter_map(|key| take(items, &key).transpose()).collect()
}

/// The failures of whatever has a pace, among items that were read.
fn failures_in(items: &HashMap<Key, Item>, ws: &WorkspaceId, rate_states: &RateStates) -> Failures {
    let count =
        |key| u64::try_from(items.get(&key).map_or(0, |item| number_of(item, FAILED))).unwrap_or_default();
    Failures {
        numbers: rate_states.numbers.keys().map(|id| (id.clone(), count(keys::failures(ws, id)))).collect(),
        campaigns: rate_states
            .campaigns
            .keys()
            .map(|id| (id.clone(), count(keys::failures(ws, id))))
            .collect(),
    }
}
