//! When a zone is open, remembered until it changes.

use crate::base::time::{MAX_SKEW_MS, Timestamp};
use crate::policy::hours::{CallingHours, latest_arrival};

/// The stretch of time in which a zone was last looked at: hours are worked out once an edge and not
/// once a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenWindows {
    is_open: bool,
    from: Timestamp,
    /// Its end; what comes then has to be looked up.
    until: Timestamp,
}

impl OpenWindows {
    pub(super) const UNKNOWN: Self =
        Self { is_open: false, from: Timestamp::from_millis(0), until: Timestamp::from_millis(0) };

    /// When the zone closes in which a call that is claimed now may be placed, or when to look again;
    /// none if it does not open before `end`. As [`crate::planning::CampaignSnapshot::closes_at`] answers.
    pub(super) fn look(
        &mut self,
        hours: &CallingHours<'_>,
        window_ms: i64,
        now: Timestamp,
        end: Timestamp,
    ) -> Look {
        let by_clock = now.plus_ms(-MAX_SKEW_MS);
        if by_clock < self.from || by_clock >= self.until {
            *self = Self::at(hours, by_clock, end);
        }
        if self.is_open && self.until > latest_arrival(now.plus_ms(window_ms)) {
            Look::Open { closes_at: self.until }
        } else {
            Look::Closed { until: self.until.plus_ms(MAX_SKEW_MS) }
        }
    }

    fn at(hours: &CallingHours<'_>, at: Timestamp, end: Timestamp) -> Self {
        match hours.open_until(at) {
            Some(until) => Self { is_open: true, from: at, until },
            None => Self { is_open: false, from: at, until: first_open(hours, at, end).unwrap_or(end) },
        }
    }
}

/// What a gate is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A call may be placed.
    Open {
        closes_at: Timestamp,
    },
    Closed {
        until: Timestamp,
    },
}

/// The first moment from `from` on at which a call may be placed; none before `end`, however far that
/// is.
pub(super) fn first_open(hours: &CallingHours<'_>, from: Timestamp, end: Timestamp) -> Option<Timestamp> {
    let mut at = from;
    while at < end {
        match hours.next_open(at) {
            Some(opens_at) => return Some(opens_at).filter(|opens_at| *opens_at < end),
            None => at = at.plus_ms(crate::policy::hours::HORIZON_DAYS * crate::base::time::DAY_MS),
        }
    }
    None
}
