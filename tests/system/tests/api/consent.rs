//! Consent: read from files, given later, and what it changes.

use carillon_domain::base::time::MINUTE_MS;
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use serde_json::{Value, json};

use crate::api::dropped::{campaign, dropped};

async fn lead_of(api: &Api, campaign: &str, name: &str) -> Value {
    let leads = api.all(&format!("{campaign}/leads")).await;
    leads.into_iter().find(|lead| lead["name"] == name).expect("a lead of this name")
}

#[tokio::test]
async fn a_file_tells_who_agreed_where_when_how_and_with_which_proof() {
    let api = Api::start().await;
    let path = campaign(&api, "DE").await;
    api.patch(&path, json!({"time_zone": "Europe/Berlin"})).await.ok(200);
    let file = "Name;Telefon;Einwilligung Quelle;Einwilligung am;Einwilligungskanal;Einwilligungsnachweis\r\n\
        Ida;030 23125001;Messe;01.11.2026 09:00;Papier;Bogen 7\r\n\
        Bo;030 23125002;Bestellung;2026-11-02T10:00:00+01:00;;\r\n\
        Cy;030 23125003;Messe;neulich;;\r\n\
        Dea;030 23125004;Messe;;;\r\n\
        Eli;030 23125005;Messe;2027-01-01;;\r\n\
        Fay;030 23125006;;;;\r\n";
    let (import, import_path) = dropped(&api, &path, file).await;
    assert_eq!(
        (&import["created"], &import["invalid"], &import["warnings"]),
        (&json!(6), &json!(0), &json!(3))
    );
    let consent =
        |source, at, channel, proof| json!({"source": source, "at": at, "channel": channel, "proof": proof});
    let whole = consent("Messe", "2026-11-01T08:00:00.000Z", json!("Papier"), json!("Bogen 7"));
    assert_eq!(lead_of(&api, &path, "Ida").await["consent"], whole);
    let half = lead_of(&api, &path, "Bo").await["consent"].clone();
    assert_eq!((&half["source"], &half["at"]), (&json!("Bestellung"), &json!("2026-11-02T09:00:00.000Z")));
    for name in ["Cy", "Dea", "Eli", "Fay"] {
        let lead = lead_of(&api, &path, name).await;
        assert_eq!((&lead["consent"], &lead["variables"]), (&json!(null), &json!({})), "{name}");
    }
    let warnings = api.all(&format!("{import_path}/warnings")).await;
    let told: Vec<_> = warnings
        .iter()
        .map(|one| (one["row"].as_u64(), one["column"].as_str(), one["value"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(4), Some("Einwilligung am"), Some("neulich")),
            (Some(5), Some("Einwilligung am"), Some("")),
            (Some(6), Some("Einwilligung am"), Some("2027-01-01")),
        ]
    );
}

#[tokio::test]
async fn the_columns_of_the_evidence_are_read_back() {
    let api = Api::start().await;
    let path = campaign(&api, "DE").await;
    let evidence = api.get(&format!("{path}/evidence?format=csv")).await;
    let header = evidence.text.lines().next().expect("a header").trim_start_matches('\u{feff}').to_owned();
    let cell = |column: &str| match column {
        "phone" => "+49 30 23125001",
        "consent_source" => "order form",
        "consent_at" => "2026-11-01T08:00:00.000Z",
        "consent_channel" => "web",
        "consent_proof" => "A-1",
        _ => "",
    };
    let row: Vec<&str> = header.split(',').map(cell).collect();
    let (import, _) = dropped(&api, &path, &format!("{header}\r\n{}\r\n", row.join(","))).await;
    assert_eq!((&import["created"], &import["warnings"]), (&json!(1), &json!(0)));
    let leads = api.all(&format!("{path}/leads")).await;
    let expected =
        json!({"source": "order form", "at": "2026-11-01T08:00:00.000Z", "channel": "web", "proof": "A-1"});
    assert_eq!(leads[0]["consent"], expected);
}

/// A campaign that runs, calls nobody without consent, and has skipped each of these people for want of it.
async fn skipped(phones: &[&str], settings: Value) -> (Harness, Api, String, Vec<String>) {
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let api = Api::of(&harness);
    let path = campaign(&api, "DE").await;
    api.patch(&path, json!({"requires_consent": true, "keep_open": true})).await.ok(200);
    api.patch(&path, settings).await.ok(200);
    let mut leads = Vec::new();
    for phone in phones {
        leads.push(format!("{path}/leads/{}", api.lead(&path, phone).await));
    }
    api.command(&format!("{path}/start")).await.ok(200);
    harness.run_to(MONDAY_AT_NINE.plus_ms(2 * MINUTE_MS)).await;
    for lead in &leads {
        assert_eq!(api.get(lead).await.ok(200)["status_reason"], "no_consent");
    }
    assert_eq!(harness.network.calls(), []);
    (harness, api, path, leads)
}

async fn called(harness: &mut Harness) -> usize {
    let soon = harness.context.now().plus_ms(3 * MINUTE_MS);
    harness.run_to(soon).await;
    harness.network.calls().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_agrees_later_is_called_by_file_by_patch_and_by_post() {
    let phones = ["030 23125001", "030 23125002", "030 23125003", "030 23125004"];
    let (mut harness, api, path, leads) = skipped(&phones, json!({"on_duplicate": "update"})).await;
    let key = format!("drops/{}/{}/later.csv", api.keys.workspace, path.trim_start_matches("/campaigns/"));
    let file = "phone,consent_source,consent_at\n+49 30 23125001,fair,2026-11-01\n+49 30 23125004,,\n";
    api.context.files.write(&key, file.as_bytes().to_vec()).await.expect("a file");
    people::tell_of_file(&api.context, &key).await;
    assert_eq!(called(&mut harness).await, 1, "by file");
    let import = api.all(&format!("{path}/imports")).await.remove(0);
    assert_eq!(
        (&import["created"], &import["updated"], &import["duplicates"]),
        (&json!(0), &json!(2), &json!(0))
    );

    let consent = json!({"source": "fair", "at": "2026-11-01T09:00:00Z"});
    api.patch(&leads[1], json!({"consent": consent})).await.ok(200);
    assert_eq!(called(&mut harness).await, 2, "by patch");

    let again = json!({"phone": "030 23125003", "company": "Acme", "consent": consent});
    let taken_over = api.post(&format!("{path}/leads"), again).await.ok(201);
    assert!(leads[2].ends_with(&taken_over.id()), "the same lead");
    assert_eq!(taken_over["company"], "Acme");
    assert_eq!(called(&mut harness).await, 3, "by post");
    assert_eq!(api.get(&leads[3]).await.ok(200)["status_reason"], "no_consent");
}

#[tokio::test]
async fn a_number_that_comes_again_changes_nothing_unless_that_is_asked_for() {
    let api = Api::start().await;
    let path = campaign(&api, "DE").await;
    let file =
        |company: &str| format!("phone,name,company\n030 23125001,Ida,{company}\n030 23125001,,Last\n");
    let (first, _) = dropped(&api, &path, &file("Acme")).await;
    assert_eq!(
        (&first["created"], &first["updated"], &first["duplicates"]),
        (&json!(1), &json!(0), &json!(1))
    );
    let (second, _) = dropped(&api, &path, &file("Other")).await;
    assert_eq!((&second["updated"], &second["duplicates"]), (&json!(0), &json!(2)));
    assert_eq!(lead_of(&api, &path, "Ida").await["company"], "Acme");
    api.patch(&path, json!({"on_duplicate": "update"})).await.ok(200);
    let (third, third_path) = dropped(&api, &path, &file("Other")).await;
    assert_eq!((&third["updated"], &third["duplicates"]), (&json!(2), &json!(0)));
    assert_eq!(lead_of(&api, &path, "Ida").await["company"], "Last", "of two rows the later one counts");
    assert_eq!(api.all(&format!("{third_path}/rejected")).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_put_back_to_work_who_would_only_be_skipped_again() {
    let (mut harness, api, _, leads) = skipped(&["030 23125001"], json!({})).await;
    api.command(&format!("{}/restart", leads[0])).await.problem(409, "consent_missing");
    let at = json!({"at": harness.context.now().plus_ms(MINUTE_MS)});
    api.post(&format!("{}/reschedule", leads[0]), at).await.problem(409, "consent_missing");
    assert_eq!(called(&mut harness).await, 0);
}
