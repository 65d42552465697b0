//! Twilio as far as calls and texts share it: an account, whose requests it takes, and how it signs what it tells.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

/// The header that carries the signature.
pub(crate) const SIGNATURE_HEADER: &str = "X-Twilio-Signature";
/// The media type of its forms.
pub(crate) const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Our account there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioAccount {
    pub sid: String,
    /// What requests are authorized by, and webhooks are signed with.
    pub auth_token: String,
}

impl Default for TwilioAccount {
    fn default() -> Self {
        Self { sid: "AC00000000000000000000000000000000".to_owned(), auth_token: "token_local".to_owned() }
    }
}

impl TwilioAccount {
    /// What its owner keeps as its key.
    pub fn credentials(&self) -> String {
        format!("{}:{}", self.sid, self.auth_token)
    }

    /// Whether a request to this account's resources is its own.
    pub(crate) fn admits(&self, sid: &str, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        sid == self.sid && given == Some(&format!("Basic {}", STANDARD.encode(self.credentials())))
    }

    /// The signature of a form whose names differ: an HMAC-SHA1 of the address and of the fields, sorted by name.
    pub(crate) fn sign<N: AsRef<str> + Ord>(&self, url: &str, fields: &[(N, String)]) -> String {
        let mut sorted: Vec<_> = fields.iter().collect();
        sorted.sort_unstable();
        let signed: String = std::iter::once(url)
            .chain(sorted.into_iter().flat_map(|(name, value)| [name.as_ref(), value]))
            .collect();
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(self.auth_token.as_bytes()) else {
            return String::new();
        };
        mac.update(signed.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

/// What a refusal says.
pub(crate) fn refusal(status: u16, code: u32) -> Value {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    json!({ "code": code, "message": "refused", "more_info": more_info, "status": status })
}

/// An address without what stays with Twilio: whatever stands behind `#`.
pub(crate) fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

/// Our attempt, as an address names it that we gave.
pub(crate) fn attempt_in(url: &str) -> Option<String> {
    let (_, query) = without_fragment(url).split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "attempt")
        .map(|(_, id)| id.into_owned())
}

/// The body of a form.
pub(crate) fn form(fields: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_signed_as_the_vendor_documents_it() {
        let fields = [
            "CallSid=CA1234567890ABCDE",
            "Caller=+12349013030",
            "Digits=1234",
            "From=+12349013030",
            "To=+18005551212",
        ];
        let fields: Vec<(&str, String)> = fields
            .iter()
            .filter_map(|one| one.split_once('='))
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let account = TwilioAccount { auth_token: "12345".to_owned(), ..TwilioAccount::default() };
        assert_eq!(account.sign(url, &fields), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
    }
}
