//! Keeps what our adapters ask of providers.

use std::fs::OpenOptions;
use std::io::Write;

use serde_json::json;

/// Names a file to which each request that a stand-in of a provider gets in a test is added, as a line of JSON:
/// `.ci/official-packages` holds them against what the provider's own package sends.
const REQUESTS: &str = "CARILLON_REQUESTS";

/// Adds a request (`GET /path?query`) with its body and the header that says who asks, if that is wanted.
pub(crate) fn add(provider: &str, request: &str, key: Option<&str>, body: &str) {
    let Ok(path) = std::env::var(REQUESTS) else { return };
    let line = json!({"provider": provider, "request": request, "key": key, "body": body});
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a file of requests");
    file.write_all(format!("{line}\n").as_bytes()).expect("a file of requests");
}
