//! Exports: what is in the files, that it comes back as it was, and that each row is there once, whatever happens.

mod faults;
mod results;

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use carillon_adapters::files::Files;
use carillon_domain::base::ids::{JobId, WorkspaceId};
use carillon_domain::base::time::{DAY_MS, MINUTE_MS};
use carillon_system_tests::api::Api;
use serde_json::{Value, json};

use crate::api::dropped::{campaign, dropped_as};

/// Asks for an export; answers with the path of its job.
pub(crate) async fn asked(api: &Api, path: &str, form: Value) -> String {
    let answer = api.post(path, form).await;
    let job = answer.header("location").trim_start_matches("/api/v1").to_owned();
    answer.ok(202);
    job
}

/// The job once it is over.
async fn finished(api: &Api, job: &str) -> Value {
    api.do_jobs().await;
    let over = api.get(job).await.ok(200);
    assert_eq!(over["status"], "completed", "{over}");
    over
}

/// The file of a job that is over.
pub(crate) async fn fetched(api: &Api, over: &Value) -> Vec<u8> {
    let url = over["file"]["url"].as_str().expect("a link");
    let key = url.split("/uploads/").nth(1).and_then(|rest| rest.split('?').next()).expect("a key");
    let mut file = api.context.files.open(key, 0).await.expect("it is there");
    let mut whole = Vec::new();
    while let Some(chunk) = file.chunk().await.expect("a folder") {
        whole.extend(chunk);
    }
    assert_eq!(over["file"]["bytes"], whole.len());
    whole
}

/// The file that such an export comes to.
pub(crate) async fn exported(api: &Api, path: &str, form: Value) -> Vec<u8> {
    let job = asked(api, path, form).await;
    let over = finished(api, &job).await;
    fetched(api, &over).await
}

pub(crate) async fn csv(api: &Api, path: &str, mut form: Value) -> String {
    form["format"] = json!("csv");
    String::from_utf8(exported(api, path, form).await).expect("a text")
}

/// The rows of a workbook's first sheet; each of its cells is a text, or a quantity.
pub(crate) fn rows_of(workbook: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(workbook)).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("a sheet");
    let text = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Float(quantity) => quantity.to_string(),
        Data::Empty => String::new(),
        other => panic!("{other:?} is neither text nor quantity"),
    };
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

/// What an import has to give again of each lead.
async fn people(api: &Api, campaign: &str) -> Vec<Value> {
    let told = |lead: &Value| {
        let numbers = lead["phones"].as_array().expect("numbers").iter();
        let numbers: Vec<_> =
            numbers.map(|one| ["value", "label", "name"].map(|field| &one[field])).collect();
        let fields = ["name", "email", "company", "timezone", "tags", "consent", "variables"];
        json!([numbers, fields.map(|field| &lead[field])])
    };
    api.all(&format!("{campaign}/leads?limit=100")).await.iter().map(told).collect()
}

/// Leads with whatever is hard to write into a sheet.
async fn hard_leads(api: &Api, campaign: &str) {
    let values = [
        "=1+1",
        "+4930901820",
        "+49 30 901820",
        "-1",
        "@SUM(A1)",
        "\t=1+1",
        "'=1",
        "''",
        "'tis",
        "00123",
        "1e5",
        "3,5",
        "2026-11-23",
        "a;b,c|d\te",
        "say \"no\"",
        "two\nlines",
        "two\r\nlines",
        "日本 😀 é",
        "=cmd|' /C calc'!A0",
    ];
    for (n, value) in values.iter().enumerate() {
        let form = json!({
            "phones": [
                {"value": format!("+49 30 2312{n:02}01"), "label": "=office; 1"},
                {"value": format!("+1 202 555 01{n:02}"), "name": "-Desk \"2\""},
            ],
            "name": "=HYPERLINK(\"x\")", "email": "ana@example.com", "company": "-Acme; \"Sons\"",
            "timezone": "Europe/Berlin", "tags": ["=vip", "north"],
            "consent": {"source": "+form", "at": "2026-01-02T03:04:05.678Z", "proof": "https://example.com/?a=b"},
            "variables": {"note": value, "phone": "+4930901820", "orderId": value, "status": value, "first_name": "A"},
        });
        api.post(&format!("{campaign}/leads"), form).await.ok(201);
        api.advance_ms(1);
    }
    api.post(&format!("{campaign}/leads"), json!({"phone": "+49 30 901829"})).await.ok(201);
}

#[tokio::test]
async fn leads_come_back_as_they_were_from_either_kind_of_file_and_again() {
    let api = Api::start().await;
    let first = campaign(&api, "DE").await;
    hard_leads(&api, &first).await;
    let expected = people(&api, &first).await;
    for (format, name) in [("csv", "people.csv"), ("xlsx", "people.xlsx")] {
        let mut from = first.clone();
        for round in 1..=2 {
            let path = format!("{from}/leads/export");
            let file = exported(&api, &path, json!({"format": format})).await;
            if format == "xlsx" {
                assert_eq!(rows_of(file.clone()).len(), expected.len() + 1);
            }
            let to = campaign(&api, "US").await;
            let (import, _) = dropped_as(&api, &to, name, &file).await;
            let faults = ["invalid", "warnings"].map(|count| import[count].as_u64());
            assert_eq!(
                (faults, &import["notices"]),
                ([Some(0); 2], &json!([])),
                "{format} {round}: {import}"
            );
            assert_eq!(people(&api, &to).await, expected, "{format}, round {round}");
            from = to;
        }
    }
}

#[tokio::test]
async fn a_csv_is_written_for_its_country_with_the_columns_and_leads_that_are_asked_for() {
    let api = Api::start().await;
    let (german, american) = (campaign(&api, "DE").await, campaign(&api, "US").await);
    for path in [&german, &american] {
        for (phone, name) in [("+49 30 901820", "Ana"), ("+49 30 901821", "Bo")] {
            api.post(&format!("{path}/leads"), json!({"phone": phone, "name": name})).await.ok(201);
            api.advance_ms(1);
        }
    }
    let columns = json!(["status", "name", "phone"]);
    let text = csv(&api, &format!("{german}/leads/export"), json!({"columns": columns})).await;
    assert_eq!(
        text.trim_start_matches('\u{feff}'),
        "carillon.status;name;phone\r\npending;Ana;+49 30 901820\r\npending;Bo;+49 30 901821\r\n"
    );
    let form = json!({"columns": columns, "byte_order_mark": false, "filter": {"search": "bo"}});
    let text = csv(&api, &format!("{american}/leads/export"), form).await;
    assert_eq!(text, "carillon.status,name,phone\r\npending,Bo,+49 30 901821\r\n");
    let form = json!({"columns": ["name"], "delimiter": "tab", "filter": {"status": "completed"}});
    assert_eq!(csv(&api, &format!("{american}/leads/export"), form).await, "\u{feff}name\r\n");
}

#[tokio::test]
async fn a_do_not_call_list_comes_whole_and_sorted_and_can_be_taken_back() {
    let api = Api::start().await;
    for (number, reason) in [("+4930901822", "=1"), ("+4930901821", "asked; us")] {
        let form = json!({"number": number, "reason": reason, "source": "letter"});
        api.post("/do-not-call/do_not_call/numbers", form).await.ok(201);
    }
    let path = "/do-not-call/do_not_call/export";
    let text = csv(&api, path, json!({"columns": ["phone", "reason"]})).await;
    assert_eq!(text, "\u{feff}phone,reason\r\n+49 30 901821,asked; us\r\n+49 30 901822,'=1\r\n");
    // The answer at once has the same cells.
    assert_eq!(api.get(path).await.text, csv(&api, path, json!({})).await);
    let rows = rows_of(exported(&api, path, json!({})).await);
    assert_eq!(rows[1][..3], ["+4930901821", "asked; us", "letter"]);
    let over = finished(&api, &asked(&api, path, json!({})).await).await;
    assert_eq!(
        (&over["file"]["name"], &over["export"]["list"]),
        (&json!("do_not_call.xlsx"), &json!("do_not_call"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let api = Api::start().await;
    let path = format!("{}/leads/export", api.campaign().await);
    for (form, fields) in [
        (json!({"columns": ["phone", "stauts", "phone"]}), vec!["columns[1]", "columns[2]"]),
        (json!({"columns": ["variables.a b"]}), vec!["columns[0]"]),
        (json!({"delimiter": "comma", "byte_order_mark": true}), vec!["delimiter", "byte_order_mark"]),
        (json!({"format": "pdf"}), vec!["format"]),
        (json!({"filter": {"status": "done", "age": 7}}), vec!["filter.age"]),
    ] {
        assert_eq!(api.post(&path, form.clone()).await.faults(422, "invalid_fields"), fields, "{form}");
    }
    let told = api.post(&path, json!({"columns": ["stauts"]})).await.problem(422, "invalid_fields");
    let reason = told["errors"][0]["reason"].as_str().unwrap_or_default();
    assert_eq!(reason, "there is no column `stauts`; is it `status` that you mean?");
    let nowhere = "/campaigns/cmp_01ARYZ6S41TSV4RRFFQ69G5FAV/leads/export";
    api.post(nowhere, json!({})).await.problem(404, "not_found");
    api.post("/do-not-call/nobodys/export", json!({})).await.problem(404, "not_found");
    assert_eq!(api.all("/jobs?kind=export").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_link_expires_and_is_only_for_those_who_may_see_what_it_leads_to() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.lead(&path, "030 901820").await;
    let job = asked(&api, &format!("{path}/leads/export"), json!({})).await;
    let list = asked(&api, "/do-not-call/do_not_call/export", json!({})).await;
    let over = finished(&api, &job).await;
    assert_eq!(over["file"]["expires_at"], "2026-11-23T11:15:00.000Z", "{over}");
    assert!(
        api.all("/jobs").await.iter().all(|job| job["file"]["url"].is_null()),
        "only where one job is shown"
    );

    let reader = api.post("/api-keys", json!({"name": "R", "scopes": ["leads:read"]})).await.ok(201);
    let reader = api.with_key(reader["key"].as_str().expect("a key"));
    assert!(reader.get(&job).await.ok(200)["file"]["url"].is_string());
    let hidden = reader.get(&list).await.ok(200);
    assert_eq!((&hidden["status"], &hidden["file"]["url"]), (&json!("completed"), &Value::Null));
    reader.post("/do-not-call/do_not_call/export", json!({})).await.problem(403, "missing_scope");

    let query =
        |job: &Value| job["file"]["url"].as_str().expect("a link").split('?').nth(1).map(str::to_owned);
    let expires = |job: &Value| {
        let query = query(job).expect("a query");
        query
            .split('&')
            .find_map(|part| part.strip_prefix("expires=")?.parse::<i64>().ok())
            .expect("a moment")
    };
    assert_eq!(expires(&over), api.context.now().plus_ms(15 * MINUTE_MS).as_secs());
    api.advance_ms(DAY_MS - 5 * MINUTE_MS);
    let late = api.get(&job).await.ok(200);
    assert_eq!(
        expires(&late),
        api.context.now().plus_ms(5 * MINUTE_MS).as_secs(),
        "no longer than the file is there"
    );
    api.advance_ms(5 * MINUTE_MS);
    assert_eq!(api.get(&job).await.ok(200)["file"]["url"], Value::Null);
}

#[tokio::test]
async fn nobody_exports_what_is_another_workspaces() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.lead(&path, "030 901820").await;
    let job = asked(&api, &format!("{path}/leads/export"), json!({})).await;
    finished(&api, &job).await;
    let ws = WorkspaceId::new(api.context.now(), [5; 10]);
    let (key, record) = carillon_api::first_api_key(&ws, [8; 32], "other", api.context.now());
    api.context.store.create_api_key(&ws, &record).await.expect("a table");
    let stranger = api.with_key(&key);
    stranger.get(&job).await.problem(404, "not_found");
    for what in ["leads", "interactions"] {
        stranger.post(&format!("{path}/{what}/export"), json!({})).await.problem(404, "not_found");
    }
    let theirs = csv(&stranger, &format!("{path}/evidence/export"), json!({"columns": ["phone"]})).await;
    assert_eq!(theirs, "\u{feff}phone\r\n", "nothing");
}

/// The keys of the parts that a job has left.
pub(crate) async fn parts(api: &Api, job: &str) -> BTreeSet<String> {
    let id: JobId = job.trim_start_matches("/jobs/").parse().expect("an id");
    let ws = &api.keys.workspace;
    let job = api.context.store.job(ws, &id).await.expect("a table").expect("a job");
    let parts = job.parts.iter().enumerate();
    parts.map(|(place, part)| carillon_runtime::services::exports::part_key(ws, &id, place, part)).collect()
}

pub(crate) async fn is_there(files: &Files, key: &str) -> bool {
    files.size(key).await.is_ok()
}
