//! Addresses that others have given us: those of customers' endpoints, and the links in providers' answers.
//!
//! Such an address is not to be trusted: it may lead into our own network, by name, by redirect, or by an answer of DNS
//! that changes. So the addresses that a name has are looked at when the connection is made, and no other way leads out.

mod public_address;
mod resolver;

use std::error::Error;

use carillon_domain::base::time::SECOND_MS;
use carillon_domain::records::webhook_endpoint::MAX_URL_BYTES;
use reqwest::{Client, ClientBuilder, Url};

use resolver::{ForbiddenHost, PublicResolver};

/// Where we may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// By `https` to public addresses.
    Public,
    /// By `http`, too, and to this machine and its network: for a system that runs on one machine.
    Anywhere,
}

/// Why we don't go to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("it is no address such as https://example.com/carillon: {0}")]
    Malformed(String),
    #[error("it has {0} bytes; at most {MAX_URL_BYTES} are allowed")]
    TooLong(usize),
    #[error("it must begin with https://")]
    NotHttps,
    #[error("it must begin with http:// or https://")]
    NotHttp,
    #[error("it names no host")]
    NoHost,
    #[error("it must not hold a user name or a password")]
    Credentials,
    #[error("{0} is no public address")]
    Private(String),
}

impl Reach {
    /// The address, if we may go there, as far as it can be told without asking DNS.
    pub(crate) fn checked(self, text: &str) -> Result<Url, UrlError> {
        let url = Url::parse(text).map_err(|error| UrlError::Malformed(error.to_string()))?;
        match (url.scheme(), self) {
            ("https", _) | ("http", Self::Anywhere) => {}
            (_, Self::Public) => return Err(UrlError::NotHttps),
            (_, Self::Anywhere) => return Err(UrlError::NotHttp),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        let host = url.host_str().ok_or(UrlError::NoHost)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        if self == Self::Public && literal.is_ok_and(|address| !public_address::is_public(address)) {
            return Err(UrlError::Private(host.to_owned()));
        }
        Ok(url)
    }

    /// A client that goes nowhere else: it follows no redirect, and asks nothing again.
    pub(crate) fn client(self) -> ClientBuilder {
        #[cfg(feature = "aws")]
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = Client::builder()
            .user_agent("Carillon")
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A proxy of the surroundings would look up names for us.
            .no_proxy();
        match self {
            Self::Public => builder.dns_resolver(std::sync::Arc::new(PublicResolver)),
            Self::Anywhere => builder,
        }
    }
}

/// Whether a request failed because its host has no public address.
pub(crate) fn is_forbidden_host(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<ForbiddenHost>())
}

/// An error and what has caused it.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

/// The causes of an error, without the address, which the first one quotes.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let all: Vec<_> = causes(error).skip(1).map(ToString::to_string).collect();
    if all.is_empty() { "the request failed".to_owned() } else { all.join(": ") }
}

/// How long a `Retry-After` asks us to wait, in milliseconds, where it tells seconds.
pub(crate) fn asked_to_wait_ms(retry_after: &str) -> Option<i64> {
    let seconds: u32 = retry_after.trim().parse().ok()?;
    Some(i64::from(seconds) * SECOND_MS)
}
