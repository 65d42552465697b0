//! What it means that a request brought no text.

use super::NoAnswer;
use crate::reach::asked_to_wait_ms;

/// How much of a provider's words is kept, in characters.
pub(super) const MAX_REASON_CHARS: usize = 200;

/// Why a request brought no text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The provider doesn't take the request as it is; one by another mechanism it may.
    NotTaken(String),
    NoAnswer(NoAnswer),
}

impl From<NoAnswer> for Failure {
    fn from(none: NoAnswer) -> Self {
        Self::NoAnswer(none)
    }
}

impl Failure {
    /// By the status of an answer, and its `Retry-After`.
    pub(super) fn of_status(status: u16, reason: String, retry_after: Option<&str>) -> Self {
        match status {
            // Some servers check the form of a request apart from the rest.
            400 | 422 => Self::NotTaken(reason),
            408 | 409 | 424 | 425 | 429 | 500.. => {
                let retry_after_ms = retry_after.and_then(asked_to_wait_ms);
                NoAnswer::Unavailable { reason, retry_after_ms }.into()
            }
            413 => NoAnswer::CutOff.into(),
            _ => NoAnswer::Misconfigured(reason).into(),
        }
    }
}

pub(super) fn unavailable(reason: impl Into<String>) -> NoAnswer {
    NoAnswer::Unavailable { reason: reason.into(), retry_after_ms: None }
}

pub(super) fn cut(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}
