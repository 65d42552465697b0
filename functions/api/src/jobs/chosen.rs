//! Those to whom a job is to do something, by their ids.

use std::collections::HashSet;
use std::hash::Hash;

use carillon_domain::base::ids::{JobId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::job::LEADS_PER_STEP;
use carillon_runtime::context::Context;
use serde::Serialize;

use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;

/// Most that are named in one request; a filter finds any number.
const MAX_NAMED: usize = 1_000;

/// Keeps those that were named, in portions of a step each; says how many portions these are.
pub(crate) async fn keep_chosen<I: Serialize + Clone>(
    context: &Context,
    ws: &WorkspaceId,
    job: &JobId,
    ids: &[I],
    at: Timestamp,
) -> Result<u32, Problem> {
    let mut portions = 0;
    for some in ids.chunks(LEADS_PER_STEP) {
        context.store.keep_chosen(ws, job, portions, some, at).await?;
        portions += 1;
    }
    Ok(portions)
}

/// Those that were named, each once.
pub(crate) fn once_each<I: Eq + Hash + Clone>(
    errors: &mut FieldErrors,
    field: &str,
    mut ids: Vec<I>,
) -> Vec<I> {
    if ids.is_empty() {
        errors.push(field, "name at least one");
    }
    errors.check_count(field, ids.len(), MAX_NAMED);
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    ids
}
