//! The leads of a campaign as a forecast takes them: counted where they wait, known from samples.
//!
//! A campaign of some thousand leads is read whole. Of a larger one the due index tells how many leads wait
//! where and since when, and samples tell what is not in the index: attempts, consent, caps.

mod counting;
mod listed;
mod sample;
mod sorting;

use carillon_domain::forecast::{Crowd, Experience};
use carillon_domain::ids::WorkspaceId;
use carillon_domain::lead::Lead;
use carillon_domain::plan::CampaignScene;
use carillon_domain::workspace::Workspace;
use carillon_store::StoreError;

use crate::world::World;
use sorting::Sorting;

pub use counting::MAX_TIMED;
pub use listed::MAX_LISTED;
pub use sample::MAX_SAMPLE;

/// Requests that are under way at the same time.
const PARALLEL: usize = 16;
/// Leads that are read in one request (limit of the service).
const LEADS_PER_READ: usize = 100;

/// The leads of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct CrowdRead {
    /// By groups.
    pub crowd: Crowd,
    /// Some of those that wait and can be called, to be named.
    pub samples: Vec<Lead>,
    /// What was not counted exactly.
    pub notes: Vec<String>,
}

/// Reads the leads of a campaign, as its settings in the scene have it.
///
/// The due index may be stale: a lead that moves meanwhile may be counted twice or not at all.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn read(world: &World, ws: &WorkspaceId, scene: &CampaignScene) -> Result<CrowdRead, StoreError> {
    let (now, campaign) = (world.now(), &scene.campaign);
    let workspace = world.store.workspace(ws).await?;
    let workspace = workspace.unwrap_or_else(|| Workspace::new(ws.clone(), String::new(), now));
    let tally = world.store.counters(ws, &campaign.id).await?;
    let places = counting::count(world, ws, scene).await?;
    let samples = sample::draw(world, ws, &places).await?;
    let mut notes = counting::notes(&places);
    notes.extend(sample::notes(&places, &samples));
    let is_whole = samples.iter().all(|sample| sample.is_whole);
    let listed = if is_whole { Some(Vec::new()) } else { listed::waiting(world, ws, campaign).await? };
    if listed.is_none() {
        notes.push(format!(
            "do-not-call lists have more than {MAX_LISTED} numbers; how many leads are on them is taken \
             from the leads that were looked at"
        ));
    }
    let rules = workspace.rulebook();
    let mut sorting = Sorting::new(now, campaign, &workspace, &rules, listed.unwrap_or_default());
    for (place, sample) in places.iter().zip(samples) {
        sorting.take(place, sample);
    }
    let (groups, skipped, samples) = sorting.finish();
    let settled = u64::try_from(tally.settled()).unwrap_or_default();
    Ok(CrowdRead {
        crowd: Crowd { groups, settled, skipped, experience: Experience::of(&tally) },
        samples,
        notes,
    })
}
