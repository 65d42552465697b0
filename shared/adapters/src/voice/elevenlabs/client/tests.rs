//! Requests as a provider that listens on this machine sees them.

use carillon_domain::base::call::{CallReport, VoiceProvider};
use serde_json::{Value, json};

use super::*;
use crate::provider::http_client;
use crate::voice::stand_in::{Seen, StandIn, hanging_up_after, listener, nowhere, url_of};

mod dialling;
mod inquiring;
mod recordings;

const KEY: &str = "xi-test-key";
const ATTEMPT: &str = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8C";
const CONVERSATION: &str = "conv_2201kc9q4p5r6s7t8v9w0x1y2z3a";
/// Short enough not to be noticed; only for tests in which it runs out.
const SHORT: Duration = Duration::from_millis(50);

fn attempt() -> AttemptId {
    ATTEMPT.parse().expect("an id")
}

/// A client, and the provider that it asks.
struct Provider {
    client: ElevenLabs,
    stand_in: StandIn,
}

impl Provider {
    async fn answering(answer: impl Fn(&Seen) -> (u16, String) + Clone + Send + Sync + 'static) -> Self {
        let stand_in = StandIn::of(VoiceProvider::ElevenLabs, answer).await;
        Self { client: client_of(stand_in.url()), stand_in }
    }

    fn seen(&self) -> Vec<Seen> {
        self.stand_in.seen()
    }
}

fn client_of(url: String) -> ElevenLabs {
    ElevenLabs::new(http_client().expect("a client"), Some(url))
}
