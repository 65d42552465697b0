//! A program that reads a file in a process of its own, and prints how much it read and what that took.

use std::process::Command;

/// Says that this process is to read a file: a fresh one, whose memory nothing else has used.
pub(crate) const READ: &str = "--read";

/// What a reader says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// What it found: rows, leads or numbers.
    pub(crate) found: u64,
    /// Processor time.
    pub(crate) secs: f64,
    /// The most memory that it had, above what it had at its start.
    pub(crate) kib: f64,
}

/// What a reader prints; none if there is no such program, or if it fails.
pub(crate) fn run(command: &mut Command) -> Option<Reading> {
    let output = command.output().ok()?.stdout;
    let text = String::from_utf8(output).ok()?;
    let mut words = text.split_whitespace();
    let mut word = || words.next()?.parse().ok();
    Some(Reading { found: word()? as u64, secs: word()?, kib: word()? })
}

/// The most memory that this process has had.
pub(crate) fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The processor time of this process, in seconds.
pub(crate) fn processor_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    stat.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}
