//! The table's stream, as far as it tells of leads and attempts: the changes of an item come in their order, each at least
//! once, in batches of any size.

use std::cell::RefCell;
use std::collections::VecDeque;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use carillon_domain::base::time::SECOND_MS;
use carillon_store::table::{Item, Key};

use crate::executor::{Delivery, Job};
use crate::rng::Rng;
use crate::simulation::Simulation;

/// Shards: between two of them there is no order.
const SHARDS: usize = 3;
/// Most changes of a batch.
const MAX_BATCH: usize = 20;
/// How long changes are gathered, and when a batch that failed comes again, in milliseconds.
const WINDOW_MS: i64 = SECOND_MS;

/// What was not told of yet.
#[derive(Debug)]
pub(crate) struct Stream {
    shards: RefCell<[VecDeque<EventRecord>; SHARDS]>,
    /// Its own, so that it changes nothing for anybody else.
    pub(crate) rng: Rng,
}

impl Stream {
    pub(crate) fn new(seed: u64) -> Self {
        Self { shards: RefCell::default(), rng: Rng::new(!seed) }
    }

    /// An item has changed.
    pub(crate) fn add(&self, run: &Simulation, before: Item, after: Item) {
        let key = Key::of(&after).or_else(|| Key::of(&before)).unwrap_or_default();
        let shard = key.pk.bytes().map(usize::from).sum::<usize>() % SHARDS;
        let mut record = EventRecord::default();
        (record.change.old_image, record.change.new_image) = (before.into(), after.into());
        let mut shards = self.shards.borrow_mut();
        shards[shard].push_back(record);
        // Of one that had changes already the function is called as it is.
        if shards[shard].len() == 1 {
            run.deliver(Delivery::first(Job::Changes(shard)), WINDOW_MS);
        }
    }

    /// Whether all was told of.
    pub(crate) fn is_empty(&self) -> bool {
        self.shards.borrow().iter().all(VecDeque::is_empty)
    }

    /// The next batch of a shard.
    pub(crate) fn batch(&self, shard: usize) -> Event {
        let most = self.rng.place(MAX_BATCH) + 1;
        let mut event = Event::default();
        event.records = self.shards.borrow()[shard].iter().take(most).cloned().collect();
        event
    }

    /// So many changes of a shard were told of; perhaps nobody hears of that, and they come again.
    pub(crate) fn told(&self, run: &Simulation, shard: usize, count: usize) {
        let mut shards = self.shards.borrow_mut();
        if !run.strikes(|rates| rates.message_doubled) {
            shards[shard].drain(..count);
        }
        if !shards[shard].is_empty() {
            run.deliver(Delivery::first(Job::Changes(shard)), WINDOW_MS);
        }
    }
}
