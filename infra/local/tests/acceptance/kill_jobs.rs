//! `kill -9` in the middle of what goes on in the background: each row, and each lead, once.
//!
//! At its full size, which takes a while: `CARILLON_KILL_ROWS=200000 CARILLON_KILLS=10 cargo test -p carillon-local
//! --release --test acceptance kill_jobs`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Carillon, Folder};

/// Rows of the file, unless `CARILLON_KILL_ROWS` says how many.
const ROWS: usize = 4_000;
/// Kills in each part, unless `CARILLON_KILLS` says how many.
const KILLS: usize = 3;
/// One row in so many can't be read.
const BAD_EVERY: usize = 500;
/// Shortest life of a process, and how much longer it may be at most, in milliseconds.
const LIFE_MS: (u64, u64) = (150, 800);
/// For each so many rows that may be as much again, where rows are written: so kills strike all over the work. What is
/// only read is through sooner.
const WRITTEN_A_LIFE: usize = 32_000;
/// How long anything may take in the end, in seconds.
const PATIENCE_SECS: u64 = 1_200;
const ARGUMENTS: [&str; 0] = [];

/// A system that is killed again and again.
struct Victim {
    folder: Folder,
    system: Carillon,
    chance: u64,
    kills: usize,
    rows: usize,
}

impl Victim {
    fn new(rows: usize) -> Self {
        let folder = Folder::new("kill-jobs");
        let system = Carillon::start(folder.path(), &ARGUMENTS);
        Self { folder, system, chance: 0x5eed, kills: number("CARILLON_KILLS", KILLS), rows }
    }

    /// Kills it at random moments while something is under way, then waits for its end.
    async fn through(mut self, path: &str, is_written: bool) -> (Self, Value) {
        let mut in_the_middle = 0;
        for _ in 0..self.kills {
            self.chance =
                self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let times = if is_written { 1 + self.rows / WRITTEN_A_LIFE } else { 1 };
            let longest_ms = LIFE_MS.1 * times as u64;
            tokio::time::sleep(Duration::from_millis(LIFE_MS.0 + (self.chance >> 33) % longest_ms)).await;
            in_the_middle += usize::from(!is_over(&self.system.get(path).await));
            self.system.kill();
            self.system = Carillon::start(self.folder.path(), &ARGUMENTS);
        }
        assert!(in_the_middle > 0, "it was over before the first kill");
        let look = async |system: &Carillon| Some(system.get(path).await).filter(is_over);
        let over = self.system.wait_for("the end", PATIENCE_SECS, look).await;
        assert_eq!(over["status"], "completed", "{over}");
        eprintln!("killed in the middle of {path} {in_the_middle} times");
        (self, over)
    }

    /// How often each thing of a list is there, by one of its fields.
    async fn seen(&self, path: &str, field: &str) -> BTreeMap<String, usize> {
        let (mut seen, mut cursor) = (BTreeMap::new(), String::new());
        loop {
            let page = self.system.get(&format!("{path}?limit=100{cursor}")).await;
            for item in page["items"].as_array().expect("a list") {
                *seen.entry(item[field].to_string()).or_default() += 1;
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return seen,
            }
        }
    }
}

fn is_over(work: &Value) -> bool {
    !matches!(work["status"].as_str(), Some("awaiting_file" | "queued" | "running"))
}

fn number(name: &str, or: usize) -> usize {
    std::env::var(name).map_or(or, |text| text.parse().expect("a number"))
}

/// People in Berlin, and bad rows among them; how many of each.
fn people(rows: usize) -> (String, usize, usize) {
    let (mut text, mut bad) = ("phone,name,reason\n".to_owned(), 0);
    for n in 0..rows {
        if n % BAD_EVERY == BAD_EVERY / 2 {
            bad += 1;
            text.push_str(&format!("{n},Nobody {n},unread\n"));
        } else {
            text.push_str(&format!("+4930{},Person {n},asked\n", 23_100_000 + n));
        }
    }
    (text, rows - bad, bad)
}

fn once_each(seen: &BTreeMap<String, usize>, count: usize) {
    assert_eq!(seen.len(), count);
    assert!(seen.values().all(|times| *times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_in_the_middle_of_a_file_or_a_job_lose_nothing_and_double_nothing() {
    let rows = number("CARILLON_KILL_ROWS", ROWS);
    let (file, good, bad) = people(rows);
    let victim = Victim::new(rows);
    let campaign = format!("/campaigns/{}", victim.system.create_campaign(json!({})).await);

    let announced =
        victim.system.post(&format!("{campaign}/imports"), json!({"file_name": "people.csv"})).await;
    victim.system.upload(&announced["upload"], &file).await;
    let import = format!("{campaign}/imports/{}", announced["id"].as_str().expect("an id"));
    let (victim, over) = victim.through(&import, true).await;
    assert_eq!((&over["created"], &over["invalid"]), (&json!(good), &json!(bad)), "{over}");
    assert_eq!(over["duplicates"], 0, "{over}");
    once_each(&victim.seen(&format!("{campaign}/leads"), "phone").await, good);
    once_each(&victim.seen(&format!("{import}/rejected"), "row").await, bad);
    assert_eq!(victim.system.get(&format!("{campaign}/stats")).await["total"], good);

    let form = json!({"format": "csv", "columns": ["phone"]});
    let job = victim.system.post(&format!("{campaign}/leads/export"), form).await;
    let job = format!("/jobs/{}", job["id"].as_str().expect("an id"));
    let (victim, over) = victim.through(&job, false).await;
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for line in victim.system.download(&over["file"]).await.lines().skip(1) {
        *lines.entry(line.to_owned()).or_default() += 1;
    }
    once_each(&lines, good);

    let bulk = json!({"action": "add_tags", "tags": ["fair"], "filter": {}});
    let job = victim.system.post(&format!("{campaign}/leads/bulk"), bulk).await;
    let job = format!("/jobs/{}", job["id"].as_str().expect("an id"));
    let (victim, over) = victim.through(&job, true).await;
    assert_eq!(over["counts"], json!({"done": good, "refused": 0, "total": good}));
    once_each(&victim.seen(&format!("{job}/results"), "lead_id").await, good);

    let announced =
        victim.system.post("/do-not-call/do_not_call/imports", json!({"file_name": "opt-outs.csv"})).await;
    victim.system.upload(&announced["upload"], &file).await;
    let job = format!("/jobs/{}", announced["id"].as_str().expect("an id"));
    let (victim, over) = victim.through(&job, true).await;
    assert_eq!(over["counts"], json!({"done": good, "refused": bad, "total": good + bad}));
    once_each(&victim.seen("/do-not-call/do_not_call/numbers", "number").await, good);
    once_each(&victim.seen(&format!("{job}/rejected"), "row").await, bad);
}
