//! Files of all kinds: workbooks, JSON, in the body of a request, looked at beforehand, read by a saved mapping; and a
//! reader that is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::Request;
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_local::workers;
use carillon_system_tests::api::{Answer, Api, HasId};
use carillon_system_tests::people;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::api::dropped::{campaign, dropped, dropped_as, read_files};

/// A workbook of texts, and of numbers where a cell is all digits.
fn workbook(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let worksheet = workbook.add_worksheet().set_name(sheet).expect("a name");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell.parse::<f64>() {
                Ok(number) => worksheet.write_number(row, column, number).expect("a number"),
                Err(_) => worksheet.write_string(row, column, *cell).expect("a text"),
            };
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

async fn sent(api: &Api, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {}", api.keys.api_key))
        .header("content-type", media_type);
    api.send(request.body(Body::from(body)).expect("a request")).await
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().expect("texts").iter().filter_map(Value::as_str).collect()
}

async fn phones(api: &Api, campaign: &str) -> Vec<String> {
    let leads = api.all(&format!("{campaign}/leads")).await;
    leads.iter().map(|lead| lead["phone"].as_str().expect("a number").to_owned()).collect()
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[tokio::test]
async fn a_workbook_is_read_and_what_it_lacks_comes_back_as_one() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let file = workbook(
        "Leute",
        &[
            &["Name", "Telefon", "Notiz"],
            &["Ida", "493023125001", "=1+1"],
            &["Bo", "3023125002", "00012a"],
            &["Cy", "030 23", "=cmd()"],
            &["Dea", "", "'quoted"],
            &["Eli", "+49 30 23125001", "again"],
        ],
    );
    let (import, path) = dropped_as(&api, &campaign, "people.xlsx", &file).await;
    assert_eq!((&import["status"], &import["format"]), (&json!("completed"), &json!("xlsx")));
    assert_eq!((&import["sheet"], &import["percent"]), (&json!("Leute"), &json!(100)));
    let counts = ["rows", "created", "duplicates", "invalid"].map(|name| import[name].clone());
    assert_eq!(counts, [json!(5), json!(2), json!(1), json!(2)]);
    assert_eq!(phones(&api, &campaign).await, ["+493023125001", "+493023125002"]);
    let rejected = api.all(&format!("{path}/rejected")).await;
    let ida = api.all(&format!("{campaign}/leads")).await[0].id();
    let again = rejected.iter().find(|row| row["row"] == 6).expect("a duplicate");
    assert_eq!(again["lead_id"], json!(ida));

    let answer = api.get(&format!("{path}/rejected.xlsx")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, XLSX));
    let (second, second_path) = dropped_as(&api, &campaign, "mended.xlsx", &answer.bytes).await;
    assert_eq!(second["headers"], json!(["Name", "Telefon", "Notiz", "row", "column", "value", "reason"]));
    let csv = |text: &str| -> Vec<Vec<String>> {
        let cells = |line: &str| line.split(',').take(3).map(ToOwned::to_owned).collect();
        text.lines().map(cells).collect()
    };
    let first = api.get(&format!("{path}/rejected.csv")).await.text;
    let back = api.get(&format!("{second_path}/rejected.csv")).await.text;
    assert_eq!(csv(&back), csv(&first), "they come back unchanged");
}

#[tokio::test]
async fn json_is_read_and_a_slip_says_line_and_column() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let file = "[\n  {\"name\": \"Ida\", \"phones\": [\"030 23125001\", 493023125002], \"tags\": [\"vip\", \"fair\"]},\n  \
        {\"name\": \"Bo\", \"phones\": \"030 23125003\",},\n  {\"phones\": 493023125004, \"order\": {\"id\": 7}, \"name\": null}\n]";
    let (import, path) = dropped_as(&api, &campaign, "people.json", file.as_bytes()).await;
    assert_eq!((&import["status"], &import["format"]), (&json!("completed"), &json!("json")));
    let counts = ["rows", "created", "invalid", "warnings"].map(|name| import[name].clone());
    assert_eq!(counts, [json!(3), json!(2), json!(1), json!(1)]);
    let leads = api.all(&format!("{campaign}/leads")).await;
    assert_eq!(leads[0]["phones"][1]["value"], json!("+493023125002"));
    assert_eq!(leads[0]["tags"], json!(["vip", "fair"]));
    assert_eq!(leads[1]["phone"], json!("+493023125004"));
    let rejected = api.all(&format!("{path}/rejected")).await;
    assert_eq!(rejected[0]["row"], json!(2));
    let reason = rejected[0]["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("line 3, column "), "{reason}");
    let warnings = api.all(&format!("{path}/warnings")).await;
    assert_eq!((&warnings[0]["column"], &warnings[0]["value"]), (&json!("order"), &json!("{\"id\":7}")));

    let (empty, _) = dropped_as(&api, &campaign, "empty.json", b"[]").await;
    assert_eq!(empty["status"], json!("failed"));
    assert!(empty["error"].as_str().expect("a reason").contains("array of objects"), "{}", empty["error"]);
}

#[tokio::test]
async fn a_file_in_the_body_is_imported_like_any_other() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let path = format!("{campaign}/imports");
    let query = "?file_name=Leute.csv&tags=fair,2026&default_country=GB&on_duplicate=update";
    for (query, media_type, body) in [
        (query, "text/csv", b"phone,name\n020 7946 0001,Ida\n".to_vec()),
        ("?file_name=a.json", "application/json", b"[{\"phone\": \"+44 20 7946 0002\"}]".to_vec()),
        ("?file_name=a.jsonl", "application/x-ndjson", b"{\"phone\": \"+44 20 7946 0003\"}\n".to_vec()),
        ("?file_name=a.xlsx", XLSX, workbook("A", &[&["phone"], &["+44 20 7946 0004"]])),
    ] {
        let import = sent(&api, &format!("{path}{query}"), media_type, body).await.ok(201);
        assert_eq!((import.get("upload"), import.get("is_sent")), (None, None));
        people::tell_of_file(&api.context, import["file_key"].as_str().expect("a key")).await;
        read_files(&api).await;
        let read = api.get(&format!("{path}/{}", import.id())).await.ok(200);
        assert_eq!((&read["status"], &read["created"]), (&json!("completed"), &json!(1)), "{read}");
        api.advance_ms(1);
    }
    let leads = api.all(&format!("{campaign}/leads")).await;
    let numbers: Vec<_> = leads.iter().map(|lead| lead["phone"].as_str().expect("a number")).collect();
    assert_eq!(numbers, ["+442079460001", "+442079460002", "+442079460003", "+442079460004"]);
    assert_eq!(leads[0]["tags"], json!(["fair", "2026"]));

    let nameless = sent(&api, &path, "text/csv", b"phone\n1\n".to_vec()).await;
    assert_eq!(nameless.faults(400, "invalid_query"), ["file_name"]);
    let empty = sent(&api, &format!("{path}?file_name=a.csv"), "text/csv", Vec::new()).await;
    assert_eq!(empty.faults(422, "invalid_fields"), ["body"]);
    sent(&api, &format!("{path}?file_name=a.pdf"), "application/pdf", b"%PDF".to_vec())
        .await
        .problem(415, "unsupported_media_type");
    let unknown =
        sent(&api, &format!("{path}?file_name=a.csv&mapping=none"), "text/csv", b"a\n".to_vec()).await;
    assert_eq!(unknown.faults(422, "invalid_fields"), ["mapping"]);
}

#[tokio::test]
async fn a_preview_says_what_each_column_becomes_and_how_sure_that_is() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let path = format!("{campaign}/imports/preview");
    let file =
        "Name;Work Phone;Kontakt;Bestellung\nIda;030 23125001;030 23125002;A-1\nBo;12;+49 30 23125003;\n";
    let preview = sent(&api, &path, "text/csv", file.as_bytes().to_vec()).await.ok(200);
    let columns: Vec<[&str; 3]> = preview["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .map(|column| ["header", "becomes", "certainty"].map(|name| column[name].as_str().expect("a text")))
        .collect();
    assert_eq!(
        columns,
        [
            ["Name", "name", "certain"],
            ["Work Phone", "phone", "likely"],
            ["Kontakt", "kontakt", "guess"],
            ["Bestellung", "bestellung", "variable"]
        ]
    );
    assert_eq!(texts(&preview["columns"][3]["samples"]), ["A-1"]);
    assert_eq!((&preview["rows_sampled"], &preview["readable"]), (&json!(2), &json!(1)));
    assert_eq!(preview["rejected"][0]["value"], json!("12"));
    assert!(texts(&preview["notices"])[0].contains("`Kontakt` looks like telephone numbers (2 of 2"));
    assert_eq!(preview["problem"], Value::Null);
    assert_eq!(api.all(&format!("{campaign}/imports")).await, Vec::<Value>::new(), "nothing is stored");

    let nobody = sent(&api, &path, "text/csv", b"Name,Apparat\nIda,030 23125001\n".to_vec()).await.ok(200);
    assert!(nobody["problem"].as_str().expect("a problem").contains("no column holds telephone numbers"));
    assert_eq!(nobody["columns"][1]["certainty"], json!("guess"));
    let book = workbook("Leute", &[&["Leute"], &["Telefon", "Name"], &["03023125001", "Ida"]]);
    let shown = sent(&api, &path, XLSX, book).await.ok(200);
    assert_eq!(
        (&shown["format"], &shown["sheet"], &shown["readable"]),
        (&json!("xlsx"), &json!("Leute"), &json!(1))
    );
    let pdf = sent(&api, &path, "application/octet-stream", b"%PDF-1.7".to_vec()).await;
    assert_eq!(pdf.faults(422, "invalid_fields"), ["body"]);

    // The file of an import, such as one that failed.
    let (failed, import) = dropped(&api, &campaign, "Name,Apparat\nIda,030 23125001\n").await;
    assert_eq!(failed["status"], json!("failed"));
    assert!(texts(&failed["notices"])[0].contains("`Apparat` looks like telephone numbers"), "{failed}");
    let shown = api.get(&format!("{import}/preview")).await.ok(200);
    assert_eq!(shown["columns"], nobody["columns"]);
}

#[tokio::test]
async fn a_saved_mapping_is_used_where_it_fits_or_is_named() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let form = json!({"headers": ["Apparat", "Wer"], "columns": {"Apparat": "phone", "Wer": "name"}});
    let saved = api.put("/mappings/pbx", form.clone()).await.ok(200);
    assert_eq!(saved["columns"], form["columns"]);
    api.get("/mappings/pbx").await.ok(200);
    assert_eq!(api.all("/mappings").await.len(), 1);

    let (import, _) = dropped(&api, &campaign, "Wer,Apparat\nIda,030 23125001\n").await;
    assert_eq!((&import["mapping"], &import["created"]), (&json!("pbx"), &json!(1)), "{import}");
    assert_eq!(import["columns"], form["columns"]);
    let lead = &api.all(&format!("{campaign}/leads")).await[0];
    assert_eq!((&lead["phone"], &lead["name"]), (&json!("+493023125001"), &json!("Ida")));
    let (other, _) = dropped(&api, &campaign, "Wer,Apparat,Ort\nIda,030 23125001,Ulm\n").await;
    assert_eq!((&other["mapping"], &other["status"]), (&Value::Null, &json!("failed")));

    let path = format!("{campaign}/imports?file_name=a.csv&mapping=pbx");
    let named =
        sent(&api, &path, "text/csv", b"Wer,Apparat,Ort\nBo,030 23125002,Ulm\n".to_vec()).await.ok(201);
    people::tell_of_file(&api.context, named["file_key"].as_str().expect("a key")).await;
    read_files(&api).await;
    let named = api.get(&format!("{campaign}/imports/{}", named.id())).await.ok(200);
    assert_eq!((&named["mapping"], &named["created"]), (&json!("pbx"), &json!(1)), "{named}");

    for (form, field) in [
        (json!({"headers": ["A"], "columns": {"B": "phone"}}), "columns"),
        (json!({"headers": ["A"], "columns": {"A": "name"}}), "columns"),
        (json!({"headers": ["A"]}), "columns"),
    ] {
        assert_eq!(api.put("/mappings/other", form).await.faults(422, "invalid_fields"), [field]);
    }
    api.delete("/mappings/pbx").await.ok(204);
    api.get("/mappings/pbx").await.problem(404, "not_found");
}

#[tokio::test]
async fn rows_on_a_list_are_counted_and_become_leads_whom_nobody_calls() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let listed = json!({"number": "+49 30 23125001", "reason": "asked us"});
    api.post("/do-not-call/do_not_call/numbers", listed).await.ok(201);
    let (import, _) = dropped(&api, &campaign, "phone\n030 23125001\n030 23125002\n").await;
    assert_eq!((&import["created"], &import["suppressed"]), (&json!(2), &json!(1)));
}

/// Tells when so many requests were sent.
#[derive(Debug)]
struct Alarm {
    left: AtomicU64,
    rings: Notify,
}

impl Interceptor for Alarm {
    fn before(&self, _: &TableCall<'_>) -> Verdict {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.rings.notify_one();
        }
        Verdict::Pass
    }
}

#[tokio::test]
async fn a_reader_that_is_killed_at_any_moment_loses_and_doubles_nobody() {
    /// Three chunks.
    const PEOPLE: usize = 1_010;
    /// Requests between two moments at which it is killed; a file takes some 100.
    const STEP: u64 = 17;
    let phones: Vec<String> = (0..PEOPLE).map(|n| format!("+49 30 2312{n:04}")).collect();
    let mut rows: Vec<Vec<&str>> = vec![vec!["phone"]];
    rows.extend(phones.iter().map(|phone| vec![phone.as_str()]));
    rows.insert(700, vec!["12"]);
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let objects: Vec<Value> = rows[1..].iter().map(|row| json!({"phone": row[0]})).collect();
    let json = serde_json::to_vec_pretty(&objects).expect("JSON");
    for (name, file) in [("people.xlsx", workbook("A", &rows)), ("people.json", json)] {
        for kill in 1.. {
            let api = Api::start().await;
            let campaign = campaign(&api, "DE").await;
            let key =
                format!("drops/{}{}/{name}", api.keys.workspace, campaign.trim_start_matches("/campaigns"));
            api.context.files.write(&key, file.clone()).await.expect("a file");
            people::tell_of_file(&api.context, &key).await;
            let carillon_adapters::queue::Queue::Local(queue) = &api.context.queues.import else {
                panic!("these tests keep local queues")
            };
            let received = queue.receive(1, 60_000).expect("a queue");
            let alarm = Arc::new(Alarm { left: AtomicU64::new(kill * STEP), rings: Notify::new() });
            let context = api.under(Arc::<Alarm>::clone(&alarm)).context;
            let deadline = api.context.now().plus_ms(600_000);
            let event = workers::event(&received);
            let reader =
                tokio::spawn(async move { carillon_importer::handle(&context, event, deadline).await });
            let abort = reader.abort_handle();
            let was_killed = tokio::select! {
                () = alarm.rings.notified() => { abort.abort(); true }
                ended = reader => { ended.expect("no panic"); false }
            };
            // The queue hands the message out again.
            carillon_importer::handle(&api.context, workers::event(&received), deadline).await;
            let import = api.all(&format!("{campaign}/imports")).await.remove(0);
            let counts = ["status", "rows", "invalid", "duplicates"].map(|field| import[field].clone());
            assert_eq!(
                counts,
                [json!("completed"), json!(PEOPLE + 1), json!(1), json!(0)],
                "{name}, killed at {kill}"
            );
            assert_eq!(import["created"], json!(PEOPLE), "{name}, killed at {kill}");
            let stats = api.get(&format!("{campaign}/stats")).await.ok(200);
            assert_eq!(stats["total"], json!(PEOPLE), "{name}, killed at {kill}: {stats}");
            if !was_killed {
                assert!(kill > 3, "it was never killed");
                break;
            }
        }
    }
}
