//! A forecast by another way, which shares nothing with the planner: minute by minute, in parts of
//! leads, from 09:00 to 18:00 by clocks that never change, Monday to Friday.

const DAY: usize = 24 * 60;

/// What is simulated. Times are minutes from Monday, midnight UTC.
pub(crate) struct Naive {
    /// Leads of each zone, with the minutes by which its clock is ahead of UTC.
    pub(crate) zones: Vec<(f64, i64)>,
    pub(crate) from: usize,
    pub(crate) lines: f64,
    pub(crate) rate: f64,
    /// The part of the calls after which nothing more is done.
    pub(crate) settling: f64,
    /// Mean length of a call, in minutes.
    pub(crate) call_minutes: f64,
    pub(crate) attempts: usize,
    /// Minutes from the end of a call to the next attempt.
    pub(crate) delay: usize,
}

pub(crate) struct Outcome {
    pub(crate) calls: f64,
    /// The minute in which the last lead of each zone is settled.
    pub(crate) done: Vec<usize>,
}

impl Naive {
    /// Simulates at most so many minutes.
    pub(crate) fn run(&self, minutes: usize) -> Outcome {
        let length = self.delay + self.call_minutes.ceil() as usize;
        let mut fresh: Vec<f64> = self.zones.iter().map(|(leads, _)| *leads).collect();
        // Due leads by zone and attempt, and those that become due by minute.
        let mut due = vec![vec![0.0; self.attempts]; self.zones.len()];
        let mut later = vec![vec![vec![0.0; self.attempts]; self.zones.len()]; length + 1];
        let mut outcome = Outcome { calls: 0.0, done: vec![self.from; self.zones.len()] };
        for minute in self.from..self.from + minutes {
            let slot = minute % (length + 1);
            for (zone, due) in due.iter_mut().enumerate() {
                for (due, later) in due.iter_mut().zip(&mut later[slot][zone]) {
                    *due += std::mem::take(later);
                }
            }
            let mut room = (self.lines / self.call_minutes).min(self.rate);
            let target = (minute + length) % (length + 1);
            for pass in ["retries", "fresh"] {
                for (zone, (_, ahead)) in self.zones.iter().enumerate() {
                    if !is_open(minute, *ahead) {
                        continue;
                    }
                    let attempts = if pass == "fresh" { 0..1 } else { 1..self.attempts };
                    for attempt in attempts {
                        let leads = if attempt == 0 { &mut fresh[zone] } else { &mut due[zone][attempt] };
                        let called = leads.min(room);
                        *leads -= called;
                        room -= called;
                        outcome.calls += called;
                        if called > 0.01 {
                            outcome.done[zone] = minute;
                        }
                        if attempt + 1 < self.attempts {
                            later[target][zone][attempt + 1] += called * (1.0 - self.settling);
                        }
                    }
                }
            }
        }
        outcome
    }
}

fn is_open(minute: usize, ahead: i64) -> bool {
    let local = (minute as i64 + ahead).max(0) as usize;
    (local / DAY) % 7 < 5 && (9 * 60..18 * 60).contains(&(local % DAY))
}
