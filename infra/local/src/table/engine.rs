//! The engine on a thread of its own, which serves one request after another: it lets one in at a time, and
//! hundreds of threads that wait at its door cost more than what they ask.

use std::fmt;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::dispatch::{self, Answer, Operation};
use super::meter::Meter;

/// The engine with its meter.
pub(super) struct Engine {
    pub(super) db: Database,
    pub(super) meter: Meter,
    requests: Sender<Request>,
}

struct Request {
    operation: Operation,
    /// Held in memory: there are bytes to be had.
    body: SdkBody,
    /// Given back once it is served.
    _permit: Option<OwnedSemaphorePermit>,
    reply: oneshot::Sender<Answer>,
}

impl Engine {
    /// Starts the thread, which ends with the engine.
    pub(super) fn start(db: Database) -> io::Result<Self> {
        let meter = Meter::default();
        let (requests, queue) = mpsc::channel();
        let (served, counted) = (db.clone(), meter.clone());
        thread::Builder::new().name("table".to_owned()).spawn(move || serve(&served, &counted, &queue))?;
        Ok(Self { db, meter, requests })
    }

    /// Serves a request when its turn comes, whether or not anybody waits for the answer then.
    pub(super) async fn run(
        &self,
        operation: Operation,
        body: SdkBody,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Answer, ConnectorError> {
        let (reply, answer) = oneshot::channel();
        let request = Request { operation, body, _permit: permit, reply };
        self.requests.send(request).map_err(|error| ConnectorError::other(error.into(), None))?;
        answer.await.map_err(|error| ConnectorError::other(error.into(), None))
    }
}

fn serve(db: &Database, meter: &Meter, queue: &Receiver<Request>) {
    for request in queue {
        let body = request.body.bytes().unwrap_or_default();
        let answer = dispatch::run(db, request.operation, body);
        meter.count(request.operation.name(), answer.units);
        meter.carried(body.len(), answer.body.len());
        // Nobody waits any more.
        let _ = request.reply.send(answer);
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("meter", &self.meter).finish_non_exhaustive()
    }
}
