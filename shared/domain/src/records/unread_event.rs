//! What a provider told that nobody could read, or whose wish could not be laid to anybody: a person looks at them.

use serde::{Deserialize, Serialize};

use crate::base::call::ProviderCallId;
use crate::base::ids::{AttemptId, InteractionId, LeadId, UnreadEventId};
use crate::base::provider::Provider;
use crate::base::time::{DAY_MS, Timestamp};
use crate::records::number_record::Removal;

/// How long one is kept, in milliseconds, settled or not.
pub const UNREAD_KEPT_MS: i64 = 365 * DAY_MS;
/// How much of what was sent is kept, in bytes.
const MAX_BODY_BYTES: usize = 8_000;
/// How much of its type and of the person's words is kept, in bytes.
const MAX_TEXT_BYTES: usize = 300;

/// Why an event waits for a person: it is none that we can read (`not_an_event`), it is of a type that we do not
/// know, and names no call (`unknown_type`), the provider could not tell what became of the call that it names
/// (`not_told`), or somebody asked for something whose number is not known (`no_number`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnreadCause {
    NotAnEvent,
    UnknownType,
    NotTold,
    NoNumber,
}

/// What is known of an event beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    pub cause: UnreadCause,
    /// Its type, in the provider's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The call that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<ProviderCallId>,
    /// The record of that call, if it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<InteractionId>,
    /// What the person asked for, as it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Where it came, if it is a carrier's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<CarrierForm>,
}

/// What a carrier tells in a form, by where it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierForm {
    pub door: FormDoor,
    /// Of what it speaks, as its address names it; none of a text that came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<FormSubject>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormDoor {
    /// A text that a person sent.
    Text,
    /// What became of a text of ours.
    TextStatus,
    /// How a call ended that our own account has placed.
    CallStatus,
    /// Who answered such a call.
    Machine,
}

/// The attempt that an address of ours names; it is signed with the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormSubject {
    pub attempt: AttemptId,
    pub lead: LeadId,
}

/// An event that waits for a person, or waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadEvent {
    pub id: UnreadEventId,
    /// When it came first.
    pub at: Timestamp,
    pub provider: Provider,
    #[serde(flatten)]
    pub unread: Unread,
    /// What was sent, or its beginning, as text.
    pub body: String,
    /// That somebody has looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Removal>,
}

impl Unread {
    /// An event of which nothing is known but why it waits.
    pub const fn bare(cause: UnreadCause) -> Self {
        Self { cause, kind: None, call: None, interaction: None, words: None, form: None }
    }

    fn shortened(self) -> Self {
        let short = |text: Option<String>| text.map(|text| cut(&text, MAX_TEXT_BYTES));
        let call = self.call.map(|ProviderCallId(id)| ProviderCallId(cut(&id, MAX_TEXT_BYTES)));
        Self { kind: short(self.kind), words: short(self.words), call, ..self }
    }
}

impl UnreadEvent {
    pub fn new(raw_body: &[u8], provider: impl Into<Provider>, unread: Unread, now: Timestamp) -> Self {
        Self {
            id: UnreadEventId::derive(raw_body),
            at: now,
            provider: provider.into(),
            unread: unread.shortened(),
            body: cut(&String::from_utf8_lossy(raw_body), MAX_BODY_BYTES),
            settled: None,
        }
    }

    /// The event once it was read anew and waits for this.
    pub fn reread(&self, unread: Unread) -> Self {
        Self { unread: unread.shortened(), ..self.clone() }
    }
}

fn cut(text: &str, max_bytes: usize) -> String {
    text[..text.floor_char_boundary(max_bytes)].to_owned()
}
