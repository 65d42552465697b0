//! Webhooks on their way to a receiver.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use carillon_adapters::clock::Clock;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use tokio::sync::mpsc;

use super::{Caller, START, parsed};
use crate::provider_simulator::log::NetworkLog;
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::{Network, elevenlabs, retell};

/// A receiver that answers as it is told and keeps what it gets.
#[derive(Clone)]
struct Receiver {
    status: Arc<Mutex<StatusCode>>,
    got: mpsc::UnboundedSender<(HeaderMap, String)>,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    receiver.got.send((headers, body)).expect("the test listens");
    *receiver.status.lock().expect("no panic")
}

/// Where it is, what it answers, what it gets.
struct Hook {
    url: String,
    status: Arc<Mutex<StatusCode>>,
    got: mpsc::UnboundedReceiver<(HeaderMap, String)>,
}

impl Hook {
    async fn open(status: StatusCode) -> Self {
        let (sender, got) = mpsc::unbounded_channel();
        let receiver = Receiver { status: Arc::new(Mutex::new(status)), got: sender };
        let status = Arc::clone(&receiver.status);
        let router = Router::new().route("/hook", post(receive)).with_state(receiver);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, status, got }
    }

    fn settings(&self) -> NetworkSettings {
        telling(&self.url)
    }

    async fn next(&mut self) -> (HeaderMap, String) {
        self.got.recv().await.expect("the receiver lives")
    }
}

/// A network that tells everything to this address, as either provider.
fn telling(url: &str) -> NetworkSettings {
    let webhook_url = Some(url.to_owned());
    NetworkSettings {
        elevenlabs: elevenlabs::Account { webhook_url: webhook_url.clone(), ..Default::default() },
        retell: retell::Account { webhook_url, ..Default::default() },
        ..Default::default()
    }
}

#[tokio::test]
async fn webhooks_arrive_signed_at_the_moment_of_sending() {
    let mut hook = Hook::open(StatusCode::OK).await;
    let caller = Caller::start(hook.settings(), NetworkLog::in_memory()).await;
    caller.dial("+12015550002", "att_1").await;
    let at = caller.network.next_event_at().expect("a webhook");
    assert_eq!(caller.network.deliver_due(at.plus_ms(-1)).await, 0);
    assert_eq!(caller.network.deliver_due(at).await, 1);
    let (headers, body) = hook.next().await;
    assert_eq!(headers["content-type"], "application/json");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"wsec_local").expect("any length");
    mac.update(format!("{}.{body}", at.as_secs()).as_bytes());
    let expected = format!("t={},v0={}", at.as_secs(), hex::encode(mac.finalize().into_bytes()));
    assert_eq!(headers["ElevenLabs-Signature"], expected.as_str());
    assert_eq!(caller.network.next_event_at(), None);
    assert_eq!(caller.network.calls()[0].known_at, Some(at));
}

#[tokio::test]
async fn a_transcription_that_was_not_taken_is_sent_again_as_it_was() {
    let mut hook = Hook::open(StatusCode::SERVICE_UNAVAILABLE).await;
    let caller = Caller::start(hook.settings(), NetworkLog::in_memory()).await;
    caller.dial("+12015550001", "att_1").await;
    let first_at = caller.network.next_event_at().expect("a webhook");
    caller.network.deliver_due(first_at).await;
    *hook.status.lock().expect("no panic") = StatusCode::OK;
    let second_at = caller.network.next_event_at().expect("another try");
    assert!((30_000..=33_000).contains(&second_at.since_ms(first_at)));
    caller.network.deliver_due(second_at).await;
    assert_eq!(caller.network.next_event_at(), None);
    let (first, second) = (hook.next().await, hook.next().await);
    assert_eq!(first.1, second.1, "the same body");
    assert_ne!(first.0["ElevenLabs-Signature"], second.0["ElevenLabs-Signature"]);
    assert_eq!(caller.network.calls()[0].known_at, Some(first_at), "sent first");
}

#[tokio::test]
async fn each_provider_signs_in_its_own_way() {
    let mut hook = Hook::open(StatusCode::OK).await;
    let caller = Caller::start(hook.settings(), NetworkLog::in_memory()).await;
    caller.dial_at_retell("+12015550002", "att_1").await;
    let at = caller.network.next_event_at().expect("a webhook");
    assert_eq!(caller.network.deliver_due(at).await, 1);
    let (headers, body) = hook.next().await;
    let mut mac = Hmac::<Sha256>::new_from_slice(b"key_local").expect("any length");
    mac.update(format!("{body}{}", at.as_millis()).as_bytes());
    let expected = format!("v={},d={}", at.as_millis(), hex::encode(mac.finalize().into_bytes()));
    assert_eq!(headers["x-retell-signature"], expected.as_str());
    assert!(headers.get("ElevenLabs-Signature").is_none());
    assert_eq!(caller.network.calls()[0].known_at, Some(at));
}

#[tokio::test]
async fn what_retell_tells_is_sent_four_times_to_one_who_does_not_take_it() {
    let mut hook = Hook::open(StatusCode::NOT_FOUND).await;
    let caller = Caller::start(hook.settings(), NetworkLog::in_memory()).await;
    caller.dial_at_retell("+12015550002", "att_1").await;
    let mut events = Vec::new();
    while let Some(at) = caller.network.next_event_at() {
        for _ in 0..caller.network.deliver_due(at).await {
            events.push(parsed(&hook.next().await.1)["event"].as_str().expect("an event").to_owned());
        }
    }
    events.sort();
    assert_eq!(events, [["call_analyzed"; 4], ["call_ended"; 4]].concat());
}

#[tokio::test]
async fn nobody_at_the_address_loses_a_failure() {
    let caller = Caller::start(telling("http://127.0.0.1:9/"), NetworkLog::in_memory()).await;
    caller.dial("+12015550002", "att_1").await;
    let at = caller.network.next_event_at().expect("a webhook");
    assert_eq!(caller.network.deliver_due(at).await, 1);
    assert_eq!(caller.network.next_event_at(), None);
    assert!(caller.network.take_due(at.plus_ms(3_600_000)).is_empty());
}

/// The only test in which time runs: an hour in a sixth of a second.
#[tokio::test]
async fn on_a_clock_that_runs_the_courier_needs_nobody() {
    let mut hook = Hook::open(StatusCode::OK).await;
    let clock = Clock::scaled(START, 20_000);
    let log = NetworkLog::in_memory();
    let network = Network::start(hook.settings(), clock.clone(), log, 0).await.expect("a free port");
    let client = crate::provider_simulator::webhook_sender::client().expect("a client");
    for to_number in ["+12015550001", "+12015550002"] {
        let url = format!("{}/v1/convai/twilio/outbound-call", network.base_url());
        let request = client.post(url).header("xi-api-key", "xi_local");
        let body = Caller::request(to_number, "att_1").to_string();
        assert_eq!(request.body(body).send().await.expect("an answer").status(), 200);
    }
    let mut kinds = [hook.next().await, hook.next().await].map(|(_, body)| parsed(&body)["type"].clone());
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["call_initiation_failure", "post_call_transcription"]);
    assert!(network.calls().iter().all(|call| call.known_at.is_some_and(|at| at > call.ended_at)));
}
