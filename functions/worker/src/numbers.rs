//! Putting the numbers of a file on a do-not-call list.
//!
//! A number that can't be read is a person who can still be called: each is kept with its reason, is counted, and
//! stands in the words with which the job ends.

mod reading;

use std::collections::BTreeMap;

use carillon_adapters::files::FilesError;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::records::job::{Job, NumbersFile};
use carillon_runtime::context::Context;
use carillon_runtime::services::file_rows::FileRowsError;
use carillon_runtime::services::suppression;
use carillon_sheets::{Checkpoint as Place, Record};
use carillon_store::{RejectedBy, RejectedRow};

use crate::error::JobError;
use crate::{Step, advance, end, give_up};
use reading::Begun;

/// Rows between two notes of progress.
const ROWS_PER_STEP: usize = 500;
/// How often a look is taken whether the file has come, in milliseconds; the bucket tells of it, too.
const FILE_AGAIN_MS: i64 = 2 * MINUTE_MS;
/// How long a file is waited for, in milliseconds: the link to upload it to is good for an hour.
const WAITS_FOR_FILE_MS: i64 = HOUR_MS + 15 * MINUTE_MS;

/// A job of this kind.
pub(crate) struct Work<'a> {
    pub(crate) ws: &'a WorkspaceId,
    pub(crate) list: &'a ListName,
    pub(crate) deadline: Timestamp,
}

/// What some rows say.
#[derive(Debug, Default)]
struct Portion {
    entries: BTreeMap<E164, Listing>,
    /// Numbers that were read, each as often as it stands there.
    numbers: u64,
    unread: Vec<RejectedRow>,
    /// Where the row behind them starts.
    to: Option<Place>,
}

impl Work<'_> {
    /// Goes on with the file to its end or the deadline: a workbook can't be left and come back to at every step.
    pub(crate) async fn run(
        &self,
        context: &Context,
        job: &Job,
        file: &NumbersFile,
    ) -> Result<Step, JobError> {
        let begun = if file.begun.is_some() {
            Begun { job: job.clone(), first_row: None }
        } else {
            match reading::begin(context, job, self.list, file).await {
                Ok(begun) => begun,
                Err(FileRowsError::Files(FilesError::NotFound { .. })) => {
                    return self.wait(context, job).await;
                }
                Err(error) => return self.stopped(context, job, error).await,
            }
        };
        self.read(context, begun).await
    }

    async fn wait(&self, context: &Context, job: &Job) -> Result<Step, JobError> {
        if context.now().since_ms(job.created_at) < WAITS_FOR_FILE_MS {
            return Ok(Step::Later { delay_ms: FILE_AGAIN_MS });
        }
        give_up(context, self.ws, job, "no file was uploaded within the hour that its link was good for")
            .await
    }

    async fn read(&self, context: &Context, begun: Begun) -> Result<Step, JobError> {
        let Begun { mut job, first_row } = begun;
        let opened = reading::open(context, &job).await;
        let (columns, notation, mut rows) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.stopped(context, &job, error).await,
        };
        let mut waiting = Vec::from_iter(first_row);
        loop {
            let more = match rows.next().await {
                Ok(more) => more,
                Err(error) => return self.stopped(context, &job, error).await,
            };
            let is_end = more.is_none();
            waiting.extend(more.unwrap_or_default());
            while waiting.len() >= ROWS_PER_STEP || (is_end && !waiting.is_empty()) {
                let taken: Vec<Record> = waiting.drain(..waiting.len().min(ROWS_PER_STEP)).collect();
                let portion = reading::portion(&columns, notation, &taken, context.now());
                let Some(next) = self.list(context, &job, portion).await? else { return Ok(Step::Overtaken) };
                job = next;
                if context.now() >= self.deadline {
                    return Ok(Step::Done(Box::new(job)));
                }
            }
            if is_end {
                return end(context, self.ws, &reading::completed(&job, context.now())).await;
            }
        }
    }

    /// What can't be read in its middle is told; the bucket may answer later.
    async fn stopped(&self, context: &Context, job: &Job, error: FileRowsError) -> Result<Step, JobError> {
        match error {
            FileRowsError::Unreadable(reason) => give_up(context, self.ws, job, &reason).await,
            FileRowsError::Files(error @ FilesError::NotFound { .. }) => {
                give_up(context, self.ws, job, &error.to_string()).await
            }
            FileRowsError::Files(error) => Err(error.into()),
        }
    }

    /// Lists the numbers of some rows, then notes how far the job is; none if another run of it was faster. Listing
    /// the same again changes nothing.
    async fn list(&self, context: &Context, job: &Job, portion: Portion) -> Result<Option<Job>, JobError> {
        let Portion { entries, numbers, unread, to } = portion;
        if !entries.is_empty() {
            let act = Some(&job.asked);
            for listed in
                suppression::list_many(context, self.ws, self.list, entries, act).await?.into_values()
            {
                listed?;
            }
        }
        let refused = unread.len() as u64;
        let first = u64::from(job.portions);
        let chunks = context.store.keep_rejected(self.ws, RejectedBy::Job(&job.id), first, unread).await?;
        let to = to.map_or_else(|| job.checkpoint.clone(), reading::checkpoint);
        let mut next = job.counting(to, numbers, refused, context.now());
        next.portions += u32::try_from(chunks).unwrap_or(u32::MAX);
        Ok(advance(context, self.ws, &next).await?.then_some(next))
    }
}
