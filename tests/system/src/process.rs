//! What this process has used, as Linux tells it; zero elsewhere.

use std::fs;

/// What `/proc` counts processor time in, in milliseconds: 100 to the second on every Linux.
const TICK_MS: u64 = 10;
/// A page of memory, on x86 and most others.
const PAGE_BYTES: u64 = 4_096;
/// Where the time in user mode stands in `/proc/self/stat`, after the name; that of the kernel follows.
const USER_TIME_FIELD: usize = 11;

/// Time on processors since it began, in milliseconds, the kernel's part included.
pub fn cpu_ms() -> u64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let times = after_name.split_whitespace().skip(USER_TIME_FIELD).take(2);
    times.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * TICK_MS
}

/// Memory that is resident now, in bytes.
pub fn resident_bytes() -> u64 {
    let text = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * PAGE_BYTES
}
