//! Campaigns, assistants, caller numbers, zones and counters.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use carillon_domain::assistant::{Assistant, CallerNumber};
use carillon_domain::campaign::Campaign;
use carillon_domain::credits::Credits;
use carillon_domain::flight::Flight;
use carillon_domain::ids::{AssistantId, CallerNumberId, CampaignId, InteractionId, WorkspaceId};
use carillon_domain::interaction::Interaction;
use carillon_domain::lead::Lead;
use carillon_domain::number_record::NumberRecord;
use carillon_domain::phone::E164;
use carillon_domain::plan::Marks;
use carillon_domain::tally::{Counter, Tally};
use carillon_domain::workspace::Workspace;
use carillon_domain::zone::Zone;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::credits::{credit_keys, credits_in};
use crate::item::{self, Item, text_of};
use crate::keys::{self, COUNTER_SHARDS, Key};
use crate::numbers::records_in;
use crate::planning::MarksItem;
use crate::{ProviderCall, Store, StoreError};

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
    /// The workspace.
    pub workspace: Option<Workspace>,
    /// Its credits.
    pub credits: Credits,
    /// What is known to be empty.
    pub marks: Marks,
    /// The campaigns that were asked for, as far as there are, with the zones of their leads.
    pub campaigns: Vec<(Campaign, Vec<Zone>)>,
}

/// What stands around one attempt, read strongly in one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The flight of the number.
    pub flight: Option<Flight>,
    /// The lead.
    pub lead: Option<Lead>,
    /// The campaign.
    pub campaign: Option<Campaign>,
    /// The interaction that records the attempt.
    pub interaction: Option<Interaction>,
    /// What is known of the person's numbers, if asked for.
    pub records: Vec<NumberRecord>,
    /// Who calls, if asked for.
    pub voice: Voice,
}

/// Who calls: what the dialer needs besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Voice {
    /// The assistant that talks.
    pub assistant: Option<Assistant>,
    /// The number that is dialled from.
    pub caller_number: Option<CallerNumber>,
    /// The workspace.
    pub workspace: Option<Workspace>,
}

/// Who calls whom.
#[derive(Debug, Clone, Copy)]
pub struct VoiceKeys<'a> {
    /// The assistant that talks.
    pub assistant: &'a AssistantId,
    /// The number that is dialled from.
    pub caller_number: &'a CallerNumberId,
    /// All numbers of the person.
    pub person: &'a [E164],
}

impl Store {
    /// Creates a campaign. Says whether there was none with its id.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn create_campaign(&self, ws: &WorkspaceId, campaign: &Campaign) -> Result<bool, StoreError> {
        self.put_new(keys::campaign(ws, &campaign.id), campaign).await
    }

    /// One campaign.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn campaign(&self, ws: &WorkspaceId, id: &CampaignId) -> Result<Option<Campaign>, StoreError> {
        self.get(keys::campaign(ws, id)).await
    }

    /// All campaigns of a workspace, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn campaigns(&self, ws: &WorkspaceId) -> Result<Vec<Campaign>, StoreError> {
        self.list(keys::campaigns(ws)).await
    }

    /// The workspace with its credits, and campaigns with the zones of their leads, in one request.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn workspace_and_campaigns(
        &self,
        ws: &WorkspaceId,
        ids: &BTreeSet<CampaignId>,
    ) -> Result<WorkspaceState, StoreError> {
        let mut wanted: Vec<_> =
            ids.iter().flat_map(|id| [keys::campaign(ws, id), keys::zones(ws, id)]).collect();
        wanted.push(keys::workspace(ws));
        wanted.push(keys::marks(ws));
        wanted.extend(credit_keys(ws));
        let mut items = self.get_all(wanted).await?;
        let workspace = take(&mut items, &keys::workspace(ws))?;
        let marks: Option<MarksItem> = take(&mut items, &keys::marks(ws))?;
        let credits = credits_in(&items, ws);
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(campaign) = items.remove(&keys::campaign(ws, id)) else { continue };
            let zones: ZonesItem =
                items.remove(&keys::zones(ws, id)).map(item::decode).transpose()?.unwrap_or_default();
            found.push((item::decode(campaign)?, zones.zones()));
        }
        Ok(WorkspaceState { workspace, credits, marks: marks.unwrap_or_default().marks, campaigns: found })
    }

    /// Adds zones to a campaign's directory; done before the first lead in a zone is created.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
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
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::zones(ws, campaign).into_attributes()))
            .update_expression("ADD zones :zones")
            .expression_attribute_values(":zones", AttributeValue::Ss(names))
            .send()
            .await
            .map(drop)
            .map_err(StoreError::service)
    }

    /// The sums of a campaign's counters.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn counters(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<Tally, StoreError> {
        let shards = (0..COUNTER_SHARDS).map(|shard| keys::counters(ws, campaign, shard)).collect();
        let mut sums = Tally::default();
        for item in self.get_all(shards).await?.values() {
            for counter in Counter::all() {
                sums.add(counter, number_of(item, counter.name()));
            }
        }
        Ok(sums)
    }

    /// Creates an assistant. Says whether there was none with its id.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn create_assistant(
        &self,
        ws: &WorkspaceId,
        assistant: &Assistant,
    ) -> Result<bool, StoreError> {
        self.put_new(keys::assistant(ws, &assistant.id), assistant).await
    }

    /// Stores a changed assistant, if the stored one is one version older. Says whether it was.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn update_assistant(
        &self,
        ws: &WorkspaceId,
        assistant: &Assistant,
    ) -> Result<bool, StoreError> {
        self.put_over(keys::assistant(ws, &assistant.id), assistant, assistant.version - 1).await
    }

    /// One assistant.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn assistant(
        &self,
        ws: &WorkspaceId,
        id: &AssistantId,
    ) -> Result<Option<Assistant>, StoreError> {
        self.get(keys::assistant(ws, id)).await
    }

    /// Removes an assistant.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn remove_assistant(&self, ws: &WorkspaceId, id: &AssistantId) -> Result<(), StoreError> {
        self.remove(keys::assistant(ws, id)).await
    }

    /// All assistants and caller numbers of a workspace, in one request.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn voices(&self, ws: &WorkspaceId) -> Result<(Vec<Assistant>, Vec<CallerNumber>), StoreError> {
        let (mut assistants, mut numbers) = (Vec::new(), Vec::new());
        for item in self.query_all(keys::voices(ws), None).await? {
            match text_of(&item, "sk") {
                Some(sk) if sk.starts_with(AssistantId::PREFIX) => assistants.push(item::decode(item)?),
                Some(sk) if sk.starts_with(CallerNumberId::PREFIX) => numbers.push(item::decode(item)?),
                Some(_) | None => {}
            }
        }
        Ok((assistants, numbers))
    }

    /// What stands around one attempt, strongly and in one request; with the assistant, the caller
    /// number, the workspace and the person's numbers if they are named.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn surroundings(
        &self,
        ws: &WorkspaceId,
        call: &ProviderCall,
        voice: Option<VoiceKeys<'_>>,
    ) -> Result<Surroundings, StoreError> {
        let flight = keys::flight(ws, &call.number);
        let lead = keys::lead(ws, &call.lead);
        let campaign = keys::campaign(ws, &call.lead.campaign());
        let interaction = keys::interaction(ws, &InteractionId::of(&call.attempt));
        let mut wanted = vec![flight.clone(), lead.clone(), campaign.clone(), interaction.clone()];
        wanted.extend(voice.iter().flat_map(|voice| voice.keys(ws)));
        let mut items = self.get_all(wanted).await?;
        Ok(Surroundings {
            flight: take(&mut items, &flight)?,
            lead: take(&mut items, &lead)?,
            campaign: take(&mut items, &campaign)?,
            interaction: take(&mut items, &interaction)?,
            records: match &voice {
                None => Vec::new(),
                Some(voice) => records_in(&mut items, ws, voice.person)?,
            },
            voice: match &voice {
                None => Voice::default(),
                Some(voice) => Voice {
                    assistant: take(&mut items, &keys::assistant(ws, voice.assistant))?,
                    caller_number: take(&mut items, &keys::caller_number(ws, voice.caller_number))?,
                    workspace: take(&mut items, &keys::workspace(ws))?,
                },
            },
        })
    }
}

impl VoiceKeys<'_> {
    fn keys(&self, ws: &WorkspaceId) -> Vec<Key> {
        let voice = [
            keys::assistant(ws, self.assistant),
            keys::caller_number(ws, self.caller_number),
            keys::workspace(ws),
        ];
        let records = self.person.iter().map(|number| keys::number_record(ws, number));
        voice.into_iter().chain(records).collect()
    }
}

pub(crate) fn take<T: DeserializeOwned>(
    items: &mut HashMap<Key, Item>,
    key: &Key,
) -> Result<Option<T>, StoreError> {
    items.remove(key).map(item::decode).transpose()
}

pub(crate) fn number_of(item: &Item, name: &str) -> i64 {
    item.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default()
}
