//! Files of contacts: each row is a contact on the list that the file came for, or that it makes.

use axum::body::Body;
use axum::http::{Method, Request};
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::people;
use serde_json::{Value, json};

use super::dropped::{counts, read_files};
use super::exports::rows_of;

const A: &str = "+4930901820";
const B: &str = "+4930901821";
const C: &str = "+4930901822";
const D: &str = "+4930901823";

async fn list(api: &Api) -> String {
    let list = api.post("/contact-lists", json!({"name": "Fair"})).await.ok(201);
    format!("/contact-lists/{}", list.id())
}

async fn dropped(api: &Api, place: &str, name: &str, file: &str) {
    let key = format!("drops/{}/{place}/{name}", api.keys.workspace);
    api.context.files.write(&key, file.as_bytes().to_vec()).await.expect("a file");
    people::tell_of_file(&api.context, &key).await;
    read_files(api).await;
}

fn body(api: &Api, path: String, file: &str) -> Request<Body> {
    Request::post(path)
        .header("authorization", format!("Bearer {}", api.keys.api_key))
        .header("content-type", "text/csv")
        .body(Body::from(file.to_owned()))
        .expect("a request")
}

/// Sends a file in the body and has it read; answers with its path and itself.
async fn sent(api: &Api, list: &str, query: &str, file: &str) -> (String, Value) {
    let path = format!("/api/v1{list}/imports?file_name=people.csv{query}");
    let import = api.send(body(api, path, file)).await.ok(201);
    people::tell_of_file(&api.context, import["file_key"].as_str().expect("a key")).await;
    read_files(api).await;
    let path = format!("{list}/imports/{}", import.id());
    let import = api.get(&path).await.ok(200);
    (path, import)
}

/// The names of the contacts on a list, in their order.
async fn names(api: &Api, list: &str) -> Vec<Value> {
    let id = list.trim_start_matches("/contact-lists/");
    let contacts = api.all(&format!("/contacts?limit=7&list={id}")).await;
    contacts.into_iter().map(|contact| contact["name"].clone()).collect()
}

#[tokio::test]
async fn the_rows_of_a_file_are_contacts_on_its_list() {
    let api = Api::start().await;
    let list = list(&api).await;
    let known = json!({"phone": C, "name": "Cy"});
    let known = api.post("/contacts", known).await.ok(201).id();
    api.advance_ms(1);
    let file = format!(
        "phone,phone_2,name,order,tags,email\n{A},{B},Ana,A-1,vip,\n12,,Bad,,,\n{C},,Cyrus,C-3,,\n{B},,Ana again,,,\n{D},,Dea,,,no mail\n"
    );
    let (path, import) = sent(&api, &list, "&tags=fair", &file).await;
    assert_eq!((&import["status"], &import["campaign_id"]), (&json!("completed"), &json!(null)));
    assert_eq!(import["contact_list_id"], list.trim_start_matches("/contact-lists/"));
    assert_eq!(counts(&import), [5, 2, 2, 1, 1]);
    assert_eq!(names(&api, &list).await, ["Cy", "Ana", "Dea"], "who was there came on the list");
    let ana = api.all("/contacts?number=%2B4930901821").await[0].clone();
    assert_eq!((&ana["variables"]["order"], &ana["tags"]), (&json!("A-1"), &json!(["vip", "fair"])));
    assert_eq!(ana["source"], json!({"import_id": import["id"], "row": 2}));
    let rejected = api.all(&format!("{path}/rejected")).await;
    let told: Vec<_> = rejected.iter().map(|row| json!([row["row"], row["contact_id"]])).collect();
    assert_eq!(told, [json!([3, null]), json!([4, known]), json!([5, ana["id"]])]);
    assert_eq!(api.all(&format!("{path}/warnings")).await[0]["value"], "no mail");
    let csv = api.get(&format!("{path}/rejected.csv")).await;
    assert!(csv.status == 200 && csv.text.contains("Cyrus"), "{}", csv.text);
    let book = rows_of(api.get(&format!("{path}/rejected.xlsx")).await.bytes);
    let named: Vec<&str> = book.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(named, ["name", "Bad", "Cyrus", "Ana again"]);
    let stored = api.get(&format!("{path}/preview")).await.ok(200);
    let path = format!("/api/v1{list}/imports/preview?file_name=people.csv");
    let before = api.send(body(&api, path, &file)).await.ok(200);
    assert_eq!((&before, &before["readable"], &before["rows_sampled"]), (&stored, &json!(4), &json!(5)));
    let becomes = |column: &Value| column["becomes"].clone();
    let columns: Vec<_> = before["columns"].as_array().expect("columns").iter().map(becomes).collect();
    assert_eq!(columns, ["phone", "phone_2", "name", "order", "tags", "email"]);

    // The same again makes nobody; with `update` the rows are taken over, and whoever is not there is new.
    let (_, again) = sent(&api, &list, "", &file).await;
    assert_eq!(counts(&again), [5, 0, 4, 1, 1]);
    let (_, updated) = sent(&api, &list, "&on_duplicate=update", &file).await;
    assert_eq!((counts(&updated), &updated["updated"]), ([5, 0, 0, 1, 1], &json!(4)));
    assert_eq!(names(&api, &list).await, ["Cyrus", "Ana again", "Dea"]);
    assert_eq!(api.get(&list).await.ok(200)["contacts"], 3);
    assert_eq!(api.all(&format!("{list}/imports?limit=1")).await.len(), 3);
}

#[tokio::test]
async fn a_dropped_file_goes_on_the_list_that_it_names_or_makes_one() {
    const ROWS: usize = 1_234;
    let api = Api::start().await;
    let list = list(&api).await;
    let id = list.trim_start_matches("/contact-lists/");
    let rows: String = (0..ROWS).map(|n| format!("+49302310{n:04},Person {n:04}\n")).collect();
    let file = format!("phone,name\n{rows}");
    dropped(&api, id, "people.csv", &file).await;
    let named = names(&api, &list).await;
    assert_eq!((named.len(), api.get(&list).await.ok(200)["contacts"].clone()), (ROWS, json!(ROWS)));
    assert!(named.iter().map(Value::as_str).is_sorted(), "in the order of the file");
    dropped(&api, "contacts", "Autumn fair.csv", &file).await;
    let lists = api.all("/contact-lists").await;
    let made = lists.iter().find(|list| list["name"] == "Autumn fair").expect("a list of its own");
    assert_eq!((lists.len(), &made["contacts"]), (2, &json!(ROWS)));
    let import = api.all(&format!("/contact-lists/{}/imports", made.id())).await[0].clone();
    assert_eq!((&import["file_name"], &import["duplicates"]), (&json!("Autumn fair.csv"), &json!(ROWS)));
    // Nobody's.
    dropped(&api, "lst_01ARYZ6S410000000000000000", "people.csv", &file).await;
}

#[tokio::test]
async fn a_list_goes_with_its_imports_and_takes_no_file_any_more() {
    let api = Api::start().await;
    let list = list(&api).await;
    let (path, _) = sent(&api, &list, "", &format!("phone\n{A}\n12\n")).await;
    let waiting = api.post(&format!("{list}/imports"), json!({"file_name": "late.csv"})).await.ok(201);
    assert!(waiting["upload"]["url"].is_string());
    api.delete(&list).await.ok(202);
    let key = waiting["file_key"].as_str().expect("a key");
    api.context.files.write(key, format!("phone\n{B}\n").into_bytes()).await.expect("a file");
    people::tell_of_file(&api.context, key).await;
    read_files(&api).await;
    let failed = api.get(&format!("{list}/imports/{}", waiting.id())).await.ok(200);
    assert_eq!(failed["status"], "failed", "{failed}");
    api.do_jobs().await;
    api.get(&path).await.problem(404, "not_found");
    assert_eq!(api.all("/contacts").await.len(), 1);
    let call = api.call(Method::POST, &format!("{list}/imports"), Some(&json!({"file_name": "a.csv"}))).await;
    call.problem(404, "not_found");
}
