//! What a campaign's recurrence leaves out or puts off, so that nobody waits for a run that never comes.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Serialize;

use super::Campaign;
use crate::base::time::Timestamp;
use crate::policy::hours::{HalfHour, HoursZone};
use crate::policy::schedule::{Recurrence, Run, TimeOfDay, local_date};

/// How many days are looked at: a year.
const LOOKED_AT_DAYS: u64 = 366;
const MONTHS_PER_YEAR: u32 = 12;
const MINUTES_PER_HALF_HOUR: u16 = 30;
/// Most dates that one note names.
const MAX_DATES: usize = 12;

/// What a recurrence leaves out, or does at another time than it says, within a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ScheduleNote {
    /// These months do not have the day, and no run in its place.
    ShortMonths {
        day: u8,
        /// Their first days.
        months: Vec<NaiveDate>,
    },
    /// Runs begin on dates, or at a time, without any hours left to call: their calls wait for the next.
    NoHours {
        /// The first of the dates.
        dates: Vec<NaiveDate>,
        /// How many there are.
        runs: usize,
    },
    /// The clocks leave out the time: the run begins as much later.
    TimeLeftOut { date: NaiveDate, time: TimeOfDay, begins_at: Timestamp },
    /// The period ends before this run, which does not begin, nor do later ones.
    PeriodEnds { end: NaiveDate, left_out: NaiveDate },
}

impl Campaign {
    /// What its recurrence leaves out from now on; nothing if it does not recur, or has ended.
    pub fn schedule_notes(&self, now: Timestamp) -> Vec<ScheduleNote> {
        let Some(recurrence) = self.spec.recurrence.as_ref().filter(|_| !self.status.is_ended()) else {
            return Vec::new();
        };
        let (runs, left_out) = self.runs_ahead(recurrence, now);
        let mut notes = self.short_months(recurrence, now, &runs);
        notes.extend(self.without_hours(recurrence.at(), &runs));
        notes.extend(runs.iter().filter(|run| run.is_moved).map(|run| ScheduleNote::TimeLeftOut {
            date: run.date,
            time: recurrence.at(),
            begins_at: run.at,
        }));
        notes.extend(
            self.spec
                .period
                .end()
                .zip(left_out)
                .map(|(end, run)| ScheduleNote::PeriodEnds { end, left_out: run.date }),
        );
        notes
    }

    /// The runs of a year, and the first that comes too late for the period.
    fn runs_ahead(&self, recurrence: &Recurrence, now: Timestamp) -> (Vec<Run>, Option<Run>) {
        let (tz, today) = (self.spec.time_zone, local_date(self.spec.time_zone, now));
        let last_date = today.checked_add_days(Days::new(LOOKED_AT_DAYS)).unwrap_or(today);
        let ends_by_itself =
            |run: &Run| recurrence.until().is_some_and(|until| local_date(tz, run.at) > until);
        let left = recurrence
            .max_runs()
            .map_or(usize::MAX, |max| usize::try_from(max.saturating_sub(self.run)).unwrap_or(usize::MAX));
        let mut ahead: Vec<Run> = recurrence
            .planned(tz, today, self.anchor())
            .filter(|run| run.at > now)
            .take_while(|run| run.date <= last_date && !ends_by_itself(run))
            .take(left)
            .collect();
        let in_time = ahead.partition_point(|run| !self.is_over(run.at));
        let left_out = ahead.get(in_time).copied();
        ahead.truncate(in_time);
        (ahead, left_out)
    }

    fn short_months(&self, recurrence: &Recurrence, now: Timestamp, runs: &[Run]) -> Vec<ScheduleNote> {
        let today = local_date(self.spec.time_zone, now);
        let bounds = [recurrence.until(), self.spec.period.end(), last_of_all(recurrence, self.run, runs)];
        let end = bounds.into_iter().flatten().min();
        let from = today.max(self.anchor());
        let first = from.with_day(1).unwrap_or(from);
        let months = (0..MONTHS_PER_YEAR).filter_map(|months| first.checked_add_months(Months::new(months)));
        let mut short: BTreeMap<u8, Vec<NaiveDate>> = BTreeMap::new();
        for month in months.take_while(|month| end.is_none_or(|end| *month <= end)) {
            for day in recurrence.missing_in(month, self.anchor()) {
                short.entry(day).or_default().push(month);
            }
        }
        short.into_iter().map(|(day, months)| ScheduleNote::ShortMonths { day, months }).collect()
    }

    /// Runs that begin on a date that is out, on a day that is off, or after its last window.
    fn without_hours(&self, time: TimeOfDay, runs: &[Run]) -> Option<ScheduleNote> {
        let is_closed = |run: &&Run| {
            let mut windows = self.spec.hours.windows(run.date.weekday()).iter();
            // On the clocks of the recipients it may be early still.
            let is_left = |to: HalfHour| {
                self.spec.hours_zone == HoursZone::Recipient
                    || u16::from(to.half_hours()) * MINUTES_PER_HALF_HOUR > time.minutes()
            };
            self.spec.except_dates.contains(&run.date) || !windows.any(|window| is_left(window.to()))
        };
        let closed: Vec<NaiveDate> = runs.iter().filter(is_closed).map(|run| run.date).collect();
        let dates = closed.iter().take(MAX_DATES).copied().collect();
        (!closed.is_empty()).then_some(ScheduleNote::NoHours { dates, runs: closed.len() })
    }
}

/// The date of the last run that there is at all, if that is among these.
fn last_of_all(recurrence: &Recurrence, begun: u32, runs: &[Run]) -> Option<NaiveDate> {
    let ahead = u32::try_from(runs.len()).unwrap_or(u32::MAX);
    let is_last = !recurrence.has_runs_left(begun.saturating_add(ahead));
    runs.last().filter(|_| is_last).map(|run| run.date)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono_tz::Tz;

    use super::*;
    use crate::base::time::DAY_MS;
    use crate::fixtures;
    use crate::policy::schedule::Period;
    use crate::records::campaign::CampaignStatus;

    const NOW: &str = "2026-11-28T12:00:00Z";

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn dates(texts: &[&str]) -> Vec<NaiveDate> {
        texts.iter().map(|text| date(text)).collect()
    }

    /// A campaign in Berlin that recurs so.
    fn recurring(json: &str) -> Campaign {
        let mut campaign = fixtures::campaign();
        campaign.created_at = NOW.parse().expect("a time");
        campaign.spec.time_zone = Tz::Europe__Berlin;
        campaign.spec.recurrence = Some(serde_json::from_str(json).expect(json));
        campaign
    }

    fn notes(campaign: &Campaign) -> Vec<ScheduleNote> {
        campaign.schedule_notes(NOW.parse().expect("a time"))
    }

    #[test]
    fn months_that_lack_the_day_are_named() {
        let short = |json: &str| -> Vec<(u8, Vec<NaiveDate>)> {
            let all = notes(&recurring(json)).into_iter().filter_map(|note| match note {
                ScheduleNote::ShortMonths { day, months } => Some((day, months)),
                _ => None,
            });
            all.collect()
        };
        let lack_31 = dates(&["2026-11-01", "2027-02-01", "2027-04-01", "2027-06-01", "2027-09-01"]);
        let lack_30 = dates(&["2027-02-01"]);
        for (on, expected) in [
            ("[31]", vec![(31, lack_31.clone())]),
            ("[1,30,31]", vec![(30, lack_30.clone()), (31, lack_31)]),
            ("[29]", vec![(29, lack_30)]),
            // The last day stands in for them.
            (r#"[31,"last"]"#, vec![]),
            (r#"["last"]"#, vec![]),
            ("[1,28]", vec![]),
        ] {
            assert_eq!(
                short(&format!(r#"{{"frequency":"monthly","on":{on},"at":"09:00"}}"#)),
                expected,
                "{on}"
            );
        }
        let until = r#"{"frequency":"monthly","on":[31],"at":"09:00","until":"2027-03-01"}"#;
        assert_eq!(short(until), [(31, dates(&["2026-11-01", "2027-02-01"]))]);
        let quarterly = r#"{"frequency":"monthly","every":3,"on":[31],"at":"09:00"}"#;
        assert_eq!(short(quarterly), [(31, dates(&["2026-11-01", "2027-02-01"]))]);
        // Two runs are on 31 December and 31 January; nobody waits for a third.
        let twice = r#"{"frequency":"monthly","on":[31],"at":"09:00","max_runs":3}"#;
        assert_eq!(short(twice), [(31, dates(&["2026-11-01"]))]);
        assert_eq!(short(r#"{"frequency":"weekly","on":["monday"],"at":"09:00"}"#), []);
    }

    #[test]
    fn no_month_is_left_out_that_has_a_run_and_none_has_a_run_that_is_left_out() {
        for day in 1..=31_u8 {
            for every in 1..=4_u32 {
                let json = format!(r#"{{"frequency":"monthly","every":{every},"on":[{day}],"at":"09:00"}}"#);
                let campaign = recurring(&json);
                let mut left_out = BTreeSet::new();
                for note in notes(&campaign) {
                    if let ScheduleNote::ShortMonths { months, .. } = note {
                        left_out.extend(months);
                    }
                }
                // Every month in turn, run by run.
                let mut after: Timestamp = "2026-10-31T12:00:00Z".parse().expect("a time");
                let mut ran = BTreeSet::new();
                let recurrence = campaign.spec.recurrence.as_ref().expect("it recurs");
                while let Some(run) = recurrence.next_run(Tz::UTC, after, date("2026-11-01")) {
                    let on = local_date(Tz::UTC, run);
                    if on >= date("2027-11-01") {
                        break;
                    }
                    ran.insert(on.with_day(1).expect("a first"));
                    after = run;
                }
                let asked: BTreeSet<NaiveDate> = (0..12_u32)
                    .filter(|month| month % every == 0)
                    .map(|month| date("2026-11-01") + Months::new(month))
                    .collect();
                assert!(ran.is_disjoint(&left_out), "{json}");
                assert_eq!(&ran | &left_out, asked, "{json}");
            }
        }
    }

    #[test]
    fn runs_without_hours_beyond_the_period_or_in_a_gap_of_the_clocks_are_named() {
        let mut campaign = recurring(r#"{"frequency":"weekly","on":["monday"],"at":"09:00"}"#);
        assert_eq!(notes(&campaign), []);
        campaign.spec.except_dates = dates(&["2026-12-21", "2026-12-25", "2026-12-28"]).into_iter().collect();
        let no_hours = ScheduleNote::NoHours { dates: dates(&["2026-12-21", "2026-12-28"]), runs: 2 };
        assert_eq!(notes(&campaign), [no_hours]);
        campaign.spec.period = Period::new(None, Some(date("2026-12-18"))).expect("a period");
        let ends = ScheduleNote::PeriodEnds { end: date("2026-12-18"), left_out: date("2026-12-21") };
        assert_eq!(notes(&campaign), [ends]);

        // Saturdays are off: 53 of them in a year and a day, of which twelve are named.
        let off = notes(&recurring(r#"{"frequency":"weekly","on":["saturday"],"at":"15:00"}"#));
        let [ScheduleNote::NoHours { dates, runs }] = off.as_slice() else { panic!("{off:?}") };
        assert_eq!((dates.len(), *runs), (12, 53));
        let mut late = recurring(r#"{"frequency":"weekly","on":["monday"],"at":"18:00","max_runs":2}"#);
        late.spec.hours_zone = HoursZone::Campaign;
        assert!(
            matches!(notes(&late).as_slice(), [ScheduleNote::NoHours { runs: 1, .. }]),
            "of two one is over"
        );
        late.spec.hours_zone = HoursZone::Recipient;
        assert_eq!(notes(&late), []);

        let gap = notes(&recurring(r#"{"frequency":"daily","every":7,"at":"02:30","max_runs":40}"#));
        let moved = |note: &&ScheduleNote| matches!(note, ScheduleNote::TimeLeftOut { .. });
        assert_eq!(gap.iter().filter(moved).count(), 0, "the last Sunday of March is none of them: {gap:?}");
        let gap = notes(&recurring(r#"{"frequency":"weekly","on":["sunday"],"at":"02:30"}"#));
        let expected = ScheduleNote::TimeLeftOut {
            date: date("2027-03-28"),
            time: TimeOfDay::new(2, 30).expect("a time"),
            begins_at: "2027-03-28T01:30:00Z".parse().expect("a time"),
        };
        assert_eq!(gap.iter().find(moved), Some(&expected));
    }

    #[test]
    fn nothing_is_noted_of_what_is_over() {
        let mut campaign = recurring(r#"{"frequency":"monthly","on":[31],"at":"09:00"}"#);
        campaign.status = CampaignStatus::Cancelled;
        assert_eq!(notes(&campaign), []);
        campaign.status = CampaignStatus::Running;
        campaign.spec.recurrence = None;
        assert_eq!(campaign.schedule_notes(campaign.created_at.plus_ms(DAY_MS)), []);
    }
}
