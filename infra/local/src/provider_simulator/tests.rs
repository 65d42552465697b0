//! The network as its callers see it. Time stands still until a test sets it.

mod by_seed;
mod conversations;
mod delivery;
mod http;
mod magic;
mod restart;
mod retell;
mod twilio;
mod webhooks;

use std::collections::BTreeMap;

use carillon_adapters::clock::Clock;
use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::calls::{Delivery, Exchange};
use super::log::NetworkLog;
use super::order::OutboundCall;
use super::settings::NetworkSettings;
use super::{Network, SignedWebhook, webhook_sender};

/// The moment at which tests begin.
pub(super) const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// An order on a Twilio line.
pub(super) fn order(to_number: &str) -> OutboundCall {
    OutboundCall {
        provider: VoiceProvider::ElevenLabs,
        line: Line::Twilio,
        agent_id: "agent_1".to_owned(),
        phone_number_id: "phnum_1".to_owned(),
        to_number: to_number.to_owned(),
        attempt: Some(format!("att_{}", to_number.trim_start_matches('+'))),
        variables: BTreeMap::from([("attempt_id".to_owned(), json!("att_1"))]),
        metadata: Value::Null,
        idempotency_key: None,
        first_message: Some("Hi Ann, this is Robin.".to_owned()),
        language: Some("en".to_owned()),
        ringing_timeout_secs: 40,
        machine_detection: false,
        on_machine: None,
        addresses: None,
    }
}

/// The same order on a trunk.
fn on_trunk(to_number: &str) -> OutboundCall {
    OutboundCall { line: Line::SipTrunk, ..order(to_number) }
}

/// The same order at Retell.
fn at_retell(to_number: &str) -> OutboundCall {
    let order = order(to_number);
    OutboundCall {
        provider: VoiceProvider::Retell,
        phone_number_id: "+15017122661".to_owned(),
        metadata: json!({"attempt_id": order.attempt}),
        idempotency_key: order.attempt.clone(),
        language: Some("en-US".to_owned()),
        ..order
    }
}

/// Everything that is still to be sent, with its moment; each webhook is taken at once.
fn rest(exchange: &mut Exchange) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    while let Some(at) = exchange.next_event_at() {
        for delivery in exchange.due(at) {
            exchange.tried(&delivery.id, at, Some(200));
            deliveries.push(delivery);
        }
    }
    deliveries
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).expect("a JSON body")
}

struct Caller {
    network: Network,
    clock: Clock,
    client: reqwest::Client,
}

impl Caller {
    async fn start(settings: NetworkSettings, log: NetworkLog) -> Self {
        let clock = Clock::manual(START);
        let network = Network::start(settings, clock.clone(), log, 0).await.expect("a free port");
        Self { network, clock, client: webhook_sender::client().expect("a client") }
    }

    async fn fresh() -> Self {
        Self::start(NetworkSettings::default(), NetworkLog::in_memory()).await
    }

    /// The body of a request that the network takes.
    fn request(to_number: &str, attempt: &str) -> Value {
        json!({
            "agent_id": "agent_1",
            "agent_phone_number_id": "phnum_1",
            "to_number": to_number,
            "conversation_initiation_client_data": {
                "user_id": attempt,
                "dynamic_variables": {"attempt_id": attempt, "visits": 3, "member": true},
            },
            "telephony_call_config": {"ringing_timeout_secs": 40},
        })
    }

    async fn dial(&self, to_number: &str, attempt: &str) -> (u16, Value) {
        self.post("twilio", &Self::request(to_number, attempt).to_string()).await
    }

    async fn post(&self, line: &str, body: &str) -> (u16, Value) {
        let url = format!("{}/v1/convai/{line}/outbound-call", self.network.base_url());
        let request = self.client.post(url).header("xi-api-key", "xi_local").body(body.to_owned());
        answer(request).await
    }

    /// The body of a request that Retell takes.
    fn retell_request(to_number: &str, attempt: &str) -> Value {
        json!({
            "from_number": "+15017122661",
            "to_number": to_number,
            "override_agent_id": "agent_1",
            "metadata": {"attempt_id": attempt},
            "retell_llm_dynamic_variables": {"attempt_id": attempt, "first_name": "Ann"},
            "agent_override": {
                "agent": {"language": "en-US", "ring_duration_ms": 40_000},
                "retell_llm": {"start_speaker": "agent", "begin_message": "Hi {{first_name}}."},
            },
            "idempotency_key": attempt,
        })
    }

    async fn dial_at_retell(&self, to_number: &str, attempt: &str) -> (u16, Value) {
        self.ask_retell("/v2/create-phone-call", &Self::retell_request(to_number, attempt)).await
    }

    async fn ask_retell(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.network.base_url());
        answer(self.client.post(url).bearer_auth("key_local").body(body.to_string())).await
    }

    async fn get_call(&self, id: &str) -> (u16, Value) {
        let url = format!("{}/v2/get-call/{id}", self.network.base_url());
        answer(self.client.get(url).bearer_auth("key_local")).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/v1/convai/{path}", self.network.base_url());
        answer(self.client.get(url).header("xi-api-key", "xi_local")).await
    }

    /// Puts the clock to the next event and takes what is due.
    fn advance(&self) -> Vec<SignedWebhook> {
        let next_at = self.network.next_event_at().expect("something to come");
        self.clock.advance_to(next_at);
        self.network.take_due(next_at)
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("a JSON body"))
}
