//! The address book: contacts, their numbers, tags and lists.

use std::collections::BTreeSet;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::contact::MAX_LISTS;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

const A: &str = "+4930901820";
const B: &str = "+4930901821";
const C: &str = "+4930901822";

/// Adds a contact with these numbers; answers with its path.
async fn add(api: &Api, numbers: &[&str], more: Value) -> String {
    let mut form = json!({"phone": numbers[0], "secondary_phones": numbers[1..]});
    form.as_object_mut().expect("a form").extend(more.as_object().cloned().unwrap_or_default());
    format!("/contacts/{}", api.post("/contacts", form).await.ok(201).id())
}

async fn list(api: &Api, name: &str) -> String {
    api.post("/contact-lists", json!({"name": name})).await.ok(201).id()
}

/// How many contacts are on a list, as it says itself.
async fn count(api: &Api, list: &str) -> Value {
    api.get(&format!("/contact-lists/{list}")).await.ok(200)["contacts"].clone()
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(HasId::id).collect()
}

#[tokio::test]
async fn a_contact_is_added_shown_changed_and_deleted() {
    let api = Api::start().await;
    let office = json!({"value": "030 90 18 20", "label": "office", "name": "Reception",
        "variables": {"floor": "2"}});
    let form = json!({"phones": [office, {"value": B}], "name": " Ana ", "email": "ana@example.com",
        "timezone": "Europe/Berlin", "tags": ["vip"], "variables": {"order": "A-1"},
        "consent": {"source": "form", "at": "2026-11-01T09:00:00Z"}});
    let created = api.post("/contacts?default_country=DE", form).await;
    assert!(!created.header("etag").is_empty());
    let contact = created.ok(201);
    assert_eq!((&contact["phone"], &contact["name"]), (&json!(A), &json!("Ana")));
    assert_eq!(
        (&contact["phones"][0]["label"], &contact["phones"][1]["value"]),
        (&json!("office"), &json!(B))
    );
    let path = format!("/contacts/{}", contact.id());
    assert_eq!(api.get(&path).await.ok(200), contact);
    let changed = api.patch(&path, json!({"phone": C, "variables": {"order": null, "x": "y"}})).await.ok(200);
    assert_eq!((&changed["phone"], &changed["variables"]), (&json!(C), &json!({"x": "y"})));
    assert_eq!((&changed["email"], changed.id()), (&contact["email"], contact.id()));

    for (form, field) in [
        (json!({"name": "Bo"}), "phones"),
        (json!({"phone": "12"}), "phone"),
        (json!({"phone": A, "email": "ana"}), "email"),
        (json!({"phone": A, "lists": ["lst_01ARYZ6S410000000000000000"]}), "lists"),
        (json!({"phone": A, "overwrites": {}}), "overwrites"),
    ] {
        assert_eq!(api.post("/contacts", form).await.faults(422, "invalid_fields"), [field]);
    }
    api.delete(&path).await.ok(204);
    api.get(&path).await.problem(404, "not_found");
    api.delete(&path).await.problem(404, "not_found");
    add(&api, &[C, B], json!({})).await;
    let log = api.all(&format!("/audit?resource={}", contact.id())).await;
    let operations: BTreeSet<_> =
        log.iter().map(|entry| entry["operation"].as_str().unwrap_or_default()).collect();
    assert_eq!(operations, ["delete_contact", "change_contact", "create_contact"].into());
}

#[tokio::test]
async fn a_number_is_one_contact_in_whatever_form() {
    let api = Api::start().await;
    let first = add(&api, &[A, B], json!({"name": "Ana", "tags": ["a"]})).await;
    let on_list = list(&api, "Fair").await;
    for number in [A, B, "+49 (0)30 90 18 21"] {
        let again = json!({"phone": number, "company": "Acme", "tags": ["b"], "lists": [on_list]});
        let problem = api.post("/contacts", again.clone()).await.problem(409, "contact_exists");
        assert_eq!(format!("/contacts/{}", problem["existing_id"].as_str().expect("an id")), first);
        let updated = api.post("/contacts?on_duplicate=update", again).await.ok(201);
        assert_eq!(format!("/contacts/{}", updated.id()), first);
        assert_eq!((&updated["name"], &updated["company"]), (&json!("Ana"), &json!("Acme")));
        assert_eq!((&updated["tags"], &updated["lists"]), (&json!(["a", "b"]), &json!([on_list])));
    }
    assert_eq!(count(&api, &on_list).await, 1);
    let second = add(&api, &[C], json!({})).await;
    let taken = api.patch(&second, json!({"secondary_phones": [B]})).await.problem(409, "contact_exists");
    assert_eq!(format!("/contacts/{}", taken["existing_id"].as_str().expect("an id")), first);
    // A number that is given up is free.
    api.patch(&first, json!({"secondary_phones": []})).await.ok(200);
    api.patch(&second, json!({"secondary_phones": [B]})).await.ok(200);
    for (number, path) in [("030%20901821", &second), ("%2B4930901820", &first)] {
        let found = api.all(&format!("/contacts?number={number}&default_country=DE")).await;
        assert_eq!(
            ids(&found).iter().map(|id| format!("/contacts/{id}")).collect::<Vec<_>>(),
            std::slice::from_ref(path)
        );
    }
    assert_eq!(api.all("/contacts?number=%2B4930901829").await, Vec::<Value>::new());
    assert_eq!(api.get("/contacts?number=12").await.faults(400, "invalid_query"), ["number"]);
    let elsewhere = json!({"phone": "+5491155550123"});
    let there = api.post("/contacts", elsewhere).await.ok(201).id();
    let other_form = api.post("/contacts", json!({"phone": "+541155550123"})).await;
    assert_eq!(other_form.problem(409, "contact_exists")["existing_id"], json!(there));
}

#[tokio::test]
async fn lists_and_tags_find_their_contacts_page_by_page() {
    let api = Api::start().await;
    let (fair, autumn) = (list(&api, "Fair").await, list(&api, "Autumn").await);
    let mut expected = Vec::new();
    for n in 0..60 {
        let lists: Vec<&String> =
            [(2, &fair), (3, &autumn)].iter().filter(|(by, _)| n % by == 0).map(|(_, list)| *list).collect();
        let tags: &[&str] = if n % 5 == 0 { &["VIP", "50% #1"] } else { &["new"] };
        add(
            &api,
            &[&format!("+49302310{n:04}")],
            json!({"name": format!("{n}"), "lists": lists, "tags": tags}),
        )
        .await;
        expected.push(n);
        api.advance_ms(1);
    }
    let found = async |query: &str| -> Vec<usize> {
        let items = api.all(&format!("/contacts?limit=7{query}")).await;
        items.iter().map(|one| one["name"].as_str().expect("a name").parse().expect("a number")).collect()
    };
    let by = |n: usize| (0..60).filter(|m| m % n == 0).collect::<Vec<_>>();
    assert_eq!(found("").await, expected, "the oldest first");
    assert_eq!(found(&format!("&list={fair}")).await, by(2));
    assert_eq!(found("&tag=vip").await, by(5));
    assert_eq!(found("&tag=50%25%20%231").await, by(5));
    assert_eq!(found(&format!("&list={autumn}&tag=Vip")).await, by(15));
    assert_eq!(found("&tag=nobody").await, Vec::<usize>::new());
    let page = api.get(&format!("/contacts?list={fair}&limit=1")).await.ok(200);
    assert_eq!((&page["total"], count(&api, &fair).await), (&json!(30), json!(30)));
    let cursor = page["next_cursor"].as_str().expect("another page");
    let wrong = api.get(&format!("/contacts?list={autumn}&cursor={cursor}")).await;
    assert_eq!(wrong.faults(400, "invalid_query"), ["cursor"]);
    api.get("/contacts?list=lst_01ARYZ6S410000000000000000").await.problem(404, "not_found");
    let lists = api.all("/contact-lists?limit=1").await;
    assert_eq!(ids(&lists), [fair, autumn]);
    assert_eq!(lists[1]["contacts"], 20);
}

#[tokio::test]
async fn a_contact_comes_on_lists_and_leaves_them() {
    let api = Api::start().await;
    let contact = add(&api, &[A], json!({})).await;
    let mut lists = Vec::new();
    for n in 0..=MAX_LISTS {
        lists.push(list(&api, &format!("List {n}")).await);
    }
    let place = |list: &str| format!("/contact-lists/{list}{contact}");
    for list in &lists[..MAX_LISTS] {
        for _ in 0..2 {
            api.put(&place(list), Value::Null).await.ok(200);
        }
        assert_eq!(count(&api, list).await, 1);
    }
    let full = api.put(&place(&lists[MAX_LISTS]), Value::Null).await;
    assert_eq!(full.faults(422, "invalid_fields"), ["contact_list_id"]);
    let left = api.delete(&place(&lists[0])).await.ok(200);
    assert_eq!(left["lists"].as_array().map(Vec::len), Some(MAX_LISTS - 1));
    api.delete(&place(&lists[0])).await.ok(200);
    api.patch(&contact, json!({"lists": [lists[0], lists[1]]})).await.ok(200);
    let mut counts = Vec::new();
    for list in &lists {
        counts.push(count(&api, list).await.as_u64().expect("a count"));
    }
    assert_eq!((&counts[..2], counts.iter().sum::<u64>()), (&[1, 1][..], 2));
    api.delete(&contact).await.ok(204);
    assert_eq!(count(&api, &lists[1]).await, 0);
    api.put(&place(&lists[1]), Value::Null).await.problem(404, "not_found");
    let none = "/contact-lists/lst_01ARYZ6S410000000000000000/contacts/con_01ARYZ6S410000000000000000";
    api.put(none, Value::Null).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_list_of_any_size_is_deleted_and_its_contacts_stay() {
    const CONTACTS: usize = 130;
    let api = Api::start().await;
    let (gone, kept) = (list(&api, "Gone").await, list(&api, "Kept").await);
    for n in 0..CONTACTS {
        add(&api, &[&format!("+49302310{n:04}")], json!({"lists": [gone, kept]})).await;
    }
    let path = format!("/contact-lists/{gone}");
    let answer = api.delete(&path).await;
    let job = answer.header("location").trim_start_matches("/api/v1").to_owned();
    assert_eq!(answer.ok(202)["contact_list_id"], json!(gone));
    api.get(&path).await.problem(404, "not_found");
    api.delete(&path).await.problem(404, "not_found");
    api.post(&format!("{job}/cancel"), Value::Null).await.problem(409, "not_cancellable");
    // Nobody comes on it any more, and who changes meanwhile leaves it uncounted.
    let late = json!({"phone": A, "lists": [gone]});
    assert_eq!(api.post("/contacts", late).await.faults(422, "invalid_fields"), ["lists"]);
    let first = api.all("/contacts?limit=1").await[0].clone();
    api.patch(&format!("/contacts/{}", first.id()), json!({"lists": [kept]})).await.ok(200);
    api.do_jobs().await;
    let over = api.get(&job).await.ok(200);
    assert_eq!((&over["status"], &over["counts"]["done"]), (&json!("completed"), &json!(CONTACTS - 1)));
    let contacts = api.all(&format!("/contacts?list={kept}&limit=100")).await;
    assert_eq!(contacts.len(), CONTACTS);
    assert!(contacts.iter().all(|contact| contact["lists"] == json!([kept])));
    assert_eq!(ids(&api.all("/contact-lists").await), [kept]);
}

#[tokio::test]
async fn another_workspace_has_an_address_book_of_its_own() {
    let api = Api::start().await;
    let on_list = list(&api, "Fair").await;
    let contact = add(&api, &[A], json!({"name": "Ana", "lists": [on_list], "tags": ["vip"]})).await;
    let ws = WorkspaceId::new(api.context.now(), [5; 10]);
    let (key, record) = carillon_api::first_api_key(&ws, [8; 32], "other", api.context.now());
    api.context.store.create_api_key(&ws, &record).await.expect("a table");
    let workspace =
        carillon_domain::records::workspace::Workspace::new(ws.clone(), "Other".into(), api.context.now());
    api.context.store.create_workspace(&workspace).await.expect("a table");
    let stranger = api.with_key(&key);
    for path in ["/contacts", "/contacts?tag=vip", "/contacts?number=%2B4930901820", "/contact-lists"] {
        assert_eq!(stranger.all(path).await, Vec::<Value>::new(), "{path}");
    }
    stranger.get(&contact).await.problem(404, "not_found");
    stranger.get(&format!("/contacts?list={on_list}")).await.problem(404, "not_found");
    let theirs = json!({"phone": A, "lists": [on_list]});
    assert_eq!(stranger.post("/contacts", theirs).await.faults(422, "invalid_fields"), ["lists"]);
    let own = add(&stranger, &[A], json!({})).await;
    assert_ne!(own, contact);
    assert_eq!(ids(&api.all("/contacts").await).len(), 1);
}

#[tokio::test]
async fn two_at_once_lose_nothing_and_what_was_not_seen_is_not_changed() {
    let api = Api::start().await;
    let contact = add(&api, &[A], json!({"name": "Ana"})).await;
    let tag = api.get(&contact).await.header("etag").to_owned();
    let mut lists = Vec::new();
    for n in 0..3 {
        lists.push(list(&api, &format!("List {n}")).await);
    }
    let join = async |n: usize| {
        api.put(&format!("/contact-lists/{}{contact}", lists[n]), Value::Null).await.ok(200);
    };
    tokio::join!(join(0), join(1), join(2));
    let on: BTreeSet<String> =
        serde_json::from_value(api.get(&contact).await.ok(200)["lists"].clone()).expect("lists");
    assert_eq!(on, lists.into_iter().collect());
    let stale = api
        .call_with(axum::http::Method::PATCH, &contact, Some(&json!({"name": "Bo"})), &[("if-match", &tag)])
        .await;
    assert_eq!(stale.problem(412, "precondition_failed")["changed"], json!(["lists"]));

    // One number, many at once: one contact.
    let add = async || api.post("/contacts", json!({"phone": B})).await.status;
    let mut statuses = Vec::from(<[u16; 3]>::from(tokio::join!(add(), add(), add())));
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    let form = json!({"phone": C});
    let key = [("idempotency-key", "one")];
    let once = api.call_with(axum::http::Method::POST, "/contacts", Some(&form), &key).await.ok(201);
    let again = api.call_with(axum::http::Method::POST, "/contacts", Some(&form), &key).await.ok(201);
    assert_eq!(once, again);
}
