//! The hours of a week, as a campaign sets them.

use chrono::Weekday;

use super::slots::Slots;
use super::window::{HalfHour, HalfHourError, Window};

/// Most windows that a day may have.
pub const MAX_WINDOWS_PER_DAY: usize = 4;

/// The days in the order of their windows: Monday first.
pub(super) const DAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Why these are no weekly hours. Windows are counted from 1, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// A time is not what it may be.
    #[error("{}, window {window}: {fault}", name(*.day))]
    Time {
        day: Weekday,
        window: usize,
        /// What is wrong with it.
        fault: HalfHourError,
    },
    /// A window ends before it has begun.
    #[error(
        "{}, window {window}: {from} to {to} is empty or backwards; write the earlier time first",
        name(*.day)
    )]
    Backwards { day: Weekday, window: usize, from: HalfHour, to: HalfHour },
    #[error("{}, window {window}: {this} overlaps {other}; begin at {} or later", name(*.day), other.to())]
    Overlap { day: Weekday, window: usize, this: Window, other: Window },
    /// A day has too many windows.
    #[error("{} has {count} windows; at most {MAX_WINDOWS_PER_DAY} are possible", name(*.day))]
    TooMany { day: Weekday, count: usize },
    /// No day has a window.
    #[error("no day has a window, so nobody could ever be called; give at least one")]
    Never,
}

/// When a campaign may call in a week, on the clock of whoever is asked.
///
/// As JSON `{"monday":[{"from":"09:00","to":"18:00"}]}`; a day that is not there is off.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WeeklyHours {
    /// Sorted, without overlap; Monday first.
    windows: [Vec<Window>; 7],
    slots: [Slots; 7],
}

impl WeeklyHours {
    /// The hours that consist of these windows, Monday first, each day in any order.
    ///
    /// # Errors
    /// [`HoursError`] names the first fault.
    pub fn new(mut windows: [Vec<Window>; 7]) -> Result<Self, HoursError> {
        for (day, windows) in DAYS.into_iter().zip(&mut windows) {
            sort(day, windows)?;
        }
        if windows.iter().all(Vec::is_empty) {
            return Err(HoursError::Never);
        }
        Ok(Self::of_sorted(windows))
    }

    fn of_sorted(windows: [Vec<Window>; 7]) -> Self {
        let slots = windows
            .each_ref()
            .map(|windows| windows.iter().fold(Slots::NONE, |slots, &window| slots.or(Slots::of(window))));
        Self { windows, slots }
    }

    /// The windows of a day in their order; none if it is off.
    pub fn windows(&self, day: Weekday) -> &[Window] {
        &self.windows[usize::try_from(day.num_days_from_monday()).unwrap_or_default()]
    }

    /// The open half hours of each day, Monday first.
    pub(super) const fn slots(&self) -> &[Slots; 7] {
        &self.slots
    }
}

impl Default for WeeklyHours {
    /// Monday to Friday 09:00–18:00.
    fn default() -> Self {
        let day = |day: usize| if day < 5 { vec![Window::OFFICE] } else { Vec::new() };
        Self::of_sorted(std::array::from_fn(day))
    }
}

/// Brings the windows of a day into their order.
fn sort(day: Weekday, windows: &mut Vec<Window>) -> Result<(), HoursError> {
    let count = windows.len();
    if count > MAX_WINDOWS_PER_DAY {
        return Err(HoursError::TooMany { day, count });
    }
    let mut given: Vec<(Window, usize)> = windows.iter().copied().zip(1..).collect();
    given.sort_unstable();
    for pair in given.windows(2) {
        if let &[(other, _), (this, window)] = pair
            && this.from() < other.to()
        {
            return Err(HoursError::Overlap { day, window, this, other });
        }
    }
    *windows = given.into_iter().map(|(window, _)| window).collect();
    Ok(())
}

const fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}
