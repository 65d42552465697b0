//! What a campaign's schedule leaves out.

use carillon_domain::records::campaign::ScheduleNote;

use super::Message;

impl Message for ScheduleNote {
    fn message(&self) -> String {
        match self {
            Self::ShortMonths { day, months } => {
                let months: Vec<_> = months.iter().map(|month| month.format("%B %Y").to_string()).collect();
                format!(
                    "there is no day {day} in {}, and no run for it; name `last` to run on the last day of each \
                     month",
                    months.join(", ")
                )
            }
            Self::NoHours { dates, runs } => {
                let named: Vec<_> = dates.iter().map(ToString::to_string).collect();
                let others = runs.saturating_sub(dates.len());
                let others = if others > 0 { format!(" and {others} more") } else { String::new() };
                format!(
                    "the campaign has no hours left when it runs on {}{others}; those calls wait for its next \
                     hours",
                    named.join(", ")
                )
            }
            Self::TimeLeftOut { date, time, begins_at } => {
                format!("the clocks leave out {time} on {date}; that run begins at {begins_at}")
            }
            Self::PeriodEnds { end, left_out } => {
                format!("the period ends on {end}, so the run of {left_out} and those after it are left out")
            }
        }
    }
}
