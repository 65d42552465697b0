//! Functions at work: each is a future that goes on when its event comes, or dies.
//!
//! A step is the time before a request takes effect. What dies at a step has done everything
//! before it and nothing after it: before a write, or between a write and its effect.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use carillon_domain::base::time::Timestamp;

use crate::agenda::Event;
use crate::handlers;
use crate::job::Delivery;
use crate::tale::Tale;
use crate::world::World;

/// The functions that are at work.
#[derive(Default)]
pub(crate) struct Tasks<'w> {
    slots: Vec<Option<Task<'w>>>,
    free: Vec<usize>,
}

struct Task<'w> {
    work: Pin<Box<dyn Future<Output = bool> + 'w>>,
    delivery: Delivery,
    killed_at: Timestamp,
    skew_ms: i64,
}

impl<'w> Tasks<'w> {
    pub(crate) fn start(&mut self, world: &'w World, delivery: Delivery) {
        let task = Task {
            work: Box::pin(handlers::handle(world, delivery.job.clone())),
            killed_at: world.agenda.now().plus_ms(delivery.job.timeout_ms()),
            delivery,
            skew_ms: world.draw_skew_ms(),
        };
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[slot] = Some(task);
        self.go_on(world, slot);
    }

    /// A function's step is over: it goes on, unless it dies here.
    pub(crate) fn wake(&mut self, world: &'w World, slot: usize) {
        let Some(task) = &self.slots[slot] else { return };
        let is_over_time = world.agenda.now() > task.killed_at;
        if is_over_time || world.strikes(|weather| weather.crash) {
            world.tell(|| format!("died at work: {}", Tale(&*task.delivery.job)));
            self.end(world, slot, false);
        } else {
            self.go_on(world, slot);
        }
    }

    fn go_on(&mut self, world: &'w World, slot: usize) {
        let Some(task) = &mut self.slots[slot] else { return };
        world.enter(slot, task.skew_ms);
        if let Poll::Ready(is_done) = task.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            self.end(world, slot, is_done);
        }
    }

    fn end(&mut self, world: &'w World, slot: usize, is_done: bool) {
        let Some(task) = self.slots[slot].take() else { return };
        self.free.push(slot);
        world.jobs_open.set(world.jobs_open.get() - u64::from(task.delivery.job.is_work()));
        if !is_done && let Some((again, after_ms)) = task.delivery.again() {
            world.begin(again, after_ms);
        }
    }
}

/// Time that passes before a request takes effect.
pub(crate) struct Step<'w> {
    world: &'w World,
    delay_ms: i64,
    has_begun: bool,
}

impl<'w> Step<'w> {
    pub(crate) fn of(world: &'w World, delay_ms: i64) -> Self {
        Self { world, delay_ms, has_begun: false }
    }
}

impl Future for Step<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.has_begun {
            return Poll::Ready(());
        }
        self.has_begun = true;
        self.world.agenda.add(self.delay_ms, Event::Wake(self.world.at_work()));
        Poll::Pending
    }
}
