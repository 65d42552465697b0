//! What was read a moment ago.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use carillon_domain::base::time::{SECOND_MS, Timestamp};

use super::{CACHE_TTL_SECS, Secret};
use crate::clock::Clock;

/// Most secrets that are remembered at once.
const MAX_CACHED: usize = 1_000;

/// Secrets by name, each for [`CACHE_TTL_SECS`] by one clock.
#[derive(Debug)]
pub(super) struct Cache {
    clock: Clock,
    known: Mutex<HashMap<String, (Secret, Timestamp)>>,
}

impl Cache {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, known: Mutex::default() }
    }

    pub(super) fn get(&self, name: &str) -> Option<Secret> {
        let now = self.clock.now();
        self.with(|known| known.get(name).filter(|(_, at)| fresh(*at, now)).map(|(secret, _)| secret.clone()))
    }

    pub(super) fn put(&self, name: &str, secret: Secret) {
        let now = self.clock.now();
        self.with(|known| {
            if known.len() >= MAX_CACHED {
                known.retain(|_, (_, at)| fresh(*at, now));
            }
            if known.len() >= MAX_CACHED {
                known.clear();
            }
            known.insert(name.to_owned(), (secret, now));
        });
    }

    pub(super) fn forget(&self, name: &str) {
        self.with(|known| known.remove(name));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, (Secret, Timestamp)>) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A clock that was set back makes nothing fresh for longer.
fn fresh(at: Timestamp, now: Timestamp) -> bool {
    (0..CACHE_TTL_SECS * SECOND_MS).contains(&now.since_ms(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_for_a_minute() {
        let clock = Clock::manual(Timestamp::from_millis(5));
        let cache = Cache::new(clock.clone());
        cache.put("a", "1".into());
        clock.advance_to(Timestamp::from_millis(60_004));
        assert_eq!(cache.get("a"), Some("1".into()));
        clock.advance_to(Timestamp::from_millis(60_005));
        assert_eq!(cache.get("a"), None);
        cache.put("a", "2".into());
        cache.forget("a");
        assert_eq!(cache.get("a"), None);
    }

    #[test]
    fn a_clock_set_back_makes_nothing_fresh() {
        assert!(!fresh(Timestamp::from_millis(1), Timestamp::from_millis(0)));
    }

    #[test]
    fn no_more_than_the_limit_is_remembered() {
        let clock = Clock::manual(Timestamp::from_millis(0));
        let cache = Cache::new(clock.clone());
        for number in 0..MAX_CACHED {
            cache.put(&number.to_string(), "1".into());
        }
        clock.advance_to(Timestamp::from_millis(1));
        cache.put("last", "1".into());
        assert_eq!(cache.with(|known| known.len()), 1);
        assert_eq!(cache.get("last"), Some("1".into()));
    }
}
