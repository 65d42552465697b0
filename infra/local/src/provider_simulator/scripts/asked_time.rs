//! The ways in which people say when they want to be called back.

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveDateTime, Timelike, Weekday};

/// When somebody wants to be called back, as they say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AskedTime {
    /// On a day by its date, at half past two in the afternoon.
    OnADate,
    /// Tomorrow at two in the afternoon.
    Tomorrow,
    /// On Tuesday in the morning.
    TuesdayMorning,
    InHalfAnHour,
    /// Some time.
    Later,
    /// Yesterday, or on a day that no calendar has.
    Impossible,
}

/// The same on the person's calendar and clock, as far as it says and can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ClockTime {
    pub(crate) date: Option<NaiveDate>,
    /// Hour and minute.
    pub(crate) time: Option<(u32, u32)>,
    /// When the time that suits is over.
    pub(crate) until: Option<(u32, u32)>,
}

impl AskedTime {
    pub const ALL: [Self; 6] = [
        Self::OnADate,
        Self::Tomorrow,
        Self::TuesdayMorning,
        Self::InHalfAnHour,
        Self::Later,
        Self::Impossible,
    ];

    /// What kind of wish it is, as `callback_request` names it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::OnADate | Self::Tomorrow => "exact",
            Self::TuesdayMorning => "window",
            Self::InHalfAnHour => "relative",
            Self::Later | Self::Impossible => "unspecified",
        }
    }

    /// What it means in a call that began then by the person's clock; `date` is the one that was said.
    pub(crate) fn on_clock(self, began: Option<NaiveDateTime>, date: Option<NaiveDate>) -> ClockTime {
        let today = began.map(|began| began.date());
        match self {
            Self::OnADate => ClockTime { date, time: Some((14, 30)), until: None },
            Self::Tomorrow => {
                ClockTime { date: today.and_then(|day| day.succ_opt()), time: Some((14, 0)), until: None }
            }
            Self::TuesdayMorning => {
                ClockTime { date: today.and_then(next_tuesday), time: Some((9, 0)), until: Some((12, 0)) }
            }
            Self::InHalfAnHour => {
                let at = began.and_then(|began| began.checked_add_signed(Duration::minutes(30)));
                let time = at.map(|at| (at.hour(), at.minute()));
                ClockTime { date: at.map(|at| at.date()), time, until: None }
            }
            Self::Later | Self::Impossible => ClockTime::default(),
        }
    }
}

/// The first Tuesday after a day.
fn next_tuesday(day: NaiveDate) -> Option<NaiveDate> {
    let ahead = 7 - day.weekday().days_since(Weekday::Tue);
    day.checked_add_days(Days::new(ahead.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_found_on_the_clock() {
        let said = |asked: AskedTime, began: &str| {
            let began = began.parse().expect("a date and time");
            let on_clock = asked.on_clock(Some(began), None);
            (on_clock.date.map(|date| date.to_string()).unwrap_or_default(), on_clock.time)
        };
        let monday = "2026-12-28T23:45:00";
        assert_eq!(said(AskedTime::Tomorrow, monday), ("2026-12-29".into(), Some((14, 0))));
        assert_eq!(said(AskedTime::TuesdayMorning, monday), ("2026-12-29".into(), Some((9, 0))));
        assert_eq!(
            said(AskedTime::TuesdayMorning, "2026-12-29T08:00:00"),
            ("2027-01-05".into(), Some((9, 0)))
        );
        assert_eq!(said(AskedTime::InHalfAnHour, monday), ("2026-12-29".into(), Some((0, 15))));
        assert_eq!(said(AskedTime::Impossible, monday), (String::new(), None));
        assert_eq!(AskedTime::Tomorrow.on_clock(None, None).date, None);
    }
}
