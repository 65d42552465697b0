//! What is asked about a call, whoever placed it.

use carillon_domain::base::call::{CallReport, Inquiry, ProviderCallId};

use crate::provider::InquiryError;

/// The id, if it can be one: into a path goes what came from outside.
pub(super) fn plain_id(call: &ProviderCallId) -> Result<&str, InquiryError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if call.0.chars().all(is_plain) { Ok(&call.0) } else { Err(InquiryError::NoId) }
}

/// Which of two calls of one attempt counts: one that still goes on, else the one that came further.
pub(super) fn weightier(one: Inquiry, other: Inquiry) -> Inquiry {
    let weight = |inquiry: &Inquiry| match inquiry {
        Inquiry::NotFound => (0, None),
        Inquiry::Ended { report: CallReport { outcome, .. }, .. } => (1, Some(*outcome)),
        Inquiry::InProgress { .. } => (2, None),
    };
    if weight(&other) > weight(&one) { other } else { one }
}
