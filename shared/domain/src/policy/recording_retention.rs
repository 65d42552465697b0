//! How long we keep copies of recordings.

use serde::{Deserialize, Serialize};

use crate::base::time::{DAY_MS, Timestamp};

/// How long the recordings of a campaign are kept by us: they are copied when a call has ended, and the copy goes after
/// so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordingRetention {
    #[serde(rename = "days_30")]
    Days30,
    #[serde(rename = "days_90")]
    Days90,
    #[serde(rename = "days_365")]
    Days365,
}

/// Copies that go together: the bucket has a rule for each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingClass {
    /// Somebody asked for it, and nobody keeps it.
    OnDemand,
    /// It is kept, as its campaign has it.
    #[serde(untagged)]
    Kept(RecordingRetention),
}

impl RecordingRetention {
    const fn days(self) -> i64 {
        match self {
            Self::Days30 => 30,
            Self::Days90 => 90,
            Self::Days365 => 365,
        }
    }
}

impl RecordingClass {
    pub const ALL: [Self; 4] = [
        Self::OnDemand,
        Self::Kept(RecordingRetention::Days30),
        Self::Kept(RecordingRetention::Days90),
        Self::Kept(RecordingRetention::Days365),
    ];

    /// The class of a copy that is made now of a call that ended then: what its campaign has kept long enough is not
    /// kept again.
    pub fn of(retention: Option<RecordingRetention>, ended_at: Timestamp, now: Timestamp) -> Self {
        let kept = retention.filter(|kept| now < ended_at.plus_ms(kept.days() * DAY_MS));
        kept.map_or(Self::OnDemand, Self::Kept)
    }

    /// How long a copy stays, in days.
    pub const fn days(self) -> i64 {
        match self {
            Self::OnDemand => 1,
            Self::Kept(retention) => retention.days(),
        }
    }

    /// What stands in the keys of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "on_demand",
            Self::Kept(RecordingRetention::Days30) => "days_30",
            Self::Kept(RecordingRetention::Days90) => "days_90",
            Self::Kept(RecordingRetention::Days365) => "days_365",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDED: Timestamp = Timestamp::from_millis(1_795_431_600_000);

    #[test]
    fn a_class_is_stored_as_it_is_called() {
        for class in RecordingClass::ALL {
            assert_eq!(serde_json::to_value(class).expect("JSON"), class.name());
            let read: RecordingClass = serde_json::from_value(class.name().into()).expect("a class");
            assert_eq!(read, class);
        }
    }

    #[test]
    fn what_was_kept_long_enough_is_not_kept_again() {
        let kept = Some(RecordingRetention::Days30);
        let on = |day: i64| RecordingClass::of(kept, ENDED, ENDED.plus_ms(day * DAY_MS));
        assert_eq!(on(0), RecordingClass::Kept(RecordingRetention::Days30));
        assert_eq!(on(29), RecordingClass::Kept(RecordingRetention::Days30));
        assert_eq!(on(30), RecordingClass::OnDemand);
        assert_eq!(RecordingClass::of(None, ENDED, ENDED), RecordingClass::OnDemand);
    }
}
