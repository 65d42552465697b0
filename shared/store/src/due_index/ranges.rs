//! How many leads wait in the due index, and when they fall due.
//!
//! A place of the index may hold a million leads, and a page of it some thousands. Of a stretch the first
//! page is read; what is left of it is given back in parts, which may be read at the same time.

use std::collections::BTreeMap;

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::base::zone::Zone;
use carillon_domain::records::lead::DueClass;
use carillon_domain::reporting::forecast::Due;

use crate::access::Store;
use crate::error::StoreError;
use crate::keys;
use crate::table::{Item, PageStart, Query, Select, SortRange, text_of};

/// Due times are told in steps of so many milliseconds.
pub const DUE_STEP_MS: i64 = 10 * MINUTE_MS;
/// Into as many parts the rest of one file is split.
const MAX_PARTS: u64 = 16;
/// A part that is smaller than this, in rows of a file, is not worth a request of its own.
const MIN_PART_ROWS: u64 = 3_000;
/// Characters of a moment at the beginning of a place in the index.
const MOMENT_LEN: usize = "2026-11-21T09:10:00.000Z".len();

/// Where leads of a campaign wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePlace {
    pub campaign: CampaignId,
    /// The class in which they wait.
    pub class: DueClass,
    /// Their zone, if leads of the class wait by zone.
    pub zone: Option<Zone>,
}

/// A stretch of a place, from one key to before another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueRange {
    from: Option<String>,
    to: Option<String>,
}

/// What was read of a stretch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueRangeRead {
    /// How many leads fall due when.
    pub due: Vec<Due>,
    /// What was not read of it.
    pub rest: Vec<DueRange>,
}

impl DueRange {
    /// What is due by this moment.
    pub fn due_by(now: Timestamp) -> Self {
        Self { from: None, to: Some(now.plus_ms(1).to_string()) }
    }

    /// What falls due after this moment.
    pub fn due_after(now: Timestamp) -> Self {
        Self { from: Some(now.plus_ms(1).to_string()), to: None }
    }

    /// From where this one begins to the end of its place.
    pub fn onwards(&self) -> Self {
        Self { from: self.from.clone(), to: None }
    }

    /// Splits what lies behind `read`, if `last` is the last key in it.
    fn behind(&self, read: &str, last: &str) -> Vec<Self> {
        // A space sorts before all that may stand there: the first key behind the one that was read.
        let mut bounds = vec![Some(format!("{read} "))];
        if let (Some((from_at, from_row)), Some((to_at, to_row))) = (point(read), point(last)) {
            if from_at < to_at {
                let middle = from_at.plus_ms(to_at.since_ms(from_at) / 2 + 1);
                bounds.push(Some(middle.to_string()));
            } else {
                let rows = to_row.saturating_sub(from_row);
                let parts = (rows / MIN_PART_ROWS).clamp(1, MAX_PARTS);
                let cuts = (1..parts).map(|part| from_row + rows * part / parts);
                bounds.extend(cuts.map(|row| Some(format!("{from_at}#{row:010}"))));
            }
        }
        bounds.push(self.to.clone());
        bounds.windows(2).map(|pair| Self { from: pair[0].clone(), to: pair[1].clone() }).collect()
    }

    /// When it begins; 1970 if it begins with its place.
    fn begins_at(&self) -> Timestamp {
        self.from.as_deref().and_then(moment).unwrap_or_default()
    }
}

impl Store {
    /// Reads a page of a stretch; the index may be stale.
    ///
    /// The due times are exact to [`DUE_STEP_MS`] and never too early, if they are asked for; else the leads
    /// are only counted, as of the moment at which the stretch begins.
    pub async fn due_stretch(
        &self,
        ws: &WorkspaceId,
        place: &DuePlace,
        due_range: &DueRange,
        is_timed: bool,
    ) -> Result<DueRangeRead, StoreError> {
        let select = if is_timed { Select::SortKeys } else { Select::Count };
        let page = self.page(due_query(ws, place, due_range).select(select)).await?;
        let due = if is_timed {
            stepped(&page.items)
        } else {
            let leads = u64::try_from(page.count).unwrap_or_default();
            vec![Due { at: due_range.begins_at(), leads }]
        };
        let rest = match page.next.as_ref().map(PageStart::sort_key) {
            None => Vec::new(),
            Some(read) => match self.last_of(ws, place, due_range).await? {
                Some(last) if last.as_str() > read => due_range.behind(read, &last),
                Some(_) | None => Vec::new(),
            },
        };
        Ok(DueRangeRead { due, rest })
    }

    /// The first leads of a stretch, at most `limit`; the index may be stale.
    pub async fn first_due(
        &self,
        ws: &WorkspaceId,
        place: &DuePlace,
        due_range: &DueRange,
        limit: usize,
    ) -> Result<Vec<LeadId>, StoreError> {
        let (mut leads, mut query) = (Vec::new(), due_query(ws, place, due_range));
        while leads.len() < limit {
            let page = self.page(query.clone().limit(limit - leads.len())).await?;
            leads.extend(page.items.iter().filter_map(|item| text_of(item, "sk")?.parse::<LeadId>().ok()));
            if page.next.is_none() {
                break;
            }
            query.start = page.next;
        }
        Ok(leads)
    }

    /// The last key of a stretch.
    async fn last_of(
        &self,
        ws: &WorkspaceId,
        place: &DuePlace,
        due_range: &DueRange,
    ) -> Result<Option<String>, StoreError> {
        let page = self.page(due_query(ws, place, due_range).descending().limit(1)).await?;
        Ok(page.items.first().and_then(|item| text_of(item, "gsi1sk")).map(ToOwned::to_owned))
    }
}

fn due_query(ws: &WorkspaceId, place: &DuePlace, range: &DueRange) -> Query {
    let pk = keys::due(ws, &place.campaign, place.class, place.zone.as_ref());
    // No key equals a bound.
    Query::index(pk).range(SortRange::between(range.from.clone(), range.to.clone()))
}

/// How many of these entries fall due by each step.
fn stepped(entries: &[Item]) -> Vec<Due> {
    let mut steps = BTreeMap::<Timestamp, u64>::new();
    for at in entries.iter().filter_map(|entry| moment(text_of(entry, "gsi1sk")?)) {
        *steps.entry(due_step(at)).or_default() += 1;
    }
    steps.into_iter().map(|(at, leads)| Due { at, leads }).collect()
}

/// The end of the step of [`DUE_STEP_MS`] that a moment lies in.
pub fn due_step(at: Timestamp) -> Timestamp {
    let over_ms = at.as_millis().rem_euclid(DUE_STEP_MS);
    if over_ms == 0 { at } else { at.plus_ms(DUE_STEP_MS - over_ms) }
}

fn moment(key: &str) -> Option<Timestamp> {
    key.get(..MOMENT_LEN)?.parse().ok()
}

/// When the entry under this key falls due, and the row of its lead.
fn point(key: &str) -> Option<(Timestamp, u64)> {
    let row = key.split('#').nth(1)?;
    Some((moment(key)?, row.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_252_200_000);

    fn key(at: Timestamp, row: u64, lead: &str) -> String {
        format!("{at}#{row:010}#lead_{lead}")
    }

    /// Every key behind the one that was read lies in exactly one part, and no other does.
    fn check(read: &str, keys: &[String]) -> usize {
        let last = keys.iter().max().expect("some");
        let parts = DueRange::default().behind(read, last);
        for key in keys {
            let holding = parts.iter().filter(|part| {
                part.from.as_ref().is_none_or(|from| key >= from)
                    && part.to.as_ref().is_none_or(|to| key < to)
            });
            assert_eq!(holding.count(), usize::from(key.as_str() > read), "{key}");
        }
        parts.len()
    }

    #[test]
    fn the_rest_of_one_file_is_split_by_rows() {
        let keys: Vec<_> = (0..200_000).step_by(7).map(|row| key(AT, row, "A")).collect();
        assert_eq!(check(&keys[500], &keys), 16);
        assert_eq!(check(&keys[28_000], &keys), 1, "a small rest stays whole");
    }

    #[test]
    fn the_rest_of_many_moments_is_split_by_time() {
        let keys: Vec<_> = (0..9).map(|n| key(AT.plus_ms(n * n), 0, "A")).collect();
        for read in &keys[..8] {
            assert_eq!(check(read, &keys), 2);
        }
    }

    #[test]
    fn leads_of_one_moment_and_row_are_not_counted_twice() {
        let keys = ["A", "B", "C"].map(|lead| key(AT, 0, lead));
        assert_eq!(check(&keys[1], &keys), 1);
    }

    #[test]
    fn a_step_is_never_too_early() {
        let exact = Timestamp::from_millis(3 * DUE_STEP_MS);
        assert_eq!(due_step(exact), exact);
        assert_eq!(due_step(exact.plus_ms(1)), exact.plus_ms(DUE_STEP_MS));
    }
}
