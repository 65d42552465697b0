//! The main job in one command.

use std::process::Command;

use crate::support::Folder;

const PEOPLE: &str = "\
phone,name,timezone
+493023125001,Ada,Europe/Berlin
+493023125002,Ben,Europe/Berlin
+442079460018,Cem,Europe/London
+493023120027,Eve,Europe/Berlin
nobody,Dee,Europe/London
+493023125001,Ada again,Europe/Berlin
";

/// Who does not answer calls, and opts out of texts.
const EVE: &str = "+493023120027";

#[test]
fn a_file_of_people_becomes_a_finished_campaign() {
    let folder = Folder::new("demo");
    let file = folder.path().join("my people.csv");
    std::fs::write(&file, PEOPLE).expect("a file");
    let run = Command::new(env!("CARGO_BIN_EXE_carillon"))
        .args(["demo", "--data"])
        .arg(folder.path())
        .arg(&file)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    for line in [
        "my people.csv: 6 rows, 4 leads created, 0 updated, 1 duplicates, 1 invalid",
        "Campaign completed.",
        "this is not a telephone number",
        "the same person as row 2 of this file",
        "network.log",
    ] {
        assert!(said.contains(line), "{line:?} in {said}");
    }
    // Eve does not answer twice, is texted, and replies STOP: nobody calls her again.
    let count = |name: &str| -> u32 {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        line.and_then(|rest| rest.trim().parse().ok()).unwrap_or_else(|| panic!("{name} in {said}"))
    };
    for name in ["texts sent", "replied to", "skipped"] {
        assert!(count(name) >= 1, "{name} in {said}");
    }
    let log = std::fs::read_to_string(folder.path().join("demo/network.log")).expect("a log");
    let calls = log.lines().filter(|line| line.contains(r#""entry":"placed""#) && line.contains(EVE));
    assert_eq!(calls.count(), 2);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let run = Command::new(env!("CARGO_BIN_EXE_carillon"))
        .args(["demo", "nowhere.csv"])
        .output()
        .expect("the program runs");
    assert!(!run.status.success());
    assert!(String::from_utf8_lossy(&run.stderr).contains("nowhere.csv"));
}
