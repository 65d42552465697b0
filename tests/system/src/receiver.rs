//! A customer's server: takes webhooks over HTTP, and answers as it is told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use carillon_adapters::webhook_sender::{ID_HEADER, REPLAY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

/// Something that came.
#[derive(Debug, Clone)]
pub struct Taken {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`, in seconds since 1970.
    pub timestamp: i64,
    /// `webhook-replay-of`.
    pub replay_of: Option<String>,
    pub signatures: Vec<String>,
    pub body: String,
}

#[derive(Debug, Clone)]
pub struct Receiver {
    pub url: String,
    taken: Arc<Mutex<Vec<Taken>>>,
    answer: Arc<Mutex<(StatusCode, Option<u32>)>>,
}

impl Receiver {
    /// One that answers 200.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let receiver =
            Self { url, taken: Arc::default(), answer: Arc::new(Mutex::new((StatusCode::OK, None))) };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// What it answers from now on.
    pub fn answer(&self, status: u16) {
        self.answer_after(status, None);
    }

    /// The same with a wish to wait so many seconds.
    pub fn answer_after(&self, status: u16, retry_after_secs: Option<u32>) {
        let status = StatusCode::from_u16(status).expect("a status");
        *self.answer.lock().expect("an answer") = (status, retry_after_secs);
    }

    /// What has come since this was asked last.
    pub fn take(&self) -> Vec<Taken> {
        std::mem::take(&mut *self.taken.lock().expect("a list"))
    }
}

impl Taken {
    /// Whether this secret is one that it is signed with, as the library of Standard Webhooks says.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let official = Webhook::new(secret).expect("a secret");
        let signature = official.sign(&self.id, self.timestamp, self.body.as_bytes()).expect("text");
        self.signatures.contains(&signature)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name| headers.get(name).map(|value| value.to_str().expect("a text").to_owned());
    receiver.taken.lock().expect("a list").push(Taken {
        id: text(ID_HEADER).expect("an id"),
        timestamp: text(TIMESTAMP_HEADER).and_then(|secs| secs.parse().ok()).expect("a timestamp"),
        replay_of: text(REPLAY_HEADER),
        signatures: text(SIGNATURE_HEADER).expect("signatures").split(' ').map(str::to_owned).collect(),
        body: String::from_utf8(body.to_vec()).expect("text"),
    });
    let (status, retry_after) = *receiver.answer.lock().expect("an answer");
    let headers: Vec<_> = retry_after.map(|secs| ("retry-after", secs.to_string())).into_iter().collect();
    (status, axum::response::AppendHeaders(headers), "an answer").into_response()
}
