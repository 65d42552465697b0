//! Jobs, newest first; what they were asked to do it to, and what became of each.

use carillon_domain::base::ids::{JobId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::job::{JOB_KEPT_MS, Job, JobKindName, JobResult, JobStatus};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Item, ItemWrite, Key, Query, SortRange, text_of};

/// Most pages that are read for one page of a list that is filtered.
const MAX_READS: usize = 10;
/// Jobs that are read at once.
const READ_JOBS: usize = 100;
/// Most silent jobs that one look returns.
const SILENT_PAGE: usize = 1_000;

/// Which jobs are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobFilter {
    pub status: Option<JobStatus>,
    pub kind: Option<JobKindName>,
}

/// A page of jobs, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobPage {
    /// Fewer than were asked for may be followed by others.
    pub jobs: Vec<Job>,
    /// The next page starts behind this job; none if this is the last.
    pub next: Option<JobId>,
}

/// A result's place: its portion, and how many stand before it there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResultPlace {
    pub portion: u32,
    pub offset: usize,
}

/// A page of a job's results, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultPage {
    /// Fewer than were asked for may be followed by others.
    pub results: Vec<JobResult>,
    /// Where the next page starts; none if nothing more is kept yet.
    pub next: Option<ResultPlace>,
}

#[derive(Serialize, Deserialize)]
struct ResultsItem {
    results: Vec<JobResult>,
}

#[derive(Serialize, Deserialize)]
struct ChosenItem<I> {
    ids: Vec<I>,
}

impl Store {
    pub async fn job(&self, ws: &WorkspaceId, id: &JobId) -> Result<Option<Job>, StoreError> {
        self.get(keys::job(ws, id)).await
    }

    /// At most `limit` jobs, newest first, behind `after`.
    pub async fn jobs(
        &self,
        ws: &WorkspaceId,
        filter: JobFilter,
        after: Option<&JobId>,
        limit: usize,
    ) -> Result<JobPage, StoreError> {
        let mut page = JobPage { jobs: Vec::new(), next: after.cloned() };
        for _ in 0..MAX_READS {
            let range =
                page.next.as_ref().map_or(SortRange::All, |after| SortRange::Before(after.to_string()));
            let query = Query::table(keys::jobs(ws)).range(range).descending().limit(READ_JOBS);
            let read = self.page(query).await?;
            for item in read.items {
                if page.jobs.len() == limit {
                    return Ok(page);
                }
                let job: Job = item::decode(item)?;
                page.next = Some(job.id.clone());
                if filter.finds(&job) {
                    page.jobs.push(job);
                }
            }
            if read.next.is_none() {
                page.next = None;
                break;
            }
        }
        Ok(page)
    }

    /// Keeps a portion of the leads or contacts that a job is to do something to; the same again replaces itself.
    pub async fn keep_chosen<I: Serialize + Clone>(
        &self,
        ws: &WorkspaceId,
        id: &JobId,
        portion: u32,
        ids: &[I],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let chosen = ChosenItem { ids: ids.to_vec() };
        let mut item = item::encode(keys::chosen(ws, id, portion), &chosen)?;
        item.insert(TTL_ATTRIBUTE.into(), number(expiry(now)));
        self.put(item).await
    }

    /// A portion of what a job is to do something to.
    pub async fn chosen<I: DeserializeOwned>(
        &self,
        ws: &WorkspaceId,
        id: &JobId,
        portion: u32,
    ) -> Result<Vec<I>, StoreError> {
        let chosen: Option<ChosenItem<I>> = self.get(keys::chosen(ws, id, portion)).await?;
        Ok(chosen.map(|chosen| chosen.ids).unwrap_or_default())
    }

    /// At most `limit` results of a job from a place on; of those that were refused alone if so asked.
    pub async fn job_results(
        &self,
        ws: &WorkspaceId,
        id: &JobId,
        from: ResultPlace,
        limit: usize,
        is_refused_only: bool,
    ) -> Result<ResultPage, StoreError> {
        let range = SortRange::From(format!("{:08}", from.portion));
        let query = Query::table(keys::results(ws, id)).range(range).limit(MAX_READS);
        let read = self.page(query).await?;
        let mut page = ResultPage { results: Vec::new(), next: Some(from) };
        for item in read.items {
            let portion = text_of(&item, "sk").and_then(|sk| sk.parse().ok()).unwrap_or_default();
            let seen = if portion == from.portion { from.offset } else { 0 };
            let kept: ResultsItem = item::decode(item)?;
            for (offset, result) in kept.results.into_iter().enumerate().skip(seen) {
                if page.results.len() == limit {
                    page.next = Some(ResultPlace { portion, offset });
                    return Ok(page);
                }
                if !is_refused_only || result.is_refused() {
                    page.results.push(result);
                }
            }
            page.next = Some(ResultPlace { portion: portion + 1, offset: 0 });
        }
        if read.next.is_none() {
            page.next = None;
        }
        Ok(page)
    }

    /// Open jobs of which nothing was heard for too long by now.
    pub async fn silent_jobs(&self, now: Timestamp) -> Result<Vec<(WorkspaceId, JobId)>, StoreError> {
        // `$` follows `#`: everything up to and including this moment.
        let range = SortRange::Before(format!("{now}$"));
        let page = self.page(Query::index(keys::OPEN_JOBS).range(range).limit(SILENT_PAGE)).await?;
        let named = |item: &Item| {
            let (_, named) = text_of(item, "gsi1sk")?.split_once('#')?;
            let (ws, job) = named.split_once('#')?;
            Some((ws.parse().ok()?, job.parse().ok()?))
        };
        Ok(page.items.iter().filter_map(named).collect())
    }
}

impl JobFilter {
    fn finds(self, job: &Job) -> bool {
        self.status.is_none_or(|status| status == job.status)
            && self.kind.is_none_or(|kind| kind == job.kind.name())
    }
}

pub(crate) fn job_item(ws: &WorkspaceId, job: &Job) -> Result<Item, StoreError> {
    let mut item = item::encode_indexed(keys::job(ws, &job.id), keys::open_job_entry(ws, job), job)?;
    item.insert(TTL_ATTRIBUTE.into(), number(expiry(job.updated_at)));
    Ok(item)
}

/// A portion of results, under a key of its own for each portion.
pub(crate) fn results_put(
    ws: &WorkspaceId,
    id: &JobId,
    portion: u32,
    results: &[JobResult],
) -> Result<ItemWrite, StoreError> {
    let key = Key { pk: keys::results(ws, id), sk: format!("{portion:08}") };
    let mut item = item::encode(key, &ResultsItem { results: results.to_vec() })?;
    // No step comes later than a job that is kept, so its time counts from the beginning.
    item.insert(TTL_ATTRIBUTE.into(), number(expiry(id.made_at())));
    Ok(ItemWrite::put(item))
}

/// When what belongs to a job of this moment goes, in seconds since 1970.
pub(crate) fn expiry(at: Timestamp) -> i64 {
    at.plus_ms(JOB_KEPT_MS).as_secs()
}
