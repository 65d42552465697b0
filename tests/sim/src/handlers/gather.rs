//! As `functions/planner`: reading what a plan is made from.

use std::collections::BTreeSet;

use carillon_domain::ids::LeadId;
use carillon_domain::lead::Lead;
use carillon_domain::plan::{Opening, Scene};
use carillon_domain::time::MINUTE_MS;

use crate::bug::Bug;
use crate::map::Set;
use crate::table::PlanState;
use crate::world::{NoAnswer, World};

/// Leads that are read beyond those that are wanted.
const SLACK: usize = 5;
/// Most pages of one part of the due index that a plan reads.
const MAX_PAGES: usize = 4;

/// Everything in flight and every campaign that matters, strongly.
pub(super) async fn scene(world: &World, ws: usize, state: &PlanState) -> Result<Scene, NoAnswer> {
    let (flights, requests) = world.in_flight(ws).await?;
    let mut wanted: BTreeSet<_> = state.active.clone();
    wanted.extend(requests.iter().map(|request| request.lead.campaign()));
    let mut scene = Scene {
        campaigns: world.campaigns(ws, &wanted).await?,
        now: world.now(),
        workspace_limit: world.table.borrow().workspaces[ws].limit,
        flights,
        requests,
        paces: state.paces.clone(),
        marks: state.marks.clone(),
    };
    if world.has(Bug::RateWithoutMargin) {
        drop_margin(&mut scene);
    }
    if world.has(Bug::OverlapAllowed) {
        scene.flights.iter_mut().for_each(|flight| flight.person = vec![flight.number.clone()]);
    }
    Ok(scene)
}

/// Next slots as far from the last ones as the plain rates say.
fn drop_margin(scene: &mut Scene) {
    let apart_ms = |rate: u32| MINUTE_MS / i64::from(rate);
    for campaign in &scene.campaigns {
        for number in &campaign.numbers {
            let pace = scene.paces.numbers.get_mut(&number.id);
            if let (Some(pace), Some(rate)) = (pace, number.rate_limit_per_minute) {
                pace.next_at = pace.last_at.plus_ms(apart_ms(rate));
            }
        }
        let pace = scene.paces.campaigns.get_mut(&campaign.campaign.id);
        if let (Some(pace), Some(rate)) = (pace, campaign.campaign.spec.rate_limit_per_minute) {
            pace.next_at = pace.last_at.plus_ms(apart_ms(rate));
        }
    }
}

/// The leads that a plan may choose from, as they are stored now. Notes in the scene what is
/// empty.
pub(super) async fn candidates(
    world: &World,
    ws: usize,
    scene: &mut Scene,
    openings: &[Opening],
) -> Result<Vec<Lead>, NoAnswer> {
    let busy: Set<LeadId> = scene.flights.iter().map(|flight| flight.lead.clone()).collect();
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
    let mut seen = Set::default();
    ids.retain(|id| seen.insert(id.clone()));
    world.leads(ws, &ids).await
}

async fn look_into(
    world: &World,
    ws: usize,
    scene: &mut Scene,
    opening: &Opening,
    busy: &Set<LeadId>,
    found: &mut Vec<LeadId>,
) -> Result<(), NoAnswer> {
    let Opening { campaign, class, zone, want } = opening;
    let mut from = None;
    let mut is_empty = true;
    for _ in 0..MAX_PAGES {
        let limit = (want - found.len()) + scene.slots_of(campaign) + SLACK;
        let page = world.due_leads(ws, opening, limit, from.as_ref()).await?;
        for (due_at, _, lead) in page.entries {
            if due_at > scene.now {
                if is_empty {
                    scene.marks.note(campaign, *class, zone, Some(due_at), scene.now);
                }
                return Ok(());
            }
            is_empty = false;
            if !busy.contains(&lead) {
                found.push(lead);
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
