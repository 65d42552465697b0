//! One look at each row of the rules, on the clocks of the place.

use super::oracle::{local, shown};
use crate::policy::hours::*;

/// Every day from 06:00 to 23:00, so that only the law closes.
fn always() -> WeeklyHours {
    let day = r#"[{"from":"06:00","to":"23:00"}]"#;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let days: Vec<String> = days.iter().map(|name| format!(r#""{name}":{day}"#)).collect();
    serde_json::from_str(&format!("{{{}}}", days.join(","))).expect("hours")
}

struct Number {
    weekly: WeeklyHours,
    zone: Zone,
    except: BTreeSet<NaiveDate>,
}

impl Number {
    fn of(zone: &str) -> Self {
        Self { weekly: always(), zone: zone.parse().expect("a zone"), except: BTreeSet::new() }
    }

    fn tz(&self) -> Tz {
        self.zone.places()[0]
    }

    fn hours(&self) -> CallingHours<'_> {
        CallingHours {
            weekly: &self.weekly,
            zone: &self.zone,
            campaign_tz: Tz::UTC,
            whose: HoursZone::Recipient,
            except: &self.except,
            rules: Rulebook::builtin(),
            channel: Channel::Call,
        }
    }

    fn at(&self, text: &str) -> Timestamp {
        local(self.tz(), text)
    }

    /// When it opens from a local time on, and when it closes then.
    fn opens(&self, from: &str) -> String {
        let hours = self.hours();
        let opens = hours.next_open(self.at(from)).expect("it opens");
        let closes = hours.open_until(opens).expect("it is open");
        format!("{}–{}", shown(self.tz(), opens), &shown(self.tz(), closes)[15..])
    }

    fn closed_by(&self, at: &str) -> Option<Closed> {
        self.hours().why_closed(self.at(at))
    }
}

#[test]
fn each_rule_leaves_the_hours_that_its_source_leaves() {
    for (zone, from, opens) in [
        // Where there is no rule, and where the rule has no hours.
        ("Asia/Tokyo@JP", "2026-11-22T00:00", "Sun 2026-11-22 08:00–21:00"),
        ("Europe/Berlin", "2026-11-22T00:00", "Sun 2026-11-22 08:00–21:00"),
        ("Europe/Berlin@DE", "2026-11-22T00:00", "Sun 2026-11-22 08:00–21:00"),
        // Federal, alone.
        ("America/New_York@US-OH", "2026-11-22T00:00", "Sun 2026-11-22 08:00–21:00"),
        ("America/Puerto_Rico@PR", "2026-11-22T00:00", "Sun 2026-11-22 08:00–21:00"),
        // Federal and state together.
        ("America/New_York@US-FL", "2026-11-22T00:00", "Sun 2026-11-22 08:00–20:00"),
        ("America/Chicago@US-OK", "2026-11-22T00:00", "Sun 2026-11-22 08:00–20:00"),
        ("America/New_York@US-MD", "2026-11-22T00:00", "Sun 2026-11-22 08:00–20:00"),
        ("America/Chicago@US-TX", "2026-11-22T00:00", "Sun 2026-11-22 12:00–21:00"),
        ("America/Chicago@US-TX", "2026-11-23T00:00", "Mon 2026-11-23 09:00–21:00"),
        ("America/Denver@US-TX", "2026-11-28T00:00", "Sat 2026-11-28 09:00–21:00"),
        ("America/New_York@US-CT", "2026-11-22T00:00", "Sun 2026-11-22 09:00–20:00"),
        ("America/New_York@US-KY", "2026-11-22T00:00", "Sun 2026-11-22 10:00–21:00"),
        ("America/Los_Angeles@US-WA", "2026-11-22T00:00", "Sun 2026-11-22 08:00–20:00"),
        ("America/New_York@US-MA", "2026-11-22T00:00", "Sun 2026-11-22 08:00–20:00"),
        ("America/New_York@US-MI", "2026-11-22T00:00", "Sun 2026-11-22 09:00–21:00"),
        ("America/Chicago@US-MN", "2026-11-22T00:00", "Sun 2026-11-22 09:00–21:00"),
        ("America/Chicago@US-MS", "2026-11-22T00:00", "Mon 2026-11-23 08:00–20:00"),
        ("America/Denver@US-NM", "2026-11-22T00:00", "Sun 2026-11-22 09:00–21:00"),
        ("America/Los_Angeles@US-NV", "2026-11-22T00:00", "Sun 2026-11-22 09:00–20:00"),
        // No Sundays; Thanksgiving; a Fourth of July on a Saturday, before a Sunday.
        ("America/Chicago@US-AL", "2026-11-22T00:00", "Mon 2026-11-23 08:00–20:00"),
        ("America/Chicago@US-AL", "2026-11-25T21:00", "Fri 2026-11-27 08:00–20:00"),
        ("America/Chicago@US-AL", "2026-07-02T21:00", "Mon 2026-07-06 08:00–20:00"),
        ("America/Chicago@US-LA", "2026-11-22T00:00", "Mon 2026-11-23 08:00–20:00"),
        ("America/Chicago@US-LA", "2026-02-16T21:00", "Wed 2026-02-18 08:00–20:00"), // Mardi Gras
        ("America/Chicago@US-LA", "2026-04-02T21:00", "Sat 2026-04-04 08:00–20:00"), // Good Friday
        // No state known: not before Kentucky, not after Florida, and Alabama's Sunday.
        ("America/New_York@US-*", "2026-11-21T00:00", "Sat 2026-11-21 10:00–20:00"),
        ("America/New_York@US-*", "2026-11-21T20:00", "Mon 2026-11-23 10:00–20:00"),
        ("America/New_York@US-*", "2026-11-25T20:00", "Fri 2026-11-27 10:00–20:00"),
        ("America/New_York&Pacific/Honolulu@US-*", "2026-11-23T00:00", "Mon 2026-11-23 15:00–20:00"),
        ("Europe/London@GB", "2026-11-22T00:00", "Sun 2026-11-22 08:00–21:00"),
        // Monday to Friday with a break for lunch; Bastille Day on a Tuesday.
        ("Europe/Paris@FR", "2026-11-21T00:00", "Mon 2026-11-23 10:00–13:00"),
        ("Europe/Paris@FR", "2026-11-23T13:00", "Mon 2026-11-23 14:00–20:00"),
        ("Europe/Paris@FR", "2026-07-13T20:00", "Wed 2026-07-15 10:00–13:00"),
        ("Europe/Paris@FR", "2026-05-13T20:00", "Fri 2026-05-15 10:00–13:00"), // Ascension Day
        ("Indian/Reunion@RE", "2026-11-23T13:00", "Mon 2026-11-23 14:00–20:00"),
        ("Asia/Kolkata@IN", "2026-11-22T00:00", "Sun 2026-11-22 10:00–21:00"),
        // A French number that is in New York keeps French law, on the clock there.
        ("America/New_York@FR", "2026-11-23T00:00", "Mon 2026-11-23 10:00–13:00"),
    ] {
        assert_eq!(Number::of(zone).opens(from), opens, "{zone} from {from}");
    }
}

#[test]
fn what_closes_is_named_with_its_place() {
    let mut paris = Number::of("Europe/Paris@FR");
    let place = Tz::Europe__Paris;
    let by_rule = |rule: &str, holiday: Option<&str>| {
        Some(Closed::Rule { place, rule: rule.to_owned(), holiday: holiday.map(str::to_owned) })
    };
    assert_eq!(paris.closed_by("2026-11-23T12:59"), None);
    assert_eq!(paris.closed_by("2026-11-23T13:00"), by_rule("fr@2026-08-11", None));
    assert_eq!(paris.closed_by("2026-07-14T11:00"), by_rule("fr@2023-03-01", Some("Bastille Day")));
    assert_eq!(paris.closed_by("2026-11-23T05:59"), Some(Closed::Hours { place }));
    let date = "2026-11-23".parse().expect("a date");
    paris.except.insert(date);
    assert_eq!(paris.closed_by("2026-11-23T13:00"), Some(Closed::Date { place, date }));
    // By the law alone the campaign's days and hours don't count.
    let now = paris.at("2026-11-23T11:00");
    assert_eq!(
        (paris.hours().why_closed_by(Rules::Law, now), paris.hours().lawful_until(now).is_some()),
        (None, true)
    );
    let json = serde_json::to_value(paris.hours().why_closed(now)).expect("JSON");
    assert_eq!(json, serde_json::json!({"by": "date", "place": "Europe/Paris", "date": "2026-11-23"}));
}

#[test]
fn a_day_that_is_out_is_out_on_the_clock_of_whose_hours_they_are() {
    let mut tokyo = Number::of("Asia/Tokyo@JP");
    tokyo.except.insert("2026-11-23".parse().expect("a date"));
    assert_eq!(tokyo.opens("2026-11-22T21:00"), "Tue 2026-11-24 08:00–21:00");
    // On the campaign's clock, UTC, the day lasts from 09:00 to 09:00 in Tokyo.
    let hours = CallingHours { whose: HoursZone::Campaign, ..tokyo.hours() };
    for (at, open) in [("2026-11-23T08:59", false), ("2026-11-24T08:59", false), ("2026-11-24T15:00", true)] {
        assert_eq!(hours.is_open(tokyo.at(at)), open, "{at}");
    }
    assert_eq!(hours.lawful_until(tokyo.at("2026-11-23T12:00")), Some(tokyo.at("2026-11-23T21:00")));
}

#[test]
fn however_many_days_are_out_the_next_is_found() {
    let mut berlin = Number::of("Europe/Berlin@DE");
    let first: NaiveDate = "2026-11-23".parse().expect("a date");
    berlin.except = first.iter_days().take(200).collect();
    assert_eq!(berlin.opens("2026-11-22T21:00"), "Fri 2027-06-11 08:00–21:00");
}

#[test]
fn caps_and_evidence_are_those_of_the_places_date() {
    let paris = Number::of("Europe/Paris@FR");
    let evidence = |at: &str| Vec::from_iter(paris.hours().evidence(paris.at(at)));
    assert_eq!(evidence("2026-08-01T23:59"), ["fr@2023-03-01"]);
    assert_eq!(evidence("2026-08-02T00:00"), ["eu-ai@2026-08-02", "fr@2023-03-01"]);
    assert_eq!(evidence("2026-08-11T00:00"), ["eu-ai@2026-08-02", "fr@2026-08-11"]);
    let caps = paris.hours().caps(paris.at("2026-08-11T00:00"));
    let caps: Vec<_> = caps.iter().map(|cap| (cap.max.get(), cap.per_hours.get())).collect();
    assert_eq!(caps, [(4, 720)]);
    // While the date differs between the places, the rules of both dates count.
    let both = Number::of("Europe/Paris&Pacific/Honolulu@FR");
    let now = local(Tz::Europe__Paris, "2026-08-11T00:00");
    assert_eq!(
        Vec::from_iter(both.hours().evidence(now)),
        ["eu-ai@2026-08-02", "fr@2023-03-01", "fr@2026-08-11"]
    );
}
