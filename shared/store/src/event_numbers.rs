//! Sequence numbers of events: those of a campaign, or of a workspace where there is none, are counted
//! from 1 on without gaps, and an event keeps its number however often it is delivered.
//!
//! A page is an item that lists events in the order of their numbers; the latest is filled up, and then
//! a new one begun. Each write is conditional on what was read, so that no number is given twice. Whether
//! an event has a number already is seen in the pages that were written since it happened.
//!
//! Who numbers events mostly did so before: the latest pages are remembered, and read again once a write
//! shows that others went on.
//!
//! What an event corrects in the sums of its campaign stands beside its number, in the same write: so it counts
//! exactly once, however often the event comes. [`breakdown`](crate::breakdown) folds it into the sums.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::{MAX_SKEW_MS, SECOND_MS, Timestamp};
use carillon_domain::reporting::breakdown::Correction;
use carillon_domain::reporting::events::Event;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::breakdown::written;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::table::{Key, Query, SortRange};

/// Most events of a page: with its key and what a fifth of them corrects it stays under a kilobyte, so that a write
/// is one unit.
pub(crate) const PAGE_EVENTS: usize = 30;
/// Letters of an event's digest.
const DIGEST_LEN: usize = 16;
/// How often numbers are asked for anew after others took them.
const TRIES: u32 = 12;
/// Pages that are read at once; most events are found missing in the first.
const PAGES_READ: usize = 4;
/// How long a page is remembered after it was written, in milliseconds: for events that come so late, in order or again.
const REMEMBERED_MS: i64 = 10 * SECOND_MS;
/// Pages of a campaign that are remembered, each under a kilobyte: those of 2,000 events a second for as long.
const PAGES_REMEMBERED: usize = 700;
/// Pages of all campaigns that are remembered.
const ALL_PAGES_REMEMBERED: usize = 20_000;
/// A page that was last written so long before an event happened can't list it, in milliseconds.
const MARGIN_MS: i64 = 5 * MAX_SKEW_MS;

/// An event that is to have a number, with what it corrects in the sums.
#[derive(Debug, Clone, Copy)]
pub struct Unnumbered<'a> {
    pub event: &'a Event,
    pub corrections: &'a [Correction],
}

impl<'a> From<&'a Event> for Unnumbered<'a> {
    /// One that corrects nothing.
    fn from(event: &'a Event) -> Self {
        Self { event, corrections: &[] }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Page {
    /// The number of its first event.
    pub(crate) first: u64,
    /// Raised by every write.
    version: u64,
    /// The digests of its events, one behind the other.
    digests: String,
    /// What they correct.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "written")]
    pub(crate) corrections: Vec<Correction>,
    written_at: Timestamp,
}

/// The latest pages of some campaigns, as they were last read or written; latest first.
#[derive(Debug, Default)]
pub(crate) struct LatestPages(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    by_campaign: HashMap<String, VecDeque<Page>>,
    pages: usize,
}

impl LatestPages {
    /// What is remembered of a campaign, if it reaches back to before a moment.
    fn since(&self, pk: &str, since: Timestamp) -> Option<VecDeque<Page>> {
        let known = self.lock();
        let pages = known.by_campaign.get(pk)?;
        let oldest = pages.back()?;
        (oldest.first == 1 || oldest.written_at < since).then(|| pages.clone())
    }

    fn remember(&self, pk: &str, mut pages: VecDeque<Page>, now: Timestamp) {
        let reach = now.plus_ms(-REMEMBERED_MS);
        pages.truncate(reaching_back(&pages, reach).count().min(PAGES_REMEMBERED));
        let mut known = self.lock();
        known.forget(pk);
        if known.pages + pages.len() > ALL_PAGES_REMEMBERED {
            *known = Remembered::default();
        }
        known.pages += pages.len();
        known.by_campaign.insert(pk.to_owned(), pages);
    }

    /// Says whether there was anything to forget.
    fn forget(&self, pk: &str) -> bool {
        self.lock().forget(pk)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn forget(&mut self, pk: &str) -> bool {
        let Some(pages) = self.by_campaign.remove(pk) else { return false };
        self.pages -= pages.len();
        true
    }
}

/// The pages that were written since a moment, and the one before them.
fn reaching_back(pages: &VecDeque<Page>, since: Timestamp) -> impl Iterator<Item = &Page> {
    let later = pages.iter().take_while(move |page| page.written_at >= since).count();
    pages.iter().take(later + 1)
}

impl Page {
    fn len(&self) -> usize {
        self.digests.len() / DIGEST_LEN
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() >= PAGE_EVENTS
    }

    /// The number after its last.
    pub(crate) fn next(&self) -> u64 {
        self.first + self.len() as u64
    }

    fn numbers(&self) -> impl Iterator<Item = (&str, u64)> {
        let digests = (0..self.len()).map(|place| &self.digests[place * DIGEST_LEN..][..DIGEST_LEN]);
        digests.zip(self.first..)
    }
}

impl Store {
    /// The numbers of these events, in their order: the ones that they have, or the next.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; events that were numbered keep their numbers.
    pub async fn number_events(
        &self,
        ws: &WorkspaceId,
        campaign: Option<&CampaignId>,
        events: &[Unnumbered<'_>],
        now: Timestamp,
    ) -> Result<Vec<u64>, StoreError> {
        let Some(happened_at) = events.iter().map(|one| one.event.at).min() else { return Ok(Vec::new()) };
        let (pk, since) = (keys::event_pages(ws, campaign), happened_at.plus_ms(-MARGIN_MS));
        let mut tries = 0;
        let mut pages = match self.event_pages.since(&pk, since) {
            Some(pages) => pages,
            None => self.pages_since(&pk, since).await?,
        };
        loop {
            let known: HashMap<_, _> = reaching_back(&pages, since).flat_map(Page::numbers).collect();
            let number_of = |one: &Unnumbered<'_>| known.get(one.event.id.digest()).copied();
            let numbers = events.iter().map(number_of);
            if let Some(numbers) = numbers.collect::<Option<Vec<_>>>() {
                self.event_pages.remember(&pk, pages, now);
                return Ok(numbers);
            }
            let missing = events.iter().filter(|one| number_of(one).is_none());
            let page = filled(pages.front(), missing, now);
            if self.put_page(&pk, &page).await? {
                if page.version > 1 {
                    pages.pop_front();
                }
                pages.push_front(page);
            } else if tries < TRIES {
                // What is remembered is no cause to wait.
                if !self.event_pages.forget(&pk) {
                    self.table.back_off(tries).await;
                    tries += 1;
                }
                pages = self.pages_since(&pk, since).await?;
            } else {
                return Err(StoreError::contended("others kept numbering events"));
            }
        }
    }

    async fn put_page(&self, pk: &str, page: &Page) -> Result<bool, StoreError> {
        let key = Key { pk: pk.to_owned(), sk: keys::event_page(page.first) };
        if page.version == 1 {
            self.put_new(key, page).await
        } else {
            self.put_next(key, page, page.version).await
        }
    }

    /// The pages of a campaign from that with this first number on, in their order.
    pub(crate) async fn event_pages_from(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        first: u64,
    ) -> Result<Vec<Page>, StoreError> {
        let from = SortRange::From(keys::event_page(first));
        let items = self.query_all(Query::table(keys::event_pages(ws, Some(campaign))).range(from)).await?;
        items.into_iter().map(item::decode).collect()
    }

    /// The pages that were written since a moment, and the one before them: latest first.
    async fn pages_since(&self, pk: &str, since: Timestamp) -> Result<VecDeque<Page>, StoreError> {
        let mut pages = VecDeque::new();
        let mut query = Query::table(pk).descending().limit(PAGES_READ);
        loop {
            let read = self.page(query.clone()).await?;
            for item in read.items {
                let page: Page = item::decode(item)?;
                let is_older = page.written_at < since;
                pages.push_back(page);
                if is_older {
                    return Ok(pages);
                }
            }
            if read.next.is_none() {
                return Ok(pages);
            }
            query.start = read.next;
        }
    }
}

/// The latest page with more events, as many as it holds; or a new page, once that one is full.
fn filled<'a>(
    latest: Option<&Page>,
    missing: impl Iterator<Item = &'a Unnumbered<'a>>,
    now: Timestamp,
) -> Page {
    // Who took long, or has a slow clock, sets nothing back: a page that looks old hides those before it.
    let written_at = latest.map_or(now, |latest| latest.written_at.max(now));
    let mut page = match latest {
        Some(latest) if !latest.is_full() => {
            Page { version: latest.version + 1, written_at, ..latest.clone() }
        }
        latest => {
            let first = latest.map_or(1, Page::next);
            Page { first, version: 1, digests: String::new(), corrections: Vec::new(), written_at }
        }
    };
    for Unnumbered { event, corrections } in missing {
        let digest = event.id.digest();
        if !page.is_full() && !page.numbers().any(|(known, _)| known == digest) {
            page.digests.push_str(digest);
            page.corrections.extend_from_slice(corrections);
        }
    }
    page
}
