//! The second assistant of a first start, which calls through Retell.

use carillon_local::provider_simulator::audit;
use carillon_local::provider_simulator::log::NetworkLog;
use carillon_local::provider_simulator::retell::PROVIDER;
use serde_json::{Value, json};

use crate::support::{Carillon, Folder};

const PEOPLE: &str = "\
phone,name,timezone
+442079460001,Ada,Europe/London
+442079460002,Ben,Europe/London
+442079460004,Cem,Europe/London
+442079460031,Dee,Europe/London
";

/// The providers and ids of the assistants, in the order of their list.
async fn assistants(system: &Carillon) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let listed = system.get("/assistants").await;
    listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (text(&one["provider"]), text(&one["id"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_through_retell_comes_to_its_end_over_a_kill() {
    let folder = Folder::new("retell");
    let arguments = ["--begin", "2026-11-23T10:00:00Z", "--speed", "20"];
    let system = Carillon::start(folder.path(), &arguments);
    let known = assistants(&system).await;
    let [(first, first_id), (second, second_id)] = &known[..] else { panic!("two: {known:?}") };
    assert_eq!((first.as_str(), second.as_str()), ("elevenlabs", "retell"));
    assert_eq!(*first_id, system.assistant);

    let settings = json!({"assistant_id": second_id, "retry": {"max_attempts": 1}, "concurrent_limit": 4});
    let campaign = system.create_campaign(settings).await;
    system.drop_file(&campaign, "people.csv", PEOPLE);
    let path = format!("/campaigns/{campaign}");
    system
        .wait_for("the file", 60, async |system| {
            (system.get(&format!("{path}/imports")).await["items"][0]["status"] == "completed").then_some(())
        })
        .await;
    system.post(&format!("{path}/start"), json!({})).await;
    system.kill();
    let system = Carillon::start(folder.path(), &arguments);
    assert_eq!(assistants(&system).await, known, "the same after a kill");
    system
        .wait_for("completion", 120, async |system| {
            (system.get(&path).await["status"] == "completed").then_some(())
        })
        .await;

    let ended = system.get(&format!("{path}/interactions?show=all")).await;
    let mut outcomes: Vec<_> = ended["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["outcome"].as_str().expect("an outcome").to_owned())
        .collect();
    outcomes.sort();
    assert_eq!(outcomes, ["busy", "completed", "completed", "voicemail"]);
    let listed = system.get("/do-not-call/do_not_call/numbers").await;
    assert_eq!(listed["items"][0]["number"], "+442079460031", "{listed}");
    let calls = NetworkLog::read_calls(&folder.path().join("network.log")).expect("a log");
    assert!(calls.len() == 4 && calls.iter().all(|call| call.provider == PROVIDER), "{calls:?}");
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new());
    system.kill();
}
