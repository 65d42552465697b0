//! Time as handlers see it: the machine's, a faster one, or one that a test sets.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use carillon_domain::base::time::Timestamp;
use tokio::sync::Notify;

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// A clock that runs `speed` times as fast as the machine's, and can be put forward.
    Scaled(Arc<ScaledClock>),
    /// A clock that stands still until it is set.
    Manual(Arc<AtomicI64>),
    /// One that a test keeps.
    Custom(Arc<dyn Time>),
}

/// Time that somebody else keeps.
pub trait Time: Debug + Send + Sync {
    fn now(&self) -> Timestamp;

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A clock that runs faster than the machine's.
#[derive(Debug)]
pub struct ScaledClock {
    started: Instant,
    origin: Timestamp,
    speed: u32,
    skipped_ms: AtomicI64,
    skipped: Notify,
}

impl Clock {
    /// A clock that shows `origin` now and then runs `speed` times as fast as the machine's.
    pub fn scaled(origin: Timestamp, speed: u32) -> Self {
        Self::Scaled(Arc::new(ScaledClock {
            started: Instant::now(),
            origin,
            speed: speed.max(1),
            skipped_ms: AtomicI64::new(0),
            skipped: Notify::new(),
        }))
    }

    /// A clock that shows `at` until it is set.
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_millis())))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => chrono::Utc::now().into(),
            Self::Scaled(clock) => {
                let real_ms = i64::try_from(clock.started.elapsed().as_micros()).unwrap_or(i64::MAX);
                let run_ms = real_ms.saturating_mul(i64::from(clock.speed)) / 1_000;
                clock.origin.plus_ms(run_ms + clock.skipped_ms.load(Ordering::SeqCst))
            }
            Self::Manual(millis) => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
            Self::Custom(time) => time.now(),
        }
    }

    /// How long a machine must wait until this clock shows `at`; zero on a clock whose
    /// owner decides.
    pub fn wait_until(&self, at: Timestamp) -> Duration {
        let ahead_ms = u64::try_from(at.since_ms(self.now())).unwrap_or_default();
        match self {
            Self::System => Duration::from_millis(ahead_ms),
            Self::Scaled(clock) => Duration::from_micros(ahead_ms * 1_000 / u64::from(clock.speed)),
            Self::Manual(_) | Self::Custom(_) => Duration::ZERO,
        }
    }

    /// Waits until this clock shows `at`.
    pub async fn sleep_until(&self, at: Timestamp) {
        match self {
            Self::Manual(_) => {}
            Self::Custom(time) => time.sleep_until(at).await,
            Self::System => tokio::time::sleep(self.wait_until(at)).await,
            Self::Scaled(clock) => loop {
                let skipped = clock.skipped.notified();
                let wait = self.wait_until(at);
                if wait.is_zero() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = skipped => {}
                }
            },
        }
    }

    /// Puts the clock forward to `at`; it never goes back, and the machine's can't be put.
    pub fn advance_to(&self, at: Timestamp) {
        match self {
            Self::System | Self::Custom(_) => {}
            Self::Scaled(clock) => {
                let ahead_ms = at.since_ms(self.now()).max(0);
                clock.skipped_ms.fetch_add(ahead_ms, Ordering::SeqCst);
                clock.skipped.notify_waiters();
            }
            Self::Manual(millis) => {
                millis.fetch_max(at.as_millis(), Ordering::SeqCst);
            }
        }
    }
}
