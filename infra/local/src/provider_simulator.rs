//! The simulated phone network: a voice provider of our own, with people behind every number.
//!
//! It is an HTTP server that speaks the contracts of ElevenLabs Agents, of Retell and of Twilio's calls at once: the
//! same paths, bodies, refusals and signed webhooks, over one network of people and calls. It takes nothing
//! from the code that speaks to it, so each is a check on the other.
//!
//! - [`person`], [`people`], [`magic`]: who answers, by seed and by the last four digits.
//! - [`calls`]: calls and their webhooks, with time as an argument.
//! - [`scripts`]: what they say, in five languages, and what is true of it.
//! - [`elevenlabs`], [`retell`], [`twilio`]: a dialect each; `dialect` asks whichever is spoken.
//! - [`log`]: what happened, written before anybody is told; [`audit`]: checks on it.
//! - [`Network`]: the server, with the sender of webhooks, or driven by a test.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use carillon_adapters::clock::Clock;
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

mod audio;
pub mod audit;
pub mod call;
pub mod calls;
mod dialect;
pub mod elevenlabs;
pub mod failure;
mod first_message;
mod incoming;
pub mod log;
pub mod magic;
pub mod order;
mod outbox;
mod pace;
pub mod people;
pub mod person;
pub mod retell;
pub mod scripts;
mod server;
mod settings;
mod speech;
mod state;
#[cfg(test)]
mod tests;
pub mod twilio;
pub mod webhook_schedule;
mod webhook_sender;

pub use call::CallResult;
pub use dialect::Receiver;
pub use incoming::{PersonCalls, Question};
pub use order::OutboundCall;
pub use settings::NetworkSettings;
pub use state::SignedWebhook;
pub(crate) use webhook_sender::client as http_client;

use audit::CallRecord;
use log::NetworkLog;
use state::NetworkState;

/// Sees what a network does next.
#[derive(Clone)]
pub struct NetworkWatch(Arc<NetworkState>);

impl NetworkWatch {
    /// Whether a webhook is on its way at this moment.
    pub fn is_busy(&self) -> bool {
        self.0.on_their_way.load(Ordering::SeqCst) > 0
    }

    /// When the next webhook is due.
    pub fn next_event_at(&self) -> Option<Timestamp> {
        self.0.next_webhook_at()
    }
}

/// A network that runs; it stops when it is dropped, as a process that is killed.
pub struct Network {
    switchboard: Arc<NetworkState>,
    client: reqwest::Client,
    address: SocketAddr,
    tasks: Vec<AbortHandle>,
}

impl Network {
    /// Starts a network on this machine only; port 0 takes any that is free.
    ///
    /// It goes on where the log ends. With any webhook address it carries its webhooks by itself,
    /// unless its clock stands still: then [`Self::deliver_due`] or [`Self::take_due`] does.
    ///
    /// # Errors
    /// The port is taken, or the machine has no HTTP client to offer.
    pub async fn start(
        mut settings: NetworkSettings,
        clock: Clock,
        log: NetworkLog,
        port: u16,
    ) -> io::Result<Self> {
        let client = webhook_sender::client().map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        settings.retell.recordings_url = format!("http://{address}/recordings");
        let switchboard = Arc::new(NetworkState::new(settings, clock, log));
        let router = server::router(&switchboard);
        let server = async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the simulated network has stopped");
            }
        };
        let mut tasks = vec![tokio::spawn(server).abort_handle()];
        let moves = !matches!(switchboard.clock, Clock::Manual(_));
        if moves && tells_anybody(&switchboard.settings) {
            let courier = webhook_sender::run(Arc::clone(&switchboard), client.clone());
            tasks.push(tokio::spawn(courier).abort_handle());
        }
        Ok(Self { switchboard, client, address, tasks })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stands before the paths in its URLs.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happens next, for whoever puts the clock forward.
    pub fn watch(&self) -> NetworkWatch {
        NetworkWatch(Arc::clone(&self.switchboard))
    }

    /// When the next webhook is due, or the next held answer.
    pub fn next_event_at(&self) -> Option<Timestamp> {
        let webhook_at = self.switchboard.next_webhook_at();
        webhook_at.into_iter().chain(self.switchboard.gate.next_at()).min()
    }

    /// The webhooks that are due by now, for a test that delivers them itself and then says so
    /// with [`Self::tried`].
    pub fn take_due(&self, now: Timestamp) -> Vec<SignedWebhook> {
        self.switchboard.take_due(now)
    }

    /// Notes with which status a webhook was received, and what was answered; none if nobody answered.
    pub fn tried(&self, webhook: &SignedWebhook, answer: Option<(u16, &str)>) {
        self.switchboard.tried(webhook, answer);
    }

    /// Sends the webhooks that are due by now to their addresses, one after another, and
    /// says how many they were.
    pub async fn deliver_due(&self, now: Timestamp) -> usize {
        if !tells_anybody(&self.switchboard.settings) {
            return 0;
        }
        let due = self.take_due(now);
        let count = due.len();
        for webhook in due {
            let client = self.client.clone();
            webhook_sender::carry(Arc::clone(&self.switchboard), client, webhook).await;
        }
        count
    }

    /// What the network asks when somebody calls one of our numbers: to be sent to the address of
    /// such questions, then [`Self::connect`].
    pub fn question(&self, call: &PersonCalls) -> Question {
        self.switchboard.question(call)
    }

    /// Connects somebody who called with the assistant, as the answer to the question says. A
    /// webhook tells of the end.
    ///
    /// # Errors
    /// The log can't be written.
    pub fn connect(&self, call: &PersonCalls, call_sid: &str, answer: &Value) -> io::Result<()> {
        self.switchboard.connect(call, call_sid, answer)
    }

    /// How many HTTP answers are held; see [`NetworkSettings::hold_answers`].
    pub fn held_answers(&self) -> usize {
        self.switchboard.gate.held()
    }

    /// Lets go the HTTP answers that are due by now.
    pub fn release_answers(&self, now: Timestamp) {
        self.switchboard.gate.open(now);
    }

    /// Every call so far, in the order of placing.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.switchboard.calls()
    }
}

/// Whether there is an address for any webhook.
fn tells_anybody(settings: &NetworkSettings) -> bool {
    VoiceProvider::ALL.into_iter().any(|provider| settings.webhook_url(provider).is_some())
}

impl Drop for Network {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
