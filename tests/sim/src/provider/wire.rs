//! What a provider's webhooks say, in its own words.

mod elevenlabs;
mod retell;

use carillon_domain::base::call::{ProviderCallId, VoiceProvider};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{Post, Told};
use crate::ports::SECRET;

pub(super) use elevenlabs::machine;

/// A call that is over, for the provider to tell of.
pub(super) struct Over<'a> {
    pub(super) call: &'a ProviderCallId,
    pub(super) told: &'a Told,
    pub(super) at: Timestamp,
    /// Whether all is known of it that will be.
    pub(super) is_last: bool,
    /// The attempt that it is of, if we named one.
    pub(super) attempt: Option<&'a AttemptId>,
    /// Who called which number of ours, if it came in.
    pub(super) incoming: Option<(&'a E164, &'a E164)>,
}

pub(super) fn ended(provider: VoiceProvider, over: &Over<'_>) -> Post {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::ended(over),
        VoiceProvider::Retell => retell::ended(over),
    }
}

/// The provider's id of a call of ours, and those under which it may speak of it besides.
pub(super) fn ids(provider: VoiceProvider, body: &str) -> (ProviderCallId, Vec<ProviderCallId>) {
    match provider {
        VoiceProvider::ElevenLabs => {
            (ProviderCallId(format!("conv_{body}")), vec![ProviderCallId(format!("CA{body}"))])
        }
        VoiceProvider::Retell => (ProviderCallId(format!("call_{body}")), Vec::new()),
    }
}

/// The question with which a call begins that comes in.
pub(super) fn question(provider: VoiceProvider, caller: &E164, called: &E164, leg: &str) -> Value {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::question(caller, called, leg),
        VoiceProvider::Retell => retell::question(caller, called),
    }
}

/// The attempt that an answer to the question names.
pub(super) fn named(provider: VoiceProvider, answer: &Value) -> Option<AttemptId> {
    let id = match provider {
        VoiceProvider::ElevenLabs => &answer["user_id"],
        VoiceProvider::Retell => &answer["call_inbound"]["metadata"]["attempt_id"],
    };
    id.as_str()?.parse().ok()
}

/// The header that vouches for what is sent at a moment.
pub(super) fn proof(
    provider: VoiceProvider,
    is_question: bool,
    body: &str,
    at: Timestamp,
) -> (&'static str, String) {
    match (provider, is_question) {
        (VoiceProvider::ElevenLabs, true) => ("x-carillon-secret", SECRET.to_owned()),
        (VoiceProvider::ElevenLabs, false) => {
            let secs = at.as_secs();
            ("elevenlabs-signature", format!("t={secs},v0={}", digest(&format!("{secs}.{body}"))))
        }
        (VoiceProvider::Retell, _) => {
            let ms = at.as_millis();
            ("x-retell-signature", format!("v={ms},d={}", digest(&format!("{body}{ms}"))))
        }
    }
}

fn digest(signed: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length will do");
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
