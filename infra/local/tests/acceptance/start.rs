//! What a start refuses, and how it says so.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::{Carillon, Folder};

/// What the program says when it does not start.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let run = started(folder, arguments);
    assert!(!run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    String::from_utf8_lossy(&run.stderr).into_owned()
}

fn started(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carillon"));
    command.args(arguments).args(["--port", "0", "--network-port", "0", "--data"]).arg(folder);
    command.stdin(Stdio::null()).output().expect("the program runs")
}

#[test]
fn a_folder_is_for_one_process_at_a_time() {
    let folder = Folder::new("locked");
    let system = Carillon::start(folder.path(), &[]);
    let told = refused(folder.path(), &[]);
    assert!(told.contains("in use by another carillon") && told.contains("carillon-locked"), "{told}");
    system.kill();
    Carillon::start(folder.path(), &[]).kill();
}

#[test]
fn what_is_lost_or_damaged_is_named() {
    let folder = Folder::new("damaged");
    Carillon::start(folder.path(), &[]).kill();
    for (name, told) in [
        ("clock", "holds no moment"),
        ("api_key", "api_key is not the key of this folder"),
        ("identity.json", "identity.json can't be used"),
        ("network.log", "network.log can't be used"),
        ("events.jsonl", "events.jsonl can't be used"),
    ] {
        let path = folder.path().join(name);
        let whole = std::fs::read(&path).expect("it is there");
        std::fs::write(&path, if name == "clock" { "" } else { "damaged\n" }).expect("it is written");
        let said = refused(folder.path(), &[]);
        assert!(said.contains(told), "{name}: {said}");
        std::fs::write(&path, whole).expect("it is written");
    }
    for (name, told) in [("api_key", "api_key is not the key"), ("identity.json", "identity.json is gone")] {
        let path = folder.path().join(name);
        let whole = std::fs::read(&path).expect("it is there");
        std::fs::remove_file(&path).expect("it goes");
        let said = refused(folder.path(), &[]);
        assert!(said.contains(told), "{name}: {said}");
        std::fs::write(&path, whole).expect("it is written");
    }
    Carillon::start(folder.path(), &[]).kill();
    let said = refused(&folder.path().join("api_key"), &[]);
    assert!(said.contains("api_key can't be used"), "{said}");
}

#[test]
fn an_argument_that_is_not_understood_leads_to_the_help() {
    let folder = Folder::new("arguments");
    for arguments in [&["--sped", "3"][..], &["--speed", "0"], &["--lose-webhooks", "2000"], &["start"]] {
        let told = refused(folder.path(), arguments);
        assert!(told.contains("--help") && !told.contains('\n') || told.ends_with('\n'), "{told}");
        assert!(told.contains("--help"), "{told}");
    }
}

#[test]
fn a_demonstration_with_nobody_in_it_ends_and_a_second_one_removes_nothing_unasked() {
    let folder = Folder::new("nobody");
    let people = folder.path().join("nobody.csv");
    std::fs::write(&people, "phone,name\nnobody,Ida\n").expect("a file");
    let demo = ["demo", people.to_str().expect("a path")];
    let run = started(folder.path(), &demo);
    let (said, told) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(!run.status.success() && told.contains("nobody can be called"), "{said}{told}");
    assert!(said.contains("1 rows, 0 leads created") && said.contains("not a telephone number"), "{said}");

    let kept = folder.path().join("demo/api_key");
    let key = std::fs::read(&kept).expect("a key");
    let told = refused(folder.path(), &demo);
    assert!(told.contains("--yes") && told.contains("demo"), "{told}");
    assert_eq!(std::fs::read(&kept).expect("a key"), key);
    let told = refused(folder.path(), &[demo[0], demo[1], "--yes"]);
    assert!(told.contains("nobody can be called"), "{told}");
    assert_ne!(std::fs::read(&kept).expect("another key"), key);
}

#[test]
fn a_clock_that_is_too_fast_to_dial_on_is_told_of() {
    let folder = Folder::new("fast");
    for (speed, is_told) in [("10", false), ("60", true)] {
        let system = Carillon::start(&folder.path().join(speed), &["--speed", speed]);
        assert_eq!(system.warning.is_some(), is_told, "{speed}: {:?}", system.warning);
        system.kill();
    }
}
