//! Two at once: each request is met by another one's, just before it is written.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::http::Method;
use carillon_local::TABLE;
use carillon_store::table::{Answer, BatchRead, Inserted, Item, ItemWrite, Key, Page, Query, Table};
use carillon_store::{DynamoTable, Store};
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

use super::{changed, names, on, tag};

type Request = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A table before whose next transaction somebody else's request is done.
struct Meanwhile {
    table: DynamoTable,
    request: Mutex<Option<Request>>,
}

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meanwhile")
    }
}

impl Table for Meanwhile {
    fn get(&self, key: Key) -> Answer<'_, Option<Item>> {
        self.table.get(key)
    }

    fn get_batch(&self, keys: Vec<Key>) -> Answer<'_, BatchRead> {
        self.table.get_batch(keys)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.table.query(query)
    }

    fn write(&self, write: ItemWrite) -> Answer<'_, Option<Item>> {
        self.table.write(write)
    }

    fn transact(&self, writes: Vec<ItemWrite>) -> Answer<'_, ()> {
        Box::pin(async move {
            let request = self.request.lock().expect("nothing panics").take();
            if let Some(request) = request {
                request.await;
            }
            self.table.transact(writes).await
        })
    }

    fn insert_batch(&self, items: Vec<Item>) -> Answer<'_, Vec<Inserted>> {
        self.table.insert_batch(items)
    }

    fn back_off(&self, tries: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.table.back_off(tries)
    }
}

/// The API, whose first change comes just after this request.
fn after(api: &Api, method: Method, path: &str, body: Option<Value>) -> Api {
    let (other, path) = (api.with_key(&api.keys.api_key), path.to_owned());
    let request = async move {
        let answer = other.call(method, &path, body.as_ref()).await;
        assert!(answer.status < 300, "{}: {}", answer.request, answer.text);
    };
    let table = DynamoTable::new(api.table.client(), TABLE);
    let meanwhile = Meanwhile { table, request: Mutex::new(Some(Box::pin(request))) };
    api.over(Store::on(Arc::new(meanwhile)))
}

/// Something that is patched: its path, two fields that have nothing to do with each other, and two values for
/// the first of them.
struct Patched {
    path: String,
    mine: Value,
    other_field: Value,
    other_value: Value,
}

async fn patched(api: &Api) -> Vec<Patched> {
    let campaign = api.campaign().await;
    let lead = format!("{campaign}/leads/{}", api.lead(&campaign, "030 901820").await);
    let assistant = format!("/assistants/{}", api.keys.assistant);
    let number = format!("/caller-numbers/{}", api.keys.caller_number);
    let name = |name: &str| json!({ "name": name });
    let labels = ["A", "B"].map(|label| json!({ "label": label }));
    let [mine, other] = [name("A"), name("B")];
    let named = |path: String, other_field| Patched {
        path,
        mine: mine.clone(),
        other_field,
        other_value: other.clone(),
    };
    vec![
        named(campaign, json!({"weight": 7})),
        named(lead, json!({"company": "Acme"})),
        named(assistant, json!({"language": "de"})),
        named("/workspace".to_owned(), json!({"concurrent_limit": 7})),
        Patched {
            path: number,
            mine: labels[0].clone(),
            other_field: json!({"daily_cap": 7}),
            other_value: labels[1].clone(),
        },
    ]
}

fn field(change: &Value) -> (&String, &Value) {
    change.as_object().and_then(|fields| fields.iter().next()).expect("a field")
}

#[tokio::test]
async fn two_patches_of_different_fields_both_land() {
    let api = Api::start().await;
    for Patched { path, mine, other_field, .. } in patched(&api).await {
        let raced = after(&api, Method::PATCH, &path, Some(other_field.clone()));
        let answer = raced.patch(&path, mine.clone()).await;
        let tagged = answer.header("etag").to_owned();
        let shown = answer.ok(200);
        for change in [&mine, &other_field] {
            let (name, value) = field(change);
            assert_eq!(&shown[name], value, "{path}");
        }
        assert_eq!(api.get(&path).await.ok(200), shown);
        assert_eq!(tag(&api, &path).await, tagged);
    }
}

#[tokio::test]
async fn of_two_patches_of_one_field_one_is_told_of_the_other() {
    let api = Api::start().await;
    for Patched { path, mine, other_value, .. } in patched(&api).await {
        let raced = after(&api, Method::PATCH, &path, Some(other_value.clone()));
        let problem = raced.patch(&path, mine.clone()).await.problem(409, "edit_conflict");
        let (name, value) = field(&other_value);
        assert_eq!(names(&problem["changed"]), [name.as_str()], "{path}");
        assert_eq!(&api.get(&path).await.ok(200)[name], value, "{path}");
        // Both want the same.
        let raced = after(&api, Method::PATCH, &path, Some(mine.clone()));
        let (name, value) = field(&mine);
        assert_eq!(&raced.patch(&path, mine.clone()).await.ok(200)[name], value, "{path}");
    }
}

#[tokio::test]
async fn parts_of_a_field_are_fields() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.patch(&path, json!({"variables": {"a": "1", "b": "1"}})).await.ok(200);
    let raced = after(&api, Method::PATCH, &path, Some(json!({"variables": {"a": "2", "c": "2"}})));
    let shown = raced.patch(&path, json!({"variables": {"b": "3"}})).await.ok(200);
    assert_eq!(shown["variables"], json!({"a": "2", "b": "3", "c": "2"}));
    let raced = after(&api, Method::PATCH, &path, Some(json!({"variables": {"a": null, "b": "4"}})));
    let answer = raced.patch(&path, json!({"variables": {"a": "5", "c": "5"}})).await;
    assert_eq!(names(&answer.problem(409, "edit_conflict")["changed"]), ["variables.a"]);
    // Each may be right and both together wrong: what comes out is checked.
    let delays = json!({"retry": {"delays": {"busy": [5]}}});
    let raced = after(&api, Method::PATCH, &path, Some(json!({"retry": {"on": ["no_answer"]}})));
    assert_eq!(raced.patch(&path, delays).await.faults(422, "invalid_fields"), ["retry.delays.busy"]);
}

#[tokio::test]
async fn a_condition_holds_until_it_is_written() {
    let api = Api::start().await;
    for Patched { path, mine, other_field, .. } in patched(&api).await {
        let seen = tag(&api, &path).await;
        let raced = after(&api, Method::PATCH, &path, Some(other_field.clone()));
        let late = on(&raced, &seen, Method::PATCH, &path, Some(mine.clone())).await;
        let now = tag(&api, &path).await;
        assert_eq!(changed(late, &now), [field(&other_field).0.as_str()], "{path}");
        let (name, value) = field(&mine);
        assert_ne!(&api.get(&path).await.ok(200)[name], value, "{path}");
    }
}

#[tokio::test]
async fn what_changes_while_it_is_removed_stays_if_it_was_to_be_what_was_seen() {
    let api = Api::start().await;
    let made = async |path: &str, form: Value| format!("{path}/{}", api.post(path, form).await.ok(201).id());
    let campaign = api.campaign().await;
    let assistant = made("/assistants", json!({"name": "A", "agent_id": "a"})).await;
    let number = made("/caller-numbers", json!({"number": "+14155550123", "phone_number_id": "p"})).await;
    let label = |n: u8| json!({ "label": n.to_string() });
    let name = |n: u8| json!({ "name": n.to_string() });
    for (path, theirs) in
        [(campaign, [1, 2].map(name)), (assistant, [1, 2].map(name)), (number, [1, 2].map(label))]
    {
        let [first, second] = theirs;
        let seen = tag(&api, &path).await;
        let raced = after(&api, Method::PATCH, &path, Some(first.clone()));
        let late = on(&raced, &seen, Method::DELETE, &path, None).await;
        let now = tag(&api, &path).await;
        assert_eq!(changed(late, &now), [field(&first).0.as_str()], "{path}");
        // Who does not ask for that removes whatever there is.
        let removed = after(&api, Method::PATCH, &path, Some(second)).delete(&path).await;
        assert!([202, 204].contains(&removed.status), "{path}: {}", removed.text);
        api.get(&path).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_campaign_that_starts_while_it_is_removed_stays() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let lead = api.lead(&path, "030 901820").await;
    let raced = after(&api, Method::POST, &format!("{path}/start"), None);
    raced.delete(&path).await.problem(409, "action_not_allowed");
    assert_eq!(api.get(&path).await.ok(200)["status"], "running");
    api.get(&format!("{path}/leads/{lead}")).await.ok(200);
    let log = api.all("/audit").await;
    assert!(log.iter().all(|entry| entry["operation"] != "delete_campaign"), "{log:?}");
}

#[tokio::test]
async fn of_two_who_set_secrets_at_once_one_has_them_whole() {
    let api = Api::start().await;
    let path = "/secrets/elevenlabs";
    let form = |hooks: Value| json!({"api_key": "a", "webhook_secrets": hooks});
    let seen = tag(&api, path).await;
    let raced = after(&api, Method::PUT, path, Some(form(json!(["1"]))));
    let late = on(&raced, &seen, Method::PUT, path, Some(form(json!(["2", "3"])))).await;
    changed(late, &tag(&api, path).await);
    assert_eq!(api.get(path).await.ok(200)["webhook_secrets"], 1);
    let raced = after(&api, Method::PUT, path, Some(form(json!(["1"]))));
    assert_eq!(raced.put(path, form(json!(["2", "3"]))).await.ok(200)["webhook_secrets"], 2);
}
