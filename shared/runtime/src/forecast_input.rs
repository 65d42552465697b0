//! The leads of a campaign as a forecast takes them: counted where they wait, known from samples.
//!
//! A campaign of some thousand leads is read whole. Of a larger one the due index tells how many leads wait
//! where and since when, and samples tell what is not in the index: attempts, consent, caps.

mod by_status;
mod counting;
mod listed;
mod matching;
mod sample;
mod shares;
mod sorting;

use std::collections::BTreeSet;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::planning::CampaignSnapshot;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::reporting::forecast::{Alike, CallStatistics, Note, Population, TextStatistics};
use carillon_store::StoreError;

use crate::context::Context;
use by_status::View;
use counting::Waiting;
use matching::Matching;
use sample::Sample;
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
    pub population: Population,
    /// What was not counted exactly.
    pub notes: Vec<Note>,
}

/// The leads of a campaign, as an edit of it takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct AlikeRead {
    pub leads: Vec<Alike>,
    /// What was not counted exactly.
    pub notes: Vec<Note>,
}

/// Reads the leads of a campaign, as its settings in the snapshot have it.
///
/// The due index may be stale: a lead that moves meanwhile may be counted twice or not at all.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn read(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &CampaignSnapshot,
) -> Result<CrowdRead, StoreError> {
    let counters = context.store.counters(ws, &snapshot.campaign.id).await?;
    let lists = snapshot.campaign.spec.suppression_lists.clone();
    let Reading { places, samples, listed, notes, workspace } = look(context, ws, snapshot, lists).await?;
    let rules = workspace.rulebook();
    let view =
        View { now: context.now(), campaign: &snapshot.campaign, workspace: &workspace, rules: &rules };
    let mut sorting = Sorting::new(view, listed);
    for (place, sample) in places.iter().zip(samples) {
        sorting.take(place, sample);
    }
    let (groups, skipped) = sorting.finish();
    let settled = u64::try_from(counters.settled()).unwrap_or_default();
    Ok(CrowdRead {
        population: Population {
            groups,
            settled,
            skipped,
            call_statistics: CallStatistics::of(&counters),
            text_statistics: TextStatistics::of(&counters),
        },
        notes,
    })
}

/// Reads the leads of a campaign that wait, so that they can be looked at under the settings of either
/// snapshot of it: `before` and `after` an edit.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn read_for_edit(
    context: &Context,
    ws: &WorkspaceId,
    before: &CampaignSnapshot,
    after: &CampaignSnapshot,
) -> Result<AlikeRead, StoreError> {
    let lists = [before, after].into_iter().flat_map(|snapshot| &snapshot.campaign.spec.suppression_lists);
    let reading = look(context, ws, before, lists.cloned().collect()).await?;
    let Reading { places, samples, listed, notes, workspace } = reading;
    let listed = sample::known(context, ws, listed.into_iter().map(|lead| lead.id)).await?;
    let rules = workspace.rulebook();
    let (now, workspace) = (context.now(), &workspace);
    let view = View { now, campaign: &before.campaign, workspace, rules: &rules };
    let mut matching = Matching::new(view, View { campaign: &after.campaign, ..view }, listed);
    for (place, sample) in places.iter().zip(samples) {
        matching.take(place, sample);
    }
    Ok(AlikeRead { leads: matching.finish(), notes })
}

/// What is read of a campaign, whatever its settings.
struct Reading {
    places: Vec<Waiting>,
    samples: Vec<Sample>,
    /// Leads that wait and are on one of the lists; none if all leads were looked at.
    listed: Vec<Lead>,
    notes: Vec<Note>,
    workspace: Workspace,
}

async fn look(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &CampaignSnapshot,
    lists: BTreeSet<ListName>,
) -> Result<Reading, StoreError> {
    let workspace = context.store.workspace(ws).await?;
    let workspace = workspace.unwrap_or_else(|| Workspace::new(ws.clone(), String::new(), context.now()));
    let places = counting::count(context, ws, snapshot).await?;
    let samples = sample::draw(context, ws, &places).await?;
    let mut notes: Vec<Note> = counting::note(&places).into_iter().collect();
    notes.extend(sample::notes(&places, &samples));
    let is_whole = samples.iter().all(|sample| sample.is_whole);
    let id = &snapshot.campaign.id;
    let listed = if is_whole { Some(Vec::new()) } else { listed::waiting(context, ws, id, lists).await? };
    if listed.is_none() {
        notes.push(Note::LongLists { read: MAX_LISTED });
    }
    Ok(Reading { places, samples, listed: listed.unwrap_or_default(), notes, workspace })
}
