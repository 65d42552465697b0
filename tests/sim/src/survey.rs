//! Many runs, on as many threads as there are cores: each run is one thread's alone.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::bug::Bug;
use crate::run::{Breach, run};

/// What came of many runs.
#[derive(Debug, Default)]
pub struct Survey {
    pub runs: u64,
    /// Dials that reached the provider.
    pub calls: usize,
    /// Steps, messages and all else that happened.
    pub events: u64,
    pub faults: u64,
    /// The broken invariants, by seed.
    pub breaches: Vec<Breach>,
}

impl Survey {
    /// Runs these seeds. Starts no more of them once `is_enough` says so.
    pub fn of(seeds: Range<u64>, bug: Option<Bug>, is_enough: impl Fn(&Self) -> bool + Sync) -> Self {
        let next = AtomicU64::new(seeds.start);
        let is_over = AtomicBool::new(false);
        let survey = Mutex::new(Self::default());
        let work = || {
            while !is_over.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return;
                }
                let report = run(seed, bug);
                let mut survey = survey.lock().unwrap_or_else(PoisonError::into_inner);
                survey.runs += 1;
                survey.calls += report.calls;
                survey.events += report.events;
                survey.faults += report.faults;
                survey.breaches.extend(report.breach);
                is_over.fetch_or(is_enough(&survey), Ordering::Relaxed);
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        let mut survey = survey.into_inner().unwrap_or_else(PoisonError::into_inner);
        survey.breaches.sort_by_key(|breach| breach.seed);
        survey
    }
}
