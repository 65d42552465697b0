//! The upload folder as a bucket: tells the importer of each file that was dropped.

mod entry;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use carillon_adapters::queue::{LocalQueue, Message};
use carillon_domain::base::time::Timestamp;
use serde_json::json;

use crate::wiring::IMPORT_PREFIXES;
use entry::{Found, Seen};

/// How often the folder is looked at, in real milliseconds.
const LOOK_EVERY_MS: u64 = 250;
/// A file that ends with a line end is whole once it has been quiet for so long.
const QUIET: Duration = Duration::from_secs(1);
/// One that does not may be in the middle of a row for longer: its writer waits, perhaps.
const QUIET_IN_A_ROW: Duration = Duration::from_secs(5);
/// Name of the bucket in events.
const BUCKET: &str = "uploads";
/// Where files appear only once they are whole.
const WHOLE_PREFIX: &str = "imports/";

/// Looks at the folder for ever.
pub(crate) async fn watch(root: PathBuf, noted: PathBuf, queue: LocalQueue) {
    let mut watcher = Watcher::new(root, noted);
    loop {
        for (key, seen) in watcher.settled(Instant::now(), file_time()) {
            match queue.send(&[Message::now(event(&key, seen))]) {
                Ok(()) => watcher.note(key, seen),
                Err(error) => tracing::error!(%error, "a dropped file can't be told of yet"),
            }
        }
        tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
    }
}

/// The time that files are stamped with, whatever `--speed` says.
#[expect(clippy::disallowed_methods, reason = "files carry the machine's time")]
pub(crate) fn file_time() -> SystemTime {
    SystemTime::now()
}

/// What is known of the folder.
struct Watcher {
    root: PathBuf,
    noted: PathBuf,
    told: BTreeMap<String, Seen>,
    /// The files as they were at the latest look, and since when they are so.
    before: BTreeMap<String, (Seen, Instant)>,
    /// What was said to be skipped.
    skipped: BTreeSet<PathBuf>,
}

impl Watcher {
    fn new(root: PathBuf, noted: PathBuf) -> Self {
        let told = read_noted(&noted);
        Self { root, noted, told, before: BTreeMap::new(), skipped: BTreeSet::new() }
    }

    /// The files that are whole, and were not told of as they are now.
    fn settled(&mut self, now: Instant, real_now: SystemTime) -> Vec<(String, Seen)> {
        let mut before = std::mem::take(&mut self.before);
        let mut settled = Vec::new();
        for (key, seen) in self.look() {
            let since = before.remove(&key).filter(|(known, _)| *known == seen).map(|(_, since)| since);
            if self.told.get(&key) != Some(&seen)
                && since.is_some_and(|since| self.is_whole(&key, seen, now.duration_since(since), real_now))
            {
                settled.push((key.clone(), seen));
            }
            self.before.insert(key, (seen, since.unwrap_or(now)));
        }
        settled
    }

    /// Whether nobody writes to a file any more, as far as can be seen. What it was before this process began is known
    /// by its time alone.
    fn is_whole(&self, key: &str, seen: Seen, unchanged: Duration, real_now: SystemTime) -> bool {
        if key.starts_with(WHOLE_PREFIX) {
            return true;
        }
        let age = real_now.duration_since(seen.modified()).unwrap_or_default();
        let quiet = unchanged.max(age);
        quiet >= QUIET_IN_A_ROW || (quiet >= QUIET && entry::ends_with_a_line(&self.root.join(key)))
    }

    /// Notes that a file was told of. A note that is lost means that it is told of twice, which changes nothing.
    fn note(&mut self, key: String, seen: Seen) {
        self.told.insert(key, seen);
        let fresh = self.noted.with_extension("new");
        let text = serde_json::to_vec(&self.told).map_err(io::Error::other);
        let written = text.and_then(|text| std::fs::write(&fresh, text));
        if let Err(error) = written.and_then(|()| std::fs::rename(&fresh, &self.noted)) {
            tracing::warn!(%error, "which files were told of can't be noted");
        }
    }

    /// Every file under the prefixes that the importer listens to, by key. What is no file is skipped, and said to be,
    /// once.
    fn look(&mut self) -> BTreeMap<String, Seen> {
        let mut files = BTreeMap::new();
        for prefix in IMPORT_PREFIXES {
            for (path, found) in entry::below(&self.root, &self.root.join(prefix)) {
                match found {
                    Found::File(key, seen) => drop(files.insert(key, seen)),
                    Found::Skipped(why) => {
                        if self.skipped.insert(path.clone()) {
                            tracing::warn!("{}: skipped, for {why}", path.display());
                        }
                    }
                }
            }
        }
        files
    }
}

/// The event that S3 sends for a new object. The sequencer tells one writing of a key from the
/// next.
fn event(key: &str, seen: Seen) -> String {
    let at = Timestamp::from_millis(i64::try_from(seen.modified_ms).unwrap_or_default());
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "local",
        "eventTime": at,
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": BUCKET, "arn": format!("arn:aws:s3:::{BUCKET}")},
            "object": {
                "key": url_encoded(key),
                "size": seen.size_bytes,
                "sequencer": format!("{:013X}{:08X}", seen.modified_ms, seen.size_bytes),
            },
        },
    }]})
    .to_string()
}

/// Keys in S3 events are encoded as in forms.
fn url_encoded(key: &str) -> String {
    let parts = key.split('/').map(|part| form_urlencoded::byte_serialize(part.as_bytes()).collect());
    parts.collect::<Vec<String>>().join("/")
}

fn read_noted(path: &Path) -> BTreeMap<String, Seen> {
    std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
