//! Requests as a provider that listens on this machine sees them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::voice::http_client;

mod dialling;
mod inquiring;

const KEY: &str = "xi-test-key";
const ATTEMPT: &str = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8C";
const CONVERSATION: &str = "conv_2201kc9q4p5r6s7t8v9w0x1y2z3a";
/// Short enough not to be noticed; only for tests in which it runs out.
const SHORT: Duration = Duration::from_millis(50);

fn attempt() -> AttemptId {
    ATTEMPT.parse().expect("an id")
}

/// A request as a stand-in for the provider saw it.
#[derive(Debug, Clone)]
struct Seen {
    method: Method,
    path: String,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// A provider on loopback that answers as it is told and remembers what it was asked.
struct Provider {
    client: ElevenLabs,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Provider {
    async fn answering(answer: impl Fn(&Seen) -> (u16, String) + Clone + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let app = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let request = Seen {
                method,
                path: uri.path().to_owned(),
                query: query(&uri),
                headers,
                body: body.to_vec(),
            };
            let (status, text) = answer(&request);
            log.lock().expect("the log").push(request);
            async move {
                let location = [("location", "/v1/convai/elsewhere")];
                (StatusCode::from_u16(status).expect("a status"), location, text)
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = client_of(&listener);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { client, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the log").clone()
    }
}

fn query(uri: &Uri) -> BTreeMap<String, String> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn client_of(listener: &TcpListener) -> ElevenLabs {
    let address = listener.local_addr().expect("an address");
    ElevenLabs::new(http_client().expect("a client"), Some(format!("http://{address}/")))
}
