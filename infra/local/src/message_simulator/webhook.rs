//! A webhook as it goes over the wire: a signed form, answered in TwiML.

use super::message::Message;
use super::settings::MessageSettings;
use crate::twilio::{form, without_fragment};

/// A webhook as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedForm {
    pub sid: String,
    /// Which of all webhooks.
    pub form: u64,
    pub url: String,
    pub signature: String,
    pub body: String,
}

impl SignedForm {
    /// The form that tells of a message: a state of one of ours, or one that came in. None if nobody is to be told.
    pub(super) fn of(
        settings: &MessageSettings,
        message: &Message,
        status: Option<&str>,
        id: u64,
    ) -> Option<Self> {
        let account = &settings.account.sid;
        let (url, fields) = match status {
            Some(status) => (message.status_url.clone()?, status_fields(account, message, status)),
            None => (settings.inbound_url.clone(), inbound_fields(account, message)),
        };
        let url = without_fragment(&url).to_owned();
        let signature = settings.account.sign(&url, &fields);
        Some(Self { sid: message.sid.clone(), form: id, url, signature, body: form(&fields) })
    }
}

fn status_fields(account: &str, message: &Message, status: &str) -> Vec<(&'static str, String)> {
    let (status, code) = status.split_once(' ').map_or((status, None), |(status, code)| (status, Some(code)));
    let mut fields = vec![
        ("AccountSid", account.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("From", message.from.clone()),
        ("To", message.to.clone()),
        ("MessageSid", message.sid.clone()),
        ("SmsSid", message.sid.clone()),
        ("MessageStatus", status.to_owned()),
        ("SmsStatus", status.to_owned()),
    ];
    fields.extend(code.map(|code| ("ErrorCode", code.to_owned())));
    fields
}

fn inbound_fields(account: &str, message: &Message) -> Vec<(&'static str, String)> {
    vec![
        ("AccountSid", account.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("Body", message.text.clone()),
        ("From", message.from.clone()),
        ("FromCity", String::new()),
        ("MessageSid", message.sid.clone()),
        ("NumMedia", "0".to_owned()),
        ("NumSegments", "1".to_owned()),
        ("SmsMessageSid", message.sid.clone()),
        ("SmsSid", message.sid.clone()),
        ("SmsStatus", "received".to_owned()),
        ("To", message.to.clone()),
    ]
}

/// What a TwiML answer says to the person, if anything.
pub(super) fn said_in(twiml: &str) -> Option<String> {
    let (_, rest) = twiml.split_once("<Message>")?;
    let (text, _) = rest.split_once("</Message>")?;
    Some(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}
