//! What functions use: of the table, and of the processor.

use std::collections::BTreeMap;

use carillon_local::table::{EmbeddedTable, Usage};

/// Where Linux says how long this thread has been on a processor, in nanoseconds.
const THREAD_TIME: &str = "/proc/thread-self/schedstat";

/// What the runs of a function used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spent {
    pub runs: u64,
    /// Requests to the table and capacity.
    pub usage: Usage,
    /// The same by kind of request.
    pub operations: BTreeMap<&'static str, Usage>,
    /// Bytes that the table was sent.
    pub request_bytes: u64,
    pub answer_bytes: u64,
    /// Time of this thread on a processor, in nanoseconds: all of the function's on a runtime of one thread,
    /// nothing of the table's, which runs on others. Zero where the system does not tell.
    pub cpu_ns: u64,
}

/// The meters at one moment.
#[derive(Debug, Clone)]
pub struct Reading(Spent);

impl Reading {
    pub fn take(table: &EmbeddedTable) -> Self {
        let figures = table.meter().snapshot();
        Self(Spent {
            runs: 0,
            usage: figures.total(),
            operations: figures.operations,
            request_bytes: figures.request_bytes,
            answer_bytes: figures.answer_bytes,
            cpu_ns: thread_time_ns(),
        })
    }
}

impl Spent {
    /// Adds a run between two readings.
    pub fn add(&mut self, Reading(before): Reading, Reading(after): Reading) {
        self.runs += 1;
        self.usage += after.usage - before.usage;
        for (operation, usage) in after.operations {
            let known = before.operations.get(operation).copied().unwrap_or_default();
            *self.operations.entry(operation).or_default() += usage - known;
        }
        self.request_bytes += after.request_bytes - before.request_bytes;
        self.answer_bytes += after.answer_bytes - before.answer_bytes;
        // A reading on another thread counts for nothing.
        self.cpu_ns += after.cpu_ns.saturating_sub(before.cpu_ns);
    }

    /// Its figures per run, with their names.
    pub fn per_run(&self) -> [(&'static str, f64); 6] {
        let per_run = |sum: f64| sum / self.runs.max(1) as f64;
        [
            ("requests", per_run(self.usage.requests as f64)),
            ("bytes written", per_run(self.request_bytes as f64)),
            ("bytes read", per_run(self.answer_bytes as f64)),
            ("read units", per_run(self.usage.read_units)),
            ("write units", per_run(self.usage.write_units)),
            ("processor us", per_run(self.cpu_ns as f64 / 1e3)),
        ]
    }
}

fn thread_time_ns() -> u64 {
    let text = std::fs::read_to_string(THREAD_TIME).unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
}
