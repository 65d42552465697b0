//! The one index: sparse, keys only, sorted by its own key.

use super::*;
use crate::table::{Change, Direction, Query, SortRange};

/// An index may be behind; it is asked again this often.
const LOOKS: u32 = 50;

impl Bench<'_> {
    /// Waits until the index answers so.
    async fn index_is(&self, expected: &[&str]) {
        let mut found = Vec::new();
        for tries in 0..LOOKS {
            found = self.read(Query::index(&self.pk), "sk").await.0;
            if found == expected {
                return;
            }
            self.table.back_off(tries).await;
        }
        panic!("the index has {found:?} instead of {expected:?}");
    }
}

pub(super) async fn the_index_is_sparse_and_follows(bench: &Bench<'_>) {
    bench.put(bench.item("plain", [])).await;
    bench.put(bench.item("half", [("gsi1pk", text(&bench.pk))])).await;
    bench.put(bench.indexed("a", "2")).await;
    let other = bench.indexed("b", "1");
    bench.table.insert_batch(vec![other]).await.expect("an insert");
    bench.index_is(&["b", "a"]).await;

    let entry = bench.page(Query::index(&bench.pk).limit(1)).await.items.remove(0);
    let mut expected = bench.indexed("b", "1");
    expected.remove("note");
    assert_eq!(entry, expected, "keys only");

    let moved = vec![Change::Set("gsi1sk", text("0"))];
    bench.table.write(ItemWrite::update(bench.key("a"), moved)).await.expect("moved");
    bench.index_is(&["a", "b"]).await;
    let left = vec![Change::Remove("gsi1pk"), Change::Remove("gsi1sk")];
    let gone = ItemWrite::delete(bench.key("b")).when(Condition::Present("note"));
    let leave = vec![ItemWrite::update(bench.key("a"), left), gone];
    bench.table.transact(leave).await.expect("both leave");
    bench.index_is(&[]).await;
    bench.put(bench.indexed("a", "3")).await;
    bench.index_is(&["a"]).await;
    bench.put(bench.item("a", [])).await;
    bench.index_is(&[]).await;
}

pub(super) async fn pages_of_the_index_go_on_among_equals(bench: &Bench<'_>) {
    for sk in ["a", "b", "c", "d", "e"] {
        bench.put(bench.indexed(sk, if sk == "e" { "0" } else { "1" })).await;
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let query = Query { direction, ..Query::index(&bench.pk).limit(2) };
        let mut tries = 0;
        loop {
            let (mut read, _) = bench.read(query.clone(), "sk").await;
            // The equal ones may stand in any order.
            let lowest = if direction == Direction::Ascending { 0 } else { read.len().saturating_sub(1) };
            let is_first = read.get(lowest).is_some_and(|sk| sk == "e");
            read.sort();
            if is_first && read == ["a", "b", "c", "d", "e"] {
                break;
            }
            assert!(tries < LOOKS, "{direction:?}: {read:?}");
            tries += 1;
            bench.table.back_off(tries).await;
        }
    }
    let ranged = |range| bench.read(Query::index(&bench.pk).range(range), "gsi1sk");
    assert_eq!(ranged(SortRange::Before("1".to_owned())).await.0, ["0"]);
    assert_eq!(ranged(SortRange::After("0".to_owned())).await.0, ["1"; 4]);
    assert_eq!(ranged(SortRange::Between("0".to_owned(), "1".to_owned())).await.0.len(), 5);
}
