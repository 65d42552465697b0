//! The lines of the README, as somebody copies them.

use std::process::Command;

use crate::support::{Carillon, Folder};

const README: &str = include_str!("../../../../README.md");
/// Where the README has the API.
const ADDRESS: &str = "http://127.0.0.1:8080/api/v1";
/// Whatever is refused ends the script, but for a job that was over before it was to be stopped.
const STRICT: &str = r#"
set -eu
curl() {
    local said is_well=0
    said=$(command curl --fail-with-body "$@") || is_well=$?
    printf '%s\n' "$said"
    [[ $is_well == 0 || $said == *'"code":"job_over"'* ]]
}
"#;
/// What somebody who copies lines does besides.
const WAIT: &str =
    "until ask $API/campaigns/$CAMPAIGN/imports | grep -q '\"status\":\"completed\"'; do sleep 0.2; done\n";

const WAIT_FOR_A_CALL: &str = "until ask \"$API/campaigns/$CAMPAIGN/interactions?status=completed\" | grep -q int_; do sleep 0.2; done\n";
const WAIT_FOR_A_VERDICT: &str = "until ask \"$API/campaigns/$CAMPAIGN/interactions?status=completed\" | grep -q '\"goal_result\":\"'; do sleep 0.2; done\n";
const WAIT_FOR_ITS_RECORDING: &str =
    "until ask $API/interactions/$CALL/recording | grep -q '\"url\"'; do sleep 0.2; done\n";

/// The blocks of a section that ask the API.
fn blocks(section: &str) -> Vec<&'static str> {
    let behind = README.split(&format!("\n## {section}\n")).nth(1).expect("the section");
    let text = behind.split("\n## ").next().expect("a section");
    text.split("```\n").skip(1).step_by(2).filter(|block| block.contains("ask ")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_lines_work_when_they_are_copied() {
    let folder = Folder::new("readme");
    let data = folder.path().join(".carillon");
    let system = Carillon::start(&data, &["--begin", "2026-11-23T10:00:00Z", "--speed", "20"]);
    let [first, second, files] = blocks("Run it")[..] else { panic!("three blocks ask") };
    let begun = [STRICT, first, WAIT, second, files];
    let [asked, heard] = blocks("Hear the calls")[..] else { panic!("two blocks ask") };
    let recording = [WAIT_FOR_A_CALL, asked, WAIT_FOR_ITS_RECORDING, heard];
    let script = [
        &begun[..],
        &blocks("Say it")[..],
        &blocks("Text them")[..],
        &blocks("Ask it")[..],
        &recording[..],
        &blocks("Listen to it")[..],
        &[WAIT_FOR_A_VERDICT][..],
        &blocks("Know what came of it")[..],
    ]
    .concat()
    .join("\n");
    let ran = tokio::task::spawn_blocking({
        let (script, dir) = (script.replace(ADDRESS, &system.url), folder.path().to_owned());
        move || Command::new("bash").current_dir(dir).args(["-c", &script]).output().expect("bash")
    });
    let ran = ran.await.expect("it ends");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    for told in [
        "Ida Example",
        "\"status\":\"running\"",
        "\"created\":3",
        "\"invalid\":1",
        "Europe/London",
        "asked us",
        "\"totals\":{\"better\":0,\"same\":1",
        "gpt-4.1-mini",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let beginning = std::fs::read(folder.path().join("beginning.mp3")).expect("a recording");
    assert_eq!((beginning.len(), &beginning[..2]), (4_096, &[0xFF, 0xF3][..]), "a part of an MPEG stream");
    let campaigns = system.get("/campaigns").await;
    let mut campaigns = campaigns["items"].as_array().expect("a list").iter();
    let autumn = campaigns.find(|campaign| campaign["name"] == "Autumn").expect("the first one");
    assert_eq!(autumn["suppression_lists"], serde_json::json!(["partners"]), "the last lines were run, too");
    system.kill();
}
