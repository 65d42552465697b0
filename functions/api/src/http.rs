//! How the API speaks HTTP: bodies, queries, pages, problems, tags, changes, requests that come twice.

pub(crate) mod change;
pub(crate) mod etag;
pub(crate) mod idempotency;
pub(crate) mod if_match;
pub(crate) mod json;
pub(crate) mod pagination;
pub(crate) mod path;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod request_id;
pub(crate) mod validation;
mod wording;
