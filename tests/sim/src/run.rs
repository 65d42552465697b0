//! One run, from its seed to its report.

use std::fmt;

use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::records::campaign::{CampaignStatus, Command, PauseReason};
use carillon_domain::reporting::invariants::Invariant;

use crate::agenda::{Agenda, Event};
use crate::bug::Bug;
use crate::cast;
use crate::draw::Draw;
use crate::errands::{self, STORM_MS};
use crate::job::{Delivery, Errand, Job};
use crate::tasks::Tasks;
use crate::trace::Trace;
use crate::verdict::{self, Idleness};
use crate::weather::Weather;
use crate::world::World;

/// How long a run may last once it is calm, in milliseconds.
const PATIENCE_MS: i64 = 150 * DAY_MS;
/// How much may happen in a run: several times what the longest that ended had.
const MAX_EVENTS: u64 = 6_000_000;
const STORY_LINES: usize = 60;

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    pub seed: u64,
    /// Dials that reached the provider.
    pub calls: usize,
    /// Steps, messages and all else that happened.
    pub events: u64,
    pub faults: u64,
    pub breach: Option<Breach>,
}

#[derive(Debug, Clone)]
pub struct Breach {
    pub invariant: Invariant,
    /// The run in which it broke.
    pub seed: u64,
    /// When, by the run's time.
    pub at: Timestamp,
    pub what: String,
    /// The last that happened to whom it concerns.
    pub story: Vec<String>,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} is broken, seed {}, {}: {}", self.invariant, self.seed, self.at, self.what)?;
        self.story.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// Runs a seed, with a bug planted or without. Tells the story if an invariant is broken.
pub fn run(seed: u64, bug: Option<Bug>) -> Report {
    let (report, _) = play(seed, bug, Trace::default());
    if report.breach.is_none() { report } else { play(seed, bug, Trace::kept()).0 }
}

/// Runs a seed, and tells everything that happened.
pub fn trace(seed: u64, bug: Option<Bug>) -> (Report, Vec<String>) {
    play(seed, bug, Trace::kept())
}

fn play(seed: u64, bug: Option<Bug>, trace: Trace) -> (Report, Vec<String>) {
    let draw = Draw::new(seed, 1);
    let weather = Weather::draw(&draw).suited_to(bug);
    let cast = cast::assemble(&draw, bug);
    let agenda = Agenda::starting_at(cast.starts_at);
    let world = World::new(agenda, draw, weather, cast.table, cast.watch, bug, trace);
    world.tell(|| format!("{weather:?}"));
    errands::plan(&world, cast.leads);
    world.agenda.add(0, Event::Minute);
    world.agenda.add(STORM_MS, Event::Calm);
    let ends_at = cast.starts_at.plus_ms(STORM_MS + PATIENCE_MS);
    let mut tasks = Tasks::default();
    let mut idleness = Idleness::default();
    while world.alarm.borrow().is_none()
        && let Some(event) = world.agenda.next()
    {
        match event {
            Event::Wake(slot) => tasks.wake(&world, slot),
            Event::Start(delivery) => tasks.start(&world, delivery),
            Event::Calm => {
                world.raise(verdict::counts(&world));
                world.calm_down();
            }
            Event::Minute if is_quarter(&world) && verdict::is_over(&world, cast.patience_ms) => {
                world.raise(verdict::reached(&world));
                break;
            }
            Event::Minute if world.agenda.now() > ends_at || world.agenda.added() > MAX_EVENTS => {
                // Whoever can't be called yet has not been forgotten.
                let is_waiting = verdict::is_all_at_rest(&world, 0);
                world.raise(if is_waiting {
                    verdict::reached(&world)
                } else {
                    Err(verdict::never_over(&world))
                });
                break;
            }
            Event::Minute => {
                if is_quarter(&world) {
                    world.raise(idleness.look(&world));
                }
                minute(&world);
            }
        }
    }
    drop(tasks);
    conclude(seed, world)
}

/// Whether it is calm, and time for a look at whether all is done.
fn is_quarter(world: &World) -> bool {
    world.is_calm() && world.agenda.now().as_millis() / MINUTE_MS % 15 == 0
}

/// Every minute the tick; every hour somebody looks after credits and campaigns that
/// rest.
fn minute(world: &World) {
    world.begin(Delivery::first(Job::Tick), 0);
    world.agenda.add(MINUTE_MS, Event::Minute);
    if world.agenda.now().as_millis() / MINUTE_MS % (HOUR_MS / MINUTE_MS) != 0 {
        return;
    }
    for (ws, workspace) in world.table.borrow().workspaces.iter().enumerate() {
        let is_low = workspace.credits().is_some_and(|credits| credits.check(&workspace.tenant).is_err());
        if is_low && (world.is_calm() || world.draw.below(3) == 0) {
            errands::top_up(world, ws);
        }
        for campaign in workspace.campaigns.values() {
            let CampaignStatus::Paused { reason } = campaign.status else { continue };
            if world.is_calm() || reason != PauseReason::Requested {
                let errand = Errand::Command(campaign.id.clone(), Command::Resume);
                world.begin(Delivery::first(Job::Errand { ws, errand }), 1);
            }
        }
    }
}

fn conclude(seed: u64, world: World) -> (Report, Vec<String>) {
    let at = world.agenda.now();
    let breach = world.alarm.take().map(|alarm| Breach {
        invariant: alarm.invariant,
        seed,
        at,
        what: alarm.what,
        story: world.trace.last_about(&alarm.subjects, STORY_LINES),
    });
    let report = Report {
        seed,
        calls: world.watch.borrow().calls(),
        events: world.agenda.added(),
        faults: world.faults.get(),
        breach,
    };
    (report, world.trace.into_lines())
}
