//! Finding the leads that a plan may choose from.

use std::collections::HashSet;

use carillon_domain::ids::{LeadId, WorkspaceId};
use carillon_domain::plan::{Candidates, Opening, Openings, Scene};
use carillon_domain::time::Timestamp;
use carillon_runtime::scene;
use carillon_runtime::world::World;
use carillon_store::StoreError;
use tokio::task::JoinSet;

/// Leads that are read beyond those that are wanted: some of what the index names is in flight,
/// or stale.
const SLACK: usize = 5;
/// Most pages of one part of the due index that a plan reads.
const MAX_PAGES: usize = 4;
/// Parts of the due index that are looked into at the same time, after the first.
const PARALLEL_PLACES: usize = 8;

/// The leads that a plan may choose from: those that were asked for and those that are due, as they
/// are stored now. Notes in the scene what is empty.
pub(crate) async fn candidates(
    world: &World,
    ws: &WorkspaceId,
    scene: &mut Scene,
    openings: &Openings,
    passed_over: &HashSet<LeadId>,
) -> Result<Candidates, StoreError> {
    let mut ids: Vec<LeadId> = scene.requests.iter().map(|request| request.lead.clone()).collect();
    for places in openings.places.chunk_by(|one, other| one.campaign == other.campaign) {
        ids.extend(of_campaign(world, ws, scene, places, passed_over).await?);
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    let leads = world.store.leads(ws, &ids).await?;
    let records = scene::records(world, ws, &leads).await?;
    Ok(Candidates { leads, records })
}

/// Looks into the places of one campaign until it has what it wants: into the first alone, which
/// mostly has enough, then into several at once.
async fn of_campaign(
    world: &World,
    ws: &WorkspaceId,
    scene: &mut Scene,
    places: &[Opening],
    passed_over: &HashSet<LeadId>,
) -> Result<Vec<LeadId>, StoreError> {
    let (first, rest) = places.split_at(1.min(places.len()));
    let mut found: Vec<LeadId> = Vec::new();
    for together in std::iter::once(first).chain(rest.chunks(PARALLEL_PLACES)) {
        let mut looks = JoinSet::new();
        for (order, place) in together.iter().enumerate() {
            let (world, ws, look) = (world.clone(), ws.clone(), Look::new(scene, place, passed_over));
            looks.spawn(async move { (order, look.take(&world, &ws).await) });
        }
        let mut seen = looks.join_all().await;
        seen.sort_by_key(|(order, _)| *order);
        for ((_, seen), place) in seen.into_iter().zip(together) {
            let seen = seen?;
            if let Some(head) = seen.empty_until {
                scene.marks.note(&place.campaign, place.class, place.zone.as_ref(), head, scene.now);
            }
            found.extend(seen.due);
        }
        if places.first().is_some_and(|place| found.len() >= place.want) {
            break;
        }
    }
    Ok(found)
}

/// One look into a part of the due index.
struct Look {
    place: Opening,
    now: Timestamp,
    /// Leads that are looked past: those in flight, of which the index may not know yet, and those that
    /// were passed over.
    busy: HashSet<LeadId>,
}

/// What a look found.
#[derive(Default)]
struct Seen {
    due: Vec<LeadId>,
    /// Nothing is due; with when something will be, if it is known.
    empty_until: Option<Option<Timestamp>>,
}

impl Look {
    fn new(scene: &Scene, place: &Opening, passed_over: &HashSet<LeadId>) -> Self {
        let flying = scene.flights.iter().map(|flight| &flight.lead);
        let busy = flying.chain(passed_over).filter(|lead| lead.campaign() == place.campaign);
        Self { place: place.clone(), now: scene.now, busy: busy.cloned().collect() }
    }

    /// Reads until enough is found or nothing is left that is due.
    async fn take(&self, world: &World, ws: &WorkspaceId) -> Result<Seen, StoreError> {
        let Opening { campaign, class, zone, want } = &self.place;
        let mut seen = Seen::default();
        let (mut from, mut is_empty) = (None, true);
        for _ in 0..MAX_PAGES {
            let limit = (want - seen.due.len()) + self.busy.len() + SLACK;
            let page = world.store.due_leads(ws, campaign, *class, zone.as_ref(), limit, from).await?;
            for entry in page.entries {
                if entry.due_at > self.now {
                    seen.empty_until = is_empty.then_some(Some(entry.due_at));
                    return Ok(seen);
                }
                is_empty = false;
                if !self.busy.contains(&entry.lead) {
                    seen.due.push(entry.lead);
                }
            }
            from = page.next;
            if seen.due.len() >= *want {
                return Ok(seen);
            }
            if from.is_none() {
                break;
            }
        }
        seen.empty_until = is_empty.then_some(None);
        Ok(seen)
    }
}
