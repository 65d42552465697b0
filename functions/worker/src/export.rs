//! Writing a file. A step reads some records and leaves their rows in the bucket, as a part of its own; the last one
//! puts all parts together. The job names the parts: what a step left that was not committed is none of them.

mod part;
mod sheet;
mod source;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::export::{Export, ExportedFile};
use carillon_domain::records::job::{Checkpoint, Job};
use carillon_domain::reporting::export::Columns;
use carillon_runtime::context::Context;
use carillon_runtime::services::exports::{file_key, remove_parts};

use crate::error::JobError;
use crate::{Step, advance, give_up};
use sheet::Sheet;
use source::{Portion, Source};

/// While records are read; what comes after it is to put the parts together.
const READING: u32 = 0;

/// A job of this kind.
pub(crate) struct Work<'a> {
    pub(crate) context: &'a Context,
    pub(crate) ws: &'a WorkspaceId,
    pub(crate) job: &'a Job,
    pub(crate) export: &'a Export,
}

impl Work<'_> {
    pub(crate) async fn step(&self) -> Result<Step, JobError> {
        let columns = match Columns::of(self.export) {
            Ok(columns) => columns,
            Err(unknown) => return self.give_up(&unknown.to_string()).await,
        };
        if self.job.checkpoint.part > READING {
            return self.put_together(&columns).await;
        }
        let source =
            Source { context: self.context, ws: self.ws, source: &self.export.source, columns: &columns };
        match source.read(self.job.checkpoint.after.as_deref()).await? {
            Some(portion) => self.keep(portion).await,
            None => self.give_up("the campaign is deleted").await,
        }
    }

    /// Leaves what was read as a part. A part that another run of this step has left is another one, so neither
    /// replaces what the other commits.
    async fn keep(&self, portion: Portion) -> Result<Step, JobError> {
        let to = match portion.next {
            Some(after) => Checkpoint { part: READING, after: Some(after) },
            None => Checkpoint { part: READING + 1, after: None },
        };
        let part = if portion.rows.is_empty() {
            None
        } else {
            Some(part::leave(self.context, self.ws, self.job, &portion.rows).await?)
        };
        let next = self.job.exporting(to, part, portion.rows.len() as u64, self.context.now());
        let is_done = advance(self.context, self.ws, &next).await?;
        Ok(if is_done { Step::Done(Box::new(next)) } else { Step::Overtaken })
    }

    async fn put_together(&self, columns: &Columns) -> Result<Step, JobError> {
        let name = self.export.file_name();
        let key = file_key(self.ws, &self.job.id, &name);
        let layout = columns.layout();
        let sheet = Sheet { context: self.context, ws: self.ws, job: self.job, layout: &layout };
        let bytes = match sheet.write(&key, self.export.format).await? {
            Ok(bytes) => bytes,
            Err(too_large) => return self.give_up(&too_large.to_string()).await,
        };
        let file = ExportedFile { name, rows: self.job.counts.done, bytes };
        if !advance(self.context, self.ws, &self.job.exported(file, self.context.now())).await? {
            return Ok(Step::Overtaken);
        }
        remove_parts(self.context, self.ws, self.job).await;
        Ok(Step::Over)
    }

    async fn give_up(&self, why: &str) -> Result<Step, JobError> {
        let step = give_up(self.context, self.ws, self.job, why).await?;
        if matches!(step, Step::Over) {
            remove_parts(self.context, self.ws, self.job).await;
        }
        Ok(step)
    }
}
