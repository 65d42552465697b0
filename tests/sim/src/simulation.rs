//! One run: true time, chance, the provider, and the judges.
//!
//! A run is one thread's alone. The ports that functions hold are empty: they ask the thread for its
//! run, so that what functions hold can go from thread to thread as in the product.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use carillon_domain::base::time::{SECOND_MS, Timestamp};

use crate::bug::Bug;
use crate::carrier::Carrier;
use crate::clients::{self, Latecomers};
use crate::event_queue::{Event, EventQueue};
use crate::executor::{Delivery, Function, Invocation};
use crate::fault_rates::FaultRates;
use crate::invariant_checker::{Alarm, Checker, News};
use crate::provider::Provider;
use crate::rng::Rng;
use crate::stream::Stream;
use crate::trace::Trace;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Simulation>>> = const { RefCell::new(None) };
}

/// Does something with the run of this thread.
pub(crate) fn with<T>(work: impl FnOnce(&Simulation) -> T) -> T {
    CURRENT.with_borrow(|current| work(current.as_deref().expect("a run is under way")))
}

/// Makes a run that of this thread; none once it is over.
pub(crate) fn enter(run: Option<Rc<Simulation>>) {
    CURRENT.set(run);
}

#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) events: EventQueue,
    pub(crate) rng: Rng,
    pub(crate) stream: Stream,
    pub(crate) provider: RefCell<Provider>,
    pub(crate) carrier: RefCell<Carrier>,
    pub(crate) checker: RefCell<Checker>,
    pub(crate) alarm: RefCell<Option<Alarm>>,
    /// People that come when their campaign is about to end.
    pub(crate) latecomers: RefCell<Vec<Latecomers>>,
    pub(crate) trace: Trace,
    /// Deliveries that are under way or at work, but for looks at what there is to do.
    pub(crate) open_work: Cell<u64>,
    pub(crate) faults: Cell<u64>,
    pub(crate) at_work: Cell<Invocation>,
    pub(crate) bug: Option<Bug>,
    began_at: Timestamp,
    storm: FaultRates,
    is_calm: Cell<bool>,
    /// Nobody but the run itself reads or writes: at once, and without faults.
    is_direct: Cell<bool>,
}

impl Simulation {
    pub(crate) fn new(
        events: EventQueue,
        (rng, stream): (Rng, Stream),
        storm: FaultRates,
        checker: Checker,
        bug: Option<Bug>,
        trace: Trace,
    ) -> Self {
        Self {
            began_at: events.now(),
            events,
            rng,
            stream,
            provider: RefCell::default(),
            carrier: RefCell::default(),
            checker: RefCell::new(checker),
            alarm: RefCell::default(),
            latecomers: RefCell::default(),
            trace,
            open_work: Cell::new(0),
            faults: Cell::new(0),
            at_work: Cell::new(Invocation::NONE),
            bug,
            storm,
            is_calm: Cell::new(false),
            is_direct: Cell::new(false),
        }
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    pub(crate) fn rates(&self) -> FaultRates {
        if self.is_calm.get() { FaultRates::calm() } else { self.storm }
    }

    pub(crate) fn calm_down(&self) {
        self.is_calm.set(true);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm.get()
    }

    pub(crate) fn is_direct(&self) -> bool {
        self.is_direct.get()
    }

    /// The random numbers of the function at work.
    pub(crate) fn chance(&self) -> &Rng {
        if self.at_work.get().function == Function::Stream { &self.stream.rng } else { &self.rng }
    }

    /// Whether a fault of this kind happens now.
    pub(crate) fn strikes(&self, rate: impl Fn(&FaultRates) -> u32) -> bool {
        let strikes = !self.is_direct.get() && self.chance().happens(rate(&self.rates()));
        if strikes {
            self.faults.set(self.faults.get() + 1);
        }
        strikes
    }

    /// Whether the provider is broken now.
    pub(crate) fn is_broken(&self) -> bool {
        let (from_ms, until_ms) = self.rates().broken_ms;
        (from_ms..until_ms).contains(&self.age_ms()) && self.strikes(|rates| rates.broken)
    }

    /// How long the run has lasted, in milliseconds.
    pub(crate) fn age_ms(&self) -> i64 {
        self.events.now().since_ms(self.began_at)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.events.now()
    }

    /// The time by the clock of the function at work.
    pub(crate) fn clock(&self) -> Timestamp {
        self.events.now().plus_ms(self.at_work.get().skew_ms)
    }

    /// How far a new function's clock is off.
    pub(crate) fn draw_skew_ms(&self) -> i64 {
        let skew_ms = self.rates().skew_ms;
        if skew_ms == 0 { 0 } else { self.chance().between(-skew_ms, skew_ms) }
    }

    /// How long a request is on its way.
    pub(crate) fn travel_ms(&self) -> i64 {
        if self.strikes(|rates| rates.stall) {
            self.chance().between(SECOND_MS / 2, self.rates().stall_ms)
        } else {
            self.chance().between(2, 14)
        }
    }

    /// A delivery is under way.
    pub(crate) fn deliver(&self, delivery: Delivery, delay_ms: i64) {
        self.open_work.set(self.open_work.get() + u64::from(delivery.job.is_work()));
        self.events.add(delay_ms, Event::Invoke(delivery));
    }

    pub(crate) fn tell(&self, line: impl FnOnce() -> String) {
        self.trace.tell(self.events.now(), line);
    }

    /// An invariant is broken; the first counts.
    pub(crate) fn raise(&self, alarm: Result<(), Alarm>) {
        if let Err(alarm) = alarm {
            self.alarm.borrow_mut().get_or_insert(alarm);
        }
    }

    /// Something was committed that brings others up.
    pub(crate) fn follow(&self, news: &News) {
        for claim in &news.claims {
            if self.strikes(|rates| rates.meddling) {
                clients::meddle(self, news.ws, claim);
            }
        }
        if let Some(campaign) = &news.completing {
            self.latecomers.borrow_mut().iter_mut().for_each(|late| late.come(self, campaign));
        }
    }

    /// Does the work of the run itself on the table: nothing happens meanwhile, and nothing fails.
    pub(crate) fn direct<T>(&self, work: impl Future<Output = T>) -> T {
        self.is_direct.set(true);
        let polled = std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop()));
        self.is_direct.set(false);
        match polled {
            Poll::Ready(done) => done,
            Poll::Pending => unreachable!("nothing waits while the run itself works"),
        }
    }
}

/// Time that passes for the function at work.
#[derive(Debug)]
pub(crate) struct Pause {
    delay_ms: i64,
    until: Option<Timestamp>,
}

/// Waits so many milliseconds of true time.
pub(crate) const fn pause(delay_ms: i64) -> Pause {
    Pause { delay_ms, until: None }
}

/// The way of a request.
pub(crate) fn travel() -> Pause {
    pause(with(Simulation::travel_ms))
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        with(|run| match self.until {
            Some(until) if run.now() >= until => Poll::Ready(()),
            Some(_) => Poll::Pending,
            None if run.is_direct() => Poll::Ready(()),
            None => {
                self.until = Some(run.now().plus_ms(self.delay_ms.max(0)));
                let resume = Event::Resume(run.at_work.get(), context.waker().clone());
                run.events.add(self.delay_ms, resume);
                Poll::Pending
            }
        })
    }
}
