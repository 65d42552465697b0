//! Files of numbers for a do-not-call list, read by a job.

use std::sync::Arc;

use carillon_domain::base::time::{HOUR_MS, MINUTE_MS};
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::people;
use carillon_system_tests::storm::Storm;
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use super::{NUMBERS, import};
use crate::api::dropped::read_files;

const IMPORTS: &str = "/do-not-call/do_not_call/imports";

/// Announces a file; answers with its job, and where it has to lie.
async fn announced(api: &Api, form: Value) -> (String, String) {
    let answer = api.post(IMPORTS, form).await;
    let place = answer.header("location").to_owned();
    let announced = answer.ok(202);
    let job = format!("/jobs/{}", announced.id());
    assert_eq!(place, format!("/api/v1{job}"));
    assert_eq!((&announced["status"], &announced["list"]), (&json!("queued"), &json!("do_not_call")));
    assert_eq!(announced["upload"]["method"], "PUT");
    (job, announced["file_key"].as_str().expect("a key").to_owned())
}

/// Puts a file where it was announced; the bucket tells of it.
async fn uploaded(api: &Api, form: Value, file: &[u8]) -> String {
    let (job, key) = announced(api, form).await;
    api.context.files.write(&key, file.to_vec()).await.expect("a file");
    people::tell_of_file(&api.context, &key).await;
    read_files(api).await;
    job
}

async fn listed(api: &Api) -> Vec<(String, Value)> {
    let numbers = api.all(&format!("{NUMBERS}?limit=100")).await;
    numbers
        .iter()
        .map(|one| (one["number"].as_str().expect("one").to_owned(), one["reason"].clone()))
        .collect()
}

fn counts(job: &Value) -> [&Value; 3] {
    ["done", "refused", "total"].map(|name| &job["counts"][name])
}

#[tokio::test]
async fn what_can_be_read_is_listed_and_what_can_not_is_told_loudly() {
    let api = Api::start().await;
    let file = "Telefon;Mobile;Reason\r\n030 23125001;;asked us\r\n030 23125002;0171 3920001;\r\n12;;was told twice\r\n\
        ;;nobody\r\n030 23125001;;again\r\n";
    let form = json!({"file_name": "opt-outs.csv", "default_country": "DE"});
    let job = uploaded(&api, form, file.as_bytes()).await;
    api.do_jobs().await;
    let over = api.get(&job).await.ok(200);
    assert_eq!((&over["status"], &over["kind"]), (&json!("completed"), &json!("import_numbers")), "{over}");
    assert_eq!(counts(&over), [&json!(4), &json!(2), &json!(6)]);
    assert_eq!(over["error"], "2 numbers can't be read, and can still be called");
    let expected = [
        ("+491713920001", json!(null)),
        ("+493023125001", json!("asked us")),
        ("+493023125002", json!(null)),
    ];
    assert_eq!(listed(&api).await, expected.map(|(number, reason)| (number.to_owned(), reason)));

    let rejected = api.all(&format!("{job}/rejected?limit=1")).await;
    let told: Vec<_> = rejected.iter().map(|row| (&row["row"], &row["value"])).collect();
    assert_eq!(told, [(&json!(4), &json!("12")), (&json!(5), &json!(""))]);
    let csv = api.get(&format!("{job}/rejected.csv")).await.text;
    assert!(
        csv.starts_with("\u{feff}Telefon;Mobile;Reason;row;column;value;reason\r\n12;;was told twice;4;"),
        "{csv}"
    );

    let mended =
        csv.replace("\r\n12;", "\r\n030 23125003;").replace("\r\n;;nobody", "\r\n030 23125004;;nobody");
    let job =
        uploaded(&api, json!({"file_name": "again.csv", "default_country": "DE"}), mended.as_bytes()).await;
    api.do_jobs().await;
    let over = api.get(&job).await.ok(200);
    assert_eq!((counts(&over), &over["error"]), ([&json!(2), &json!(0), &json!(2)], &json!(null)));
    let reasons: Vec<_> = listed(&api).await.into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons[3..], [json!("was told twice"), json!("nobody")]);
}

#[tokio::test]
async fn a_file_may_be_a_workbook_json_or_have_no_header() {
    let api = Api::start().await;
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "Phone number").expect("a cell").write_string(0, 1, "reason").expect("a cell");
    sheet.write_number(1, 0, 493_023_125_001.0).expect("a cell").write_string(1, 1, "web").expect("a cell");
    let workbook = workbook.save_to_buffer().expect("a workbook");
    let files: [(&str, Vec<u8>, &str); 4] = [
        ("numbers.xlsx", workbook, "+493023125001"),
        ("n.json", br#"[{"phone": "+49 30 23125002", "reason": "web"}]"#.to_vec(), "+493023125002"),
        ("plain.csv", b"+49 30 23125003,web\n".to_vec(), "+493023125003"),
        ("plain.txt", "\u{feff}+49 30 23125004\tweb".as_bytes().to_vec(), "+493023125004"),
    ];
    for (place, (name, file, number)) in files.into_iter().enumerate() {
        let job = uploaded(&api, json!({"file_name": name}), &file).await;
        api.do_jobs().await;
        let over = api.get(&job).await.ok(200);
        assert_eq!((&over["status"], &over["error"]), (&json!("completed"), &json!(null)), "{name}: {over}");
        assert_eq!(listed(&api).await[place], (number.to_owned(), json!("web")), "{name}");
    }
    for (name, file, why) in [
        ("n.json", &br#"[{"city": "Ulm"}]"#[..], "no key names a number"),
        ("n.pdf", b"%PDF-1.7", "PDF"),
        ("digits.csv", b"phone\n442079460123\n", "bare_digits"),
    ] {
        let job = uploaded(&api, json!({"file_name": name, "default_country": "DE"}), file).await;
        api.do_jobs().await;
        let over = api.get(&job).await.ok(200);
        assert_eq!(over["status"], "failed", "{name}: {over}");
        assert!(over["error"].as_str().is_some_and(|error| error.contains(why)), "{name}: {over}");
    }
    assert_eq!(listed(&api).await.len(), 4);
}

#[tokio::test]
async fn every_row_counts_once_whatever_is_lost_and_however_often_it_is_cut_off() {
    const NUMBERS_IN_ALL: usize = 1_300;
    let api = Api::start().await;
    let mut file = "phone,reason\n".to_owned();
    for (row, (number, _)) in people::people(NUMBERS_IN_ALL, BERLIN).into_iter().enumerate() {
        file.push_str(&format!("{number},{row}\n"));
        if row % 100 == 7 {
            file.push_str("12,bad\n");
        }
    }
    let job = uploaded(&api, json!({"file_name": "many.csv"}), file.as_bytes()).await;
    let stormy = api.under(Arc::new(Storm::after(5)));
    for _ in 0..60 {
        stormy.do_job(api.context.now()).await;
        api.advance_ms(MINUTE_MS);
        carillon_tick::handle(&api.context).await.expect("the tick is spared");
    }
    let over = api.get(&job).await.ok(200);
    assert_eq!(over["status"], "completed", "{over}");
    assert_eq!(counts(&over), [&json!(NUMBERS_IN_ALL), &json!(13), &json!(NUMBERS_IN_ALL + 13)]);
    assert_eq!(listed(&api).await.len(), NUMBERS_IN_ALL);
    let rejected = api.all(&format!("{job}/rejected?limit=100")).await;
    let mut rows: Vec<_> = rejected.iter().map(|row| row["row"].as_u64().expect("a row")).collect();
    rows.dedup();
    assert_eq!(rows.len(), 13);
}

#[tokio::test]
async fn a_file_is_waited_for_by_one_run_and_not_for_ever() {
    let api = Api::start().await;
    let (job, _) = announced(&api, json!({"file_name": "never.csv"})).await;
    let mut runs = 0;
    for _ in 0..90 {
        api.advance_ms(MINUTE_MS);
        carillon_tick::handle(&api.context).await.expect("a table");
        while api.do_job(api.context.now()).await {
            runs += 1;
        }
    }
    let over = api.get(&job).await.ok(200);
    assert_eq!(over["status"], "failed");
    assert!(over["error"].as_str().is_some_and(|error| error.contains("no file")), "{over}");
    assert!((20..80).contains(&runs), "{runs} looks in 75 minutes");
}

#[tokio::test]
async fn a_job_that_is_cancelled_lists_nothing_more() {
    let api = Api::start().await;
    let (job, key) = announced(&api, json!({"file_name": "n.csv"})).await;
    api.command(&format!("{job}/cancel")).await.ok(200);
    api.context.files.write(&key, b"+49 30 23125001\n".to_vec()).await.expect("a file");
    people::tell_of_file(&api.context, &key).await;
    read_files(&api).await;
    api.do_jobs().await;
    assert_eq!(listed(&api).await, []);
    assert_eq!(api.get(&job).await.ok(200)["status"], "cancelled");
    let faults = api
        .post(IMPORTS, json!({"file_name": " ", "sheet": "x".repeat(201)}))
        .await
        .faults(422, "invalid_fields");
    assert_eq!(faults, ["file_name", "sheet"]);
    api.post("/do-not-call/nowhere/imports", json!({"file_name": "n.csv"})).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_was_taken_off_by_mistake_goes_back_as_it_was() {
    let api = Api::start().await;
    let one = format!("{NUMBERS}/+493023125001");
    import(
        &api,
        super::IMPORT,
        "phone,reason,source,listed_at\n+493023125001,asked us,web,2025-03-01T08:00:00Z",
    )
    .await
    .ok(200);
    let before = api.get(&one).await.ok(200);
    api.delete(&format!("{one}?reason=a+slip")).await.ok(204);
    api.get(&one).await.problem(404, "not_found");
    api.advance_ms(HOUR_MS);
    for _ in ["once", "again"] {
        let restored = api.command(&format!("{one}/restore")).await.ok(200);
        assert_eq!(restored, before);
    }
    assert_eq!(api.get(&one).await.ok(200), before);
    let history = api.get(&format!("{one}/history")).await.ok(200);
    assert_eq!(history["items"][0]["removed"], json!(null));
    assert_eq!(history["items"][1]["removed"]["reason"], "a slip");
    api.command(&format!("{NUMBERS}/+493023125002/restore")).await.problem(404, "not_found");
}
