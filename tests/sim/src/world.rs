//! Everything outside a handler, and the chance that it fails.

use std::cell::{Cell, RefCell};

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::Lead;

use crate::agenda::{Agenda, Event};
use crate::bug::Bug;
use crate::draw::Draw;
use crate::job::{Delivery, DialMessage, DialTask, Job, Walk};
use crate::map::Map;
use crate::provider::Provider;
use crate::table::Table;
use crate::tale::Tale;
use crate::tasks::Step;
use crate::trace::Trace;
use crate::watch::{Alarm, Watch};
use crate::weather::{MESSAGE_LATE_MS, WEBHOOK_LATE_MS, Weather};

/// A neighbour did not answer; whatever was asked of it may have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoAnswer;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) agenda: Agenda,
    /// What is left to chance.
    pub(crate) draw: Draw,
    pub(crate) table: RefCell<Table>,
    pub(crate) provider: RefCell<Provider>,
    /// Who looks for broken invariants.
    pub(crate) watch: RefCell<Watch>,
    /// The first one that was found.
    pub(crate) alarm: RefCell<Option<Alarm>>,
    /// Leads that come when their campaign is about to end.
    pub(crate) latecomers: RefCell<Map<CampaignId, Vec<Lead>>>,
    /// What happened, if anybody wants to know.
    pub(crate) trace: Trace,
    /// Jobs that are under way or at work, but for looks at what there is to do.
    pub(crate) jobs_open: Cell<u64>,
    pub(crate) faults: Cell<u64>,
    began_at: Timestamp,
    storm: Weather,
    is_calm: Cell<bool>,
    bug: Option<Bug>,
    at_work: Cell<usize>,
    skew_ms: Cell<i64>,
}

impl World {
    /// A world with this table and these people, in this weather.
    pub(crate) fn new(
        agenda: Agenda,
        draw: Draw,
        storm: Weather,
        table: Table,
        watch: Watch,
        bug: Option<Bug>,
        trace: Trace,
    ) -> Self {
        Self {
            began_at: agenda.now(),
            agenda,
            draw,
            table: RefCell::new(table),
            provider: RefCell::default(),
            watch: RefCell::new(watch),
            alarm: RefCell::default(),
            latecomers: RefCell::default(),
            trace,
            jobs_open: Cell::new(0),
            faults: Cell::new(0),
            storm,
            is_calm: Cell::new(false),
            bug,
            at_work: Cell::new(0),
            skew_ms: Cell::new(0),
        }
    }

    /// Whether this bug is planted.
    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// The bug that is planted.
    pub(crate) fn bug(&self) -> Option<Bug> {
        self.bug
    }

    pub(crate) fn weather(&self) -> &Weather {
        if self.is_calm.get() { &Weather::CALM } else { &self.storm }
    }

    pub(crate) fn calm_down(&self) {
        self.is_calm.set(true);
    }

    /// Whether the storm is over.
    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm.get()
    }

    /// Whether a fault of this kind happens now.
    pub(crate) fn strikes(&self, rate: impl Fn(&Weather) -> u32) -> bool {
        let strikes = self.draw.happens(rate(self.weather()));
        if strikes {
            self.faults.set(self.faults.get() + 1);
        }
        strikes
    }

    /// Whether the provider is broken now.
    pub(crate) fn is_broken(&self) -> bool {
        let (from_ms, until_ms) = self.weather().broken_ms;
        let at_ms = self.agenda.now().since_ms(self.began_at);
        (from_ms..until_ms).contains(&at_ms) && self.strikes(|weather| weather.broken)
    }

    /// The time by the clock of the function at work.
    pub(crate) fn now(&self) -> Timestamp {
        self.agenda.now().plus_ms(self.skew_ms.get())
    }

    /// How far a new function's clock is off.
    pub(crate) fn draw_skew_ms(&self) -> i64 {
        let skew_ms = self.weather().skew_ms;
        if skew_ms == 0 { 0 } else { self.draw.between(-skew_ms, skew_ms) }
    }

    pub(crate) fn enter(&self, slot: usize, skew_ms: i64) {
        self.at_work.set(slot);
        self.skew_ms.set(skew_ms);
    }

    pub(crate) fn at_work(&self) -> usize {
        self.at_work.get()
    }

    /// Time that a step takes.
    pub(crate) fn wait(&self, delay_ms: i64) -> Step<'_> {
        Step::of(self, delay_ms)
    }

    /// The time that a request is on its way.
    pub(crate) fn travel(&self) -> Step<'_> {
        let delay_ms = if self.strikes(|weather| weather.stall) {
            self.draw.between(SECOND_MS / 2, self.weather().stall_ms)
        } else {
            self.draw.between(2, 14)
        };
        self.wait(delay_ms)
    }

    /// Waits until the function's clock shows a moment.
    pub(crate) fn sleep_until(&self, at: Timestamp) -> Step<'_> {
        self.wait(at.since_ms(self.now()).max(0))
    }

    /// Asks for a look at a workspace.
    pub(crate) async fn hint(&self, ws: usize, delay_ms: i64) -> Result<(), NoAnswer> {
        self.send_request().await?;
        self.queue(Job::Plan { ws }, delay_ms);
        Ok(())
    }

    /// Tells the dialers about active attempts, each in time for its slot.
    pub(crate) async fn send_dials(
        &self,
        ws: usize,
        task: DialTask,
        active_attempts: &[ActiveAttempt],
    ) -> Result<(), NoAnswer> {
        if active_attempts.is_empty() {
            return Ok(());
        }
        self.send_request().await?;
        let now = self.now();
        for active_attempt in active_attempts {
            let delay_ms = match active_attempt.state {
                ActiveAttemptState::Claimed { dial_at, .. } => dial_at.since_ms(now).max(0),
                ActiveAttemptState::Dialling { .. } => 0,
            };
            self.queue(Job::Dial(DialMessage::about(ws, task, active_attempt)), delay_ms);
        }
        Ok(())
    }

    /// Asks for the next step of a walk.
    pub(crate) async fn send_walk(&self, walk: Walk) -> Result<(), NoAnswer> {
        self.send_request().await?;
        self.queue(Job::Walk(walk), 0);
        Ok(())
    }

    async fn send_request(&self) -> Result<(), NoAnswer> {
        self.travel().await;
        if self.strikes(|weather| weather.throttled) { Err(NoAnswer) } else { Ok(()) }
    }

    /// A message goes through a queue, which counts whole seconds, rounded down.
    pub(crate) fn queue(&self, job: Job, delay_ms: i64) {
        if self.strikes(|weather| weather.message_lost) {
            self.tell(|| format!("lost: {}", Tale(&job)));
            return;
        }
        let held_ms = delay_ms.max(0) / SECOND_MS * SECOND_MS;
        let late_ms = if self.strikes(|weather| weather.message_late) {
            self.draw.between(0, MESSAGE_LATE_MS)
        } else {
            0
        };
        let delivery = Delivery::first(job);
        if self.strikes(|weather| weather.message_doubled) {
            let twin = Delivery { job: delivery.job.clone(), receives: 0 };
            self.begin(twin, held_ms + self.draw.between(1, 20 * SECOND_MS));
        }
        self.begin(delivery, held_ms + late_ms + self.draw.between(5, 60));
    }

    /// An event of the provider goes out.
    pub(crate) fn post(&self, job: Job, delay_ms: i64) {
        let insists = matches!(job, Job::Event { insists: true, .. });
        if !insists && self.strikes(|weather| weather.webhook_lost) {
            self.tell(|| format!("lost: {}", Tale(&job)));
            return;
        }
        let late_ms = if self.strikes(|weather| weather.webhook_late) {
            self.draw.between(0, WEBHOOK_LATE_MS)
        } else {
            0
        };
        let delivery = Delivery::first(job);
        if self.strikes(|weather| weather.webhook_doubled) {
            let twin = Delivery { job: delivery.job.clone(), receives: 0 };
            let later_ms = *self.draw.pick(&[10, 5 * SECOND_MS, 400 * SECOND_MS]);
            self.begin(twin, delay_ms + self.draw.between(0, later_ms));
        }
        self.begin(delivery, delay_ms + late_ms);
    }

    /// A delivery is under way.
    pub(crate) fn begin(&self, delivery: Delivery, delay_ms: i64) {
        self.jobs_open.set(self.jobs_open.get() + u64::from(delivery.job.is_work()));
        self.agenda.add(delay_ms, Event::Start(delivery));
    }

    /// A client is told what it made of a campaign, which somebody may have changed again; `is_stop` says
    /// that nobody is to be dialled any more, and not only that somebody else has asked for that.
    pub(crate) fn acknowledge(&self, ws: usize, campaign: &Campaign, is_stop: bool) {
        let table = self.table.borrow();
        let stored = table.workspaces[ws].campaigns.get(&campaign.id);
        if stored.is_some_and(|stored| stored.version == campaign.version) {
            self.watch.borrow_mut().acknowledged(campaign, is_stop);
        }
        self.tell(|| format!("acknowledged: {} is {:?}", campaign.id, campaign.status));
    }

    pub(crate) fn tell(&self, line: impl FnOnce() -> String) {
        self.trace.tell(self.agenda.now(), line);
    }

    /// An invariant is broken; the first counts.
    pub(crate) fn raise(&self, alarm: Result<(), Alarm>) {
        if let Err(alarm) = alarm {
            self.alarm.borrow_mut().get_or_insert(alarm);
        }
    }
}
