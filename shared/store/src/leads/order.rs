//! The leads of a campaign in the order of their files: a list of blocks, each of which names leads that
//! came together. A page costs what it shows, however many leads there are.

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::records::lead::{Lead, LeadBlock};

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::table::{Direction, Item, ItemWrite, Query, SortRange, text_of};

/// Blocks of the first read; each of a file names some hundred leads.
const FIRST_BLOCKS: usize = 2;
/// Most blocks of a read: those of leads that came alone name one each.
const MAX_BLOCKS: usize = 128;

/// Where a page of leads ended: behind a lead of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPlace {
    pub block: String,
    pub lead: LeadId,
}

/// Leads in the order of their files, or backwards.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OrderPage {
    pub leads: Vec<Lead>,
    /// Where the next page starts; none if this is the last.
    pub next: Option<OrderPlace>,
}

/// The write that lists these leads.
pub(crate) fn listed(ws: &WorkspaceId, block: &LeadBlock) -> ItemWrite {
    let hashes = block.leads.iter().map(LeadId::number_hash).collect::<Vec<_>>().concat();
    let mut item = item::key_attributes(keys::lead_block(ws, block));
    item.insert("leads".into(), item::text(hashes));
    ItemWrite::put(item)
}

impl Store {
    /// Lists leads that were created together. The same block again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn list_leads(&self, ws: &WorkspaceId, block: &LeadBlock) -> Result<(), StoreError> {
        self.table.write(listed(ws, block)).await?;
        Ok(())
    }

    /// At most `limit` leads of a campaign in the order of their files, or backwards, behind a place.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn leads_in_order(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        direction: Direction,
        behind: Option<OrderPlace>,
        limit: usize,
    ) -> Result<OrderPage, StoreError> {
        let mut page = OrderPage { leads: Vec::new(), next: behind };
        let mut blocks = FIRST_BLOCKS;
        loop {
            let wanted = limit - page.leads.len();
            let named = self.named_leads(ws, campaign, direction, page.next.as_ref(), blocks).await?;
            let some = &named.places[..named.places.len().min(wanted)];
            let ids: Vec<_> = some.iter().map(|place| place.lead.clone()).collect();
            let leads = self.leads(ws, &ids).await?.into_iter();
            // A lead that was removed and came again stands at its new place alone.
            let is_here = |lead: &Lead| {
                let place = some.iter().find(|place| place.lead == lead.id);
                place.is_some_and(|place| place.block.starts_with(&lead.order.at.to_string()))
            };
            page.leads.extend(leads.filter(is_here));
            let is_rest = named.is_last && some.len() == named.places.len();
            page.next = some.last().cloned().or(page.next).filter(|_| !is_rest);
            if page.next.is_none() || page.leads.len() == limit {
                return Ok(page);
            }
            blocks = MAX_BLOCKS;
        }
    }

    /// The leads that the next blocks name, behind a place.
    async fn named_leads(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        direction: Direction,
        behind: Option<&OrderPlace>,
        blocks: usize,
    ) -> Result<NamedLeads, StoreError> {
        let range = behind.map_or(SortRange::All, |place| match direction {
            Direction::Ascending => SortRange::From(place.block.clone()),
            // Nothing sorts before the first block.
            Direction::Descending => SortRange::Between(String::from("0"), place.block.clone()),
        });
        let query = Query { direction, ..Query::table(keys::lead_blocks(ws, campaign)).range(range) };
        let page = self.page(query.limit(blocks)).await?;
        let mut places: Vec<OrderPlace> = Vec::new();
        for item in &page.items {
            let mut in_block = places_of(campaign, item);
            if direction == Direction::Descending {
                in_block.reverse();
            }
            if let Some(seen) = behind.and_then(|behind| in_block.iter().position(|place| place == behind)) {
                in_block.drain(..=seen);
            }
            places.append(&mut in_block);
        }
        Ok(NamedLeads { places, is_last: page.next.is_none() })
    }
}

struct NamedLeads {
    places: Vec<OrderPlace>,
    /// Whether no block comes after them.
    is_last: bool,
}

fn places_of(campaign: &CampaignId, item: &Item) -> Vec<OrderPlace> {
    let (Some(block), Some(hashes)) = (text_of(item, "sk"), text_of(item, "leads")) else {
        return Vec::new();
    };
    let hash = |place: usize| hashes.get(place..place + LeadId::HASH_LEN);
    let hashes = (0..hashes.len()).step_by(LeadId::HASH_LEN).filter_map(hash);
    let leads = hashes.filter_map(|hash| LeadId::of_hash(campaign, hash).ok());
    leads.map(|lead| OrderPlace { block: block.to_owned(), lead }).collect()
}
