//! Requests as a provider that listens on this machine sees them.

use carillon_domain::base::call::{CallReport, VoiceProvider};
use serde_json::{Value, json};

use super::*;
use crate::provider::http_client;
use crate::voice::stand_in::{Seen, StandIn, hanging_up_after, listener, nowhere, url_of};

mod dialling;
mod inquiring;
mod recordings;

const KEY: &str = "key_test";
const ATTEMPT: &str = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8C";
const CALL: &str = "call_5d1f0a7be3c9426f8f0b7a61c2";
/// Short enough not to be noticed; only for tests in which it runs out.
const SHORT: Duration = Duration::from_millis(50);

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/retell/",
            $name,
            ".json"
        )))
        .expect("JSON")
    };
}
use fixture;

fn attempt() -> AttemptId {
    ATTEMPT.parse().expect("an id")
}

/// A client, and the provider that it asks.
struct Provider {
    client: Retell,
    stand_in: StandIn,
}

impl Provider {
    async fn answering(answer: impl Fn(&Seen) -> (u16, String) + Clone + Send + Sync + 'static) -> Self {
        let stand_in = StandIn::of(VoiceProvider::Retell, answer).await;
        Self { client: client_of(stand_in.url()), stand_in }
    }

    fn seen(&self) -> Vec<Seen> {
        self.stand_in.seen()
    }
}

fn client_of(url: String) -> Retell {
    Retell::new(http_client().expect("a client"), Some(url))
}
