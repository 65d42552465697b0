//! A file to which events are added, one line of JSON each, and each once.

use std::collections::{BTreeSet, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use carillon_domain::reporting::events::PublishedEvent;
use serde::Deserialize;

use super::ConsumerError;

/// What is in the file outlives the process, however it ends: a line that was cut off is taken away when
/// the file is opened, and its event comes again.
#[derive(Debug, Clone)]
pub struct EventLog(Arc<Mutex<Lines>>);

#[derive(Debug)]
struct Lines {
    file: File,
    /// By workspace and campaign.
    told: HashMap<Counted, Told>,
}

/// Whose events are counted together.
type Counted = (String, Option<String>);

/// The numbers that are in the file: all below `next`, but for those that are missing.
#[derive(Debug)]
struct Told {
    next: u64,
    missing: BTreeSet<u64>,
}

/// What of a line tells which event it is.
#[derive(Deserialize)]
struct Line {
    workspace_id: String,
    campaign_id: Option<String>,
    sequence: u64,
}

impl EventLog {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// The file can't be read or written, or holds something else.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let (mut told, mut length) = (HashMap::<Counted, Told>::new(), 0);
        let mut reader = BufReader::new(&file);
        let mut text = Vec::new();
        while reader.read_until(b'\n', &mut text)? > 0 && text.ends_with(b"\n") {
            let line: Line = serde_json::from_slice(&text)?;
            told.entry((line.workspace_id, line.campaign_id)).or_default().note(line.sequence);
            length += text.len() as u64;
            text.clear();
        }
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self(Arc::new(Mutex::new(Lines { file, told }))))
    }

    pub(super) fn append(&self, events: &[PublishedEvent]) -> Result<(), ConsumerError> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .append(events)
            .map_err(|source| ConsumerError { consumer: "the event log".to_owned(), source: source.into() })
    }
}

impl Lines {
    fn append(&mut self, events: &[PublishedEvent]) -> io::Result<()> {
        let mut text = Vec::new();
        let mut fresh = BTreeSet::new();
        for published in events {
            let counted = counted(published);
            let is_told = self.told.get(&counted).is_some_and(|told| told.holds(published.sequence));
            if !is_told && fresh.insert((counted, published.sequence)) {
                serde_json::to_writer(&mut text, published)?;
                text.push(b'\n');
            }
        }
        let length = self.file.metadata()?.len();
        if let Err(error) = self.file.write_all(&text) {
            self.file.set_len(length)?;
            return Err(error);
        }
        for (counted, sequence) in fresh {
            self.told.entry(counted).or_default().note(sequence);
        }
        Ok(())
    }
}

fn counted(published: &PublishedEvent) -> Counted {
    let campaign = published.event.campaign_id.as_ref().map(ToString::to_string);
    (published.workspace_id.to_string(), campaign)
}

impl Default for Told {
    fn default() -> Self {
        Self { next: 1, missing: BTreeSet::new() }
    }
}

impl Told {
    fn holds(&self, sequence: u64) -> bool {
        sequence < self.next && !self.missing.contains(&sequence)
    }

    fn note(&mut self, sequence: u64) {
        self.missing.remove(&sequence);
        self.missing.extend(self.next..sequence);
        self.next = self.next.max(sequence + 1);
    }
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::ids::{CampaignId, EventId, TopUpId, WorkspaceId};
    use carillon_domain::base::time::Timestamp;
    use carillon_domain::reporting::events::{Event, Fact, TopUpFacts};

    use super::*;
    use crate::scratch::Scratch;

    const AT: Timestamp = Timestamp::from_millis(1_795_431_600_000);

    fn published(campaign: Option<u8>, sequence: u64) -> PublishedEvent {
        let fact = Fact::CreditsToppedUp(TopUpFacts { id: TopUpId::new(AT, [1; 10]), micros: 1, note: None });
        let campaign_id = campaign.map(|n| CampaignId::new(AT, [n; 10]));
        let id = EventId::derive("x", sequence, fact.name(), AT);
        let workspace_id = WorkspaceId::new(AT, [7; 10]);
        PublishedEvent { workspace_id, sequence, event: Event { id, at: AT, campaign_id, fact } }
    }

    fn numbers(path: &Path) -> Vec<u64> {
        let text = std::fs::read_to_string(path).expect("a file");
        text.lines().map(|line| serde_json::from_str::<Line>(line).expect("JSON").sequence).collect()
    }

    #[test]
    fn each_event_is_in_the_file_once_and_late_ones_find_their_way() {
        let scratch = Scratch::new("events-once");
        let path = scratch.path().join("events.jsonl");
        let log = EventLog::open(&path).expect("a file");
        let take = |log: &EventLog, numbers: &[u64]| {
            let events: Vec<_> = numbers.iter().map(|n| published(Some(1), *n)).collect();
            log.append(&events).expect("written");
        };
        take(&log, &[1, 2, 2, 5]);
        take(&log, &[2, 5, 4]);
        log.append(&[published(None, 1), published(Some(2), 1)]).expect("written");
        drop(log);
        let log = EventLog::open(&path).expect("a file");
        take(&log, &[1, 3, 4, 6]);
        log.append(&[published(None, 1)]).expect("written");
        assert_eq!(numbers(&path), [1, 2, 5, 4, 1, 1, 3, 6]);
    }

    #[test]
    fn a_line_that_was_cut_off_goes_and_its_event_is_taken_again() {
        let scratch = Scratch::new("events-cut");
        let path = scratch.path().join("events.jsonl");
        EventLog::open(&path)
            .expect("a file")
            .append(&[published(None, 1), published(None, 2)])
            .expect("written");
        let whole = std::fs::read(&path).expect("a file");
        for cut in 1..whole.len() / 3 {
            std::fs::write(&path, &whole[..whole.len() - cut]).expect("written");
            let log = EventLog::open(&path).expect("a file");
            log.append(&[published(None, 2)]).expect("written");
            assert_eq!(std::fs::read(&path).expect("a file"), whole, "{cut}");
        }
    }
}
