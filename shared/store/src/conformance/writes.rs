//! Single writes, their conditions, and batches.

use super::*;
use crate::table::{Change, Inserted, MAX_BATCH_INSERTS, MAX_BATCH_KEYS};

pub(super) async fn items_are_put_read_and_deleted(bench: &Bench<'_>) {
    let nested = map([("list", AttributeValue::L(vec![number(-1), AttributeValue::Null(true)]))]);
    let rich = bench.item(
        "a",
        [
            ("text", text("ä")),
            ("empty", text("")),
            ("number", number("1.5")),
            ("yes", AttributeValue::Bool(true)),
            ("bytes", AttributeValue::B((0..=u8::MAX).collect())),
            ("set", set(&["x", "y"])),
            ("nested", nested),
            // Long over: only a sweep removes it.
            ("expires_at", number(1)),
        ],
    );
    assert_eq!(bench.stored("a").await, None);
    bench.put(rich.clone()).await;
    assert_eq!(bench.stored("a").await, Some(rich));
    let plain = bench.item("a", [("other", number(0))]);
    bench.put(plain.clone()).await;
    assert_eq!(bench.stored("a").await, Some(plain), "an item replaces what was there");
    for _ in 0..2 {
        bench.table.write(ItemWrite::delete(bench.key("a"))).await.expect("gone, once or twice");
        assert_eq!(bench.stored("a").await, None);
    }
}

pub(super) async fn conditions_hold_or_do_not(bench: &Bench<'_>) {
    let attributes = || {
        let state = map([("name", text("claimed")), ("at", number(3))]);
        [("n", number(10)), ("t", text("b")), ("s", set(&["x", "y"])), ("state", state)]
    };
    bench.put(bench.item("a", attributes())).await;
    let equals = Condition::Equals;
    let yes = || equals("n", number(10));
    let no = || equals("n", number(11));
    let cases = [
        (Condition::NoItem, false),
        (Condition::Present("n"), true),
        (Condition::Present("gone"), false),
        (Condition::Absent("gone"), true),
        (Condition::Absent("state.name"), false),
        (Condition::Absent("state.gone"), true),
        (Condition::Absent("n.name"), true),
        (equals("n", number("10.0")), true),
        (equals("n", text("10")), false),
        (equals("gone", number(1)), false),
        (equals("state.name", text("claimed")), true),
        (equals("state.name", text("dialling")), false),
        (equals("state", map([("at", number(3)), ("name", text("claimed"))])), true),
        (equals("state", map([("name", text("claimed"))])), false),
        (equals("s", set(&["y", "x"])), true),
        (equals("s", set(&["x"])), false),
        (Condition::LessThan("n", number(9)), false),
        (Condition::LessThan("n", number(100)), true),
        (Condition::LessThan("t", text("ba")), true),
        (Condition::LessThan("t", text("b")), false),
        (Condition::LessThan("t", number(9)), false),
        (Condition::LessThan("gone", number(9)), false),
        (Condition::AtLeast("n", number(10)), true),
        (Condition::AtLeast("t", text("c")), false),
        (Condition::AtLeast("gone", text("")), false),
        (Condition::Contains("s", "x".to_owned()), true),
        (Condition::Contains("s", "z".to_owned()), false),
        (Condition::Contains("gone", "x".to_owned()), false),
        (Condition::FewerThan("s", 3), true),
        (Condition::FewerThan("s", 2), false),
        (Condition::FewerThan("gone", 2), false),
        (yes().and(no()), false),
        (yes().or(no()), true),
        (no().or(no()).or(yes()), true),
        (no().or(yes()).and(no().or(no())), false),
    ];
    for (condition, expected) in cases {
        let put = ItemWrite::put(bench.item("a", attributes())).when(condition.clone());
        match bench.table.write(put).await {
            Ok(_) => assert!(expected, "{condition:?} held"),
            Err(TableError::ConditionFailed) => assert!(!expected, "{condition:?} did not hold"),
            Err(error) => panic!("{condition:?}: {error}"),
        }
    }
    for condition in [Condition::NoItem, Condition::Absent("n")] {
        let deletion = ItemWrite::delete(bench.key("b")).when(condition);
        bench.table.write(deletion).await.expect("there is nothing");
    }
    let refused = bench.table.write(ItemWrite::delete(bench.key("a")).when(no())).await;
    assert!(matches!(refused, Err(TableError::ConditionFailed)));
    assert_eq!(bench.stored("a").await, Some(bench.item("a", attributes())));
}

pub(super) async fn updates_change_what_they_name(bench: &Bench<'_>) {
    let update = async |changes| {
        let changed = bench.table.write(ItemWrite::update(bench.key("a"), changes)).await;
        changed.map(|item| in_order(item.expect("an update answers with the item")))
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let first = update(vec![Change::Add("n", 2), Change::Include("s", texts(&["b", "a"]))]).await;
    let expected = bench.item("a", [("n", number(2)), ("s", set(&["a", "b"]))]);
    assert_eq!(first.expect("an item that is not there begins empty"), expected);
    let changes = vec![
        Change::Set("t", text("x")),
        Change::Add("n", -5),
        Change::Include("s", texts(&["b", "c"])),
        Change::Remove("gone"),
    ];
    let expected = bench.item("a", [("n", number(-3)), ("s", set(&["a", "b", "c"])), ("t", text("x"))]);
    assert_eq!(update(changes).await.expect("changed"), expected);
    let changes = vec![
        Change::Set("n", number(7)),
        Change::Exclude("s", "b".to_owned()),
        Change::Exclude("gone", "b".to_owned()),
        Change::Remove("t"),
    ];
    let expected = bench.item("a", [("n", number(7)), ("s", set(&["a", "c"]))]);
    assert_eq!(update(changes).await.expect("changed"), expected);
    for text in ["a", "z", "c"] {
        update(vec![Change::Exclude("s", text.to_owned())]).await.expect("changed");
    }
    let expected = bench.item("a", [("n", number(7))]);
    assert_eq!(bench.stored("a").await, Some(expected.clone()), "an empty set is not kept");

    assert!(is_invalid(&update(vec![Change::Add("n", 1), Change::Include("n", texts(&["x"]))]).await));
    assert!(is_invalid(&update(vec![Change::Exclude("n", "x".to_owned())]).await), "a number is no set");
    let guarded = ItemWrite::update(bench.key("a"), vec![Change::Add("n", 1)]).when(Condition::Absent("n"));
    assert!(matches!(bench.table.write(guarded).await, Err(TableError::ConditionFailed)));
    assert_eq!(bench.stored("a").await, Some(expected));
}

pub(super) async fn batches_read_and_insert_item_by_item(bench: &Bench<'_>) {
    let items: Vec<_> = ["a", "b", "c"].map(|sk| bench.item(sk, [("n", number(1))])).into();
    bench.put(bench.item("b", [("n", number(9))])).await;
    let inserted = bench.table.insert_batch(items.clone()).await.expect("a batch");
    assert_eq!(inserted, [Inserted::Done, Inserted::Exists, Inserted::Done]);
    assert_eq!(bench.stored("b").await, Some(bench.item("b", [("n", number(9))])));
    let keys = ["c", "gone", "a"].map(|sk| bench.key(sk));
    let read = bench.table.get_batch(keys.into()).await.expect("a batch");
    let mut found = sort_keys(&read.items, "sk");
    found.sort_unstable();
    assert_eq!((found, read.unread), (vec!["a", "c"], vec![]));

    assert!(is_invalid(&bench.table.get_batch(vec![bench.key("a"), bench.key("a")]).await));
    assert!(is_invalid(&bench.table.get_batch(Vec::new()).await));
    assert!(is_invalid(&bench.table.insert_batch(vec![bench.item("d", []), bench.item("d", [])]).await));
    let many = |most: usize| (0..=most).map(|n| n.to_string());
    let keys = many(MAX_BATCH_KEYS).map(|sk| bench.key(&sk)).collect();
    assert!(is_invalid(&bench.table.get_batch(keys).await));
    let items = many(MAX_BATCH_INSERTS).map(|sk| bench.item(&sk, [])).collect();
    assert!(is_invalid(&bench.table.insert_batch(items).await));
    assert_eq!(bench.stored("0").await, None);
}

pub(super) async fn what_does_not_fit_is_not_written(bench: &Bench<'_>) {
    let sized = |bytes: usize| bench.item("a", [("t", text("x".repeat(bytes)))]);
    bench.put(sized(399 << 10)).await;
    assert!(is_invalid(&bench.table.write(ItemWrite::put(sized(400 << 10))).await));
    assert_eq!(bench.stored("a").await, Some(sized(399 << 10)));
}
