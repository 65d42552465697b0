//! Partitions in the order of their sort keys.

use super::*;
use crate::table::{Direction, Page, Query, Select, SortRange};

impl Bench<'_> {
    pub(super) async fn page(&self, query: Query) -> Page {
        self.table.query(query).await.expect("a page")
    }

    /// The sort keys of all pages, and of how many items each page was.
    pub(super) async fn read(&self, mut query: Query, name: &str) -> (Vec<String>, Vec<usize>) {
        let (mut keys, mut counts) = (Vec::new(), Vec::new());
        loop {
            let page = self.page(query.clone()).await;
            keys.extend(sort_keys(&page.items, name).into_iter().map(ToOwned::to_owned));
            counts.push(page.count);
            if page.next.is_none() {
                return (keys, counts);
            }
            query.start = page.next;
        }
    }
}

pub(super) async fn ranges_are_by_bytes_in_both_directions(bench: &Bench<'_>) {
    let stored = ["A", "Z", "a", "a#1", "a#10", "a#2", "a$", "ab", "b", "ä", "日"];
    for sk in stored.iter().rev() {
        bench.put(bench.item(sk, [("n", number(1))])).await;
    }
    let owned = |text: &str| text.to_owned();
    let ranges: [(SortRange, &[&str]); 9] = [
        (SortRange::All, &stored),
        (SortRange::StartsWith(owned("a#")), &stored[3..6]),
        (SortRange::StartsWith(owned("x")), &[]),
        (SortRange::Before(owned("a$")), &stored[..6]),
        (SortRange::After(owned("a#1")), &stored[4..]),
        (SortRange::From(owned("a#1")), &stored[3..]),
        (SortRange::From(owned("日本")), &[]),
        (SortRange::Between(owned("a"), owned("a#2")), &stored[2..6]),
        (SortRange::Between(owned("a#0"), owned("a#3")), &stored[3..6]),
    ];
    for (range, expected) in ranges {
        let query = Query::table(&bench.pk).range(range.clone());
        let page = bench.page(query.clone()).await;
        assert_eq!(sort_keys(&page.items, "sk"), expected, "{range:?}");
        assert_eq!((page.count, page.next), (expected.len(), None), "{range:?}");
        let backwards = bench.page(query.clone().descending()).await;
        assert!(sort_keys(&backwards.items, "sk").iter().eq(expected.iter().rev()), "{range:?} backwards");
        let counted = bench.page(query.clone().select(Select::Count)).await;
        assert_eq!((counted.items, counted.count), (vec![], expected.len()), "{range:?} counted");
        let keys = bench.page(query.select(Select::SortKeys)).await.items;
        assert!(keys.iter().all(|item| item.len() == 1));
        assert_eq!(sort_keys(&keys, "sk"), expected, "the keys of {range:?}");
    }
    assert_eq!(bench.page(Query::table(format!("{}#none", bench.pk))).await, Page::default());
}

pub(super) async fn pages_go_on_where_they_ended(bench: &Bench<'_>) {
    let stored: Vec<_> = (0..10).map(|n| format!("{n:02}")).collect();
    for sk in &stored {
        bench.put(bench.item(sk, [])).await;
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let range = SortRange::From("02".to_owned());
        let query = Query { direction, ..Query::table(&bench.pk).range(range).limit(3) };
        let (mut read, counts) = bench.read(query, "sk").await;
        if direction == Direction::Descending {
            read.reverse();
        }
        assert_eq!((read, counts), (stored[2..].to_vec(), vec![3, 3, 2]));
    }
    // The table does not look beyond the limit: it may turn out that nothing follows.
    let (read, counts) = bench.read(Query::table(&bench.pk).limit(5), "sk").await;
    assert_eq!((read, counts), (stored, vec![5, 5, 0]));
}

pub(super) async fn a_filter_leaves_out_what_was_looked_at(bench: &Bench<'_>) {
    for n in 0..6 {
        let state = map([("name", text(if n % 3 == 0 { "kept" } else { "left" }))]);
        bench.put(bench.item(&n.to_string(), [("state", state)])).await;
    }
    let filter = Condition::Equals("state.name", text("kept"));
    let query = Query::table(&bench.pk).filter(filter).limit(2);
    let (read, counts) = bench.read(query.clone(), "sk").await;
    assert_eq!((read, counts), (vec!["0".to_owned(), "3".to_owned()], vec![1, 1, 0, 0]));
    let (read, counts) = bench.read(query.select(Select::Count), "sk").await;
    assert_eq!((read, counts), (vec![], vec![1, 1, 0, 0]));
}

pub(super) async fn a_page_ends_after_a_megabyte(bench: &Bench<'_>) {
    let stored: Vec<_> = (0..8).map(|n| n.to_string()).collect();
    for sk in &stored {
        bench.put(bench.item(sk, [("t", text("x".repeat(300 << 10)))])).await;
    }
    let (read, counts) = bench.read(Query::table(&bench.pk).select(Select::Items), "sk").await;
    assert_eq!(read, stored);
    assert!(counts.len() > 1 && counts.iter().all(|count| *count < 5), "{counts:?}");
}
