//! As `functions/planner`: reading what a plan is made from.

use std::collections::{BTreeSet, HashMap, HashSet};

use carillon_domain::base::ids::{InteractionId, LeadId};
use carillon_domain::planning::{Candidates, DueQueries, DueQuery, PlanningSnapshot};
use carillon_domain::records::lead::Lead;

use super::spoil;
use crate::map::Set;
use crate::table::PlanState;
use crate::world::{NoAnswer, World};

/// Leads that are read beyond those that are wanted.
const SLACK: usize = 5;
/// Most pages of one part of the due index that a plan reads.
const MAX_PAGES: usize = 4;

/// Everything in flight and every campaign that matters, strongly.
pub(super) async fn snapshot(
    world: &World,
    ws: usize,
    state: &PlanState,
) -> Result<PlanningSnapshot, NoAnswer> {
    let (active_attempts, requests) = world.in_flight(ws).await?;
    let mut wanted: BTreeSet<_> = state.active.clone();
    wanted.extend(requests.iter().map(|request| request.lead.campaign()));
    let references = world.references(ws, &wanted).await?;
    let mut probes_made = BTreeSet::new();
    for probe in PlanningSnapshot::vanished_probes(&state.rate_states, &active_attempts) {
        let record = world.interaction(ws, &InteractionId::of(&probe)).await?;
        if record.is_some_and(|record| record.outcome.is_some()) {
            probes_made.insert(probe);
        }
    }
    let mut snapshot = PlanningSnapshot {
        now: world.now(),
        workspace: references.tenant,
        rules: references.rules,
        credits: references.credits,
        campaigns: references.campaigns,
        active_attempts,
        requests,
        rate_states: state.rate_states.clone(),
        failures: references.failures,
        probes_made,
        empty_partitions: state.empty_partitions.clone(),
    };
    spoil::snapshot(world, &mut snapshot);
    Ok(snapshot)
}

/// The leads that a plan may choose from, as they are stored now. Notes in the snapshot what is
/// empty.
pub(super) async fn candidates(
    world: &World,
    ws: usize,
    snapshot: &mut PlanningSnapshot,
    due_queries: &DueQueries,
    passed_over: &HashSet<LeadId>,
) -> Result<Candidates, NoAnswer> {
    let flying = snapshot.active_attempts.iter().map(|active_attempt| &active_attempt.lead);
    let busy: Set<LeadId> = flying.chain(passed_over).cloned().collect();
    let mut ids: Vec<LeadId> = snapshot.requests.iter().map(|request| request.lead.clone()).collect();
    for places in due_queries.places.chunk_by(|one, other| one.campaign == other.campaign) {
        let mut found = Vec::new();
        for opening in places {
            if found.len() < opening.want {
                look_into(world, ws, snapshot, opening, &busy, &mut found).await?;
            }
        }
        ids.extend(found);
    }
    let mut seen = Set::default();
    ids.retain(|id| seen.insert(id.clone()));
    let mut leads: Vec<Lead> = world.leads(ws, &ids).await?;
    spoil::leads(world, &mut leads, snapshot.now);
    let numbers: BTreeSet<_> = leads.iter().flat_map(|lead| &lead.numbers).cloned().collect();
    let numbers: Vec<_> = numbers.into_iter().collect();
    let mut records = world.records(ws, &numbers).await?;
    spoil::records(world, &mut records);
    let records: HashMap<_, _> = records.into_iter().map(|record| (record.number.clone(), record)).collect();
    Ok(Candidates { leads, records })
}

async fn look_into(
    world: &World,
    ws: usize,
    snapshot: &mut PlanningSnapshot,
    opening: &DueQuery,
    busy: &Set<LeadId>,
    found: &mut Vec<LeadId>,
) -> Result<(), NoAnswer> {
    let DueQuery { campaign, class, zone, want } = opening;
    let zone = zone.as_ref();
    let mut from = None;
    let mut is_empty = true;
    for _ in 0..MAX_PAGES {
        let of_campaign = busy.iter().filter(|lead| lead.campaign() == *campaign).count();
        let limit = (want - found.len()) + of_campaign + SLACK;
        let page = world.due_leads(ws, opening, limit, from.as_ref()).await?;
        for (due_at, _, lead) in page.entries {
            if due_at > snapshot.now {
                if is_empty {
                    snapshot.empty_partitions.note(campaign, *class, zone, Some(due_at), snapshot.now);
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
        snapshot.empty_partitions.note(campaign, *class, zone, None, snapshot.now);
    }
    Ok(())
}
