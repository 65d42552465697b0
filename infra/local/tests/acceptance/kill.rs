//! `kill -9` at any moment loses nothing and doubles nothing.

use std::time::Duration;

use crate::support::{Carillon, Folder};
use carillon_local::provider_simulator::audit;
use carillon_local::provider_simulator::log::NetworkLog;
use serde_json::{Value, json};

/// How often the system is killed.
const KILLS: u64 = 50;
/// People of the campaign; enough to be busy all the while.
const PEOPLE: usize = 250;
/// Rows that can't become leads, among them.
const BAD_ROWS: usize = 5;
const SPEED: &str = "60";
/// A Monday morning in Berlin.
const BEGIN: &str = "2026-11-23T07:30:00Z";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_lose_nothing_and_double_nothing() {
    let folder = Folder::new("kill");
    let arguments = ["--speed", SPEED, "--begin", BEGIN];
    let mut system = Carillon::start(folder.path(), &arguments);
    let number = system.get("/caller-numbers").await["items"][0]["id"].as_str().expect("a number").to_owned();
    let unpaced = Some(json!({"rate_limit_per_minute": null}));
    let (status, body) =
        system.send(reqwest::Method::PATCH, &format!("/caller-numbers/{number}"), unpaced).await;
    assert_eq!(status, 200, "{body}");
    let settings = json!({"concurrent_limit": 8, "retry": {"delay_minutes": 5, "max_attempts": 2}});
    let campaign = system.create_campaign(settings).await;
    system.post(&format!("/campaigns/{campaign}/start"), json!({})).await;
    system.drop_file(&campaign, "people.csv", &people());

    let mut chance = 0x5eed_u64;
    for _ in 0..KILLS {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(40 + (chance >> 33) % 500)).await;
        system.kill();
        system = Carillon::start(folder.path(), &arguments);
    }

    let path = format!("/campaigns/{campaign}");
    let busy_to_the_end = system.get(&path).await["status"] == "running";
    system
        .wait_for("completion", 240, async |system| {
            (system.get(&path).await["status"] == "completed").then_some(())
        })
        .await;
    assert!(busy_to_the_end, "the campaign was running during all of the kills");
    let import = system.get(&format!("{path}/imports")).await["items"][0].clone();
    assert_eq!(import["created"], PEOPLE, "{import}");
    assert_eq!(import["invalid"], BAD_ROWS, "{import}");
    let stats = system.get(&format!("{path}/stats")).await;
    assert_eq!(stats["total"], PEOPLE, "{stats}");
    assert_eq!(stats["completion_rate"], 1.0, "{stats}");
    let told = system
        .wait_for("the last event", 20, async |_| {
            let text = std::fs::read_to_string(folder.path().join("events.jsonl")).expect("the event log");
            // The last line may just be written.
            let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            let events: Vec<Value> = lines.map(|line| serde_json::from_str(line).expect("JSON")).collect();
            events.iter().any(|event| event["type"] == "campaign.completed").then_some(events)
        })
        .await;
    let numbers: Vec<_> = told.iter().filter_map(|event| event["sequence"].as_u64()).collect();
    assert_eq!(numbers, Vec::from_iter(1..=told.len() as u64), "each event is told once, in order");
    let count = |name: &str| told.iter().filter(|event| event["type"] == name).count();
    assert_eq!((count("lead.created"), count("lead.settled")), (PEOPLE, PEOPLE));
    system.kill();

    let calls = NetworkLog::read_calls(&folder.path().join("network.log")).expect("the network's log");
    assert!(calls.len() >= PEOPLE);
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new());
    assert_eq!(audit::dialled_again_after_answer(&calls), Vec::<String>::new());
    assert_eq!(audit::dialled_while_up(&calls), Vec::<String>::new());
}

/// People in Berlin; every fiftieth row is bad.
fn people() -> String {
    let mut text = "phone,name,timezone\n".to_owned();
    for n in 0..PEOPLE {
        text.push_str(&format!("+4930231{:06},Person {n},Europe/Berlin\n", 100_100 + n));
        if n % (PEOPLE / BAD_ROWS) == 0 {
            text.push_str(&format!("nobody,Person {n},Europe/Berlin\n"));
        }
    }
    text
}
