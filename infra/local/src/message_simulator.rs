//! The simulated carrier of text messages: a provider of our own, with people behind every number who get texts and
//! reply to some.
//!
//! It is an HTTP server that speaks the contract of Twilio's Programmable Messaging: the same paths, forms, refusals and
//! signed webhooks. It takes nothing from the code that speaks to it, so each is a check on the other.
//!
//! - [`person`]: what becomes of a text, by seed and by the last four digits.
//! - [`exchange`]: messages and what is told of them, with time as an argument.
//! - [`message`] and [`webhook`]: what is kept, and how it goes over the wire.
//! - [`log`]: what happened, written before anybody is told.
//! - [`MessageNetwork`]: the server, with the sender of webhooks, or driven by a test.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use carillon_adapters::clock::Clock;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::time::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};

mod answer;
pub mod exchange;
pub mod log;
pub mod message;
pub mod person;
mod server;
pub mod settings;
#[cfg(test)]
mod tests;
pub mod webhook;

pub use message::MessageRecord;
pub use settings::MessageSettings;
pub use webhook::SignedForm;

use crate::provider_simulator::http_client;
use crate::twilio;
use answer::Answer;
use exchange::Exchange;
use log::MessageLog;
use message::Order;

/// The provider that it stands for.
pub const PROVIDER: MessageProvider = MessageProvider::Twilio;

struct Desk {
    exchange: Exchange,
    log: MessageLog,
}

struct State {
    settings: MessageSettings,
    clock: Clock,
    /// Rings when there may be an earlier webhook than before.
    news: Notify,
    desk: Mutex<Desk>,
}

/// Sees what a carrier does next.
#[derive(Clone)]
pub struct MessageWatch(Arc<State>);

impl MessageWatch {
    /// Whether a webhook is on its way at this moment.
    pub fn is_busy(&self) -> bool {
        self.0.desk().exchange.is_telling()
    }

    /// When the next webhook is due, or the next reply.
    pub fn next_event_at(&self) -> Option<Timestamp> {
        self.0.desk().exchange.next_at()
    }
}

/// A carrier that runs; it stops when it is dropped, as a process that is killed.
pub struct MessageNetwork {
    state: Arc<State>,
    address: SocketAddr,
    tasks: Vec<AbortHandle>,
}

impl MessageNetwork {
    /// Starts a carrier on this machine only; port 0 takes any that is free. It goes on where the log ends, and carries
    /// its webhooks by itself unless its clock stands still: then [`Self::take_due`] is for whoever moves the clock.
    ///
    /// # Errors
    /// The port is taken, or the machine has no HTTP client to offer.
    pub async fn start(
        settings: MessageSettings,
        clock: Clock,
        mut log: MessageLog,
        port: u16,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let mut exchange = Exchange::new(settings.clone());
        log.take_history().iter().for_each(|entry| exchange.apply(entry));
        let desk = Mutex::new(Desk { exchange, log });
        let state = Arc::new(State { settings, clock, news: Notify::new(), desk });
        let router = server::router(Arc::clone(&state));
        let server = async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the simulated carrier has stopped");
            }
        };
        let mut tasks = vec![tokio::spawn(server).abort_handle()];
        if !matches!(state.clock, Clock::Manual(_)) {
            let client = http_client().map_err(io::Error::other)?;
            tasks.push(tokio::spawn(carry_for_ever(Arc::clone(&state), client)).abort_handle());
        }
        Ok(Self { state, address, tasks })
    }

    /// What stands before the paths of its URLs.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets where messages that come in are told, in place of what the settings say.
    pub fn tell_inbound_to(&self, url: String) {
        self.state.desk().exchange.tell_inbound_to(url);
    }

    /// What happens next, for whoever puts the clock forward.
    pub fn watch(&self) -> MessageWatch {
        MessageWatch(Arc::clone(&self.state))
    }

    /// When the next webhook is due, or the next reply.
    pub fn next_event_at(&self) -> Option<Timestamp> {
        self.state.desk().exchange.next_at()
    }

    /// The webhooks that are due by now, signed, for a test that delivers them itself and then says so with
    /// [`Self::tried`].
    pub fn take_due(&self, now: Timestamp) -> Vec<SignedForm> {
        self.state.desk().take_due(now)
    }

    /// Notes with which status a webhook was received, and what was answered; none if nobody answered.
    pub fn tried(&self, form: &SignedForm, answer: Option<(u16, &str)>) {
        self.state.tried(form, answer);
    }

    /// Somebody texts one of our numbers, at once.
    ///
    /// # Errors
    /// The log can't be written.
    pub fn person_texts(&self, from: &str, to: &str, text: &str) -> io::Result<()> {
        let now = self.state.clock.now();
        let entry = self.state.desk().exchange.text_from(now, from, to, text);
        self.state.desk().append(&entry)?;
        self.state.news.notify_one();
        Ok(())
    }

    /// Every message so far in both directions, in the order of sending.
    pub fn messages(&self) -> Vec<MessageRecord> {
        self.state.desk().exchange.records()
    }
}

impl Drop for MessageNetwork {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Desk {
    /// Writes down what happens, and then lets it happen.
    fn append(&mut self, entry: &log::Entry) -> io::Result<()> {
        self.log.append(entry)?;
        self.exchange.apply(entry);
        Ok(())
    }

    /// The webhooks that are due by now. Replies that are due become messages first.
    fn take_due(&mut self, now: Timestamp) -> Vec<SignedForm> {
        while let Some(reply) = self.exchange.due_reply(now) {
            if let Err(error) = self.log.append(&reply) {
                tracing::error!(%error, "the carrier's log cannot be written; a reply may come twice");
            }
            self.exchange.apply(&reply);
        }
        self.exchange.take_due(now)
    }
}

impl State {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an order and writes it down before it is answered.
    fn send(&self, order: &Order) -> Answer {
        let now = self.clock.now();
        let mut desk = self.desk();
        let (answer, entry) = desk.exchange.decide(now, order);
        if let Err(error) = desk.append(&entry) {
            tracing::error!(%error, "the carrier's log cannot be written; the message is not sent");
            return Answer::broken();
        }
        self.news.notify_one();
        answer
    }

    fn tried(&self, form: &SignedForm, answer: Option<(u16, &str)>) {
        let now = self.clock.now();
        let mut desk = self.desk();
        let entry = desk.exchange.tried(now, form, answer);
        if let Err(error) = desk.append(&entry) {
            tracing::error!(%error, "the carrier's log cannot be written; a webhook may come twice");
        }
        self.news.notify_one();
    }
}

/// Sends what is due, now and for ever.
async fn carry_for_ever(state: Arc<State>, client: reqwest::Client) {
    let mut on_their_way = JoinSet::new();
    loop {
        for form in state.desk().take_due(state.clock.now()) {
            on_their_way.spawn(carry(Arc::clone(&state), client.clone(), form));
        }
        while on_their_way.try_join_next().is_some() {}
        let next_at = state.desk().exchange.next_at();
        match next_at {
            Some(at) => tokio::select! {
                () = state.clock.sleep_until(at) => {}
                () = state.news.notified() => {}
            },
            None => state.news.notified().await,
        }
    }
}

/// Sends a webhook once and notes what came of it.
async fn carry(state: Arc<State>, client: reqwest::Client, form: SignedForm) {
    let request = client
        .post(&form.url)
        .header("Content-Type", twilio::FORM_TYPE)
        .header(twilio::SIGNATURE_HEADER, &form.signature)
        .body(form.body.clone());
    let answer = match request.send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            Some((status, answer.text().await.unwrap_or_default()))
        }
        Err(_) => None,
    };
    let told = answer.as_ref().map(|(status, body)| (*status, body.as_str()));
    if told.is_none_or(|(status, _)| status >= 300) {
        tracing::warn!(
            message = form.sid,
            status = told.map(|(status, _)| status),
            "a webhook was not taken"
        );
    }
    state.tried(&form, told);
}
