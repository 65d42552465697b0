//! Kills a function at one of its requests to the table, by count.
//!
//! The request itself is done or not; its answer never comes, and nothing that would follow happens: no order
//! to the provider, no message, no further request. A kill after a commit leaves what was to follow undone.

use std::future::pending;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::Notify;

/// The header that names the operation.
const TARGET_HEADER: &str = "x-amz-target";
/// How operations end that change nothing.
const READS: [&str; 3] = ["GetItem", "GetItems", "Query"];

/// Where a run of a function ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// At which of its requests to the table, from 1; never, if it has fewer.
    pub nth: u32,
    /// Whether the table still does what that request asks for.
    pub is_done: bool,
}

/// How the runs of a function ended that were to be killed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kills {
    pub killed: u32,
    /// Of these, after something had been written.
    pub after_write: u32,
    /// Of these, with the write as the last thing that happened at all.
    pub at_write: u32,
    /// Of these, with its first write as the last thing: a dialler's dial is committed and its call is not placed.
    pub at_first_write: u32,
    /// Over before the count was reached.
    pub survived: u32,
}

impl Kills {
    /// Adds those of another time.
    pub fn add(&mut self, other: Self) {
        self.killed += other.killed;
        self.after_write += other.after_write;
        self.at_write += other.at_write;
        self.at_first_write += other.at_first_write;
        self.survived += other.survived;
    }
}

/// One run that is to be killed.
#[derive(Debug)]
pub(crate) struct Killer {
    cut: Cut,
    progress: Mutex<Progress>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Progress {
    asked: u32,
    running: u32,
    writes: u32,
    is_last_a_write: bool,
}

impl Killer {
    pub(crate) fn new(cut: Cut) -> Arc<Self> {
        Arc::new(Self { cut, progress: Mutex::default(), changed: Notify::new() })
    }

    /// A client of the same table that this run alone uses: whatever outlives the run gets no answer either.
    pub(crate) fn client(self: &Arc<Self>, client: &Client) -> Client {
        let http = client.config().http_client().expect("a client of the embedded table has one");
        let killed = KilledClient { http, killer: Arc::clone(self) };
        Client::from_conf(client.config().to_builder().http_client(killed).build())
    }

    /// Waits until the count is reached and the table has done all it was asked for before.
    pub(crate) async fn strikes(&self) {
        loop {
            let changed = self.changed.notified();
            {
                let progress = self.progress.lock().expect("nothing panics");
                if progress.asked >= self.cut.nth && progress.running == 0 {
                    return;
                }
            }
            changed.await;
        }
    }

    /// Adds how the run ended.
    pub(crate) fn count(&self, kills: &mut Kills) {
        let progress = self.progress.lock().expect("nothing panics");
        if progress.asked < self.cut.nth {
            kills.survived += 1;
            return;
        }
        kills.killed += 1;
        kills.after_write += u32::from(progress.writes > 0);
        kills.at_write += u32::from(progress.is_last_a_write);
        kills.at_first_write += u32::from(progress.is_last_a_write && progress.writes == 1);
    }

    /// Counts a request; says whether it is to run, and whether its answer arrives.
    fn ask(&self) -> (bool, bool) {
        let mut progress = self.progress.lock().expect("nothing panics");
        progress.asked += 1;
        let runs = progress.asked < self.cut.nth || (progress.asked == self.cut.nth && self.cut.is_done);
        progress.running += u32::from(runs);
        self.changed.notify_waiters();
        (runs, progress.asked < self.cut.nth)
    }

    /// Notes that the table has done a request.
    fn answered(&self, is_write: bool) {
        let mut progress = self.progress.lock().expect("nothing panics");
        progress.running -= 1;
        progress.writes += u32::from(is_write);
        progress.is_last_a_write = is_write;
        self.changed.notify_waiters();
    }
}

#[derive(Debug, Clone)]
struct KilledClient {
    http: SharedHttpClient,
    killer: Arc<Killer>,
}

#[derive(Debug, Clone)]
struct KilledConnector {
    connector: SharedHttpConnector,
    killer: Arc<Killer>,
}

impl HttpClient for KilledClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.http.http_connector(settings, components);
        SharedHttpConnector::new(KilledConnector { connector, killer: Arc::clone(&self.killer) })
    }
}

impl HttpConnector for KilledConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (runs, arrives) = self.killer.ask();
        if !runs {
            return HttpConnectorFuture::new(pending());
        }
        let target = request.headers().get(TARGET_HEADER).unwrap_or_default();
        let is_write = !READS.iter().any(|read| target.ends_with(read));
        let (run, killer) = (self.connector.call(request), Arc::clone(&self.killer));
        // On its own, so that the table finishes what it has begun even if the function is gone.
        let run = tokio::spawn(async move {
            let answer = run.await;
            let is_done = answer.as_ref().is_ok_and(|answer| answer.status().is_success());
            killer.answered(is_write && is_done);
            answer
        });
        HttpConnectorFuture::new(async move {
            let answer = run.await.map_err(|error| ConnectorError::other(error.into(), None))?;
            if !arrives {
                pending::<()>().await;
            }
            answer
        })
    }
}
