//! DynamoDB in this process: the real client on an embedded engine, in memory or in one file.
//!
//! The client is `aws-sdk-dynamodb` as in production; only its HTTP client is replaced. The engine is dynoxide,
//! on SQLite. It lets one request in at a time, so it runs on a thread of its own. It knows neither
//! throttling nor conflicts: an [`Interceptor`] brings them. Items past their time to live
//! stay until [`EmbeddedTable::sweep_expired`].

mod change_feed;
mod connector;
mod dispatch;
mod engine;
mod faults;
mod meter;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Region, StalledStreamProtectionConfig, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use dynoxide::{Database, DynoxideError};
use tokio::sync::Semaphore;

pub use change_feed::ChangeFeed;
pub use faults::{Interceptor, TableCall, Verdict};
pub use meter::{Meter, MeterSnapshot, Usage};

use connector::Connector;
use engine::Engine;

/// Region of the local clients; it shows in the table's ARN only.
const REGION: &str = "local";
/// The file of a data folder that holds its table.
pub(crate) const TABLE_FILE: &str = "table.db";
/// How many requests of people may be at the engine, or wait for it, at once.
const PEOPLES_REQUESTS: usize = 1;
/// Never resolved: no request leaves the process.
const ENDPOINT: &str = "http://table.local";

/// Why a table could not be opened or swept.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// SQLite takes the path as text.
    #[error("the path {} is not Unicode", .0.display())]
    PathNotUnicode(PathBuf),
    /// The folder is missing, the file is not a table, or another program holds it.
    #[error("the table at {place} did not open")]
    Open {
        /// The file, or `memory`.
        place: String,
        #[source]
        source: DynoxideError,
    },
    /// The system gave the engine no thread.
    #[error("the table's thread did not start")]
    Thread { source: std::io::Error },
    /// The engine failed while it removed expired items.
    #[error("expired items were not removed")]
    Sweep(#[source] DynoxideError),
    /// The engine or its file did not give the changes of a table.
    #[error("the changes of the table can't be read")]
    Changes(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A DynamoDB of its own within this process, which may hold several tables. A clone is a handle to the same one.
#[derive(Clone, Debug)]
pub struct EmbeddedTable {
    engine: Arc<Engine>,
}

impl EmbeddedTable {
    /// An empty one, gone with its last handle and client.
    ///
    /// # Errors
    /// [`TableError::Open`] when SQLite finds no memory.
    pub fn in_memory() -> Result<Self, TableError> {
        Self::on(Database::memory(), "memory")
    }

    /// The one kept in this file, made when it is missing; its folder must exist.
    ///
    /// What was acknowledged survives the death of the process at any moment. A power cut may lose the last
    /// writes but leaves the file whole: SQLite writes ahead without a sync for each commit.
    ///
    /// # Errors
    /// [`TableError::PathNotUnicode`] and [`TableError::Open`].
    pub fn on_file(path: impl AsRef<Path>) -> Result<Self, TableError> {
        let path = path.as_ref();
        let name = path.to_str().ok_or_else(|| TableError::PathNotUnicode(path.to_owned()))?;
        Self::on(Database::new(name), name)
    }

    fn on(opened: Result<Database, DynoxideError>, place: &str) -> Result<Self, TableError> {
        let ready = opened.and_then(|db| {
            // The engine opens with a sync for each commit. The end of bulk loading sets `synchronous = NORMAL`.
            db.enable_bulk_loading()?;
            db.disable_bulk_loading()?;
            Ok(db)
        });
        let db = ready.map_err(|source| TableError::Open { place: place.to_owned(), source })?;
        let engine = Engine::start(db).map_err(|source| TableError::Thread { source })?;
        Ok(Self { engine: Arc::new(engine) })
    }

    /// A client. It never retries, never times out and needs no network. Call it within a Tokio runtime.
    pub fn client(&self) -> Client {
        self.connect(None, None)
    }

    /// A client for what people look at, which has `PEOPLES_REQUESTS` of its requests at the engine at once: it lets one
    /// in at a time, and long lists would have everything else wait.
    pub fn client_of_people(&self) -> Client {
        self.connect(None, Some(Arc::new(Semaphore::new(PEOPLES_REQUESTS))))
    }

    /// A client whose every request is first shown to `interceptor`. It too never retries.
    pub fn client_with(&self, interceptor: Arc<dyn Interceptor>) -> Client {
        self.connect(Some(interceptor), None)
    }

    fn connect(&self, interceptor: Option<Arc<dyn Interceptor>>, gate: Option<Arc<Semaphore>>) -> Client {
        let connector = Connector { engine: Arc::clone(&self.engine), interceptor, gate };
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(ENDPOINT)
            // Nobody reads a signature here, and making one takes a twentieth of a call's time.
            .allow_no_auth()
            .http_client(connector)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .idempotency_token_provider(dispatch::NO_TOKEN)
            .build();
        Client::from_conf(config)
    }

    /// Counts the requests of all clients of this table.
    pub fn meter(&self) -> Meter {
        self.engine.meter.clone()
    }

    /// Removes the items whose time to live is over by the system's clock, and says how many. Blocks, but lets
    /// waiting requests in between pages.
    ///
    /// # Errors
    /// [`TableError::Sweep`].
    pub fn sweep_expired(&self) -> Result<usize, TableError> {
        self.engine.db.sweep_ttl().map_err(TableError::Sweep)
    }
}
