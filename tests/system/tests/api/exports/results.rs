//! Results and evidence as files.

use carillon_domain::base::call::Outcome;
use carillon_system_tests::api::{Api, HasId};
use serde_json::json;

use super::{asked, csv, exported, finished, rows_of};
use crate::api::interactions::ended_of;

async fn campaign_with_results(api: &Api) -> String {
    let campaign = api.campaign().await;
    let named = json!({"phone": "030 901820", "name": "=1+1"});
    let lead = api.post(&format!("{campaign}/leads"), named).await.ok(201).id();
    ended_of(api, &lead, &[Outcome::Voicemail, Outcome::Completed, Outcome::Busy]).await;
    campaign
}

#[tokio::test]
async fn results_come_with_what_was_said_in_either_kind_of_file() {
    let api = Api::start().await;
    let campaign = campaign_with_results(&api).await;
    let path = format!("{campaign}/interactions/export");
    let over = finished(&api, &asked(&api, &path, json!({})).await).await;
    assert_eq!(
        (&over["file"]["name"], &over["file"]["rows"]),
        (&json!("campaign_results.xlsx"), &json!(2)),
        "{over}"
    );

    let columns = json!(["phone", "name", "outcome", "message_count", "transcript"]);
    let rows = rows_of(exported(&api, &path, json!({"columns": columns, "blank_lines": "hide"})).await);
    assert_eq!(rows[0], ["phone", "name", "outcome", "message_count", "transcript"]);
    assert_eq!(rows[1], ["+4930901820", "=1+1", "busy", "0", ""], "the latest first, and no machine");
    assert_eq!(
        rows[2],
        ["+4930901820", "=1+1", "completed", "2", "agent (0 s): Hello\nuser (3 s): Hi \u{1f44b}"]
    );

    let form =
        json!({"columns": ["outcome", "transcript"], "filter": {"status": "voicemail"}, "delimiter": "bar"});
    assert_eq!(csv(&api, &path, form).await, "\u{feff}outcome|transcript\r\nvoicemail|\r\n");
    let said = csv(&api, &path, json!({"columns": ["transcript"], "filter": {"status": "completed"}})).await;
    assert!(said.contains("\nagent (5 s): \""), "blank lines unless they are hidden: {said}");
    // The answer at once has the same cells.
    let query = "format=csv&columns=id,phone,cost_usd,started_at,refusal&delimiter=semicolon";
    let at_once = api.get(&format!("{campaign}/interactions?{query}")).await.text;
    let form = json!({"columns": ["id", "phone", "cost_usd", "started_at", "refusal"]});
    assert_eq!(csv(&api, &path, form).await, at_once);
    let refused = api.post(&path, json!({"columns": ["shoe_size"]})).await;
    assert_eq!(refused.faults(422, "invalid_fields"), ["columns[0]"]);
}

#[tokio::test]
async fn evidence_outlives_its_campaign_in_files_as_well() {
    let api = Api::start().await;
    let campaign = campaign_with_results(&api).await;
    let path = format!("{campaign}/evidence/export");
    let at_once = api.get(&format!("{campaign}/evidence?format=csv&delimiter=semicolon")).await.text;
    assert_eq!(csv(&api, &path, json!({})).await, at_once);
    api.delete(&campaign).await.ok(202);
    api.do_jobs().await;
    let rows = rows_of(exported(&api, &path, json!({"columns": ["kind", "phone"]})).await);
    assert_eq!(rows[0], ["kind", "phone"]);
}

#[tokio::test]
async fn columns_are_kept_for_each_key_and_campaign_and_used_where_none_are_named() {
    let api = Api::start().await;
    let campaign = campaign_with_results(&api).await;
    let path = format!("{campaign}/result-columns");
    assert_eq!(api.get(&path).await.ok(200), json!({"columns": []}));
    let chosen = json!({"columns": ["outcome", "phone"]});
    assert_eq!(api.put(&path, chosen.clone()).await.ok(200), chosen);
    assert_eq!(api.get(&path).await.ok(200), chosen);

    let export = format!("{campaign}/interactions/export");
    let header =
        |text: String| text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().to_owned();
    assert_eq!(header(csv(&api, &export, json!({})).await), "outcome;phone");
    assert_eq!(header(csv(&api, &export, json!({"columns": ["id"]})).await), "id");
    let at_once = format!("{campaign}/interactions?format=csv");
    assert_eq!(header(api.get(&at_once).await.text), "outcome,phone");

    let other = api.post("/api-keys", json!({"name": "R", "scopes": ["calls:read"]})).await.ok(201);
    let other = api.with_key(other["key"].as_str().expect("a key"));
    assert_eq!(other.get(&path).await.ok(200), json!({"columns": []}));
    assert!(header(other.get(&at_once).await.text).starts_with("id,lead_id,"));
    assert_eq!(
        api.get(&format!("{}/result-columns", api.campaign().await)).await.ok(200),
        json!({"columns": []})
    );

    let faults = api.put(&path, json!({"columns": ["phone", "phone", "shoe_size"]})).await;
    assert_eq!(faults.faults(422, "invalid_fields"), ["columns[1]", "columns[2]"]);
    api.put(&path, json!({"columns": []})).await.ok(200);
    assert!(header(api.get(&at_once).await.text).starts_with("id,lead_id,"));

    api.put(&path, chosen).await.ok(200);
    let (ws, actor) = (&api.keys.workspace, api.all("/api-keys").await);
    let id = campaign.trim_start_matches("/campaigns/").parse().expect("an id");
    api.delete(&campaign).await.ok(202);
    api.do_jobs().await;
    for key in actor {
        assert_eq!(api.context.store.saved_columns(ws, &id, &key.id()).await.expect("a table"), None);
    }
}
