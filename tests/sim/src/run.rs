//! One run, from its seed to its report.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::bug;
use carillon_domain::records::campaign::{CampaignStatus, Command, PauseReason};
use carillon_domain::reporting::invariants::Invariant;
use carillon_runtime::context::Context;
use carillon_store::Store;

use crate::bug::Bug;
use crate::clients::{self, Errand, STORM_MS};
use crate::event_queue::{Event, EventQueue};
use crate::executor::{Delivery, Executor, Job};
use crate::fault_rates::FaultRates;
use crate::final_checks::{self, Idleness};
use crate::functions::Functions;
use crate::invariant_checker::{Checker, Workspace};
use crate::ports::{self, SimulatedTable};
use crate::provider;
use crate::rng::Rng;
use crate::scenario::{Scenario, Tenant};
use crate::simulation::{Simulation, enter};
use crate::stream::Stream;
use crate::trace::Trace;

/// How long a run may last once it is calm, in milliseconds.
const PATIENCE_MS: i64 = 150 * DAY_MS;
/// How much may happen in a run: several times what the longest that ended had.
const MAX_EVENTS: u64 = 12_000_000;
/// Rarer than in the product, whose tick comes every minute: it saves time, and who relies on it waits longer.
const TICKS_EVERY_MINUTES: i64 = 3;
/// The last lines that a breach tells.
const STORY_LINES: usize = 60;

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// Dials that reached the provider.
    pub calls: usize,
    /// Requests, messages and all else that happened.
    pub events: u64,
    /// Faults that struck.
    pub faults: u64,
    /// The first broken invariant.
    pub breach: Option<Breach>,
}

/// A broken invariant.
#[derive(Debug, Clone)]
pub struct Breach {
    pub invariant: Invariant,
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
    let rng = Rng::new(seed);
    let rates = FaultRates::draw(&rng).suited_to(bug);
    let mut scenario = Scenario::draw(&rng, bug);
    let mut checker = Checker::default();
    scenario.tenants.iter_mut().for_each(|tenant| checker.add(tenant.to_judge()));
    let events = EventQueue::starting_at(scenario.starts_at);
    let run = Rc::new(Simulation::new(events, (rng, Stream::new(seed)), rates, checker, bug, trace));
    enter(Some(Rc::clone(&run)));
    bug::plant(bug.and_then(Bug::switch));
    run.tell(|| format!("{rates:?}"));
    let table = Arc::new(SimulatedTable::default());
    let store = Store::on(table.clone());
    let context = ports::context(&store, seed);
    let keys = scenario.tenants.iter().map(|tenant| run.direct(ports::set_up(&context, tenant))).collect();
    let functions = Functions::new(context.clone(), Arc::clone(&table), keys);
    *run.latecomers.borrow_mut() = clients::plan(&run, scenario.tenants);
    run.events.add(0, Event::Minute);
    run.events.add(STORM_MS, Event::Calm);
    Stage { run: &run, context: &context, table: &table, patience_ms: scenario.patience_ms }.play(&functions);
    bug::plant(None);
    enter(None);
    conclude(seed, &run)
}

impl Tenant {
    /// What the judges know of it.
    fn to_judge(&self) -> Workspace {
        let campaigns: Vec<_> = self.campaigns.iter().map(|(campaign, _)| campaign.clone()).collect();
        let mut workspace = Workspace::new(self.workspace.clone(), self.numbers.clone(), &campaigns);
        self.people.iter().for_each(|person| workspace.meet(&person.numbers));
        workspace
    }
}

struct Stage<'a> {
    run: &'a Simulation,
    context: &'a Context,
    table: &'a SimulatedTable,
    patience_ms: i64,
}

impl Stage<'_> {
    /// Lets everything happen, until all is done or something is broken.
    fn play(&self, functions: &Functions) {
        let run = self.run;
        let ends_at = run.now().plus_ms(STORM_MS + PATIENCE_MS);
        let mut executor = Executor::new(run, functions);
        let mut idleness = Idleness::default();
        while run.alarm.borrow().is_none()
            && let Some(event) = run.events.next()
        {
            match event {
                Event::Resume(invocation, waker) => executor.resume(invocation, &waker),
                Event::Invoke(delivery) => executor.invoke(delivery),
                Event::Write(writes) => self.table.write_late(writes),
                Event::Ring { .. } if run.is_calm() => {}
                Event::Ring { ws, caller, called } => provider::ring(run, ws, &caller, &called),
                Event::Calm => {
                    run.raise(final_checks::counts(run, &self.context.store));
                    run.calm_down();
                }
                Event::Minute if self.is_quarter() && final_checks::is_over(run, self.patience_ms) => {
                    run.raise(final_checks::reached(run, self.context));
                    return;
                }
                Event::Minute if run.now() > ends_at || run.events.added() > MAX_EVENTS => {
                    // Whoever can't be called yet has not been forgotten.
                    run.raise(match final_checks::is_all_at_rest(run, 0) {
                        true => final_checks::reached(run, self.context),
                        false => Err(final_checks::never_over(run)),
                    });
                    return;
                }
                Event::Minute => {
                    if self.is_quarter() {
                        run.raise(idleness.look(run));
                    }
                    self.minute();
                }
            }
        }
    }

    /// Whether it is calm, and time for a look at whether all is done.
    fn is_quarter(&self) -> bool {
        self.run.is_calm() && self.run.now().as_millis() / MINUTE_MS % 15 == 0
    }

    /// Every few minutes a tick; every hour somebody looks after credits and campaigns that rest.
    fn minute(&self) {
        let run = self.run;
        run.events.add(MINUTE_MS, Event::Minute);
        let minute = run.now().as_millis() / MINUTE_MS;
        if minute % TICKS_EVERY_MINUTES == 0 {
            run.deliver(Delivery::first(Job::Tick), 0);
        }
        if minute % (HOUR_MS / MINUTE_MS) != 0 {
            return;
        }
        let mut resting = Vec::new();
        for (ws, workspace) in run.checker.borrow().workspaces.iter().enumerate() {
            for campaign in workspace.campaigns.values() {
                let CampaignStatus::Paused { reason } = campaign.status else { continue };
                if run.is_calm() || reason != PauseReason::Requested {
                    resting.push((ws, campaign.id.clone()));
                }
            }
            let credits =
                run.direct(self.context.store.credits(&workspace.tenant.id)).expect("nothing fails");
            let is_low = credits.check(&workspace.tenant).is_err();
            if is_low && (run.is_calm() || run.rng.below(3) == 0) {
                clients::top_up(run, ws);
            }
        }
        for (ws, campaign) in resting {
            clients::ask(run, ws, 1, Errand::Command(campaign, Command::Resume));
        }
    }
}

fn conclude(seed: u64, run: &Simulation) -> (Report, Vec<String>) {
    let breach = run.alarm.take().map(|alarm| Breach {
        invariant: alarm.invariant,
        seed,
        at: run.now(),
        what: alarm.what,
        story: run.trace.last_about(&alarm.subjects, STORY_LINES),
    });
    let report = Report {
        calls: run.checker.borrow().calls(),
        events: run.events.added(),
        faults: run.faults.get(),
        breach,
    };
    (report, run.trace.take_lines())
}
