//! Writes that happen all or not at all.

use super::*;
use crate::table::{Cancellation, Change, MAX_TRANSACTION_WRITES};

fn cancelled(result: Result<(), TableError>) -> Vec<Cancellation> {
    match result {
        Err(TableError::Cancelled(reasons)) => reasons,
        other => panic!("expected a cancelled transaction, got {other:?}"),
    }
}

pub(super) async fn a_transaction_is_done_as_a_whole(bench: &Bench<'_>) {
    bench.put(bench.item("old", [])).await;
    let is_free = || ItemWrite::put(bench.item("new", [])).when(Condition::NoItem);
    let remove = || ItemWrite::delete(bench.key("old")).when(Condition::Present("pk"));
    let count = || ItemWrite::update(bench.key("sum"), vec![Change::Add("n", 2)]);
    bench.table.transact(vec![is_free(), remove(), count()]).await.expect("all of them");
    let sum = Some(bench.item("sum", [("n", number(2))]));
    assert_eq!(bench.stored("new").await, Some(bench.item("new", [])));
    assert_eq!((bench.stored("old").await, bench.stored("sum").await), (None, sum.clone()));

    bench.put(bench.item("old", [])).await;
    let reasons = cancelled(bench.table.transact(vec![remove(), count(), is_free()]).await);
    assert_eq!(reasons, [Cancellation::None, Cancellation::None, Cancellation::ConditionFailed]);
    assert_eq!(bench.stored("old").await, Some(bench.item("old", [])));
    assert_eq!(bench.stored("sum").await, sum);
}

pub(super) async fn a_refusal_names_its_writes(bench: &Bench<'_>) {
    bench.put(bench.item("a", [("version", number(2))])).await;
    let over = |version: u64| {
        let item = bench.item("a", [("version", number(version + 1))]);
        ItemWrite::put(item).when(Condition::Equals("version", number(version)))
    };
    let other = || ItemWrite::put(bench.item("b", [])).when(Condition::NoItem);
    let missing = || ItemWrite::delete(bench.key("c")).when(Condition::Present("pk"));
    let reasons = cancelled(bench.table.transact(vec![over(1), other(), missing()]).await);
    assert_eq!(reasons, [Cancellation::ConditionFailed, Cancellation::None, Cancellation::ConditionFailed]);
    bench.table.transact(vec![other(), over(2)]).await.expect("both hold");
    let reasons = cancelled(bench.table.transact(vec![over(2)]).await);
    assert_eq!(reasons, [Cancellation::ConditionFailed]);
}

pub(super) async fn malformed_transactions_are_refused(bench: &Bench<'_>) {
    let puts = |n: usize| (0..n).map(|n| ItemWrite::put(bench.item(&n.to_string(), []))).collect::<Vec<_>>();
    let twice = vec![ItemWrite::put(bench.item("a", [])), ItemWrite::delete(bench.key("a"))];
    assert!(is_invalid(&bench.table.transact(twice).await));
    assert!(is_invalid(&bench.table.transact(puts(MAX_TRANSACTION_WRITES + 1)).await));
    assert_eq!((bench.stored("a").await, bench.stored("0").await), (None, None));
    bench.table.transact(puts(MAX_TRANSACTION_WRITES)).await.expect("as many as there may be");
}

/// Sums that meet one another are sent again, as the store does.
pub(super) async fn sums_lose_nothing(bench: &Bench<'_>) {
    const SUMS: i64 = 40;
    let add = async |by| loop {
        let sums = vec![ItemWrite::update(bench.key("sum"), vec![Change::Add("n", by)])];
        match bench.table.transact(sums).await {
            Ok(()) => return,
            Err(TableError::Cancelled(reasons)) if reasons == [Cancellation::Conflict] => {
                bench.table.back_off(1).await;
            }
            Err(error) => panic!("{error}"),
        }
    };
    futures_util::future::join_all((1..=SUMS).map(add)).await;
    assert_eq!(bench.stored("sum").await, Some(bench.item("sum", [("n", number(SUMS * (SUMS + 1) / 2))])));
}
