//! How many leads wait in each place of the due index, and when they fall due.

use std::collections::BTreeMap;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::CampaignSnapshot;
use carillon_domain::records::lead::DueClass;
use carillon_domain::reporting::forecast::Note;
use carillon_store::{DuePlace, DueRange, DueRangeRead, StoreError};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, TryStreamExt};

use super::PARALLEL;
use crate::context::Context;

/// Most leads of a campaign whose due times are read one by one; further ones are counted, as of the moment
/// at which their part of the index begins.
pub const MAX_TIMED: u64 = 100_000;

/// The leads that wait in a place.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) place: DuePlace,
    /// How many of them fall due when; those who are due, now.
    pub(super) due: BTreeMap<Timestamp, u64>,
    /// What was read in one request, from where it begins: evenly spread over the leads.
    pub(super) starts: Vec<DueRange>,
    is_timed: bool,
}

/// A stretch that is to be read.
struct Task {
    place: usize,
    due_range: DueRange,
    wants_times: bool,
}

impl Waiting {
    const fn at(place: DuePlace) -> Self {
        Self { place, due: BTreeMap::new(), starts: Vec::new(), is_timed: true }
    }

    pub(super) fn leads(&self) -> u64 {
        self.due.values().sum()
    }
}

/// Counts the leads of a campaign that wait, by class and zone.
pub(super) async fn count(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &CampaignSnapshot,
) -> Result<Vec<Waiting>, StoreError> {
    let now = context.now();
    let mut places: Vec<Waiting> = places(snapshot).map(Waiting::at).collect();
    let mut tasks: Vec<Task> = Vec::new();
    for (place, waiting) in places.iter().enumerate() {
        let task = |due_range, wants_times| Task { place, due_range, wants_times };
        match waiting.place.class {
            // All but those that are held are due since their file came: they need no times.
            DueClass::Fresh => {
                tasks.extend([task(DueRange::due_by(now), false), task(DueRange::due_after(now), true)]);
            }
            DueClass::FirstSubmission | DueClass::Callback | DueClass::Retry | DueClass::Text => {
                tasks.push(task(DueRange::default(), true));
            }
        }
    }
    let (mut reading, mut timed) = (FuturesUnordered::new(), 0);
    loop {
        while reading.len() < PARALLEL
            && let Some(task) = tasks.pop()
        {
            let place = places[task.place].place.clone();
            let is_timed = task.wants_times && timed < MAX_TIMED;
            places[task.place].is_timed &= is_timed || !task.wants_times;
            let read = async move {
                let read = context.store.due_stretch(ws, &place, &task.due_range, is_timed).await;
                read.map(|read| (task, read))
            };
            reading.push(read.boxed());
        }
        let Some((task, DueRangeRead { due, rest })) = reading.try_next().await? else { return Ok(places) };
        let Task { place, due_range, wants_times } = task;
        let waiting = &mut places[place];
        for due in due.iter().filter(|due| due.leads > 0) {
            *waiting.due.entry(due.at.max(now)).or_default() += due.leads;
            timed += if wants_times { due.leads } else { 0 };
        }
        waiting.starts.push(due_range);
        tasks.extend(rest.into_iter().map(|due_range| Task { place, due_range, wants_times }));
    }
}

/// The places of a campaign's leads.
fn places(snapshot: &CampaignSnapshot) -> impl Iterator<Item = DuePlace> {
    let campaign = &snapshot.campaign.id;
    DueClass::partitions(&snapshot.campaign.spec.cadence, &snapshot.zones).map(|(class, zone)| DuePlace {
        campaign: campaign.clone(),
        class,
        zone,
    })
}

/// What has to be known of the counts.
pub(super) fn note(places: &[Waiting]) -> Option<Note> {
    let is_timed = places.iter().all(|waiting| waiting.is_timed);
    (!is_timed).then_some(Note::RoughTimes { looked_at: MAX_TIMED })
}
