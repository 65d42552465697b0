//! What can go wrong between us and a provider, whoever it is.

use std::error::Error;

use carillon_domain::base::recording::MAX_RECORDING_BYTES;

use crate::reach::UrlError;

/// Why it cannot be said what the provider knows of an attempt. Ask again later.
#[derive(Debug, thiserror::Error)]
pub enum InquiryError {
    #[error("the provider did not answer")]
    Unanswered(#[source] Box<dyn Error + Send + Sync>),
    #[error("the provider refused to tell: {reason}")]
    Refused {
        status: u16,
        /// The status and the provider's words.
        reason: String,
    },
    /// The answer is not what the contract says.
    #[error("the provider's answer cannot be read")]
    Unreadable(#[source] serde_json::Error),
    #[error("the provider's answer is too long")]
    TooLong,
    /// The provider says that its list goes on, but not where.
    #[error("the provider's list of calls breaks off")]
    NoCursor,
    #[error("the provider lists too many calls for one attempt")]
    TooMany,
    #[error("the call is named by what is no id of the provider's")]
    NoId,
    /// The media type that came instead.
    #[error("what the provider sends is no recording that we know, but {0}")]
    NoRecording(String),
    #[error("the recording has more than {MAX_RECORDING_BYTES} bytes")]
    RecordingTooLarge,
    #[error("the provider's link to the recording leads where we don't go: {0}")]
    ForbiddenLink(UrlError),
    /// The provider tells by itself, and answers no questions.
    #[error("the provider can't be asked about a text")]
    NobodyToAsk,
    /// It has no agent for a call that somebody else placed, or its answer connects nobody.
    #[error("the provider connects no agent to the call")]
    NoAgent,
    /// What the workspace has set as its key is of another form.
    #[error("the credentials are not of the provider's form")]
    BadCredentials,
}

/// Why something that came over HTTP is not taken for the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the webhook has no {0} header")]
    Missing(&'static str),
    #[error("{header} is not of the form {form}")]
    Malformed { header: &'static str, form: &'static str },
    #[error("the webhook was signed more than {max_minutes} minutes ago")]
    TooOld { max_minutes: i64 },
    #[error("the webhook was signed more than {max_minutes} minutes ahead of our clock")]
    FromTheFuture { max_minutes: i64 },
    #[error("the signature fits none of our secrets")]
    Mismatch,
    #[error("the secret in {0} is not the workspace's")]
    WrongSecret(&'static str),
    #[error("the provider tells nothing by webhooks")]
    NoWebhooks,
}

/// Why an event cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The source says where it breaks.
    #[error("the webhook is no event")]
    Malformed(#[from] serde_json::Error),
}
