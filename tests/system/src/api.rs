//! A client of the API over the embedded table, on a clock that the test sets.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response};
use carillon_adapters::clock::Clock;
use carillon_adapters::queue::LocalQueues;
use carillon_domain::base::time::Timestamp;
use carillon_local::provider_simulator::NetworkSettings;
use carillon_local::table::{ChangeFeed, EmbeddedTable, Interceptor};
use carillon_local::wiring::{ANALYSIS, DELIVERY, JOBS};
use carillon_local::workers::{self, Handed};
use carillon_local::{TABLE, queues_of};
use carillon_runtime::context::Context;
use carillon_store::Store;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tower::ServiceExt;

use crate::context::{self, Keys};
use crate::harness::Harness;
use crate::scratch::Scratch;

/// An address at which nobody listens.
const NOBODY: &str = "http://127.0.0.1:9";
/// Monday 2026-11-23, 12:00 in Berlin: everything is open.
pub const NOON: &str = "2026-11-23T11:00:00Z";
/// How long a worker has for a message, in milliseconds.
const JOB_MS: i64 = 300_000;
/// Largest answer that a test reads, in bytes.
const MAX_ANSWER_BYTES: usize = 8 << 20;

/// Names a file to which each answer is added, as a line of JSON: `.ci/check-answers` holds them against the
/// description of the API.
const ANSWERS: &str = "CARILLON_ANSWERS";

/// The API and whoever calls it.
pub struct Api {
    pub context: Context,
    /// The workspace and what was set up in it.
    pub keys: Keys,
    pub table: EmbeddedTable,
    queues: LocalQueues,
    router: Router,
    api_key: String,
    scratch: Scratch,
    /// What changes of the table, where that is told of.
    changes: Option<Arc<Changes>>,
}

/// What changes of a table, and the folder in which that lies.
struct Changes(Mutex<ChangeFeed>, #[expect(dead_code, reason = "kept for the table")] Scratch);

#[derive(Debug)]
pub struct Answer {
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// The body, if it is JSON.
    pub json: Value,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Api {
    /// A workspace with an assistant and a caller number, at [`NOON`].
    pub async fn start() -> Self {
        Self::on(EmbeddedTable::in_memory().expect("a table")).await
    }

    /// The same where changes of the table are told of, whenever [`Api::tell_changes`] is called.
    pub async fn start_telling() -> Self {
        let own = Scratch::new();
        let table = EmbeddedTable::on_file(own.path().join("table.db")).expect("a table");
        let api = Self::on(table).await;
        let changes = api.table.changes(TABLE).expect("a table on file");
        Self { changes: Some(Arc::new(Changes(Mutex::new(changes), own))), ..api }
    }

    /// Tells the stream function of all that has changed.
    pub async fn tell_changes(&self) {
        let mut changes = self.changes.as_ref().expect("a table on file").0.lock().await;
        loop {
            match workers::hand_changes(&mut changes, &self.context).await.expect("a table") {
                Handed::Nothing => return,
                Handed::All => {}
                Handed::InVain => panic!("a batch failed"),
            }
        }
    }

    async fn on(table: EmbeddedTable) -> Self {
        let now: Timestamp = NOON.parse().expect("a time");
        let clock = Clock::manual(now);
        let queues = LocalQueues::in_memory(clock.clone());
        let client = table.client();
        let (context, scratch) =
            context::over(&client, &queues, &clock, NOBODY.to_owned(), NOBODY.to_owned());
        let keys = context::set_up(&client, &context, &NetworkSettings::default()).await;
        let (router, api_key) = (carillon_api::router(context.clone()), keys.api_key.clone());
        Self { context, keys, table, queues, router, api_key, scratch, changes: None }
    }

    /// The API of a system that runs.
    pub fn of(harness: &Harness) -> Self {
        let (context, keys) = (harness.context.clone(), harness.keys.clone());
        let (router, api_key) = (carillon_api::router(context.clone()), keys.api_key.clone());
        Self {
            context,
            keys,
            table: harness.table.clone(),
            queues: harness.queues.clone(),
            router,
            api_key,
            scratch: harness.scratch.clone(),
            changes: None,
        }
    }

    /// The same API over a table on which things go wrong.
    pub fn under(&self, interceptor: Arc<dyn Interceptor>) -> Self {
        self.over(Store::new(self.table.client_with(interceptor), TABLE))
    }

    /// The same API over another store.
    pub fn over(&self, store: Store) -> Self {
        let context = Context { store, ..self.context.clone() };
        Self {
            router: carillon_api::router(context.clone()),
            context,
            keys: self.keys.clone(),
            table: self.table.clone(),
            queues: self.queues.clone(),
            api_key: self.api_key.clone(),
            scratch: self.scratch.clone(),
            changes: self.changes.clone(),
        }
    }

    /// The same API, called with another key.
    pub fn with_key(&self, api_key: &str) -> Self {
        Self {
            context: self.context.clone(),
            keys: self.keys.clone(),
            table: self.table.clone(),
            queues: self.queues.clone(),
            router: self.router.clone(),
            api_key: api_key.to_owned(),
            scratch: self.scratch.clone(),
            changes: self.changes.clone(),
        }
    }

    pub fn advance_ms(&self, millis: i64) {
        self.context.clock.advance_to(self.context.now().plus_ms(millis));
    }

    /// How many hints wait for the planner.
    pub fn hints(&self) -> u64 {
        let queues = queues_of(&self.queues);
        match queues.plan {
            carillon_adapters::queue::Queue::Local(queue) => queue.depth().expect("a queue").visible,
            carillon_adapters::queue::Queue::Custom(_) => unreachable!("these tests keep local queues"),
        }
    }

    /// Has the jobs done that are asked for, as far as they can be now.
    pub async fn do_jobs(&self) {
        while self.do_job(self.context.now().plus_ms(JOB_MS)).await {}
    }

    /// Hands one message about a job to a worker that has until `deadline`: one step, if that is now. Says whether
    /// there was one.
    pub async fn do_job(&self, deadline: Timestamp) -> bool {
        let queue = self.queues.queue(JOBS.name, JOBS.max_receives);
        let batch = queue.receive(1, JOB_MS).expect("a queue");
        if batch.is_empty() {
            return false;
        }
        let response = carillon_worker::handle(&self.context, workers::event(&batch), deadline).await;
        if response.batch_item_failures.is_empty() {
            queue.delete(&batch[0].receipt).expect("a queue");
        }
        true
    }

    /// Has the courier see to the deliveries that are asked for and due. Says to how many.
    pub async fn deliver(&self) -> usize {
        let queue = self.queues.queue(DELIVERY.name, DELIVERY.max_receives);
        let mut count = 0;
        loop {
            let batch = queue.receive(DELIVERY.batch_size, JOB_MS).expect("a queue");
            if batch.is_empty() {
                return count;
            }
            count += batch.len();
            let response = carillon_courier::handle(&self.context, workers::event(&batch)).await;
            let is_failed =
                |id: &str| response.batch_item_failures.iter().any(|failure| failure.item_identifier == id);
            for received in batch.iter().filter(|received| !is_failed(&received.id)) {
                queue.delete(&received.receipt).expect("a queue");
            }
        }
    }

    /// Has the calls read that are to be read now. Says how many messages asked for that.
    pub async fn read_calls(&self) -> usize {
        let queue = self.queues.queue(ANALYSIS.name, ANALYSIS.max_receives);
        let mut count = 0;
        loop {
            let batch = queue.receive(1, JOB_MS).expect("a queue");
            let Some(message) = batch.first() else { return count };
            count += 1;
            let response = carillon_analyst::handle(&self.context, workers::event(&batch)).await;
            if response.batch_item_failures.is_empty() {
                queue.delete(&message.receipt).expect("a queue");
            }
        }
    }

    /// Loses the messages that ask for deliveries.
    pub fn lose_deliveries(&self) {
        let queue = self.queues.queue(DELIVERY.name, DELIVERY.max_receives);
        for received in queue.receive(1_000, 1).expect("a queue") {
            queue.delete(&received.receipt).expect("a queue");
        }
    }

    /// The secret store's file, as it lies there.
    pub fn kept_secrets(&self) -> String {
        std::fs::read_to_string(self.scratch.path().join("secrets.json")).unwrap_or_default()
    }

    /// Sends any request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let name = format!("{} {}", request.method(), request.uri());
        let response = self.router.clone().oneshot(request).await.expect("a router answers");
        Answer::of(name, response).await
    }

    /// Sends JSON, or nothing, with the key.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.call_with(method, path, body, &[]).await
    }

    /// The same with further headers.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", self.api_key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            None => request.body(Body::empty()),
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string()))
            }
        };
        self.send(request.expect("a request")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(&body)).await
    }

    pub async fn command(&self, path: &str) -> Answer {
        self.call(Method::POST, path, None).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// Creates a campaign of the workspace's assistant; answers with its path.
    pub async fn campaign(&self) -> String {
        let form = json!({"name": "Autumn", "assistant_id": self.keys.assistant, "default_country": "DE"});
        format!("/campaigns/{}", self.post("/campaigns", form).await.ok(201).id())
    }

    /// Adds a lead to a campaign; answers with its id.
    pub async fn lead(&self, campaign: &str, phone: &str) -> String {
        self.post(&format!("{campaign}/leads"), json!({"phone": phone})).await.ok(201).id()
    }

    /// The items of all pages of a list, as its cursors lead through it.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let and = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let from = cursor.map(|cursor| format!("{and}cursor={cursor}")).unwrap_or_default();
            let page = self.get(&format!("{path}{from}")).await.ok(200);
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                None => return items,
                Some(next) => cursor = Some(next.to_owned()),
            }
        }
    }
}

impl Answer {
    async fn of(request: String, response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, MAX_ANSWER_BYTES).await.expect("a body");
        let bytes = bytes.to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        let answer =
            Self { request, status: parts.status.as_u16(), headers: parts.headers, json, text, bytes };
        if let Some(path) = std::env::var_os(ANSWERS) {
            answer.note(Path::new(&path));
        }
        answer
    }

    fn note(&self, path: &Path) {
        let kind = self.header("content-type");
        let note = json!({"request": self.request, "status": self.status, "type": kind, "body": self.json});
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a file of answers");
        file.write_all(format!("{note}\n").as_bytes()).expect("a file of answers");
    }

    /// The body, if the status is this.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text);
        self.json
    }

    /// The problem, if the status and its code are these.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, self.json["code"].as_str()),
            (status, Some(code)),
            "{}: {}",
            self.request,
            self.text
        );
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.request);
        assert_eq!(self.json["status"], status, "{}", self.request);
        assert_eq!(self.json["type"], format!("urn:carillon:problem:{code}"), "{}", self.request);
        for field in ["title", "detail"] {
            assert!(
                self.json[field].as_str().is_some_and(|text| !text.is_empty()),
                "{}: {field}",
                self.request
            );
        }
        self.json
    }

    /// The names of the fields at fault, if the answer is a problem with this status and code.
    #[track_caller]
    pub fn faults(self, status: u16, code: &str) -> Vec<String> {
        let problem = self.problem(status, code);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().expect("a field").to_owned()).collect()
    }

    /// A header as text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }
}

pub trait HasId {
    fn id(&self) -> String;
}

impl HasId for Value {
    fn id(&self) -> String {
        self["id"].as_str().expect("an id").to_owned()
    }
}
