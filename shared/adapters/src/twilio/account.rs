//! The account that Twilio is asked for, and what it complains of.

use carillon_domain::base::time::Timestamp;
use chrono::{DateTime, SecondsFormat};
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;

/// How much of a complaint we keep, in characters.
const MAX_REASON_CHARS: usize = 300;

/// `AC…:<auth token>`, or `AC…:SK…:<secret>` with an API key.
pub(crate) struct Credentials<'a> {
    pub(crate) account: &'a str,
    user: &'a str,
    password: &'a str,
}

impl<'a> Credentials<'a> {
    /// What credentials have to be, where they are not.
    pub(crate) const FORM: &'static str =
        "`<account sid>:<auth token>`, or `<account sid>:<key sid>:<secret>`";

    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(':');
        let (account, second, third) = (parts.next()?, parts.next()?, parts.next());
        let is_plain = account.starts_with("AC") && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_whole = is_plain && parts.next().is_none() && !second.is_empty() && third != Some("");
        let (user, password) = third.map_or((account, second), |secret| (second, secret));
        is_whole.then_some(Self { account, user, password })
    }

    /// The account's own token, which its webhooks are signed with, if it is that.
    pub(crate) fn auth_token(&self) -> Option<&'a str> {
        (self.user == self.account).then_some(self.password)
    }

    /// The request as one of this account.
    pub(crate) fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(self.user, Some(self.password))
    }
}

#[derive(Debug, Deserialize)]
struct Complaint {
    #[serde(default)]
    code: Option<u32>,
    #[serde(default)]
    message: Option<String>,
}

/// Twilio's code, and what it complains of in its words; none if it is of another form.
pub(crate) fn complaint(body: &[u8]) -> Option<(Option<u32>, String)> {
    let Complaint { code, message } = serde_json::from_slice(body).ok()?;
    Some((code, message.unwrap_or_default().chars().take(MAX_REASON_CHARS).collect()))
}

/// The same for whoever reads it, with the HTTP status where there is no code.
pub(crate) fn reason(status: StatusCode, body: &[u8]) -> (Option<u32>, String) {
    let (code, words) = complaint(body).unwrap_or_default();
    let reason = match (code, words.is_empty()) {
        (Some(code), _) => format!("{code}: {words}"),
        (None, false) => format!("HTTP {}: {words}", status.as_u16()),
        (None, true) => format!("HTTP {}", status.as_u16()),
    };
    (code, reason)
}

/// A moment as Twilio's lists tell it (RFC 2822).
pub(crate) fn moment(told: Option<&str>) -> Option<Timestamp> {
    let at = DateTime::parse_from_rfc2822(told?).ok()?;
    Some(Timestamp::from_millis(at.timestamp_millis()))
}

/// The day of a moment in UTC, as lists are filtered by.
pub(crate) fn day(at: Timestamp) -> String {
    let at = DateTime::from_timestamp_millis(at.as_millis()).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Secs, true)[..10].to_owned()
}
