//! What the file of secrets promises.

use std::os::unix::fs::PermissionsExt;

use carillon_domain::base::time::Timestamp;

use super::*;
use crate::scratch::Scratch;
use crate::secrets::{CACHE_TTL_SECS, MemorySecrets, Secrets};

const NAME: &str = "ws_1/provider/api_key";

fn open(path: &Path) -> (Secrets, Clock) {
    let clock = Clock::manual(Timestamp::from_millis(0));
    (Secrets::File(SecretsFile::open(path, clock.clone()).expect("opened")), clock)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test]
async fn secrets_are_kept_for_the_owner_only() {
    let scratch = Scratch::new("secrets-kept");
    let path = scratch.path().join("secrets.json");
    let (secrets, _) = open(&path);
    assert_eq!(secrets.get(NAME).await.expect("answered"), None);
    secrets.put(NAME, &"sk_1".into()).await.expect("kept");
    secrets.put("ws_2/provider/api_key", &"sk_2".into()).await.expect("kept");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read_dir(scratch.path()).expect("a folder").count(), 1, "nothing stays beside it");

    let (reopened, _) = open(&path);
    assert_eq!(reopened.get(NAME).await.expect("answered"), Some("sk_1".into()));
    reopened.put(NAME, &"sk_3".into()).await.expect("kept");
    assert_eq!(reopened.get(NAME).await.expect("answered"), Some("sk_3".into()));
    reopened.delete(NAME).await.expect("deleted");
    reopened.delete(NAME).await.expect("nothing left to delete");
    assert_eq!(reopened.get(NAME).await.expect("answered"), None);
    assert_eq!(reopened.get("ws_2/provider/api_key").await.expect("answered"), Some("sk_2".into()));
}

#[tokio::test]
async fn several_secrets_share_a_name_while_one_replaces_the_other() {
    let scratch = Scratch::new("secrets-list");
    let name = "ws_1/provider/webhook_secrets";
    let file = open(&scratch.path().join("secrets.json")).0;
    for secrets in [file, Secrets::Memory(MemorySecrets::default())] {
        assert!(secrets.get_list(name).await.expect("answered").is_empty());
        let both = [Secret::from("old"), Secret::from("ne\"w")];
        secrets.put_list(name, &both).await.expect("kept");
        assert_eq!(secrets.get_list(name).await.expect("answered"), both);
        assert_eq!(secrets.get(name).await.expect("answered"), Some(r#"["old","ne\"w"]"#.into()));
        secrets.delete(name).await.expect("deleted");
        assert_eq!(secrets.get(name).await.expect("answered"), None);
    }
}

#[tokio::test]
async fn a_change_from_elsewhere_counts_within_a_minute_and_a_new_secret_at_once() {
    let scratch = Scratch::new("secrets-ttl");
    let path = scratch.path().join("secrets.json");
    let ((here, clock), (elsewhere, _)) = (open(&path), open(&path));
    assert_eq!(here.get(NAME).await.expect("answered"), None);
    elsewhere.put(NAME, &"1".into()).await.expect("kept");
    assert_eq!(here.get(NAME).await.expect("answered"), Some("1".into()));
    elsewhere.put(NAME, &"2".into()).await.expect("kept");
    assert_eq!(here.get(NAME).await.expect("answered"), Some("1".into()));
    clock.advance_to(Timestamp::from_millis(CACHE_TTL_SECS * 1_000));
    assert_eq!(here.get(NAME).await.expect("answered"), Some("2".into()));
}

#[test]
fn a_file_that_others_may_read_is_closed_to_them() {
    let scratch = Scratch::new("secrets-mode");
    let path = scratch.path().join("secrets.json");
    fs::write(&path, "{}").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
    open(&path);
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_alone_and_not_quoted() {
    let scratch = Scratch::new("secrets-bad");
    let path = scratch.path().join("secrets.json");
    let (secrets, _) = open(&path);
    fs::write(&path, "hush").expect("written");
    let error = secrets.put(NAME, &"sk_1".into()).await.expect_err("no file of secrets");
    assert!(!format!("{error:?}").contains("hush"));
    assert_eq!(fs::read_to_string(&path).expect("a file"), "hush");
    SecretsFile::open(&path, Clock::System).expect_err("no file of secrets");
}

#[tokio::test]
async fn nothing_that_is_printed_tells_a_secret() {
    let scratch = Scratch::new("secrets-debug");
    let (secrets, _) = open(&scratch.path().join("secrets.json"));
    secrets.put(NAME, &"sk_1".into()).await.expect("kept");
    secrets.get(NAME).await.expect("answered");
    assert!(!format!("{secrets:?}").contains("sk_1"), "the cache holds it and does not show it");
}

#[test]
fn what_a_killed_process_left_beside_the_file_does_no_harm() {
    let scratch = Scratch::new("secrets-left");
    let path = scratch.path().join("secrets.json");
    fs::write(scratch.path().join("secrets.json.new"), "{ half").expect("written");
    let file = SecretsFile::open(&path, Clock::System).expect("opened");
    file.put(NAME, &"sk_1".into()).expect("kept");
    assert_eq!((file.get(NAME).expect("answered"), mode(&path)), (Some("sk_1".into()), 0o600));
}
