//! Parts of an export: rows as lines of JSON, below a line with the names of all variables that are among them (and of
//! what is told of numbers).

use std::collections::BTreeSet;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::export::PartName;
use carillon_domain::records::job::Job;
use carillon_domain::reporting::export::Row;
use carillon_runtime::context::Context;
use carillon_runtime::services::exports::part_key;

use crate::error::JobError;

/// Random bytes of a part's name: of two runs of a step, neither writes over what the other has left.
const NAME_BYTES: usize = 4;
const LINE_END: u8 = b'\n';

/// Leaves rows as the next part of a job.
pub(super) async fn leave(
    context: &Context,
    ws: &WorkspaceId,
    job: &Job,
    rows: &[Row],
) -> Result<PartName, JobError> {
    let part = PartName(hex::encode(&context.random.draw()[..NAME_BYTES]));
    let variables: BTreeSet<&String> = rows.iter().flat_map(Row::variables).collect();
    let mut text = serde_json::to_vec(&variables)?;
    for row in rows {
        text.push(LINE_END);
        serde_json::to_writer(&mut text, row)?;
    }
    context.files.write(&part_key(ws, &job.id, job.parts.len(), &part), text).await?;
    Ok(part)
}

/// The names of the variables in a part.
pub(super) async fn variables(context: &Context, key: &str) -> Result<BTreeSet<String>, JobError> {
    let (mut file, mut line) = (context.files.open(key, 0).await?, Vec::new());
    while !line.contains(&LINE_END)
        && let Some(chunk) = file.chunk().await?
    {
        line.extend(chunk);
    }
    let head = line.split(|byte| *byte == LINE_END).next().unwrap_or_default();
    Ok(serde_json::from_slice(head)?)
}

/// The rows of a part.
pub(super) async fn rows(context: &Context, key: &str) -> Result<Vec<Row>, JobError> {
    let (mut file, mut text) = (context.files.open(key, 0).await?, Vec::new());
    while let Some(chunk) = file.chunk().await? {
        text.extend(chunk);
    }
    let lines = text.split(|byte| *byte == LINE_END).skip(1);
    Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
}
