//! A file dropped into the folder of a running system.

use std::time::Duration;

use crate::support::{Carillon, Folder};
use serde_json::{Value, json};

const PEOPLE: &str = "\
phone;name;company;order
030 23125 001;Ada;Acme;A-1
+49 30 23125 002;Ben;;A-2
nobody;Cem;Acme;A-3
03023125001;Ada again;;A-4
+44 20 7946 0018;Dee;\"Bolt; Sons\";A-5
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leads_appear_bad_rows_are_reported_and_the_same_file_again_creates_nothing() {
    let folder = Folder::new("drop");
    let system = Carillon::start(folder.path(), &[]);
    let campaign = system.create_campaign(json!({"default_country": "DE"})).await;
    let imports = format!("/campaigns/{campaign}/imports");

    system.drop_file(&campaign, "people.csv", PEOPLE);
    let first = finished_import(&system, &imports, 1).await;
    assert_eq!(counts(&first), (5, 3, 1, 1), "{first}");
    let leads = system.get(&format!("/campaigns/{campaign}/leads")).await;
    let names: Vec<_> = leads["items"].as_array().expect("leads").iter().map(|lead| &lead["name"]).collect();
    assert_eq!(names, ["Ada", "Ben", "Dee"]);
    assert_eq!(leads["items"][2]["company"], "Bolt; Sons");

    let id = first["id"].as_str().expect("an id");
    let rejected = system.get(&format!("{imports}/{id}/rejected")).await;
    let rows = rejected["items"].as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{rejected}");
    assert_eq!(
        (&rows[0]["row"], &rows[0]["column"], &rows[0]["value"]),
        (&json!(4), &json!("phone"), &json!("nobody"))
    );
    assert!(rows[0]["reason"].as_str().is_some_and(|reason| reason.contains("not a telephone number")));
    assert_eq!(rows[1]["row"], 5);
    assert!(rows[1]["reason"].as_str().is_some_and(|reason| reason.contains("row 2")));

    // Some file systems keep times by the second only.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    system.drop_file(&campaign, "people.csv", PEOPLE);
    let second = finished_import(&system, &imports, 2).await;
    assert_eq!(counts(&second), (5, 0, 4, 1), "{second}");
    system.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_another_kind_is_named_and_a_pipe_is_left_alone() {
    let folder = Folder::new("foreign");
    let system = Carillon::start(folder.path(), &[]);
    let campaign = system.create_campaign(json!({"default_country": "DE"})).await;
    system.drop_file(&campaign, "people.csv", "%PDF-1.7\n%\u{e2}\n1 0 obj\n");
    let drops = system.drops.join(&campaign);
    let made = std::process::Command::new("mkfifo").arg(drops.join("pipe.csv")).status().expect("mkfifo");
    assert!(made.success());
    std::os::unix::fs::symlink(folder.path().join("api_key"), drops.join("link.csv")).expect("a link");
    let path = format!("/campaigns/{campaign}/imports");
    let failed = system
        .wait_for("the import", 30, async |system| {
            let import = system.get(&path).await["items"][0].clone();
            (import["status"] == "failed").then_some(import)
        })
        .await;
    assert!(failed["error"].as_str().is_some_and(|told| told.contains("PDF")), "{failed}");
    system.drop_file(&campaign, "good.csv", "phone\n030 23125001\n");
    let read = system
        .wait_for("the other import", 30, async |system| {
            let page = system.get(&path).await;
            let is_read = |import: &&Value| import["status"] == "completed";
            page["items"].as_array().expect("imports").iter().find(is_read).cloned()
        })
        .await;
    assert_eq!(counts(&read), (1, 1, 0, 0), "{read}");
    assert_eq!(system.get(&path).await["items"].as_array().map(Vec::len), Some(2), "no more was read");
    system.kill();
}

/// The latest import, once there are so many and it has ended.
async fn finished_import(system: &Carillon, imports: &str, count: usize) -> Value {
    system
        .wait_for("the import", 30, async |system| {
            let page = system.get(imports).await;
            let items = page["items"].as_array().expect("imports");
            let all_done = items.iter().all(|import| import["status"] == "completed");
            (items.len() == count && all_done)
                .then(|| items.iter().max_by_key(|import| import["created_at"].to_string()).cloned())
                .flatten()
        })
        .await
}

fn counts(import: &Value) -> (u64, u64, u64, u64) {
    let count = |name: &str| import[name].as_u64().unwrap_or_else(|| panic!("{name} in {import}"));
    (count("rows"), count("created"), count("duplicates"), count("invalid"))
}
