//! The embedded table and the one in memory answer alike: what DynamoDB is known to do, and what chance asks.

use std::collections::BTreeMap;

use carillon_local::TABLE;
use carillon_local::table::EmbeddedTable;
use carillon_store::conformance;
use carillon_store::table::Key;
use carillon_store::table::{
    AttributeValue, Change, Condition, Direction, Inserted, Item, ItemWrite, Page, Query, Select, SortRange,
    Table, TableError,
};
use carillon_store::{DynamoTable, MemoryTable, create_table};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Sequences of requests that are compared.
const RUNS: u32 = 96;
/// Most requests of one.
const REQUESTS: usize = 60;

async fn embedded() -> DynamoTable {
    let client = EmbeddedTable::in_memory().expect("a table").client();
    create_table(&client, TABLE).await.expect("a table");
    DynamoTable::new(client, TABLE)
}

#[tokio::test]
async fn the_embedded_table_answers_as_dynamodb_does() {
    conformance::check(&embedded().await, "run").await;
}

#[test]
fn memory_answers_as_the_embedded_table_whatever_is_asked() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let table = runtime.block_on(embedded());
    let mut runner = TestRunner::new(Config { cases: RUNS, failure_persistence: None, ..Config::default() });
    let requests = prop::collection::vec(request(), 1..REQUESTS);
    let compared = runner.run(&requests, |requests| {
        runtime.block_on(async {
            let memory = MemoryTable::default();
            empty(&table).await;
            for request in requests {
                let (one, other) = (ask(&memory, &request).await, ask(&table, &request).await);
                prop_assert_eq!(one, other, "{:?}", request);
            }
            Ok(())
        })
    });
    compared.unwrap_or_else(|error| panic!("{error}"));
}

#[derive(Debug, Clone)]
enum Request {
    Get(Key),
    GetBatch(Vec<Key>),
    Query(Query),
    Write(ItemWrite),
    Transact(Vec<ItemWrite>),
    InsertBatch(Vec<Item>),
}

/// What can be compared of an answer.
#[derive(Debug, PartialEq)]
enum Answer {
    Items(Vec<BTreeMap<String, AttributeValue>>),
    Page { items: Vec<BTreeMap<String, AttributeValue>>, count: usize, is_last: bool },
    Inserted(Vec<Inserted>),
    Done,
    Failed(String),
}

async fn ask(table: &dyn Table, request: &Request) -> Answer {
    let failed = |error: TableError| match error {
        TableError::Unanswered { code, .. } => Answer::Failed(code),
        other => Answer::Failed(other.to_string()),
    };
    let item = |item: Option<Item>| Answer::Items(item.into_iter().map(in_order).collect());
    match request.clone() {
        Request::Get(key) => table.get(key).await.map_or_else(failed, item),
        Request::GetBatch(keys) => table.get_batch(keys).await.map_or_else(failed, |read| {
            let mut items: Vec<_> = read.items.into_iter().map(in_order).collect();
            items.sort_by_key(|item| format!("{:?}", (&item["pk"], &item["sk"])));
            Answer::Items(items)
        }),
        Request::Query(query) => read(table, query).await.map_or_else(failed, |page| Answer::Page {
            items: page.items.into_iter().map(in_order).collect(),
            count: page.count,
            is_last: page.next.is_none(),
        }),
        Request::Write(write) => table.write(write).await.map_or_else(failed, item),
        Request::Transact(writes) => table.transact(writes).await.map_or_else(failed, |()| Answer::Done),
        Request::InsertBatch(items) => table.insert_batch(items).await.map_or_else(failed, Answer::Inserted),
    }
}

/// The page after the first, if there is one: that is how pages are read.
async fn read(table: &dyn Table, query: Query) -> Result<Page, TableError> {
    let first = table.query(query.clone()).await?;
    match first.next {
        None => Ok(first),
        next => table.query(query.start(next)).await,
    }
}

async fn empty(table: &DynamoTable) {
    for pk in PARTITIONS {
        let page = table.query(Query::table(pk)).await.expect("a page");
        for key in page.items.iter().filter_map(Key::of) {
            table.write(ItemWrite::delete(key)).await.expect("it goes");
        }
    }
}

fn in_order(item: Item) -> BTreeMap<String, AttributeValue> {
    let ordered = |mut value| {
        if let AttributeValue::Ss(texts) = &mut value {
            texts.sort();
        }
        value
    };
    item.into_iter().map(|(name, value)| (name, ordered(value))).collect()
}

const PARTITIONS: [&str; 2] = ["p", "q"];
const SORT_KEYS: [&str; 5] = ["a", "a#1", "a#2", "b", "ä"];
const TEXTS: [&str; 4] = ["", "x", "y", "a#1"];
const NAMES: [&str; 3] = ["one", "two", "state.name"];

fn any_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(texts).prop_map(ToOwned::to_owned)
}

fn key() -> impl Strategy<Value = Key> + Clone {
    (any_of(&PARTITIONS), any_of(&SORT_KEYS)).prop_map(|(pk, sk)| Key { pk, sk })
}

fn value() -> impl Strategy<Value = AttributeValue> + Clone {
    let texts = prop::collection::btree_set(any_of(&TEXTS[1..]), 1..3);
    let scalar = prop_oneof![
        any_of(&TEXTS).prop_map(AttributeValue::S),
        (-3_i64..12).prop_map(|n| AttributeValue::N(n.to_string())),
        any::<bool>().prop_map(AttributeValue::Bool),
    ];
    prop_oneof![
        4 => scalar.clone(),
        2 => texts.prop_map(|texts| AttributeValue::Ss(texts.into_iter().collect())),
        1 => scalar.prop_map(|name| AttributeValue::M([("name".to_owned(), name)].into())),
    ]
}

fn item() -> impl Strategy<Value = Item> + Clone {
    let attributes = prop::collection::btree_map(any_of(&["one", "two", "state"]), value(), 0..4);
    let entry = prop::option::of((any_of(&PARTITIONS), any_of(&SORT_KEYS)));
    (key(), attributes, entry).prop_map(|(key, attributes, entry)| {
        let mut item: Item = attributes.into_iter().collect();
        item.extend([
            ("pk".to_owned(), AttributeValue::S(key.pk)),
            ("sk".to_owned(), AttributeValue::S(key.sk)),
        ]);
        if let Some((pk, sk)) = entry {
            item.extend([
                ("gsi1pk".to_owned(), AttributeValue::S(pk)),
                ("gsi1sk".to_owned(), AttributeValue::S(sk)),
            ]);
        }
        item
    })
}

fn condition() -> impl Strategy<Value = Condition> + Clone {
    let name = prop::sample::select(&NAMES[..]);
    let leaf = prop_oneof![
        Just(Condition::NoItem),
        name.clone().prop_map(Condition::Absent),
        name.clone().prop_map(Condition::Present),
        (name.clone(), value()).prop_map(|(name, value)| Condition::Equals(name, value)),
        (name.clone(), (-3_i64..12))
            .prop_map(|(name, n)| Condition::LessThan(name, AttributeValue::N(n.to_string()))),
        (name.clone(), any_of(&TEXTS))
            .prop_map(|(name, text)| Condition::AtLeast(name, AttributeValue::S(text))),
        (prop::sample::select(&["tags"][..]), any_of(&TEXTS))
            .prop_map(|(name, text)| Condition::Contains(name, text)),
        (prop::sample::select(&["tags"][..]), 0_usize..3)
            .prop_map(|(name, most)| Condition::FewerThan(name, most)),
    ];
    leaf.prop_recursive(2, 4, 3, |part| {
        prop_oneof![
            prop::collection::vec(part.clone(), 1..3).prop_map(Condition::All),
            prop::collection::vec(part, 1..3).prop_map(Condition::Any),
        ]
    })
}

/// Changes of different attributes.
fn changes() -> impl Strategy<Value = Vec<Change>> + Clone {
    let of_one = prop_oneof![
        value().prop_map(|value| Change::Set("one", value)),
        Just(Change::Remove("one")),
        (-2_i64..3).prop_map(|by| Change::Add("count", by)),
    ];
    let of_tags = prop_oneof![
        any_of(&TEXTS[1..]).prop_map(|text| Change::Include("tags", vec![text])),
        any_of(&TEXTS[1..]).prop_map(|text| Change::Exclude("tags", text)),
        Just(Change::Remove("tags")),
    ];
    let of_index = prop_oneof![
        any_of(&SORT_KEYS).prop_map(|sk| Change::Set("gsi1sk", AttributeValue::S(sk))),
        any_of(&PARTITIONS).prop_map(|pk| Change::Set("gsi1pk", AttributeValue::S(pk))),
        Just(Change::Remove("gsi1pk")),
    ];
    (of_tags, prop::option::of(of_one), prop::option::of(of_index))
        .prop_map(|(tags, one, entry)| std::iter::once(tags).chain(one).chain(entry).collect())
}

fn write() -> impl Strategy<Value = ItemWrite> + Clone {
    let write = prop_oneof![
        3 => item().prop_map(ItemWrite::put),
        3 => (key(), changes()).prop_map(|(key, changes)| ItemWrite::update(key, changes)),
        1 => key().prop_map(ItemWrite::delete),
    ];
    (write, prop::option::of(condition())).prop_map(|(write, condition)| ItemWrite { condition, ..write })
}

fn query() -> impl Strategy<Value = Query> + Clone {
    let bound = || any_of(&SORT_KEYS);
    let range = prop_oneof![
        Just(SortRange::All),
        any_of(&["a", "a#", "c"]).prop_map(SortRange::StartsWith),
        bound().prop_map(SortRange::Before),
        bound().prop_map(SortRange::After),
        bound().prop_map(SortRange::From),
        (bound(), bound())
            .prop_map(|(one, other)| SortRange::Between(one.clone().min(other.clone()), one.max(other))),
    ];
    let select = prop::sample::select(&[Select::Items, Select::SortKeys, Select::Count][..]);
    let direction = prop::sample::select(&[Direction::Ascending, Direction::Descending][..]);
    let limit = prop::option::of(1_usize..4);
    (any::<bool>(), any_of(&PARTITIONS), range, select, direction, limit, prop::option::of(condition()))
        .prop_map(|(is_index, pk, range, select, direction, limit, filter)| {
            let query = if is_index { Query::index(pk) } else { Query::table(pk) };
            // The index has no attributes to filter by, and no key may be part of a filter.
            let filter = filter.filter(|filter| !is_index && !filter.names("pk"));
            Query { range, select, direction, limit, filter, ..query }
        })
}

fn request() -> impl Strategy<Value = Request> + Clone {
    prop_oneof![
        2 => key().prop_map(Request::Get),
        1 => prop::collection::vec(key(), 1..4).prop_map(Request::GetBatch),
        3 => query().prop_map(Request::Query),
        4 => write().prop_map(Request::Write),
        3 => prop::collection::vec(write(), 1..4).prop_map(Request::Transact),
        1 => prop::collection::vec(item(), 1..4).prop_map(Request::InsertBatch),
    ]
}
