//! A network that is killed goes on where its log ends.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::{Caller, START};
use crate::provider_simulator::log::NetworkLog;
use crate::provider_simulator::settings::NetworkSettings;

/// A file of this test's own that goes with it.
struct LogFile(PathBuf);

impl LogFile {
    fn new(test: &str) -> Self {
        let name = format!("carillon-network-{test}-{}.jsonl", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    fn open(&self) -> NetworkLog {
        NetworkLog::open(&self.0).expect("a log")
    }

    fn lines(&self) -> usize {
        std::fs::read_to_string(&self.0).expect("a log").lines().count()
    }

    async fn start(&self) -> Caller {
        Caller::start(NetworkSettings::default(), self.open()).await
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn calls_and_webhooks_go_on_after_a_kill() {
    let file = LogFile::new("kill");
    let caller = file.start().await;
    let (_, talk) = caller.dial("+12015550001", "att_1").await;
    caller.dial("+12015550002", "att_2").await;
    caller.dial("+12015550012", "att_3").await;
    assert_eq!(file.lines(), 3, "written before the answer");
    let busy = caller.advance();
    caller.network.tried(&busy[0], Some((200, "")));
    let before = caller.network.calls();
    drop(caller);

    let caller = file.start().await;
    assert_eq!(caller.network.calls(), before);
    let id = talk["conversation_id"].as_str().expect("an id");
    assert_eq!(caller.get(&format!("conversations/{id}")).await.1["status"], "initiated");
    let mut told = Vec::new();
    while caller.network.next_event_at().is_some() {
        for webhook in caller.advance() {
            told.push(webhook.id.call.clone());
            caller.network.tried(&webhook, Some((200, "")));
        }
    }
    assert_eq!(told.len(), 2, "the busy one was told before");
    assert_eq!(told[0], id);
    // The second dial of this number is still the second.
    caller.dial("+12015550012", "att_4").await;
    let answered = caller.network.calls().pop().expect("a call");
    assert_eq!(json!(answered.result), json!("talked"));
    drop(caller);
    assert_eq!(NetworkLog::read_calls(&file.0).expect("readable").len(), 4);
}

#[tokio::test]
async fn a_log_of_before_a_second_provider_is_read() {
    let file = LogFile::new("before");
    let caller = file.start().await;
    caller.dial("+12015550001", "att_1").await;
    let before = caller.network.calls();
    drop(caller);
    let text = std::fs::read_to_string(&file.0).expect("a log");
    let (order, metadata) = (r#""provider":"elevenlabs","#, r#""metadata":null,"idempotency_key":null,"#);
    let old = text.replace(order, "").replace(metadata, "").replace(r#""attempt":"#, r#""user_id":"#);
    let old = old.replace(r#""call":{"id":"#, r#""call":{"conversation_id":"#);
    let old = old.replace(r#""id":{"call":"#, r#""id":{"conversation_id":"#);
    assert!(
        ["provider", "metadata", "\"attempt\"", "\"id\":\"conv"].iter().all(|new| !old.contains(new)),
        "{old}"
    );
    std::fs::write(&file.0, old).expect("written");
    let caller = file.start().await;
    assert_eq!(caller.network.calls(), before);
    assert_eq!(caller.advance().len(), 1);
}

#[tokio::test]
async fn a_webhook_that_nobody_vouches_for_is_sent_again() {
    let file = LogFile::new("unsure");
    let caller = file.start().await;
    caller.dial("+12015550002", "att_1").await;
    let sent = caller.advance();
    drop(caller);
    let caller = file.start().await;
    let again = caller.advance();
    assert_eq!((sent[0].id.clone(), &sent[0].body), (again[0].id.clone(), &again[0].body));
}

#[tokio::test]
async fn tries_are_counted_over_a_kill() {
    let file = LogFile::new("tries");
    let mut tries_at = Vec::new();
    let caller = file.start().await;
    caller.dial("+12015550001", "att_1").await;
    drop(caller);
    loop {
        let caller = file.start().await;
        let Some(at) = caller.network.next_event_at() else { break };
        for webhook in caller.network.take_due(at) {
            caller.network.tried(&webhook, Some((500, "")));
            tries_at.push(at);
        }
    }
    assert_eq!(tries_at.len(), 5);
    assert!(tries_at[4].since_ms(tries_at[0]) >= 1_800_000);
}

#[tokio::test]
async fn a_line_that_was_not_finished_is_cut_off() {
    let file = LogFile::new("torn");
    let caller = file.start().await;
    caller.dial("+12015550001", "att_1").await;
    drop(caller);
    let mut torn = std::fs::OpenOptions::new().append(true).open(&file.0).expect("a log");
    torn.write_all(b"{\"entry\":\"placed\",\"call\":{\"name\":\"\xc3").expect("written");
    drop(torn);
    let caller = file.start().await;
    caller.clock.advance_to(START.plus_ms(60_000));
    caller.dial("+12025550001", "att_2").await;
    assert_eq!(caller.network.calls().len(), 2);
    assert_eq!(NetworkLog::read_calls(&file.0).expect("readable").len(), 2);
}

#[test]
fn a_file_that_is_no_log_is_left_alone() {
    let file = LogFile::new("other");
    std::fs::write(&file.0, "something else\n").expect("written");
    assert!(NetworkLog::open(&file.0).is_err());
    assert_eq!(std::fs::read_to_string(&file.0).expect("readable"), "something else\n");
}
