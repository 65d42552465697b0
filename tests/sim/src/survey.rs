//! Many runs, on as many threads as there are cores: each run is one thread's alone.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{panic, thread};

use crate::bug::Bug;
use crate::run::{Breach, run};

/// What came of many runs.
#[derive(Debug, Default)]
pub struct Survey {
    pub runs: u64,
    /// The highest seed that was run.
    pub last_seed: u64,
    /// Dials that reached the provider.
    pub calls: usize,
    /// Requests, messages and all else that happened.
    pub events: u64,
    /// Faults that struck.
    pub faults: u64,
    /// The broken invariants, by seed.
    pub breaches: Vec<Breach>,
    /// Time of all threads together.
    pub took: Duration,
}

impl fmt::Display for Survey {
    #[expect(clippy::cast_precision_loss, reason = "rates to look at")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, last_seed, calls, events, faults, breaches, took } = self;
        let secs = took.as_secs_f64();
        let (per_sec, per_call) = (*calls as f64 / secs, *events as f64 / *calls as f64);
        write!(f, "{runs} seeds to {last_seed}, {calls} calls, {events} events, {faults} faults, ")?;
        write!(f, "{} breaches; {secs:.1} s on the cores, ", breaches.len())?;
        write!(f, "{per_sec:.0} calls a second, {per_call:.1} events a call")
    }
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
                let began = Instant::now();
                // A panic names no seed.
                let Ok(report) = panic::catch_unwind(|| run(seed, bug)) else {
                    panic!("seed {seed} panicked, as told above")
                };
                let mut survey = survey.lock().unwrap_or_else(PoisonError::into_inner);
                survey.runs += 1;
                survey.last_seed = seed.max(survey.last_seed);
                survey.calls += report.calls;
                survey.events += report.events;
                survey.faults += report.faults;
                survey.took += began.elapsed();
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
