//! How many leads wait in each place of the due index, and when they fall due.

use std::collections::BTreeMap;

use carillon_domain::ids::WorkspaceId;
use carillon_domain::lead::DueClass;
use carillon_domain::plan::CampaignScene;
use carillon_domain::time::Timestamp;
use carillon_store::{DuePlace, StoreError, Stretch, StretchRead, interrupted};
use tokio::task::JoinSet;

use super::PARALLEL;
use crate::world::World;

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
    pub(super) starts: Vec<Stretch>,
    is_timed: bool,
}

/// A stretch that is to be read.
struct Task {
    place: usize,
    stretch: Stretch,
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
    world: &World,
    ws: &WorkspaceId,
    scene: &CampaignScene,
) -> Result<Vec<Waiting>, StoreError> {
    let now = world.now();
    let mut places: Vec<Waiting> = places(scene).map(Waiting::at).collect();
    let mut tasks: Vec<Task> = Vec::new();
    for (place, waiting) in places.iter().enumerate() {
        let task = |stretch, wants_times| Task { place, stretch, wants_times };
        match waiting.place.class {
            // All but those that are held are due since their file came: they need no times.
            DueClass::Fresh => {
                tasks.extend([task(Stretch::due_by(now), false), task(Stretch::due_after(now), true)]);
            }
            DueClass::FirstSubmission | DueClass::Callback | DueClass::Retry => {
                tasks.push(task(Stretch::default(), true));
            }
        }
    }
    let (mut reading, mut timed) = (JoinSet::new(), 0);
    loop {
        while reading.len() < PARALLEL
            && let Some(task) = tasks.pop()
        {
            let (world, ws, place) = (world.clone(), ws.clone(), places[task.place].place.clone());
            let is_timed = task.wants_times && timed < MAX_TIMED;
            places[task.place].is_timed &= is_timed || !task.wants_times;
            reading.spawn(async move {
                let read = world.store.due_stretch(&ws, &place, &task.stretch, is_timed).await;
                read.map(|read| (task, read))
            });
        }
        let Some(ended) = reading.join_next().await else { return Ok(places) };
        let (Task { place, stretch, wants_times }, StretchRead { due, rest }) =
            ended.map_err(interrupted)??;
        let waiting = &mut places[place];
        for due in due.iter().filter(|due| due.leads > 0) {
            *waiting.due.entry(due.at.max(now)).or_default() += due.leads;
            timed += if wants_times { due.leads } else { 0 };
        }
        waiting.starts.push(stretch);
        tasks.extend(rest.into_iter().map(|stretch| Task { place, stretch, wants_times }));
    }
}

/// The places of a campaign's leads.
fn places(scene: &CampaignScene) -> impl Iterator<Item = DuePlace> {
    let in_one_place = DueClass::ALL.into_iter().filter(|class| !class.is_by_zone());
    let by_zone = DueClass::ALL.into_iter().filter(|class| class.is_by_zone());
    let zoned = by_zone.flat_map(|class| scene.zones.iter().map(move |zone| (class, Some(zone.clone()))));
    let campaign = scene.campaign.id.clone();
    in_one_place.map(|class| (class, None)).chain(zoned).map(move |(class, zone)| DuePlace {
        campaign: campaign.clone(),
        class,
        zone,
    })
}

/// What has to be known of the counts.
pub(super) fn notes(places: &[Waiting]) -> Vec<String> {
    if places.iter().all(|waiting| waiting.is_timed) {
        return Vec::new();
    }
    vec![format!(
        "more than {MAX_TIMED} leads wait for a moment of their own; that of the others is known roughly"
    )]
}
