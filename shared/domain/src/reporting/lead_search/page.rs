//! Choosing a page of leads from all entries of an index, in the memory that a page takes.

use std::cmp::Ordering;

use super::entry::IndexedLead;
use super::sort::{LeadPlace, LeadSort};
use crate::records::lead::LeadFilter;

/// So many pages are found before they are sorted and cut to one.
const PAGES_SORTED: usize = 8;

/// Looks for the leads of one page. It is shown each lead of a campaign once, in any order.
#[derive(Debug, Clone)]
pub struct PageSearch {
    filter: LeadFilter,
    sort: LeadSort,
    /// The last place that was seen.
    behind: Option<LeadPlace>,
    limit: usize,
    /// The first places found, in no order, and up to so many that they are sorted seldom.
    found: Vec<LeadPlace>,
    /// No place from here on can be on the page.
    bound: Option<LeadPlace>,
    total: u64,
}

/// A page of leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPage {
    /// Where they stand, in order.
    pub places: Vec<LeadPlace>,
    /// Whether others come after them.
    pub is_more: bool,
    /// How many leads the filter takes, on all pages.
    pub total: u64,
}

impl PageSearch {
    pub const fn new(filter: LeadFilter, sort: LeadSort, behind: Option<LeadPlace>, limit: usize) -> Self {
        Self { filter, sort, behind, limit, found: Vec::new(), bound: None, total: 0 }
    }

    pub fn show<S: AsRef<str>>(&mut self, lead: &IndexedLead<S>) {
        if !self.filter.takes(lead) {
            return;
        }
        self.total += 1;
        let place = self.sort.place(lead);
        let is_before = |one: &LeadPlace, other: &LeadPlace| self.sort.compare(one, other) == Ordering::Less;
        let is_seen = self.behind.as_ref().is_some_and(|behind| !is_before(behind, &place));
        if is_seen || self.bound.as_ref().is_some_and(|bound| !is_before(&place, bound)) {
            return;
        }
        self.found.push(place);
        if self.found.len() >= PAGES_SORTED * (self.limit + 1) {
            self.cut();
        }
    }

    /// The page, once all leads were shown.
    pub fn finish(mut self) -> FoundPage {
        self.cut();
        let is_more = self.found.len() > self.limit;
        self.found.truncate(self.limit);
        FoundPage { places: self.found, is_more, total: self.total }
    }

    /// Keeps those of the page, and one that shows whether there are more.
    fn cut(&mut self) {
        self.found.sort_unstable_by(|one, other| self.sort.compare(one, other));
        self.found.truncate(self.limit + 1);
        if self.found.len() > self.limit {
            self.bound = self.found.last().cloned();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::records::lead::{StatusFilter, TextSearch};

    const SORTS: [LeadSort; 10] = [
        LeadSort::FileOrder,
        LeadSort::FileOrderBackwards,
        LeadSort::Oldest,
        LeadSort::Newest,
        LeadSort::Name,
        LeadSort::NameBackwards,
        LeadSort::LastCall,
        LeadSort::LatestCall,
        LeadSort::ShortestCall,
        LeadSort::LongestCall,
    ];

    fn lead(nth: usize, name: Option<&str>, status: &str, called_ms: Option<i64>) -> IndexedLead<String> {
        IndexedLead {
            number_hash: format!("{nth:016}"),
            version: 1,
            arrived_ms: (nth % 3) as i64,
            row: (nth / 3) as u64,
            created_ms: (nth % 5) as i64,
            status: status.to_owned(),
            outcome: None,
            last_call_ms: called_ms,
            last_call_secs: called_ms.map(|ms| u32::try_from(ms % 7).expect("small")),
            name: name.map(str::to_owned),
            primary_number: format!("+4930{nth:06}"),
            other_numbers: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn drawn() -> impl Strategy<Value = Vec<IndexedLead<String>>> {
        let name = prop::option::of(prop::sample::select(vec!["Ida", "ida", "Émile", "Bo Ida", "Zoë"]));
        let status = prop::sample::select(vec!["pending", "completed", "failed"]);
        let called = prop::option::of(0..40_i64);
        prop::collection::vec((name, status, called), 0..120).prop_map(|drawn| {
            let leads = drawn.into_iter().enumerate();
            leads.map(|(nth, (name, status, called))| lead(nth, name, status, called)).collect()
        })
    }

    fn pages(
        leads: &[IndexedLead<String>],
        filter: &LeadFilter,
        sort: LeadSort,
        limit: usize,
    ) -> Vec<Vec<String>> {
        let (mut pages, mut behind) = (Vec::new(), None);
        loop {
            let mut search = PageSearch::new(filter.clone(), sort, behind, limit);
            leads.iter().for_each(|lead| search.show(lead));
            let page = search.finish();
            behind = page.places.last().cloned();
            pages.push(page.places.into_iter().map(|place| place.number_hash).collect());
            if !page.is_more {
                return pages;
            }
        }
    }

    proptest! {
        #[test]
        fn pages_together_are_all_leads_that_are_looked_for_in_their_order(
            leads in drawn(),
            sort in prop::sample::select(SORTS.to_vec()),
            limit in 1..9_usize,
            is_searched: bool,
        ) {
            let filter = LeadFilter {
                status: is_searched.then_some(StatusFilter::Done),
                search: if is_searched { TextSearch::new("IDA") } else { None },
                ..LeadFilter::default()
            };
            let found = pages(&leads, &filter, sort, limit);
            prop_assert!(found.iter().rev().skip(1).all(|page| page.len() == limit));
            let mut expected: Vec<_> = leads.iter().filter(|lead| filter.takes(*lead)).collect();
            expected.sort_by(|one, other| sort.compare(&sort.place(one), &sort.place(other)));
            let expected: Vec<_> = expected.into_iter().map(|lead| lead.number_hash.clone()).collect();
            prop_assert_eq!(found.concat(), expected);
        }

        #[test]
        fn what_stands_still_is_seen_once_whatever_comes_and_goes(
            leads in drawn(),
            sort in prop::sample::select(SORTS.to_vec()),
            limit in 1..9_usize,
        ) {
            // Every third lead is there for every other page only.
            let is_still = |lead: &IndexedLead<String>| !lead.row.is_multiple_of(3);
            let (mut seen, mut behind, mut nth) = (Vec::new(), None, 0);
            loop {
                let mut search = PageSearch::new(LeadFilter::default(), sort, behind, limit);
                let there = leads.iter().filter(|lead| is_still(lead) || nth % 2 == 0);
                there.for_each(|lead| search.show(lead));
                let page = search.finish();
                behind = page.places.last().cloned();
                nth += 1;
                seen.extend(page.places.into_iter().map(|place| place.number_hash));
                if !page.is_more {
                    break;
                }
            }
            let still: Vec<_> = leads.iter().filter(|lead| is_still(lead)).map(|lead| &lead.number_hash).collect();
            for hash in still {
                prop_assert_eq!(seen.iter().filter(|one| *one == hash).count(), 1);
            }
        }
    }

    #[test]
    fn who_lacks_what_is_sorted_by_comes_last_either_way() {
        let leads = [lead(0, None, "pending", None), lead(1, Some("Bo"), "pending", Some(9))];
        for sort in [LeadSort::Name, LeadSort::NameBackwards, LeadSort::LastCall, LeadSort::LongestCall] {
            let found = pages(&leads, &LeadFilter::default(), sort, 10).concat();
            assert_eq!(found, [leads[1].number_hash.clone(), leads[0].number_hash.clone()], "{sort:?}");
        }
    }

    #[test]
    fn a_part_of_a_name_or_number_finds_and_the_total_counts_all_pages() {
        let leads = [lead(12, Some("Zoë Ek"), "pending", None), lead(3, Some("Bo"), "failed", None)];
        let count = |text: &str| {
            let filter = LeadFilter { search: TextSearch::new(text), ..LeadFilter::default() };
            let mut search = PageSearch::new(filter, LeadSort::Name, None, 1);
            leads.iter().for_each(|lead| search.show(lead));
            search.finish().total
        };
        let counts = ["ZOË", "o", "+49 (30) 0000", "000012", "49-30", "nobody", "bo"].map(count);
        assert_eq!(counts, [1, 2, 2, 1, 2, 0, 1]);
    }
}
