//! Voice providers: who places our calls and tells us how they went.
//!
//! A provider is one folder here and one variant of `VoiceProvider`. What this file, `client` and
//! `webhook` ask of it, each in one match, is all that the rest knows of a provider:
//!
//! - place a call, once, with our id of the attempt in it; and say what is known of an attempt by that id,
//!   or by the ids that the provider gave it, among the calls since it was placed;
//! - the recording of a call, by the provider's own id of it;
//! - whether a webhook is authentic, judged by its headers, its raw body and the workspace's secrets; what
//!   it says, as a [`VoiceEvent`](carillon_domain::base::call::VoiceEvent);
//! - the same of a question about a call that comes in, and the form of the answer.
//!
//! Where our own account with a carrier places the call (`own_twilio`), the provider is asked for its agent once somebody has
//! answered, and the carrier for what the provider does not know.
//!
//! What providers have in common lies beside their folders: one request and its answer (`exchange`, `placement`,
//! `inquiry`), how leniently they are read (`lenient`), what they sign (`signed`), what carriers say (`carrier`), what came of what
//! was said (`talk`) and what was asked for (`collected`), a recording on its way (`download`).

mod carrier;
mod client;
mod collected;
mod download;
mod elevenlabs;
mod exchange;
mod inquiry;
mod lenient;
mod locale;
pub mod own_twilio;
mod placement;
mod retell;
mod signed;
#[cfg(test)]
mod stand_in;
mod talk;
pub mod webhook;

#[cfg(feature = "local")]
pub use client::VoiceInProcess;
pub use client::{SoughtCall, Voice};
pub use download::Download;
