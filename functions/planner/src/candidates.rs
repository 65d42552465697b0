//! Finding the leads that a plan may choose from.

use std::collections::HashSet;

use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::{Candidates, DueQueries, DueQuery, PlanningSnapshot};
use carillon_runtime::context::Context;
use carillon_runtime::planning_snapshot;
use carillon_store::{StoreError, in_parallel};

/// Leads that are read beyond those that are wanted: some of what the index names is in flight,
/// or stale.
const SLACK: usize = 5;
/// Most pages of one part of the due index that a plan reads.
const MAX_PAGES: usize = 4;
/// Parts of the due index that are looked into at the same time, after the first.
const PARALLEL_PLACES: usize = 8;

/// The leads that a plan may choose from: those that were asked for and those that are due, as they
/// are stored now. Notes in the snapshot what is empty.
pub(crate) async fn candidates(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &mut PlanningSnapshot,
    due_queries: &DueQueries,
    passed_over: &HashSet<LeadId>,
) -> Result<Candidates, StoreError> {
    let mut ids: Vec<LeadId> = snapshot.requests.iter().map(|request| request.lead.clone()).collect();
    for places in due_queries.places.chunk_by(|one, other| one.campaign == other.campaign) {
        ids.extend(of_campaign(context, ws, snapshot, places, passed_over).await?);
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    let leads = context.store.leads(ws, &ids).await?;
    let records = planning_snapshot::records(context, ws, &leads).await?;
    Ok(Candidates { leads, records })
}

/// Looks into the places of one campaign until it has what it wants: into the first alone, which
/// mostly has enough, then into several at once.
async fn of_campaign(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &mut PlanningSnapshot,
    places: &[DueQuery],
    passed_over: &HashSet<LeadId>,
) -> Result<Vec<LeadId>, StoreError> {
    let (first, rest) = places.split_at(1.min(places.len()));
    let mut found: Vec<LeadId> = Vec::new();
    for together in std::iter::once(first).chain(rest.chunks(PARALLEL_PLACES)) {
        let looks: Vec<_> = together.iter().map(|place| Look::new(snapshot, place, passed_over)).collect();
        let takes = looks.iter().map(|look| look.take(context, ws));
        let seen = in_parallel(PARALLEL_PLACES, takes).await?;
        for (seen, place) in seen.into_iter().zip(together) {
            if let Some(head) = seen.empty_until {
                snapshot.empty_partitions.note(
                    &place.campaign,
                    place.class,
                    place.zone.as_ref(),
                    head,
                    snapshot.now,
                );
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
    place: DueQuery,
    now: Timestamp,
    /// Leads that are looked past: those in flight, of which the index may not know yet, and those that
    /// were passed over.
    busy: HashSet<LeadId>,
}

#[derive(Default)]
struct Seen {
    due: Vec<LeadId>,
    /// Nothing is due; with when something will be, if it is known.
    empty_until: Option<Option<Timestamp>>,
}

impl Look {
    fn new(snapshot: &PlanningSnapshot, place: &DueQuery, passed_over: &HashSet<LeadId>) -> Self {
        let flying = snapshot.active_attempts.iter().map(|active_attempt| &active_attempt.lead);
        let busy = flying.chain(passed_over).filter(|lead| lead.campaign() == place.campaign);
        Self { place: place.clone(), now: snapshot.now, busy: busy.cloned().collect() }
    }

    /// Reads until enough is found or nothing is left that is due.
    async fn take(&self, context: &Context, ws: &WorkspaceId) -> Result<Seen, StoreError> {
        let DueQuery { campaign, class, zone, want } = &self.place;
        let mut seen = Seen::default();
        let (mut from, mut is_empty) = (None, true);
        for _ in 0..MAX_PAGES {
            let limit = (want - seen.due.len()) + self.busy.len() + SLACK;
            let page = context.store.due_leads(ws, campaign, *class, zone.as_ref(), limit, from).await?;
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
