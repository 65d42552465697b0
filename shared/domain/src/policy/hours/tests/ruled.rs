//! Hours under the rules: every zone, every jurisdiction and every change of the clocks against the
//! oracle.

use chrono_tz::TZ_VARIANTS;
use jiff::tz::TimeZone as Jiff;
use proptest::prelude::*;
use serde_json::Value;

use super::oracle::{Oracle, half_hour, instant, local, windows, zone_of_jiff};
use crate::base::numbering::Country;
use crate::base::time::MINUTE_MS;
use crate::base::zone::{Jurisdiction, Places, State};
use crate::policy::hours::*;

/// All offsets and changes of these years are multiples of it, so nothing happens in between.
const STEP_MS: i64 = 15 * MINUTE_MS;

/// Each of these is tried in every zone, a few per zone and kind of campaign.
const LAWS: [&str; 14] =
    ["", "US-TX", "FR", "US-AL", "US-*", "IN", "US-LA", "DE", "US-KY", "GF", "US-OH", "GB", "US-MS", "PR"];

/// Days around which rules change or days are off: FR twice, holidays of AL, LA and FR, two Easters.
const DAYS: [&str; 8] = [
    "2025-04-20",
    "2025-09-01",
    "2026-02-17",
    "2026-07-14",
    "2026-08-11",
    "2026-11-26",
    "2027-03-28",
    "2027-12-25",
];

const LONG: &str = r#"{"monday":[{"from":"06:00","to":"23:00"}],"tuesday":[{"from":"06:00","to":"23:00"}],
    "wednesday":[{"from":"06:00","to":"23:00"}],"thursday":[{"from":"06:00","to":"23:00"}],
    "friday":[{"from":"06:00","to":"23:00"}],"saturday":[{"from":"06:00","to":"23:00"}],
    "sunday":[{"from":"06:00","to":"23:00"}]}"#;
const SHORT: &str = r#"{"monday":[{"from":"09:00","to":"12:30"},{"from":"13:30","to":"18:00"}],
    "tuesday":[{"from":"06:30","to":"11:00"}],"thursday":[{"from":"08:00","to":"20:30"}],
    "saturday":[{"from":"19:00","to":"23:00"}],"sunday":[{"from":"10:00","to":"19:30"}]}"#;

/// A campaign and a number, for us and for the oracle.
struct Case {
    week: Value,
    weekly: WeeklyHours,
    except: BTreeSet<NaiveDate>,
    whose: HoursZone,
    campaign_tz: Tz,
    places: Vec<Tz>,
    law: String,
    zone: Zone,
}

impl Case {
    fn new(weekly: WeeklyHours, whose: HoursZone, campaign_tz: Tz, places: Vec<Tz>, law: &str) -> Self {
        let jurisdiction = (!law.is_empty()).then(|| law.parse().expect("a jurisdiction"));
        Self {
            week: serde_json::to_value(&weekly).expect("JSON"),
            weekly,
            except: BTreeSet::new(),
            whose,
            campaign_tz,
            law: law.to_owned(),
            zone: Zone::new(Places::new(places.iter().copied()), jurisdiction),
            places,
        }
    }

    fn hours(&self) -> CallingHours<'_> {
        CallingHours {
            weekly: &self.weekly,
            zone: &self.zone,
            campaign_tz: self.campaign_tz,
            whose: self.whose,
            except: &self.except,
            rules: Rulebook::builtin(),
            channel: Channel::Call,
        }
    }

    /// What the oracle says, of the clocks of the campaign and of each place.
    fn allows(&self, oracle: &Oracle, campaign: &Jiff, places: &[Jiff], at: Timestamp) -> bool {
        let campaign = std::slice::from_ref(campaign);
        let there = if places.is_empty() { campaign } else { places };
        let asked = match self.whose {
            HoursZone::Recipient => there,
            HoursZone::Campaign => campaign,
        };
        let wants = |tz: &Jiff| {
            let shown = tz.to_datetime(instant(at));
            let is_out = self.except.iter().any(|out| out.to_string() == shown.date().to_string());
            !is_out && windows(&self.week, shown.date()).is_some_and(|open| open[half_hour(&shown)])
        };
        there.iter().all(|tz| oracle.allows(&self.law, tz, at)) && asked.iter().all(wants)
    }

    /// Holds the hours against the oracle at each point of a grid, and just before.
    fn check(&self, oracle: &Oracle, grid: &[Timestamp]) {
        let (campaign, hours) = (zone_of_jiff(self.campaign_tz), self.hours());
        let places: Vec<Jiff> = self.places.iter().copied().map(zone_of_jiff).collect();
        let states: Vec<bool> = grid.iter().map(|&at| self.allows(oracle, &campaign, &places, at)).collect();
        let (mut next_open, mut next_closed) = (None, None);
        for (&at, &open) in grid.iter().zip(&states).rev() {
            if open {
                next_open = Some(at)
            } else {
                next_closed = Some(at)
            }
            let name = || format!("{} of {:?} at {at}", self.zone, self.campaign_tz);
            assert_eq!(hours.is_open(at), open, "{}", name());
            assert_eq!(hours.is_open(at.plus_ms(STEP_MS - 1)), open, "{}", name());
            assert_eq!(hours.why_closed(at).is_none(), open, "{}", name());
            if let Some(opens) = next_open {
                assert_eq!(hours.next_open(at), Some(opens), "{}", name());
            }
            if let Some(closes) = next_closed {
                assert_eq!(hours.open_until(at), open.then_some(closes), "{}", name());
            }
        }
    }
}

/// Two days and a half around a moment.
fn around(middle: Timestamp) -> Vec<Timestamp> {
    let middle = middle.plus_ms(-middle.as_millis().rem_euclid(STEP_MS));
    (-120..120).map(|step| middle.plus_ms(step * STEP_MS)).collect()
}

/// Around each change of the clocks of 2026, and two days on which rules change.
fn grids(tz: Tz, turn: usize) -> Vec<Vec<Timestamp>> {
    let year = (local(Tz::UTC, "2026-01-01T00:00"), local(Tz::UTC, "2027-01-01T00:00"));
    let changes = zone_of_jiff(tz);
    let changes = changes.following(instant(year.0)).map(|change| change.timestamp());
    let changes = changes.take_while(|change| *change < instant(year.1));
    let moments = changes.map(|change| Timestamp::from_millis(change.as_millisecond()));
    let days = [turn, turn + 3].map(|day| local(tz, &format!("{}T12:00", DAYS[day % DAYS.len()])));
    moments.chain(days).map(around).collect()
}

fn week(json: &str) -> WeeklyHours {
    serde_json::from_str(json).expect("hours")
}

#[test]
fn every_zone_under_every_law_opens_and_closes_when_the_oracle_says() {
    let oracle = Oracle::new();
    for (turn, tz) in TZ_VARIANTS.into_iter().enumerate() {
        let law = |more: usize| LAWS[(turn + more * 5) % LAWS.len()];
        let neighbour = TZ_VARIANTS[(turn + 1) % TZ_VARIANTS.len()];
        let (recipient, campaign) = (HoursZone::Recipient, HoursZone::Campaign);
        let mut cases = [
            Case::new(week(LONG), recipient, Tz::UTC, vec![tz], law(0)),
            // Not through `Zone`, which would answer for the preferred name of the zone.
            Case::new(week(SHORT), recipient, tz, Vec::new(), law(1)),
            Case::new(week(SHORT), campaign, tz, vec![neighbour], law(2)),
            Case::new(week(LONG), recipient, Tz::UTC, vec![tz, neighbour], law(3)),
        ];
        let out = DAYS.iter().map(|day| day.parse().expect("a date"));
        cases[turn % 4].except = out.step_by(3).collect();
        for grid in grids(tz, turn) {
            cases.iter().for_each(|case| case.check(&oracle, &grid));
        }
    }
}

fn laws() -> impl Strategy<Value = String> {
    let states = State::all().map(Jurisdiction::State);
    let all = Country::all().map(Jurisdiction::from).chain(states).map(|law| law.to_string());
    let of_states = State::all().map(|state| Jurisdiction::State(state).to_string());
    prop_oneof![
        prop::sample::select(all.collect::<Vec<_>>()),
        prop::sample::select(of_states.collect::<Vec<_>>()),
        prop::sample::select(&LAWS[..]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// The next allowed moment is allowed, and none before it was.
    #[test]
    fn the_next_allowed_moment_is_the_first_that_the_oracle_allows(
        weekly in super::weeks(),
        whose in prop::sample::select(&[HoursZone::Recipient, HoursZone::Campaign][..]),
        campaign_tz in prop::sample::select(&TZ_VARIANTS[..]),
        places in prop::collection::vec(prop::sample::select(&TZ_VARIANTS[..]), 0..3),
        law in laws(),
        out in prop::collection::btree_set(0_u64..60, 0..20),
        // From 2025 to 2027.
        from in 1_735_689_600_000_i64..1_830_297_600_000,
    ) {
        let from = Timestamp::from_millis(from);
        let mut case = Case::new(weekly, whose, campaign_tz, places, &law);
        let today = from.to_utc().date_naive();
        case.except = out.into_iter().filter_map(|days| today.checked_add_days(chrono::Days::new(days))).collect();
        let oracle = Oracle::new();
        let (campaign, hours) = (zone_of_jiff(campaign_tz), case.hours());
        let places: Vec<Jiff> = case.places.iter().copied().map(zone_of_jiff).collect();
        let allows = |at| case.allows(&oracle, &campaign, &places, at);
        let opens = hours.next_open(from);
        let horizon = from.plus_ms((HORIZON_DAYS + i64::try_from(case.except.len()).expect("few")) * DAY_MS);
        let end = opens.unwrap_or(horizon);
        let mut at = from;
        while at < end {
            prop_assert!(!allows(at), "{} allows {at}", case.zone);
            at = at.plus_ms(STEP_MS - at.as_millis().rem_euclid(STEP_MS));
        }
        if let Some(opens) = opens {
            prop_assert!(allows(opens), "{} forbids {opens}", case.zone);
            // Unless they were open already, and are about to close.
            let begun = opens.plus_ms(MAX_SKEW_MS);
            prop_assert!(opens == from || hours.closes_after(begun, begun).is_some());
        }
    }
}
