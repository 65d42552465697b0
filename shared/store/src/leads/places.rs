//! Whose a number is in a campaign.
//!
//! A lead lies under a key that the number gave it with which it came. Each further number of its own gives a key
//! of the same kind, and under that lies a pointer to the lead. So no two leads of a campaign have one number,
//! whoever is faster: the second finds the key taken. A lead of one number takes no more than itself.
//!
//! A lead keeps its key though it gives its first number up. Then the number's next key counts
//! ([`LeadId::after`]): of a number's keys, in order, all but the last one are those of leads that have given it up.
//! Such a key never becomes free: where its lead is removed, a tombstone stays.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::Write;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::table::{Condition, Item, ItemWrite, Key, text_of};

/// How many leads may have given up one number.
const MAX_GIVEN_UP: u8 = 32;
/// The attribute of a pointer that names its lead; no lead has it.
pub(crate) const POINTS_TO: &str = "points_to";

/// What lies under the key of a number that is not its lead's first.
#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    points_to: LeadId,
}

/// What stays of a lead that was removed after its first number had gone to another one: a pointer to itself, with
/// the id by which the stream hears of it.
#[derive(Debug, Serialize)]
struct Tombstone<'a> {
    id: &'a LeadId,
    points_to: &'a LeadId,
}

/// What lies under a key that a number gives.
enum Place {
    Free,
    Lead(Box<Lead>),
    Pointer(LeadId),
    Tombstone,
}

/// Whose a number is in a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    Lead(LeadId),
    /// Nobody's; this is the id of a lead that comes with it.
    Nobody(LeadId),
}

/// A number of a lead to be is another lead's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub number: E164,
    pub by: LeadId,
}

impl Holder {
    pub const fn lead(&self) -> Option<&LeadId> {
        match self {
            Self::Lead(lead) => Some(lead),
            Self::Nobody(_) => None,
        }
    }
}

impl Store {
    /// Whose these numbers are, each in its campaign, strongly, in their order; with the leads whose they are.
    pub async fn holders(
        &self,
        ws: &WorkspaceId,
        numbers: &[(CampaignId, E164)],
    ) -> Result<(Vec<Holder>, HashMap<LeadId, Lead>), StoreError> {
        let mut holders: Vec<Option<Holder>> = vec![None; numbers.len()];
        let mut leads = HashMap::new();
        for given_up in 0..MAX_GIVEN_UP {
            let open = (0..numbers.len()).filter(|place| holders[*place].is_none());
            let id = |place: usize| LeadId::after(given_up, &numbers[place].0, &numbers[place].1);
            let open: Vec<(usize, LeadId)> = open.map(|place| (place, id(place))).collect();
            if open.is_empty() {
                break;
            }
            let ids: BTreeSet<LeadId> = open.iter().map(|(_, id)| id.clone()).collect();
            let items = self.items_at(ws, &ids).await?;
            for (place, id) in open {
                holders[place] = match place_in(&id, items.get(&keys::lead(ws, &id)))? {
                    Place::Free => Some(Holder::Nobody(id)),
                    Place::Pointer(lead) => Some(Holder::Lead(lead)),
                    Place::Tombstone => None,
                    Place::Lead(lead) => {
                        let holder = has(&lead, &numbers[place].1).then(|| Holder::Lead(id.clone()));
                        leads.insert(id, *lead);
                        holder
                    }
                };
            }
        }
        let found: Option<Vec<Holder>> = holders.into_iter().collect();
        let mut found =
            found.ok_or_else(|| StoreError::contended("too many leads have given up one number"))?;
        let ids: BTreeSet<LeadId> = found.iter().filter_map(Holder::lead).cloned().collect();
        leads.retain(|id, _| ids.contains(id));
        let pointed_to: Vec<LeadId> = ids.into_iter().filter(|id| !leads.contains_key(id)).collect();
        leads.extend(self.leads(ws, &pointed_to).await?.into_iter().map(|lead| (lead.id.clone(), lead)));
        self.release(ws, numbers, &mut found, &leads).await?;
        Ok((found, leads))
    }

    /// The writes by which numbers change hands where a lead becomes another; refused where one that it gets is
    /// another lead's.
    pub async fn number_writes(
        &self,
        ws: &WorkspaceId,
        before: &Lead,
        after: &Lead,
    ) -> Result<Result<Vec<Write>, Held>, StoreError> {
        let gained: Vec<_> =
            not_of(after, before).into_iter().map(|number| (before.id.campaign(), number)).collect();
        let mut writes = Vec::new();
        for ((_, number), holder) in gained.iter().zip(self.holders(ws, &gained).await?.0) {
            match holder {
                Holder::Nobody(place) => writes.push(Write::HoldNumber { place, lead: before.id.clone() }),
                Holder::Lead(by) => return Ok(Err(Held { number: number.clone(), by })),
            }
        }
        for number in &not_of(before, after) {
            let pointer = self.pointer_to(ws, &before.id, number).await?;
            writes.extend(pointer.map(|place| Write::GiveUpNumber { place, lead: before.id.clone() }));
        }
        Ok(Ok(writes))
    }

    /// Takes away the pointers to leads that were removed: their numbers are nobody's.
    async fn release(
        &self,
        ws: &WorkspaceId,
        numbers: &[(CampaignId, E164)],
        holders: &mut [Holder],
        leads: &HashMap<LeadId, Lead>,
    ) -> Result<(), StoreError> {
        for ((_, number), holder) in numbers.iter().zip(holders) {
            let Some(gone) = holder.lead().filter(|id| !leads.contains_key(*id)).cloned() else { continue };
            if let Some(place) = self.pointer_to(ws, &gone, number).await? {
                let removal = ItemWrite::delete(keys::lead(ws, &place));
                self.write_if(removal, Condition::Equals(POINTS_TO, item::text(&gone))).await?;
                *holder = Holder::Nobody(place);
            }
        }
        Ok(())
    }

    /// Where a number's pointer to a lead lies; nowhere where the lead itself lies under the number's key.
    async fn pointer_to(
        &self,
        ws: &WorkspaceId,
        lead: &LeadId,
        number: &E164,
    ) -> Result<Option<LeadId>, StoreError> {
        for given_up in 0..MAX_GIVEN_UP {
            let id = LeadId::after(given_up, &lead.campaign(), number);
            let item = self.table.get(keys::lead(ws, &id)).await?;
            match place_in(&id, item.as_ref())? {
                Place::Pointer(to) => return Ok((to == *lead).then_some(id)),
                Place::Free => return Ok(None),
                Place::Lead(_) | Place::Tombstone => {}
            }
        }
        Ok(None)
    }

    /// What lies under the keys of leads.
    async fn items_at(
        &self,
        ws: &WorkspaceId,
        ids: &BTreeSet<LeadId>,
    ) -> Result<HashMap<Key, Item>, StoreError> {
        self.get_all(ids.iter().map(|id| keys::lead(ws, id)).collect()).await
    }
}

/// A pointer as an item.
pub(crate) fn pointer_item(ws: &WorkspaceId, place: &LeadId, lead: &LeadId) -> Result<Item, StoreError> {
    item::encode(keys::lead(ws, place), &Pointer { points_to: lead.clone() })
}

/// Takes a lead away. A key whose number it has given up is not to become free: behind it lies who has the number.
pub(crate) fn removal(ws: &WorkspaceId, lead: &Lead) -> Result<ItemWrite, StoreError> {
    let campaign = lead.id.campaign();
    let gave_key =
        |number| (0..MAX_GIVEN_UP).any(|given_up| LeadId::after(given_up, &campaign, number) == lead.id);
    let key = keys::lead(ws, &lead.id);
    if lead.phones().any(gave_key) {
        return Ok(ItemWrite::delete(key));
    }
    Ok(ItemWrite::put(item::encode(key, &Tombstone { id: &lead.id, points_to: &lead.id })?))
}

/// The lead in an item; none if it is a pointer or a tombstone.
pub(crate) fn lead_in(item: Item) -> Result<Option<Lead>, StoreError> {
    if text_of(&item, POINTS_TO).is_some() { Ok(None) } else { item::decode(item).map(Some) }
}

fn place_in(id: &LeadId, item: Option<&Item>) -> Result<Place, StoreError> {
    let Some(item) = item.cloned() else { return Ok(Place::Free) };
    match text_of(&item, POINTS_TO) {
        Some(to) if to == id.as_str() => Ok(Place::Tombstone),
        Some(_) => item::decode(item).map(|Pointer { points_to }| Place::Pointer(points_to)),
        None => item::decode(item).map(Place::Lead),
    }
}

fn has(lead: &Lead, number: &E164) -> bool {
    Subscriber::in_common(std::slice::from_ref(number), lead.phones())
}

/// The numbers of a lead that another one has in no form.
fn not_of(lead: &Lead, other: &Lead) -> Vec<E164> {
    lead.phones().filter(|number| !has(other, number)).cloned().collect()
}
