//! The upload folder as a bucket: tells the importer of each file that was dropped.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use carillon_adapters::queue::{LocalQueue, Message};
use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::wiring::IMPORT_PREFIXES;

/// How often the folder is looked at, in real milliseconds. A file is taken once it has not
/// changed between two looks.
const LOOK_EVERY_MS: u64 = 250;
/// Name of the bucket in events.
const BUCKET: &str = "uploads";

/// A file as it was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    modified_ms: u64,
    size_bytes: u64,
}

/// Looks at the folder for ever.
pub(crate) async fn watch(root: PathBuf, noted: PathBuf, queue: LocalQueue) {
    let mut told = read_noted(&noted);
    let mut before = BTreeMap::new();
    loop {
        let now = look(&root);
        for (key, seen) in &now {
            let is_settled = before.get(key) == Some(seen);
            if is_settled && told.get(key) != Some(seen) {
                match queue.send(&[Message::now(event(key, *seen))]) {
                    Ok(()) => {
                        told.insert(key.clone(), *seen);
                        note(&noted, &told);
                    }
                    Err(error) => tracing::error!(%error, "a dropped file can't be told of yet"),
                }
            }
        }
        before = now;
        tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
    }
}

/// Every file under the prefixes that the importer listens to, by key.
fn look(root: &Path) -> BTreeMap<String, Seen> {
    let mut found = BTreeMap::new();
    for prefix in IMPORT_PREFIXES {
        collect(root, &root.join(prefix), &mut found);
    }
    found
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, Seen>) {
    // A folder that is not there holds no files; one that vanishes is looked at next time.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if let (Ok(seen), Ok(key)) = (seen(&path), path.strip_prefix(root)) {
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if let Some(key) = key.to_str().filter(|_| !is_hidden) {
                found.insert(key.to_owned(), seen);
            }
        }
    }
}

fn seen(path: &Path) -> io::Result<Seen> {
    let metadata = path.metadata()?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Seen {
        modified_ms: u64::try_from(modified.as_millis()).unwrap_or_default(),
        size_bytes: metadata.len(),
    })
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

/// A note that is lost means that a file is told of twice, which changes nothing.
fn note(path: &Path, told: &BTreeMap<String, Seen>) {
    let fresh = path.with_extension("new");
    let written =
        serde_json::to_vec(told).map_err(io::Error::other).and_then(|text| std::fs::write(&fresh, text));
    if let Err(error) = written.and_then(|()| std::fs::rename(&fresh, path)) {
        tracing::warn!(%error, "which files were told of can't be noted");
    }
}
