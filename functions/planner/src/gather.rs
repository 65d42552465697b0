//! Reading what a plan is made from.

use std::collections::{BTreeSet, HashSet};

use carillon_domain::assistant::{Assistant, AssistantStatus, CallerNumber};
use carillon_domain::campaign::Campaign;
use carillon_domain::ids::{CallerNumberId, LeadId, WorkspaceId};
use carillon_domain::lead::Lead;
use carillon_domain::plan::{CampaignScene, DEFAULT_WORKSPACE_LIMIT, Opening, Scene};
use carillon_runtime::world::World;
use carillon_store::{PlanState, StoreError};

/// Leads that are read beyond those that are wanted: some of what the index names is in flight,
/// or stale.
const SLACK: usize = 5;
/// Most pages of one part of the due index that a plan reads.
const MAX_PAGES: usize = 4;

/// Everything in flight and every campaign that matters, strongly.
pub(crate) async fn scene(world: &World, ws: &WorkspaceId, state: &PlanState) -> Result<Scene, StoreError> {
    let (flights, requests) = world.store.in_flight(ws).await?;
    let mut wanted: BTreeSet<_> = state.active.clone();
    wanted.extend(requests.iter().map(|request| request.lead.campaign()));
    let (workspace, campaigns) = world.store.workspace_and_campaigns(ws, &wanted).await?;
    let (assistants, numbers) =
        if campaigns.is_empty() { Default::default() } else { world.store.voices(ws).await? };
    let campaigns = campaigns
        .into_iter()
        .map(|(campaign, zones)| CampaignScene {
            numbers: numbers_of(&campaign, &assistants, &numbers),
            campaign,
            zones,
        })
        .collect();
    Ok(Scene {
        now: world.now(),
        workspace_limit: workspace
            .and_then(|workspace| usize::try_from(workspace.concurrent_limit).ok())
            .unwrap_or(DEFAULT_WORKSPACE_LIMIT),
        campaigns,
        flights,
        requests,
        paces: state.paces.clone(),
        marks: state.marks.clone(),
    })
}

/// The numbers that a campaign calls from: its own, else its assistant's; none unless the assistant
/// is active.
fn numbers_of(campaign: &Campaign, assistants: &[Assistant], numbers: &[CallerNumber]) -> Vec<CallerNumber> {
    let spec = &campaign.spec;
    let assistant = assistants.iter().find(|assistant| assistant.id == spec.assistant_id);
    let Some(assistant) = assistant.filter(|assistant| assistant.status == AssistantStatus::Active) else {
        return Vec::new();
    };
    let chosen: &[CallerNumberId] = if spec.caller_number_ids.is_empty() {
        &assistant.caller_number_ids
    } else {
        &spec.caller_number_ids
    };
    numbers.iter().filter(|number| chosen.contains(&number.id)).cloned().collect()
}

/// The leads that a plan may choose from: those that were asked for and those that are due, as they
/// are stored now. Notes in the scene what is empty.
pub(crate) async fn candidates(
    world: &World,
    ws: &WorkspaceId,
    scene: &mut Scene,
    openings: &[Opening],
) -> Result<Vec<Lead>, StoreError> {
    let busy: HashSet<LeadId> = scene.flights.iter().map(|flight| flight.lead.clone()).collect();
    let mut ids: Vec<LeadId> = scene.requests.iter().map(|request| request.lead.clone()).collect();
    let mut campaigns: Vec<_> = openings.iter().map(|opening| &opening.campaign).collect();
    campaigns.dedup();
    for campaign in campaigns {
        let mut found = Vec::new();
        for opening in openings.iter().filter(|opening| opening.campaign == *campaign) {
            if found.len() < opening.want {
                look_into(world, ws, scene, opening, &busy, &mut found).await?;
            }
        }
        ids.extend(found);
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    world.store.leads(ws, &ids).await
}

/// Reads one part of the due index until enough is found or nothing is left that is due.
async fn look_into(
    world: &World,
    ws: &WorkspaceId,
    scene: &mut Scene,
    opening: &Opening,
    busy: &HashSet<LeadId>,
    found: &mut Vec<LeadId>,
) -> Result<(), StoreError> {
    let Opening { campaign, class, zone, want } = opening;
    let mut from = None;
    let mut is_empty = true;
    for _ in 0..MAX_PAGES {
        let limit = (want - found.len()) + scene.slots_of(campaign) + SLACK;
        let page = world.store.due_leads(ws, campaign, *class, zone, limit, from).await?;
        for entry in page.entries {
            if entry.due_at > scene.now {
                if is_empty {
                    scene.marks.note(campaign, *class, zone, Some(entry.due_at), scene.now);
                }
                return Ok(());
            }
            is_empty = false;
            if !busy.contains(&entry.lead) {
                found.push(entry.lead);
            }
        }
        from = page.next;
        if found.len() >= *want {
            return Ok(());
        }
        if from.is_none() {
            break;
        }
    }
    if is_empty {
        scene.marks.note(campaign, *class, zone, None, scene.now);
    }
    Ok(())
}
