//! What providers of calls and of texts have in common: the HTTP client that they are asked with, how an answer is read,
//! and what can go wrong.

mod body;
mod error;

use std::time::Duration;

pub(crate) use body::{BodyError, read};
pub use error::{InquiryError, SignatureError, WebhookError};

/// How long to wait for a connection to a provider. A call that was never asked for is no call,
/// so this stays well below the time that a dial may start late.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What a webhook is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    pub media_type: &'static str,
    pub body: String,
}

/// The HTTP client to ask providers with.
///
/// A dial, or a text, must reach the provider at most once. So nothing is asked again, neither by a retry nor
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
