//! Functions at work: each invocation is a future that goes on when its event comes, or dies.
//!
//! An invocation waits wherever it sends a request. What dies there has done everything before it and
//! nothing after it: before a write, or between a write and its effect.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};

use crate::carrier::Form;
use crate::clients::Errand;
use crate::functions::{self, Answer, Functions};
use crate::ports::QueueName;
use crate::provider::Post;
use crate::simulation::Simulation;

/// How often a queue hands out a message before it is a dead letter.
const MAX_RECEIVES: usize = 5;
/// When ElevenLabs and the carrier of texts send an event again, in seconds after the last try.
const EVENT_AGAIN_SECS: [i64; 4] = [30, 120, 480, 1_800];
/// When Retell does.
const RETELL_AGAIN_SECS: [i64; 3] = [10, 10, 10];
/// How soon a client whose request got no answer asks again, in milliseconds.
const CLIENT_AGAIN_MS: i64 = 7 * SECOND_MS;

/// Something for a function to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Find the workspaces that are due.
    Tick,
    /// A message of a queue.
    Message(QueueName, String),
    /// Changes of a shard of the table's stream.
    Changes(usize),
    /// Something that the provider tells or asks.
    Post { ws: usize, post: Post },
    /// Something that the carrier of texts tells.
    Form { ws: usize, form: Form },
    /// What a client asks for.
    Client { ws: usize, errand: Errand },
}

impl Job {
    /// Whether something is to be done, and not only to be looked for.
    pub(crate) const fn is_work(&self) -> bool {
        !matches!(self, Self::Tick | Self::Message(QueueName::Plan, _))
    }

    const fn function(&self) -> Function {
        match self {
            Self::Tick => Function::Tick,
            Self::Message(QueueName::Plan, _) => Function::Planner,
            Self::Message(QueueName::Dial | QueueName::SipDial, _) => Function::Dialer,
            Self::Message(QueueName::Message, _) => Function::Messenger,
            Self::Message(QueueName::Import, _) => Function::Importer,
            Self::Changes(_) => Function::Stream,
            Self::Message(QueueName::Jobs, _) => Function::Worker,
            Self::Post { .. } | Self::Form { .. } => Function::Webhooks,
            Self::Client { .. } => Function::Api,
        }
    }

    /// How long a function may work on it, in milliseconds.
    pub(crate) const fn timeout_ms(&self) -> i64 {
        SECOND_MS
            * match self {
                Self::Tick => 50,
                Self::Message(QueueName::Plan, _) | Self::Changes(_) => 30,
                Self::Message(QueueName::Dial | QueueName::Message, _) => 60,
                Self::Message(QueueName::SipDial | QueueName::Import | QueueName::Jobs, _) => 120,
                Self::Post { .. } | Self::Form { .. } => 20,
                Self::Client { .. } => 29,
            }
    }
}

/// A job on its way to a function.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) job: Rc<Job>,
    /// How often it was handed out before.
    receives: usize,
}

impl Delivery {
    pub(crate) fn first(job: Job) -> Self {
        Self { job: Rc::new(job), receives: 0 }
    }

    pub(crate) fn twin(&self) -> Self {
        Self { job: Rc::clone(&self.job), receives: self.receives }
    }

    /// The next delivery after one that failed, and after how many milliseconds; none if nobody
    /// tries again.
    fn again(&self) -> Option<(Self, i64)> {
        let received = self.receives + 1;
        let hidden_ms = |minutes: i64| (received < MAX_RECEIVES).then_some(minutes * MINUTE_MS);
        let after_ms = match &*self.job {
            Job::Tick => None,
            Job::Message(QueueName::Plan, _) => hidden_ms(3),
            Job::Message(QueueName::Dial | QueueName::Message, _) => hidden_ms(6),
            Job::Message(QueueName::SipDial | QueueName::Jobs, _) => hidden_ms(12),
            // Somebody sends on what became a dead letter: a file waits for it.
            Job::Message(QueueName::Import, _) => Some(12 * MINUTE_MS),
            Job::Changes(_) => Some(SECOND_MS),
            Job::Post { post, .. } => match post.provider {
                VoiceProvider::ElevenLabs => self.event_again(&EVENT_AGAIN_SECS, post.insists),
                VoiceProvider::Retell => self.event_again(&RETELL_AGAIN_SECS, post.insists),
            },
            Job::Form { form, .. } => self.event_again(&EVENT_AGAIN_SECS, form.insists),
            Job::Client { .. } => Some(CLIENT_AGAIN_MS),
        };
        after_ms.map(|after_ms| (Self { job: Rc::clone(&self.job), receives: received }, after_ms))
    }

    /// After how many milliseconds an event of a provider is sent again.
    fn event_again(&self, after_secs: &[i64], insists: bool) -> Option<i64> {
        let last = after_secs.len() - 1;
        let place = if insists { self.receives.min(last) } else { self.receives };
        after_secs.get(place).map(|secs| secs * SECOND_MS)
    }
}

/// Which invocation is at work, and how far its clock is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// Counts all invocations.
    pub(crate) number: u64,
    pub(crate) function: Function,
    pub(crate) skew_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Api,
    Dialer,
    Importer,
    Messenger,
    Planner,
    Stream,
    Tick,
    Webhooks,
    Worker,
}

impl Invocation {
    /// Nobody's.
    pub(crate) const NONE: Self = Self { number: 0, function: Function::Tick, skew_ms: 0 };
}

struct Task {
    work: Pin<Box<dyn Future<Output = Answer>>>,
    delivery: Delivery,
    killed_at: Timestamp,
    invocation: Invocation,
}

/// The invocations that are at work.
pub(crate) struct Executor<'r> {
    run: &'r Simulation,
    functions: &'r Functions,
    tasks: BTreeMap<u64, Task>,
    started: u64,
}

impl<'r> Executor<'r> {
    pub(crate) fn new(run: &'r Simulation, functions: &'r Functions) -> Self {
        Self { run, functions, tasks: BTreeMap::new(), started: 0 }
    }

    pub(crate) fn invoke(&mut self, delivery: Delivery) {
        self.started += 1;
        let mut invocation =
            Invocation { number: self.started, function: delivery.job.function(), skew_ms: 0 };
        self.run.at_work.set(invocation);
        invocation.skew_ms = self.run.draw_skew_ms();
        self.run.at_work.set(invocation);
        let killed_at = self.run.now().plus_ms(delivery.job.timeout_ms());
        let work = self.functions.invoke(self.run, &delivery.job, killed_at);
        self.tasks.insert(self.started, Task { work, killed_at, delivery, invocation });
        self.go_on(self.started);
    }

    /// An invocation's wait is over: it goes on, unless it dies here.
    pub(crate) fn resume(&mut self, invocation: Invocation, waker: &Waker) {
        let Some(task) = self.tasks.get(&invocation.number) else { return };
        let is_over_time = self.run.now() > task.killed_at;
        self.run.at_work.set(invocation);
        if is_over_time || self.run.strikes(|rates| rates.crash) {
            self.run.tell(|| format!("died at work: {}", task.delivery.job));
            self.end(invocation.number, None);
            self.run.at_work.set(Invocation::NONE);
        } else {
            waker.wake_by_ref();
            self.go_on(invocation.number);
        }
    }

    fn go_on(&mut self, number: u64) {
        let Some(task) = self.tasks.get_mut(&number) else { return };
        self.run.at_work.set(task.invocation);
        if let Poll::Ready(answer) = task.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            self.end(number, Some(answer));
        }
        self.run.at_work.set(Invocation::NONE);
    }

    /// An invocation has answered, or died without an answer.
    fn end(&mut self, number: u64, answer: Option<Answer>) {
        let Some(Task { delivery, invocation, .. }) = self.tasks.remove(&number) else { return };
        self.run.open_work.set(self.run.open_work.get() - u64::from(delivery.job.is_work()));
        let is_done = functions::is_done(self.run, &delivery.job, invocation, answer);
        if !is_done && let Some((again, after_ms)) = delivery.again() {
            self.run.deliver(again, after_ms);
        }
    }
}
