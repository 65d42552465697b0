//! A provider on the loopback that answers as it is told and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use carillon_domain::base::call::VoiceProvider;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::recording;

/// Most bytes of a request that are read before it is hung up on.
const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// A request as the stand-in saw it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
}

impl Seen {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

pub(super) struct StandIn {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl StandIn {
    /// Stands in for this provider. Each answer points elsewhere, too: nobody may follow it.
    pub(super) async fn of(
        provider: VoiceProvider,
        answer: impl Fn(&Seen) -> (u16, String) + Clone + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let app =
            Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let (path, query) = (uri.path().to_owned(), query(&uri));
                record(provider, &format!("{method} {uri}"), &headers, &body);
                let request = Seen { method, path, query, headers, body: body.to_vec() };
                let (status, text) = answer(&request);
                log.lock().expect("the log").push(request);
                async move {
                    (StatusCode::from_u16(status).expect("a status"), [("location", "/elsewhere")], text)
                }
            });
        let listener = listener().await;
        let url = url_of(&listener);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, seen }
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the log").clone()
    }
}

fn record(provider: VoiceProvider, request: &str, headers: &HeaderMap, body: &[u8]) {
    let name = match provider {
        VoiceProvider::ElevenLabs => "xi-api-key",
        VoiceProvider::Retell => "authorization",
    };
    let key = headers.get(name).and_then(|key| key.to_str().ok());
    recording::add(provider.as_str(), request, key, &String::from_utf8_lossy(body));
}

fn query(uri: &Uri) -> BTreeMap<String, String> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A port that takes connections into its backlog; nobody reads from them.
pub(super) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

pub(super) fn url_of(listener: &TcpListener) -> String {
    format!("http://{}/", listener.local_addr().expect("an address"))
}

/// The address of a provider that reads the request, answers with these bytes and hangs up.
pub(super) async fn hanging_up_after(answer: &'static [u8]) -> String {
    let listener = listener().await;
    let url = url_of(&listener);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; MAX_REQUEST_BYTES];
        let read = stream.read(&mut request).await.expect("a request");
        assert!(read > 0);
        stream.write_all(answer).await.expect("an answer");
    });
    url
}

/// The address of nobody.
pub(super) async fn nowhere() -> String {
    url_of(&listener().await)
}
