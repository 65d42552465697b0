//! Twilio, as far as calls and texts share it: whose account it is, how it complains, and how it signs what it tells us.

pub(crate) mod account;
pub(crate) mod form;
mod signature;

pub use signature::{HEADER, signature, verify};

/// Where Twilio is asked.
pub(crate) const BASE_URL: &str = "https://api.twilio.com";
/// Has a webhook come again, up to five times, if nobody takes it: it comes once otherwise. It stays with Twilio: no request
/// carries it.
pub(crate) const RETRY_ALL: &str = "#rc=5&rp=all";
