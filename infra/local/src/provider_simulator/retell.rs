//! The network as Retell AI.
//!
//! The facts are those of the vendor's Python SDK 6.2.13 and of its API reference.

use std::ops::Range;

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::Timestamp;

use super::call::HEX_ALPHABET;
use crate::draw::Draw;

pub(super) mod initiation;
mod listing;
pub(super) mod phone_call;
mod reason;
pub(super) mod refusal;
mod request;
pub(super) mod server;
pub mod signature;
mod transcript;
pub(super) mod webhook;

/// The provider that it stands for.
pub const PROVIDER: VoiceProvider = VoiceProvider::Retell;
/// The HTTP status of an order that became a call.
pub(super) const CREATED: u16 = 201;
/// The name under which our callers put their id of the attempt into `metadata`; the provider reads nothing there.
const ATTEMPT: &str = "attempt_id";

/// Our account there.
#[derive(Clone)]
pub struct Account {
    /// The key that callers must bring, and with which webhooks are signed.
    pub api_key: String,
    /// Where webhooks go.
    pub webhook_url: Option<String>,
    /// What stands before the names of recordings in its links; a network that listens puts its own address there.
    pub recordings_url: String,
    /// Whether calls are paid for; if not, none is made.
    pub has_paid: bool,
    /// When it answers nothing but 503.
    pub outages: Vec<Range<Timestamp>>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            api_key: "key_local".to_owned(),
            webhook_url: None,
            recordings_url: "https://recordings.example".to_owned(),
            has_paid: true,
            outages: Vec::new(),
        }
    }
}

/// An id of a call.
pub(super) fn call_id(draw: &mut Draw) -> String {
    format!("call_{}", draw.text(HEX_ALPHABET, 26))
}
