//! Finding the leads that a plan may choose from.

use std::collections::HashSet;

use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::{Candidates, DueQueries, DueQuery, INDEX_LAG_MS, PlanningSnapshot, Round};
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_runtime::context::Context;
use carillon_store::{DueEntry, StoreError, in_parallel};

/// Entries of the index that are read beyond those that are wanted: some of them are stale.
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
    round: &Round,
) -> Result<Candidates, StoreError> {
    let mut ids: Vec<LeadId> = snapshot.requests.iter().map(|request| request.lead.clone()).collect();
    let mut numbers: Vec<E164> = Vec::new();
    let is_together =
        |one: &DueQuery, other: &DueQuery| (&one.campaign, one.channel) == (&other.campaign, other.channel);
    for places in due_queries.places.chunk_by(is_together) {
        for entry in of_campaign(context, ws, snapshot, places, round).await? {
            ids.push(entry.lead);
            numbers.extend(entry.numbers);
        }
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    let (leads, records) = context.store.leads_with_records(ws, &ids, &numbers).await?;
    let records = records.into_iter().map(|record| (record.subscriber(), record)).collect();
    Ok(Candidates { leads, records })
}

/// Looks into the places of one campaign and channel until it has what it wants: into the first alone, which
/// mostly has enough, then into several at once.
async fn of_campaign(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &mut PlanningSnapshot,
    places: &[DueQuery],
    round: &Round,
) -> Result<Vec<DueEntry>, StoreError> {
    let (first, rest) = places.split_at(1.min(places.len()));
    let mut found: Vec<DueEntry> = Vec::new();
    for together in std::iter::once(first).chain(rest.chunks(PARALLEL_PLACES)) {
        let looks: Vec<_> = together.iter().map(|place| Look::new(snapshot, place, round)).collect();
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
    /// Leads in flight, of which the index may not know yet: they wait no more.
    flying: HashSet<LeadId>,
    /// How many of them the index may still show.
    lagging: usize,
    /// Leads that wait and can't be used now.
    passed_over: HashSet<LeadId>,
    /// Leads that are read beyond those that are wanted.
    spare: usize,
}

#[derive(Default)]
struct Seen {
    due: Vec<DueEntry>,
    /// Nothing is due; with when something will be, if it is known.
    empty_until: Option<Option<Timestamp>>,
}

impl Look {
    fn new(snapshot: &PlanningSnapshot, place: &DueQuery, round: &Round) -> Self {
        let is_theirs = |attempt: &&ActiveAttempt| attempt.campaign == place.campaign;
        let flying = || snapshot.active_attempts.iter().filter(is_theirs);
        let passed_over = round.passed_over().iter().filter(|lead| lead.campaign() == place.campaign);
        Self {
            place: place.clone(),
            now: snapshot.now,
            flying: flying().map(|active_attempt| active_attempt.lead.clone()).collect(),
            lagging: flying().filter(|active_attempt| may_show(active_attempt, snapshot.now)).count(),
            passed_over: passed_over.cloned().collect(),
            spare: round.spare(),
        }
    }

    /// Reads until enough is found or nothing is left that is due.
    async fn take(&self, context: &Context, ws: &WorkspaceId) -> Result<Seen, StoreError> {
        let DueQuery { campaign, class, zone, want, .. } = &self.place;
        let mut seen = Seen::default();
        let (mut from, mut is_empty) = (None, true);
        for _ in 0..MAX_PAGES {
            let limit = (want - seen.due.len()) + self.lagging + self.passed_over.len() + self.spare + SLACK;
            let page = context.store.due_leads(ws, campaign, *class, zone.as_ref(), limit, from).await?;
            for entry in page.entries {
                if entry.due_at > self.now {
                    seen.empty_until = is_empty.then_some(Some(entry.due_at));
                    return Ok(seen);
                }
                if self.flying.contains(&entry.lead) {
                    continue;
                }
                is_empty = false;
                if !self.passed_over.contains(&entry.lead) && seen.due.len() < want + self.spare {
                    seen.due.push(entry);
                }
            }
            from = page.next;
            if seen.due.len() >= *want {
                return Ok(seen);
            }
            if from.is_none() {
                seen.empty_until = is_empty.then_some(None);
                break;
            }
        }
        Ok(seen)
    }
}

/// Whether the index may still show the lead of an attempt as due.
fn may_show(active_attempt: &ActiveAttempt, now: Timestamp) -> bool {
    match active_attempt.state {
        ActiveAttemptState::Claimed { .. } => true,
        ActiveAttemptState::Dialling { dialled_at, .. } => now.since_ms(dialled_at) < INDEX_LAG_MS,
    }
}
