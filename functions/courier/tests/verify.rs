//! The snippets that we give away to verify our webhooks, run as their users run them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use carillon_adapters::webhook_sender::{SECRET_BYTES, secret_of, sign};

const ID: &str = "dlv_01M7W4N4BMRZ76DM7V2KHW5N6S";
const AT: i64 = 1_795_431_600;
const BODY: &str = r#"{"type":"lead.settled","data":{"name":"Änne 🙂"}}"#;
/// Each with the program that runs it. Python is needed by the other tests, too; the others may be missing.
const SNIPPETS: [(&str, &str); 4] =
    [("python3", "verify.py"), ("node", "verify.mjs"), ("java", "Verify.java"), ("perl", "verify.pl")];

struct Case {
    what: &'static str,
    is_ours: bool,
    secret: u8,
    id: &'static str,
    signatures: String,
    now: i64,
    body: &'static str,
}

fn signed(secret: u8, timestamp: i64) -> String {
    sign(&secret_of(&[secret; SECRET_BYTES]), ID, timestamp, BODY.as_bytes()).expect("a secret")
}

fn cases() -> Vec<Case> {
    let ours = || Case {
        what: "ours",
        is_ours: true,
        secret: 1,
        id: ID,
        signatures: signed(1, AT),
        now: AT,
        body: BODY,
    };
    vec![
        ours(),
        Case { what: "five minutes later", now: AT + 300, ..ours() },
        Case { what: "of two secrets", signatures: format!("{} {}", signed(2, AT), signed(1, AT)), ..ours() },
        Case { what: "another secret", is_ours: false, signatures: signed(2, AT), ..ours() },
        Case { what: "another body", is_ours: false, body: "{}", ..ours() },
        Case { what: "another id", is_ours: false, id: "dlv_01M7W4N4BMRZ76DM7V2KHW5N6T", ..ours() },
        Case { what: "another moment", is_ours: false, signatures: signed(1, AT + 1), ..ours() },
        Case { what: "too old", is_ours: false, now: AT + 301, ..ours() },
        Case { what: "of the future", is_ours: false, now: AT - 301, ..ours() },
        Case { what: "no signature", is_ours: false, signatures: String::new(), ..ours() },
        Case { what: "a part of one", is_ours: false, signatures: signed(1, AT)[..20].to_owned(), ..ours() },
    ]
}

/// Whether a snippet takes it.
fn takes(program: &str, snippet: &Path, case: &Case) -> bool {
    let secret = secret_of(&[case.secret; SECRET_BYTES]);
    let mut child = Command::new(program)
        .arg(snippet)
        .args([secret.expose(), case.id, &AT.to_string(), &case.signatures, &case.now.to_string()])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it is there");
    child.stdin.take().expect("a pipe").write_all(case.body.as_bytes()).expect("it reads");
    match child.wait().expect("it ends").code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("{program} ended with {other:?}: {}", case.what),
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "says what is not run")]
fn each_takes_what_is_ours_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify");
    for (program, name) in SNIPPETS {
        if Command::new(program).arg("--version").output().is_err() {
            assert_ne!(program, "python3", "the tests need it");
            println!("{name} is not run: there is no {program}");
            continue;
        }
        for case in cases() {
            assert_eq!(takes(program, &folder.join(name), &case), case.is_ours, "{name}: {}", case.what);
        }
    }
    let there = std::fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(there, SNIPPETS.len(), "each of them is run");
}
