//! Voice providers: who places our calls and tells us how they went.
//!
//! A provider is one folder here and one variant of `VoiceProvider`. What this file, `client` and
//! `webhook` ask of it, each in one match, is all that the rest knows of a provider:
//!
//! - place a call, once, with our id of the attempt in it; and say what is known of an attempt by that id,
//!   or by the ids that the provider gave it, among the calls since it was placed;
//! - whether a webhook is authentic, judged by its headers, its raw body and the workspace's secrets; what
//!   it says, as a [`VoiceEvent`](carillon_domain::base::call::VoiceEvent);
//! - the same of a question about a call that comes in, and the form of the answer.
//!
//! What providers have in common lies beside their folders: one request and its answer (`exchange`, `placement`,
//! `inquiry`), how leniently they are read (`lenient`), what they sign (`signed`), what came of what was said
//! (`talk`) and what was asked for (`collected`).

mod client;
mod collected;
mod elevenlabs;
mod error;
mod exchange;
mod inquiry;
mod lenient;
mod placement;
mod retell;
mod signed;
#[cfg(test)]
mod stand_in;
mod talk;
pub mod webhook;

use std::time::Duration;

pub use client::Voice;
#[cfg(feature = "local")]
pub use client::VoiceInProcess;
pub use error::{InquiryError, SignatureError, WebhookError};

/// How long to wait for a connection to a provider. A call that was never asked for is no call,
/// so this stays well below the time that a dial may start late.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The HTTP client to ask voice providers with.
///
/// A dial must reach the provider at most once. So nothing is asked again, neither by a retry nor
/// by a redirect, and no connection is kept: writing to one that has gone stale would leave open
/// whether the call was made, while a new one that fails certainly made none.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // TLS wants one provider of cryptography for the whole process; an error says that the
    // process has chosen already.
    #[cfg(feature = "aws")]
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .build()
}
