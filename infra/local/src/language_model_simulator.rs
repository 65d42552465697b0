//! The simulated language model: a reader that speaks OpenAI's chat completions and understands what people say in
//! the simulated phone network.
//!
//! It knows the lines of the network's [phrase tables](crate::provider_simulator::scripts) and nothing else: it answers
//! by what the person in a transcript means, and no text can tell it what to answer. What it finds follows from the words, and
//! what is true of a conversation from how it was made, so each is a check on the other. It takes nothing from the code
//! that asks it.
//!
//! - [`settings`]: its key and name, and how often what goes wrong.
//! - `request`, `completion`: what goes over the wire.
//! - `conversation`, `hearing`: a transcript, line for line, and what is meant by each.
//! - `answer`: what it makes of that.
//! - [`LocalModel`]: the server.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

mod answer;
mod completion;
mod conversation;
mod hearing;
mod request;
mod server;
pub mod settings;
#[cfg(test)]
mod tests;

pub use settings::{ModelFault, ModelFaults, ModelSettings};

/// What was asked so far.
#[derive(Default)]
struct Asked {
    by_schema: BTreeMap<String, u64>,
    /// How often each prompt was sent, by its hash.
    by_prompt: HashMap<u64, u64>,
}

struct State {
    settings: ModelSettings,
    asked: Mutex<Asked>,
}

impl State {
    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A language model that runs; it stops when it is dropped.
pub struct LocalModel {
    state: Arc<State>,
    address: SocketAddr,
    task: AbortHandle,
}

impl LocalModel {
    /// Starts a model on this machine only; port 0 takes any that is free.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(settings: ModelSettings, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { settings, asked: Mutex::default() });
        let router = server::router(Arc::clone(&state));
        let server = async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the simulated language model has stopped");
            }
        };
        Ok(Self { state, address, task: tokio::spawn(server).abort_handle() })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its API lies, up to `/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// How often each form of answer was asked for, by its name, requests that went wrong by a fault among them.
    pub fn asked(&self) -> BTreeMap<String, u64> {
        self.state.asked().by_schema.clone()
    }
}

impl Drop for LocalModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}
