//! Imports: announce a file, follow it, see what was rejected.

use carillon_domain::base::ids::{CampaignId, ImportId};
use carillon_domain::records::import::{Import, ImportStatus};
use carillon_store::{RejectedBy, RejectedRow};
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

#[tokio::test]
async fn a_file_is_announced_and_gets_a_link() {
    let api = Api::start().await;
    let path = format!("{}/imports", api.campaign().await);
    let form = json!({"file_name": "Kunden März.csv", "columns": {"Telefon": "phone"}});
    let import = api.post(&path, form).await.ok(201);
    assert_eq!((&import["status"], &import["percent"]), (&json!("awaiting_file"), &json!(0)));
    assert_eq!(import["columns"], json!({"Telefon": "phone"}));
    let (ws, campaign) = (&api.keys.workspace, path.split('/').nth(2).expect("an id"));
    let key = format!("imports/{ws}/{campaign}/{}/Kunden_M_rz.csv", import.id());
    assert_eq!(import["file_key"], key);
    let upload = &import["upload"];
    let url = upload["url"].as_str().expect("a link");
    assert!(url.starts_with(&format!("http://127.0.0.1:8080/uploads/{key}?")), "{url}");
    assert_eq!(
        (&upload["method"], &upload["expires_at"]),
        (&json!("PUT"), &json!("2026-11-23T12:00:00.000Z"))
    );

    let shown = api.get(&format!("{path}/{}", import.id())).await.ok(200);
    assert_eq!(shown.get("upload"), None, "a link is shown once");
    api.advance_ms(1);
    let later = api.post(&path, json!({"file_name": "b.csv"})).await.ok(201);
    let ids: Vec<_> = api.all(&format!("{path}?limit=1")).await.iter().map(HasId::id).collect();
    assert_eq!(ids, [later.id(), import.id()]);
}

#[tokio::test]
async fn all_faults_are_told_by_name() {
    let api = Api::start().await;
    let path = format!("{}/imports", api.campaign().await);
    for (form, fields) in [
        (json!({}), vec!["file_name"]),
        (json!({"file_name": " "}), vec!["file_name"]),
        (json!({"file_name": "a.csv", "columns": {"A": ""}}), vec!["columns.A"]),
        (json!({"file_name": "a.csv", "columns": {"A": 1}}), vec!["columns.A"]),
        (json!({"file_name": "a.csv", "columns": []}), vec!["columns"]),
        (json!({"file_name": "a.csv", "size": 1}), vec!["size"]),
    ] {
        assert_eq!(api.post(&path, form).await.faults(422, "invalid_fields"), fields);
    }
    let cancelled = api.campaign().await;
    api.command(&format!("{cancelled}/start")).await.ok(200);
    api.command(&format!("{cancelled}/cancel")).await.ok(200);
    let refused = api.post(&format!("{cancelled}/imports"), json!({"file_name": "a.csv"})).await;
    refused.problem(409, "action_not_allowed");
}

/// An import with three rejected rows in two chunks; the second row has two faults.
async fn rejected(api: &Api) -> String {
    let campaign = api.campaign().await;
    let created = api.post(&format!("{campaign}/imports"), json!({"file_name": "a.csv"})).await.ok(201);
    let campaign_id: CampaignId = campaign.trim_start_matches("/campaigns/").parse().expect("an id");
    let id: ImportId = created.id().parse().expect("an id");
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    let row = |row, column: &str, value: &str, reason: &str, fields: [&str; 2]| RejectedRow {
        row,
        column: Some(column.to_owned()).filter(|column| !column.is_empty()),
        value: Some(value.to_owned()),
        reason: reason.to_owned(),
        is_warning: false,
        lead: None,
        contact: None,
        fields: fields.map(ToOwned::to_owned).to_vec(),
    };
    let first = [
        row(2, "phone", "12", "too short", ["12", "=cmd()"]),
        row(5, "phone", "x", "no number", ["x", "B, \"C\""]),
    ];
    let second =
        [row(5, "name", "B", "too odd", ["x", "B, \"C\""]), row(9, "", "", "too many fields", ["1", "2"])];
    store.keep_rejected(ws, RejectedBy::Import(&id), 0, first.to_vec()).await.expect("a table");
    store.keep_rejected(ws, RejectedBy::Import(&id), 1, second.to_vec()).await.expect("a table");
    let import = store.import(ws, &campaign_id, &id).await.expect("a table").expect("an import");
    let mut next = Import {
        version: 2,
        headers: vec!["phone".into(), "name".into()],
        status: ImportStatus::Running,
        size_bytes: 200,
        ..import
    };
    next.progress.position_bytes = 50;
    next.progress.rows = 9;
    next.progress.invalid = 3;
    next.progress.created = 6;
    next.progress.rejected_chunks = 2;
    assert!(store.update_import(ws, &next).await.expect("a table"));
    format!("{campaign}/imports/{id}")
}

#[tokio::test]
async fn progress_and_rejected_rows_are_shown_in_pages() {
    let api = Api::start().await;
    let path = rejected(&api).await;
    let import = api.get(&path).await.ok(200);
    let seen = ["status", "percent", "rows", "created", "invalid"].map(|field| import[field].clone());
    assert_eq!(seen, [json!("running"), json!(25), json!(9), json!(6), json!(3)]);
    let expected = [
        json!({"row": 2, "column": "phone", "value": "12", "reason": "too short", "lead_id": null, "contact_id": null}),
        json!({"row": 5, "column": "phone", "value": "x", "reason": "no number", "lead_id": null, "contact_id": null}),
        json!({"row": 5, "column": "name", "value": "B", "reason": "too odd", "lead_id": null, "contact_id": null}),
        json!({"row": 9, "column": null, "value": "", "reason": "too many fields", "lead_id": null, "contact_id": null}),
    ];
    for limit in 1..6 {
        assert_eq!(api.all(&format!("{path}/rejected?limit={limit}")).await, expected, "{limit}");
    }
}

#[tokio::test]
async fn rejected_rows_come_as_csv_to_mend_without_formulas() {
    let api = Api::start().await;
    let path = rejected(&api).await;
    let answer = api.get(&format!("{path}/rejected.csv")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"rejected-imp_"));
    let expected = "\u{feff}phone,name,row,column,value,reason\r\n\
        12,'=cmd(),2,phone,12,too short\r\n\
        x,\"B, \"\"C\"\"\",5,phone; name,x; B,phone: no number; name: too odd\r\n\
        1,2,9,,,too many fields\r\n";
    assert_eq!(answer.text, expected);
}

#[tokio::test]
async fn a_report_that_is_too_long_for_an_answer_comes_whole_by_a_link() {
    const CHUNKS: u64 = 25;
    let api = Api::start().await;
    let path = rejected(&api).await;
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    let mut ids = path.split('/').skip(2).step_by(2);
    let campaign: CampaignId = ids.next().expect("a campaign").parse().expect("an id");
    let id: ImportId = ids.next().expect("an import").parse().expect("an id");
    let long = |row| RejectedRow {
        contact: None,
        is_warning: false,
        lead: None,
        row,
        column: None,
        value: None,
        reason: "too odd".to_owned(),
        fields: vec!["1".to_owned(), "x".repeat(100_000)],
    };
    for chunk in 0..CHUNKS {
        let rows = [long(2 * chunk + 2), long(2 * chunk + 3)];
        store.keep_rejected(ws, RejectedBy::Import(&id), chunk, rows.to_vec()).await.expect("a table");
    }
    let import = store.import(ws, &campaign, &id).await.expect("a table").expect("an import");
    let mut next = Import { version: import.version + 1, ..import };
    next.progress.rejected_chunks = CHUNKS;
    assert!(store.update_import(ws, &next).await.expect("a table"));

    let answer = api.get(&format!("{path}/rejected.csv")).await;
    assert_eq!((answer.status, answer.text.as_str()), (303, ""));
    let link = answer.header("location");
    assert!(link.starts_with(&format!("http://127.0.0.1:8080/uploads/exports/{ws}/")), "{link}");
    let key = link.split("/uploads/").nth(1).and_then(|rest| rest.split('?').next()).expect("a key");
    assert!(key.ends_with(&format!("/rejected-{id}.csv")), "{key}");
    let mut file = api.context.files.open(key, 0).await.expect("it is there");
    let mut whole = Vec::new();
    while let Some(chunk) = file.chunk().await.expect("a folder") {
        whole.extend(chunk);
    }
    let text = String::from_utf8(whole).expect("a text");
    assert_eq!(text.lines().count() as u64, 2 * CHUNKS + 1);
    assert!(
        text.starts_with("\u{feff}phone,name,row,column,value,reason\r\n") && text.contains(",51,,,too odd")
    );
}

#[tokio::test]
async fn an_import_of_another_campaign_is_not_there() {
    let api = Api::start().await;
    let path = rejected(&api).await;
    let (other, id) = (api.campaign().await, path.rsplit('/').next().expect("an id").to_owned());
    for end in ["", "/rejected", "/rejected.csv"] {
        api.get(&format!("{other}/imports/{id}{end}")).await.problem(404, "not_found");
    }
    let none: Vec<Value> = api.all(&format!("{other}/imports")).await;
    assert!(none.is_empty());
}
