//! The real handlers over the embedded table and the simulated network, on a virtual clock.
//!
//! One thing happens after another: whatever is due at a moment is handed to its handler, then
//! the clock goes to the next moment at which anything is due. Nothing sleeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use carillon_adapters::clock::Clock;
use carillon_adapters::queue::{LocalQueues, Message};
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_local::TABLE;
use carillon_local::message_simulator::log::MessageLog;
use carillon_local::message_simulator::{self, MessageNetwork, MessageSettings};
use carillon_local::provider_simulator::log::NetworkLog;
use carillon_local::provider_simulator::{Network, NetworkSettings, PersonCalls};
use carillon_local::table::{EmbeddedTable, Interceptor};
use carillon_local::wiring::{PLAN, SMS_EVENTS};
use carillon_local::workers;
use carillon_runtime::context::{Context, inbound_message_path, initiation_path};
use carillon_store::Store;
use serde_json::Value;
use tower::ServiceExt;

use crate::carry::CARRIED;
use crate::context::{self, Keys, PUBLIC_URL};
use crate::scratch::Scratch;
use crate::spent::{Reading, Spent};
use crate::stream::Stream;

/// The function that webhooks go to.
pub(crate) const WEBHOOKS: &str = "webhooks";

/// Largest answer that is read, in bytes.
pub(crate) const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Monday 2026-11-23, 09:00 in Berlin: the hours have just begun.
pub const MONDAY_AT_NINE: Timestamp = Timestamp::from_millis(1_795_420_800_000);

/// What a run is made of.
pub struct Options {
    pub begin_at: Timestamp,
    /// The network's settings; its webhooks are carried by the harness.
    pub network: NetworkSettings,
    /// The settings of the carrier of texts; its webhooks are carried by the harness, too.
    pub messages: MessageSettings,
    /// How long a message or a webhook takes to its function, in milliseconds.
    pub hop_ms: i64,
    /// How long a planner is at work, in milliseconds; hints that come meanwhile wait for each other.
    pub plan_ms: i64,
    /// Whether a worker has time for one step of a job only.
    pub is_step_by_step: bool,
    /// Sees what the functions ask of the table, and may spoil it.
    pub interceptor: Option<Arc<dyn Interceptor>>,
    /// Whether changes of the table are told of, and how.
    pub stream: Option<Delivery>,
    /// Whether only the tick plans, as dispatchers without hints do; for comparison.
    pub is_tick_only: bool,
}

impl Options {
    pub fn at(begin_at: Timestamp) -> Self {
        Self {
            begin_at,
            network: NetworkSettings { magic_numbers: false, ..NetworkSettings::default() },
            messages: MessageSettings { magic_numbers: false, ..MessageSettings::default() },
            hop_ms: 0,
            plan_ms: 0,
            is_step_by_step: false,
            interceptor: None,
            stream: None,
            is_tick_only: false,
        }
    }
}

/// How batches of changes come to the stream function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Once each.
    Plain,
    /// In batches of all sizes: some twice, and some again from their beginning in another batch.
    Repeated,
}

/// A system on a virtual clock.
pub struct Harness {
    pub context: Context,
    pub table: EmbeddedTable,
    pub network: Network,
    pub messages: MessageNetwork,
    /// The workspace and what was set up in it.
    pub keys: Keys,
    pub(crate) queues: LocalQueues,
    pub(crate) webhooks: Router,
    pub(crate) options: Options,
    /// Where the files of its context lie.
    pub(crate) scratch: Scratch,
    pub(crate) stream: Option<Stream>,
    last_tick: Timestamp,
    /// When the planner at work is done.
    pub(crate) planner_free_at: Timestamp,
    /// What each function ran and used of the table; webhooks under their own name.
    pub spent: BTreeMap<&'static str, Spent>,
}

impl Harness {
    /// Sets up a workspace with an assistant and a caller number, at ElevenLabs.
    pub async fn start(options: Options) -> Self {
        let clock = Clock::manual(options.begin_at);
        let network = Network::start(options.network.clone(), clock.clone(), NetworkLog::in_memory(), 0)
            .await
            .expect("a free port");
        let (settings, log) = (options.messages.clone(), MessageLog::in_memory());
        let messages = MessageNetwork::start(settings, clock.clone(), log, 0).await.expect("a free port");
        let own = Scratch::new();
        let table = match options.stream {
            None => EmbeddedTable::in_memory(),
            Some(_) => EmbeddedTable::on_file(own.path().join("table.db")),
        };
        let table = table.expect("a table");
        let queues = LocalQueues::in_memory(clock.clone());
        let (mut context, scratch) =
            context::over(&table.client(), &queues, &clock, network.base_url(), messages.base_url());
        let keys = context::set_up(&table.client(), &context, &options.network).await;
        context::share_message_secrets(&context, &keys.workspace, &options.messages).await;
        let inbound = inbound_message_path(&keys.workspace, message_simulator::PROVIDER);
        messages.tell_inbound_to(format!("{PUBLIC_URL}{inbound}"));
        let stream = options.stream.map(|delivery| Stream::open(&table, own, delivery, options.begin_at));
        context.consumers.extend(stream.as_ref().map(Stream::log));
        if let Some(interceptor) = &options.interceptor {
            context.store = Store::new(table.client_with(Arc::clone(interceptor)), TABLE);
        }
        let webhooks = carillon_webhooks::router(context.clone());
        Self {
            context,
            table,
            network,
            messages,
            keys,
            queues,
            webhooks,
            scratch,
            stream,
            last_tick: options.begin_at,
            planner_free_at: options.begin_at,
            options,
            spent: BTreeMap::new(),
        }
    }

    /// Sets up an assistant and a caller number at Retell besides; the keys of a campaign that calls through it.
    pub async fn add_retell(&self) -> Keys {
        context::add_retell(&self.context, &self.keys, &self.options.network).await
    }

    /// Runs until `done` says so, which is asked once a virtual minute, or until `end`. Says whether
    /// it was done.
    pub async fn run_until(&mut self, end: Timestamp, mut done: impl AsyncFnMut(&Self) -> bool) -> bool {
        let mut asked_at = self.context.now();
        while self.context.now() < end {
            self.step().await;
            if self.context.now().since_ms(asked_at) >= 60 * SECOND_MS {
                asked_at = self.context.now();
                if done(self).await {
                    return true;
                }
            }
        }
        done(self).await
    }

    /// Runs until this very moment; what is due at it is still to be done.
    pub async fn run_to(&mut self, at: Timestamp) {
        while self.context.now() < at {
            self.act().await;
            let next = self.next_moment().max(self.context.now().plus_ms(1));
            self.context.clock.advance_to(next.min(at));
        }
    }

    /// Does everything that is due now, then goes to the next moment.
    pub async fn step(&mut self) {
        self.act().await;
        let next = self.next_moment();
        self.context.clock.advance_to(next.max(self.context.now().plus_ms(1)));
    }

    /// Somebody calls one of our numbers: the network asks what the conversation begins with, gets
    /// this answer, and connects them.
    pub async fn person_calls(&mut self, call: &PersonCalls) -> (u16, Value) {
        let question = self.network.question(call);
        let headers: Vec<_> = question.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, answer) = self.ask_initiation(call.provider, &headers, question.body.clone()).await;
        self.network.connect(call, &question.call_sid, &answer).expect("a log in memory");
        (status, answer)
    }

    /// AWS tells something of a text.
    pub fn aws_tells(&self, told: &Value) {
        let queue = self.queues.queue(SMS_EVENTS.name, SMS_EVENTS.max_receives);
        queue.send(&[Message::now(told.to_string())]).expect("a queue");
    }

    /// What AWS has told and nobody could take.
    pub fn untaken_of_aws(&self) -> usize {
        let queue = self.queues.queue(SMS_EVENTS.name, SMS_EVENTS.max_receives);
        queue.dead_letters(10).expect("a queue").len()
    }

    /// Asks what a conversation begins with.
    pub async fn ask_initiation(
        &mut self,
        provider: VoiceProvider,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, Value) {
        let path = initiation_path(&self.keys.workspace, provider);
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let before = Reading::take(&self.table);
        let Ok(response) = self.webhooks.clone().oneshot(request).await;
        self.note(WEBHOOKS, before);
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), MAX_ANSWER_BYTES).await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn act(&mut self) {
        while self.carry_webhooks().await
            | self.carry_forms().await
            | self.carry_messages().await
            | self.tick().await
        {}
        self.carry_changes().await;
    }

    /// Adds a run of a function to what was spent.
    pub(crate) fn note(&mut self, function: &'static str, before: Reading) {
        self.spent.entry(function).or_default().add(before, Reading::take(&self.table));
    }

    async fn tick(&mut self) -> bool {
        let now = self.context.now();
        if workers::next_tick(self.last_tick) > now {
            return false;
        }
        self.last_tick = now;
        if self.options.is_tick_only {
            let ws = self.keys.workspace.clone();
            carillon_planner::plan(&self.context, &ws).await.expect("a plan");
            return true;
        }
        let before = Reading::take(&self.table);
        let is_done = carillon_tick::handle(&self.context).await.is_ok();
        self.note("tick", before);
        is_done
    }

    /// The next moment at which anything is due.
    fn next_moment(&self) -> Timestamp {
        let hop_ms = self.options.hop_ms;
        let mut next = workers::next_tick(self.last_tick.max(self.context.now()));
        for wiring in CARRIED {
            if self.options.is_tick_only && wiring == PLAN {
                continue;
            }
            let queue = self.queues.queue(wiring.name, wiring.max_receives);
            if let Some(at) = queue.next_visible_at().expect("a queue") {
                let free_at = if wiring == PLAN { self.planner_free_at } else { at };
                next = next.min(at.plus_ms(hop_ms).max(free_at));
            }
        }
        let told_at = self.network.next_event_at().into_iter().chain(self.messages.next_event_at());
        told_at.fold(next, |next, at| next.min(at.plus_ms(hop_ms)))
    }
}
