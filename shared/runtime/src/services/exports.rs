//! Where the file of an export lies, and the parts from which it is put together.

use carillon_domain::base::ids::{JobId, WorkspaceId};
use carillon_domain::records::export::PartName;
use carillon_domain::records::job::Job;

use crate::context::Context;

/// The key of an export's file.
pub fn file_key(ws: &WorkspaceId, job: &JobId, name: &str) -> String {
    format!("exports/{ws}/{job}/{name}")
}

/// The key of a part, which has this place among the others.
pub fn part_key(ws: &WorkspaceId, job: &JobId, place: usize, part: &PartName) -> String {
    format!("exports/{ws}/{job}/parts/{place:06}-{}", part.0)
}

/// Removes the parts of an export that is over. What is left is removed by the bucket's rule for exports.
pub async fn remove_parts(context: &Context, ws: &WorkspaceId, job: &Job) {
    for (place, part) in job.parts.iter().enumerate() {
        if let Err(error) = context.files.remove(&part_key(ws, &job.id, place, part)).await {
            tracing::warn!(%error, job = %job.id, "a part of an export was not removed");
        }
    }
}
