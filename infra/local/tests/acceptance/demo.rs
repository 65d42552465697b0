//! The main job in one command.

use std::process::Command;

use crate::support::Folder;

const PEOPLE: &str = "\
phone,name,timezone
+493023125001,Ada,Europe/Berlin
+493023125002,Ben,Europe/Berlin
+442079460018,Cem,Europe/London
nobody,Dee,Europe/London
+493023125001,Ada again,Europe/Berlin
";

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
        "my people.csv: 5 rows, 3 leads created, 0 updated, 1 duplicates, 1 invalid",
        "Campaign completed.",
        "this is not a telephone number",
        "the same person as row 2 of this file",
        "texts sent",
        "network.log",
    ] {
        assert!(said.contains(line), "{line:?} in {said}");
    }
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
