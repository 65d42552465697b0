//! Finding and sorting the leads of a campaign, page by page.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use carillon_local::TABLE;
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_runtime::context::Context;
use carillon_runtime::services::lead_search;
use carillon_store::table::Direction;
use carillon_store::{OrderPage, SearchIndex, Store};
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use serde_json::{Value, json};

use crate::api::dropped::read_files;

/// The sorts of the list, and the field that each sorts by.
const SORTS: [(&str, &str); 4] =
    [("created_at", "created_at"), ("name", "name"), ("last_call_at", "last_attempt/at"), ("duration", "")];

#[tokio::test]
async fn leads_are_listed_in_order_and_found_by_a_part_of_name_or_number() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    let mut expected = Vec::new();
    for n in 0..23 {
        let form = json!({"phone": format!("030 9018{n:02}"), "name": format!("Person {n:02}")});
        expected.push(api.post(&format!("{path}/leads"), form).await.ok(201));
        api.advance_ms(1);
    }
    // The whole list is as it is now, whoever has heard of a change.
    assert_eq!(api.all(&format!("{path}/leads?limit=5")).await, expected);
    assert_eq!(api.all(&format!("{path}/leads")).await, expected);
    let backwards: Vec<_> = expected.iter().rev().cloned().collect();
    assert_eq!(api.all(&format!("{path}/leads?limit=5&sort=-order")).await, backwards);
    assert_eq!(api.get(&format!("{path}/leads?limit=5")).await.ok(200)["total"], 23);
    assert_eq!(api.get(&format!("{path}/leads?search=person")).await.ok(200)["total"], 0);
    api.tell_changes().await;
    let found = async |query: &str| -> Vec<Value> {
        let leads = api.all(&format!("{path}/leads?{query}")).await;
        leads.into_iter().map(|lead| lead["name"].clone()).collect()
    };
    assert_eq!(found("search=PERSON%2007").await, ["Person 07"]);
    assert_eq!(found("search=901807").await, ["Person 07"]);
    assert_eq!(found("search=%2B49%2030%20901807").await, ["Person 07"]);
    assert_eq!(found("search=nobody").await, Vec::<Value>::new());
    assert_eq!(found("search=").await.len(), 23);
    assert_eq!(found("status=completed").await, Vec::<Value>::new());
    assert_eq!(found("status=waiting&search=1&limit=4").await.len(), 23);
    assert_eq!(found("sort=-name&search=person&limit=7").await.first(), Some(&json!("Person 22")));
}

#[tokio::test]
async fn what_is_shown_is_as_it_is_now_though_the_search_has_not_heard_of_it() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    let lead = api.lead(&path, "030 901820").await;
    api.patch(&format!("{path}/leads/{lead}"), json!({"name": "Ida", "tags": ["VIP"]})).await.ok(200);
    api.tell_changes().await;
    assert_eq!(api.all(&format!("{path}/leads?tag=vip")).await.len(), 1);
    api.patch(&format!("{path}/leads/{lead}"), json!({"name": "Bo", "tags": []})).await.ok(200);
    // It is no VIP any more, whatever was heard.
    assert_eq!(api.all(&format!("{path}/leads?tag=vip")).await, Vec::<Value>::new());
    let listed = api.all(&format!("{path}/leads?sort=name")).await;
    assert_eq!(listed[0]["name"], "Bo");
    api.tell_changes().await;
    assert_eq!(api.get(&format!("{path}/leads?tag=vip")).await.ok(200)["total"], 0);
}

#[tokio::test]
async fn after_a_day_of_calls_each_filter_and_sort_agrees_with_the_leads_themselves() {
    let mut harness =
        Harness::start(Options { stream: Some(Delivery::Repeated), ..Options::at(MONDAY_AT_NINE) }).await;
    people::lift_rate(&harness.context, &harness.keys).await;
    let crowd = people::people(120, chrono_tz::Tz::Europe__Berlin);
    let (context, keys) = (&harness.context, &harness.keys);
    let id = people::start_campaign(context, keys, people::spec(keys), &crowd).await;
    harness.run_until(MONDAY_AT_NINE.plus_ms(2 * 3_600_000), async |_| false).await;
    harness.tell_all().await;
    let api = Api::of(&harness);
    let path = format!("/campaigns/{id}");
    let all = api.all(&format!("{path}/leads?limit=50")).await;
    assert_eq!(all.len(), 120);

    let of = |lead: &Value, field: &str| lead.pointer(&format!("/{field}")).cloned().unwrap_or_default();
    for (filter, field, value) in filters(&all) {
        let found = api.all(&format!("{path}/leads?{filter}={value}&limit=10")).await;
        let expected: Vec<_> = all.iter().filter(|lead| of(lead, field) == value.as_str()).cloned().collect();
        assert_eq!(found, expected, "{filter} {value}");
    }
    for (sort, field) in SORTS.iter().filter(|(_, field)| !field.is_empty()) {
        for sign in ["", "-"] {
            let mut expected = all.clone();
            expected.sort_by(|one, other| compare(&of(one, field), &of(other, field), sign == "-"));
            let found = api.all(&format!("{path}/leads?sort={sign}{sort}&limit=20")).await;
            let names =
                |leads: &[Value]| -> Vec<Value> { leads.iter().map(|lead| of(lead, field)).collect() };
            assert_eq!(names(&found), names(&expected), "{sign}{sort}");
            let ids: BTreeSet<_> = found.iter().map(Value::to_string).collect();
            assert_eq!(ids.len(), 120, "{sign}{sort}");
        }
    }
}

/// A filter for each value that some lead has, with the field in which it stands.
fn filters(leads: &[Value]) -> BTreeSet<(&'static str, &'static str, String)> {
    let fields = [("status", "status"), ("outcome", "last_attempt/outcome")];
    let of = |lead: &Value, (filter, field): (&'static str, &'static str)| {
        Some((filter, field, lead.pointer(&format!("/{field}"))?.as_str()?.to_owned()))
    };
    let filters: BTreeSet<_> =
        leads.iter().flat_map(|lead| fields.into_iter().filter_map(|field| of(lead, field))).collect();
    assert!(filters.len() > 5, "the day was too dull: {filters:?}");
    filters
}

fn compare(one: &Value, other: &Value, is_descending: bool) -> Ordering {
    match (one.as_str(), other.as_str()) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (one, other) if is_descending => other.cmp(&one),
        (one, other) => one.cmp(&other),
    }
}

#[tokio::test]
async fn an_index_that_is_written_anew_finds_the_same_whatever_fails_meanwhile() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let (context, keys) = (&api.context, &api.keys);
    let crowd = people::people(1_500, chrono_tz::Tz::Europe__Berlin);
    people::add_leads(context, keys, &id, &crowd).await;
    api.tell_changes().await;
    let ws = &keys.workspace;
    let files = async || context.store.search_index(ws, &id).await.expect("a table").file;
    assert_eq!(files().await, None);
    let found = async || api.get(&format!("{path}/leads?search=10002&limit=100")).await.ok(200);
    let before = found().await;
    assert_eq!(before["total"], 10);
    // Each request to the table is the last that is answered, in turn; what comes after finds the same.
    let mut is_done = false;
    for asked in 1.. {
        let dying = Arc::new(DiesAfter(AtomicUsize::new(asked)));
        let over = Context { store: Store::new(api.table.client_with(dying), TABLE), ..context.clone() };
        is_done = lead_search::rewrite(&over, ws, &id).await.is_ok();
        assert_eq!(found().await, before, "after {asked}");
        if is_done {
            break;
        }
    }
    assert!(is_done);
    assert!(files().await.is_some_and(|file| file.size_bytes > 60_000), "all entries are in the file");

    // What changes later outranks the file.
    let lead = before["items"][3]["id"].as_str().expect("an id");
    api.patch(&format!("{path}/leads/{lead}"), json!({"name": "Zoë"})).await.ok(200);
    api.tell_changes().await;
    let zoe = api.get(&format!("{path}/leads?search=ZOË")).await.ok(200);
    assert_eq!((&zoe["total"], &zoe["items"][0]["id"]), (&json!(1), &json!(lead)));
    assert_eq!(found().await["total"], 10);
}

#[tokio::test]
async fn a_page_of_the_whole_list_costs_the_same_however_many_leads_there_are() {
    let mut costs = BTreeSet::new();
    for count in [50, 5_000] {
        let api = Api::start().await;
        let path = api.campaign().await;
        let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
        for part in people::people(count, chrono_tz::Tz::Europe__Berlin).chunks(500) {
            people::add_leads(&api.context, &api.keys, &id, part).await;
            api.advance_ms(1);
        }
        let before = api.table.meter().snapshot().total().requests;
        let page = api.get(&format!("{path}/leads?limit=20")).await.ok(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(20));
        costs.insert(api.table.meter().snapshot().total().requests - before);
    }
    assert_eq!(costs.len(), 1, "requests: {costs:?}");
}

/// Serves so many requests and no more, as a table does to a process that is killed.
#[derive(Debug)]
struct DiesAfter(AtomicUsize);

impl Interceptor for DiesAfter {
    fn before(&self, _: &TableCall<'_>) -> Verdict {
        let served = self.0.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        if served.is_ok() { Verdict::Pass } else { Verdict::Throttle }
    }
}

#[tokio::test]
async fn small_changes_share_an_item_and_one_that_was_added_to_outlives_a_rewriting() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let (context, ws) = (&api.context, &api.keys.workspace);
    let index = async || context.store.search_index(ws, &id).await.expect("a table");
    for n in 0..6 {
        api.lead(&path, &format!("030 90182{n}")).await;
        api.tell_changes().await;
    }
    assert_eq!(index().await.changes.len(), 1);
    let read = index().await;
    api.lead(&path, "030 901829").await;
    api.tell_changes().await;
    // Whoever has written what was read into a file removes no more than that.
    context.store.remove_index_changes(&read.changes).await.expect("a table");
    assert_eq!(index().await.changes.len(), 1);
    assert_eq!(api.get(&format!("{path}/leads?sort=name")).await.ok(200)["total"], 7);
    context.store.remove_index_changes(&index().await.changes).await.expect("a table");
    assert_eq!(index().await.changes, []);
    // What comes next finds it gone, and begins another.
    api.lead(&path, "030 901830").await;
    api.tell_changes().await;
    assert_eq!(index().await.changes.len(), 1);
}

#[tokio::test]
async fn a_lead_that_was_removed_and_comes_again_stands_once_and_is_found() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    let form = json!({"phone": "030 901820", "secondary_phones": ["030 901821"], "name": "Ida"});
    let removed = api.post(&format!("{path}/leads"), form.clone()).await.ok(201).id();
    let other = api.lead(&path, "030 901829").await;
    // So that its last version is higher than the first one of the lead that comes again.
    for name in ["Idah", "Ida"] {
        api.patch(&format!("{path}/leads/{removed}"), json!({"name": name})).await.ok(200);
    }
    api.tell_changes().await;
    api.advance_ms(1);
    api.delete(&format!("{path}/leads/{removed}")).await.ok(204);
    api.tell_changes().await;
    assert_eq!(api.get(&format!("{path}/leads?search=ida")).await.ok(200)["total"], 0);
    assert_eq!(api.all(&format!("{path}/leads")).await.len(), 1);

    // Its second number is nobody's any more.
    let second = api.lead(&path, "030 901821").await;
    api.advance_ms(1);
    let form = json!({"phone": "030 901820", "name": "Ida"});
    let again = api.post(&format!("{path}/leads"), form).await.ok(201).id();
    assert_eq!(again, removed);
    api.tell_changes().await;
    let ids = async |query: &str| -> Vec<String> {
        api.all(&format!("{path}/leads{query}")).await.iter().map(HasId::id).collect()
    };
    assert_eq!(ids("").await, [other, second, again.clone()], "it stands where it came again");
    assert_eq!(ids("?search=ida").await, [again]);
}

#[tokio::test]
async fn of_a_campaign_that_is_gone_nothing_is_left_to_list_or_search() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let (context, ws) = (&api.context, &api.keys.workspace);
    people::add_leads(context, &api.keys, &id, &people::people(1_500, chrono_tz::Tz::Europe__Berlin)).await;
    api.tell_changes().await;
    lead_search::rewrite(context, ws, &id).await.expect("a table");
    let index = async || context.store.search_index(ws, &id).await.expect("a table");
    let file = index().await.file.expect("a file").key;
    api.delete(&path).await.ok(202);
    api.do_jobs().await;
    // What was heard of its leads late is removed once nothing more can come.
    api.tell_changes().await;
    api.advance_ms(10 * 60_000);
    read_files(&api).await;
    assert_eq!(index().await, SearchIndex::default());
    context.files.size(&file).await.expect_err("the file is gone");
    let listed = context.store.leads_in_order(ws, &id, Direction::Ascending, None, 10).await;
    assert_eq!(listed.expect("a table"), OrderPage::default());
}
