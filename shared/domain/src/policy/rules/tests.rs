//! The built-in rules and those of a workspace: how they are read, where and when they hold.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::*;
use crate::base::channel::Channel;
use crate::base::zone::{Jurisdiction, State};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn place(text: &str) -> Option<Jurisdiction> {
    (!text.is_empty()).then(|| text.parse().expect("a jurisdiction"))
}

fn own(json: &str) -> Result<OwnRule, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn book(rules: &[&str]) -> Rulebook {
    let own: Vec<OwnRule> = rules.iter().map(|json| own(json).expect("a rule")).collect();
    Rulebook::with(&own).expect("a book")
}

fn evidence(book: &Rulebook, law: &str, on: &str) -> Vec<String> {
    book.at(place(law), day(on)).evidence(Channel::Call)
}

/// The first and last open minute of a day, as `09:00–21:00`.
fn open(book: &Rulebook, law: &str, on: &str) -> String {
    open_for(book, law, on, Channel::Call)
}

fn open_for(book: &Rulebook, law: &str, on: &str, channel: Channel) -> String {
    use crate::base::time::{HOUR_MS, Timestamp};
    use crate::policy::hours::{CallingHours, HoursZone, WeeklyHours};

    let midnight: Timestamp = format!("{on}T00:00:00Z").parse().expect("a time");
    let zone = crate::base::zone::Zone::new(None, place(law));
    let hours = CallingHours {
        weekly: &WeeklyHours::default(),
        zone: &zone,
        campaign_tz: chrono_tz::Tz::UTC,
        whose: HoursZone::Recipient,
        except: &std::collections::BTreeSet::new(),
        rules: book,
        channel,
    };
    let opens = hours.next_lawful(midnight).filter(|opens| opens.since_ms(midnight) < 24 * HOUR_MS);
    opens.map_or_else(
        || "closed".to_owned(),
        |opens| {
            let closes = hours.lawful_until(opens).expect("it is open");
            format!("{}–{}", &opens.to_string()[11..16], &closes.to_string()[11..16])
        },
    )
}

#[test]
fn every_file_is_read_and_every_rule_is_whole() {
    let rules = pack::read_rules().expect("the rules are read");
    let calendars = pack::read_calendars().expect("the calendars are read");
    let groups = group::read().expect("the groups are read");
    assert_eq!((rules.len(), calendars.len(), groups.len()), (27, 3, 3));
    let mut versions: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in &rules {
        assert!(rule.source.len() > 20 && !rule.channels.is_empty(), "{}", rule.label());
        assert!(rule.effective_until.is_none_or(|until| until > rule.effective_from), "{}", rule.label());
        assert!(!rule.id.starts_with("own-"), "{}", rule.label());
        versions.entry(&rule.id).or_default().push(rule);
    }
    for (id, versions) in versions {
        for pair in versions.windows(2) {
            assert_eq!(pair[0].effective_until, Some(pair[1].effective_from), "{id} has a gap or an overlap");
            assert_eq!(pair[0].jurisdiction, pair[1].jurisdiction, "{id}");
        }
        assert_eq!(versions.last().and_then(|last| last.effective_until), None, "{id} ends");
    }
    let kept = calendars
        .iter()
        .filter(|calendar| rules.iter().any(|rule| rule.holidays.as_deref() == Some(&calendar.name)));
    assert_eq!(kept.count(), calendars.len());
    let eu = groups.iter().find(|group| group.name == "EU").expect("the group");
    assert_eq!(eu.members.len(), 27 + 8);
}

#[test]
fn what_is_from_memory_is_marked() {
    let unverified = Rulebook::builtin().rules().filter(|rule| !rule.verified);
    let ids: Vec<&str> = unverified.map(|rule| rule.id.as_str()).collect();
    assert_eq!(
        ids,
        ["eu-sms", "gb", "gb-sms", "us-sms", "us-ma", "us-mi", "us-mn", "us-ms", "us-nm", "us-nv"]
    );
}

#[test]
fn the_rules_of_a_day_are_those_in_force_there() {
    let book = Rulebook::builtin();
    for (law, on, rules) in [
        ("", "2026-11-23", &["default@2025-01-01"][..]),
        ("JP", "2026-11-23", &["default@2025-01-01"]),
        ("DE", "2026-08-01", &["de@2021-10-01", "default@2025-01-01"]),
        ("DE", "2026-08-02", &["de@2021-10-01", "default@2025-01-01", "eu-ai@2026-08-02"]),
        ("FR", "2026-08-01", &["fr@2023-03-01"]),
        ("FR", "2026-08-10", &["eu-ai@2026-08-02", "fr@2023-03-01"]),
        ("FR", "2026-08-11", &["eu-ai@2026-08-02", "fr@2026-08-11"]),
        ("PM", "2026-08-11", &["fr@2026-08-11"]), // not in the Union
        ("GB", "2026-11-23", &["gb@2025-01-01"]),
        ("IN", "2026-11-23", &["in@2018-07-19"]),
        ("US-OH", "2026-11-23", &["us-federal@2025-04-11"]),
        ("US-OH", "2025-04-10", &["default@2025-01-01"]),
        ("PR", "2026-11-23", &["us-federal@2025-04-11"]),
        ("US-TX", "2025-08-31", &["us-federal@2025-04-11", "us-tx@2009-04-01"]),
        ("US-TX", "2025-09-01", &["us-federal@2025-04-11", "us-tx@2025-09-01"]),
    ] {
        assert_eq!(evidence(book, law, on), rules, "{law} on {on}");
    }
    let everywhere = evidence(book, "US-*", "2026-11-23");
    assert_eq!(everywhere.len(), 16);
    for state in State::all() {
        let here = evidence(book, &format!("US-{}", state.as_str()), "2026-11-23");
        assert!(here.iter().all(|rule| everywhere.contains(rule)), "{state:?}: {here:?}");
    }
}

#[test]
fn each_duty_is_there_with_its_rule() {
    let at = |law: &str| Rulebook::builtin().at(place(law), day("2026-11-23"));
    let caps = |law: &str| -> Vec<(String, u32, u32)> {
        let caps = at(law).caps(Channel::Call);
        caps.map(|(rule, cap)| (rule.id.clone(), cap.max.get(), cap.per_hours.get())).collect()
    };
    for (law, id) in [("US-FL", "us-fl"), ("US-OK", "us-ok"), ("US-MD", "us-md")] {
        assert_eq!(caps(law), [(id.to_owned(), 3, 24)]);
    }
    assert_eq!(caps("FR"), [("fr".to_owned(), 4, 720)]);
    assert_eq!(caps("US-*").len(), 3);
    assert!(caps("US-TX").is_empty() && caps("DE").is_empty());
    let rest = at("FR").rest_after_refusal(Channel::Call).map(|(rule, days)| (rule.id.as_str(), days));
    assert_eq!(rest, Some(("fr", 60)));
    assert_eq!(at("US-FL").rest_after_refusal(Channel::Call), None);
    let consents = |law: &str| -> Vec<_> {
        at(law).consents(Channel::Call).map(|(_, duty)| (duty.form, duty.keep_proof_years)).collect()
    };
    assert_eq!(consents("FR"), [(ConsentForm::Express, None)]);
    assert_eq!(consents("DE"), [(ConsentForm::Express, Some(5))]);
    assert_eq!(consents("US-OH"), [(ConsentForm::Written, Some(5))]);
    let before = Rulebook::builtin().at(place("FR"), day("2026-08-10"));
    assert_eq!(before.consents(Channel::Call).count(), 0);
    for (law, count) in [("FR", 1), ("IE", 1), ("GB", 0), ("US-OH", 0)] {
        assert_eq!(at(law).disclosures(Channel::Call).count(), count, "{law}");
    }
}

#[test]
fn a_rule_for_calls_alone_leaves_text_messages() {
    let book = Rulebook::builtin();
    // Sundays in Texas, before the law was for text messages too.
    assert_eq!(open_for(book, "US-TX", "2025-08-31", Channel::Call), "12:00–21:00");
    assert_eq!(open_for(book, "US-TX", "2025-08-31", Channel::Sms), "08:00–21:00");
    assert_eq!(open_for(book, "US-TX", "2025-09-07", Channel::Sms), "12:00–21:00");
}

/// Monday to Sunday 07:00–22:00, beyond what any law leaves.
const LOOSE: &str = r#""hours":{"monday":[{"from":"07:00","to":"22:00"}],
    "tuesday":[{"from":"07:00","to":"22:00"}],"wednesday":[{"from":"07:00","to":"22:00"}],
    "thursday":[{"from":"07:00","to":"22:00"}],"friday":[{"from":"07:00","to":"22:00"}],
    "saturday":[{"from":"07:00","to":"22:00"}],"sunday":[{"from":"07:00","to":"22:00"}]}"#;

fn loose(scope: &str, more: &str) -> String {
    format!(r#"{{"id":"own-loose","jurisdiction":"{scope}","version":"2026-11-01",{LOOSE}{more}}}"#)
}

#[test]
fn what_a_workspace_adds_can_only_be_stricter() {
    let mondays = r#"{"id":"own-mondays","jurisdiction":"*","version":"2026-11-01","hours":
        {"monday":[{"from":"06:00","to":"12:00"}]}}"#;
    let book = book(&[mondays]);
    for (law, monday) in [("", "08:00–12:00"), ("FR", "10:00–12:00"), ("US-TX", "09:00–12:00")] {
        assert_eq!(open(&book, law, "2026-11-23"), monday, "{law}");
        assert_eq!(open(&book, law, "2026-11-24"), "closed", "{law}");
        // Before it was made, it did not hold.
        assert_ne!(open(&book, law, "2026-10-27"), "closed", "{law}");
    }
    for scope in ["*", "JP", "US", "US-*", "US-TX", "EU"] {
        let book = self::book(&[&loose(scope, "")]);
        for law in ["", "JP", "US-TX", "US-*", "FR", "DE"] {
            let known = open(Rulebook::builtin(), law, "2026-11-23");
            assert_eq!(open(&book, law, "2026-11-23"), known, "{scope} in {law}");
        }
    }
}

#[test]
fn a_rule_is_replaced_where_and_while_the_other_holds_and_the_record_says_why() {
    let rule = loose(
        "US-TX",
        r#","replaces":["us-tx","us-federal"],"reason":"Exempt.",
        "effective_until":"2026-12-01","channels":["call"]"#,
    );
    let book = book(&[&rule]);
    // Sunday in Texas, in Ohio, for a text message, and once it has ended.
    assert_eq!(open(&book, "US-TX", "2026-11-22"), "07:00–22:00");
    assert_eq!(open(&book, "US-OH", "2026-11-22"), "08:00–21:00");
    assert_eq!(open_for(&book, "US-TX", "2026-11-22", Channel::Sms), "12:00–21:00");
    assert_eq!(open(&book, "US-TX", "2026-12-06"), "12:00–21:00");
    assert_eq!(
        evidence(&book, "US-TX", "2026-11-22"),
        [
            "own-loose@2026-11-01",
            "us-federal@2025-04-11 replaced by own-loose@2026-11-01: Exempt.",
            "us-tx@2025-09-01 replaced by own-loose@2026-11-01: Exempt.",
        ]
    );
    // Where the state is not known it may be another one, whose federal law still holds.
    assert_eq!(open(&book, "US-*", "2026-11-23"), open(Rulebook::builtin(), "US-*", "2026-11-23"));
}

#[test]
fn the_default_is_replaced_with_a_reason_and_the_laws_are_not() {
    let more = r#","replaces":["default"],"reason":"Night shifts.""#;
    let everywhere = book(&[&loose("*", more)]);
    assert_eq!(open(&everywhere, "JP", "2026-11-22"), "07:00–22:00");
    assert_eq!(open(&everywhere, "", "2026-11-22"), "07:00–22:00");
    assert_eq!(open(&everywhere, "DE", "2026-11-22"), "07:00–22:00");
    assert_eq!(open(&everywhere, "US-OH", "2026-11-22"), "08:00–21:00");
    let in_japan = book(&[&loose("JP", more)]);
    assert_eq!(open(&in_japan, "JP", "2026-11-22"), "07:00–22:00");
    assert_eq!(open(&in_japan, "KR", "2026-11-22"), "08:00–21:00");
    // Who takes a law away and gives no hours is left with the default.
    let none = r#"{"id":"own-none","jurisdiction":"IN","version":"2026-11-01","replaces":["in"],
        "reason":"Business numbers only."}"#;
    assert_eq!(open(&book(&[none]), "IN", "2026-11-22"), "08:00–21:00");
}

#[test]
fn the_rules_of_single_states_can_be_lifted_for_numbers_of_no_state() {
    let toll_free = r#"{"id":"own-toll-free","jurisdiction":"US-*","version":"2026-11-01",
        "replaces":["us-al","us-la","us-ms"],"reason":"Toll-free numbers are of businesses."}"#;
    let book = book(&[toll_free]);
    assert_eq!(open(Rulebook::builtin(), "US-*", "2026-11-22"), "closed");
    assert_eq!(open(&book, "US-*", "2026-11-22"), "12:00–20:00"); // a Sunday, as in Texas
    assert_eq!(open(&book, "US-AL", "2026-11-22"), "closed");
}

#[test]
fn an_own_rule_is_read_as_it_was_written() {
    let full = r#"{"id":"own-all","jurisdiction":"EU","version":"2026-11-01","effective_from":"2026-11-02",
        "effective_until":"2027-01-01","source":"Our lawyers","channels":["sms"],"holidays":"fr",
        "caps":[{"max":2,"per_hours":24}],"rest_days_after_refusal":90,
        "consent":{"form":"written"},"disclosure":"ai_at_start","replaces":["de"],"reason":"A contract."}"#;
    let rule = own(full).expect("a rule");
    let written = serde_json::to_value(&rule).expect("JSON");
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(full).expect("JSON"));
    assert_eq!(serde_json::from_value::<OwnRule>(written).expect("a rule"), rule);
}

#[test]
fn what_is_wrong_with_an_own_rule_is_named() {
    let with = |more: &str| format!(r#"{{"id":"own-x","jurisdiction":"FR","version":"2026-11-01",{more}}}"#);
    let rest = r#""rest_days_after_refusal":9"#;
    let long = "x".repeat(MAX_REASON_CHARS + 1);
    for (json, part) in [
        (with(rest).replace("own-x", "tx"), "`tx` is no id of an own rule; write own-"),
        (with(rest).replace("own-x", "own-"), "`own-` is no id"),
        (with(rest).replace("own-x", "own-X"), "`own-X` is no id"),
        (with(rest).replace("FR", "France"), "`France` is not a country such as FR"),
        (with(rest).replace("FR", "US-ZZ"), "one of: EU, FR and overseas, US and territories"),
        (with(rest).replace("FR", "otherwise"), "write * and replace `default`"),
        (with(rest).replace("2026-11-01", "01.11.2026"), "version: `01.11.2026` is not a date"),
        (with(&format!(r#"{rest},"effective_from":"soon""#)), "effective_from: `soon` is not a date"),
        (with(&format!(r#"{rest},"effective_until":"2026-11-01""#)), "2026-11-01 is not after"),
        (with(&format!(r#"{rest},"channels":[]"#)), "give call, sms or both"),
        (with(r#""holidays":"de""#), "no calendar `de`; there is: fr, us-al, us-la"),
        (with(r#""caps":[{"max":0,"per_hours":24}]"#), "0 in 24 hours is no cap"),
        (with(r#""caps":[{"max":1,"per_hours":9000}]"#), "within 1 to 8784 hours"),
        (with(r#""rest_days_after_refusal":5000"#), "at most 3660"),
        (with(r#""hours":{"monday":[{"from":"09:00","to":"08:00"}]}"#), "earlier time first"),
        (with(r#""replaces":["fr"]"#), "say in `reason` why fr may be replaced"),
        (with(r#""replaces":["fr"],"reason":" ""#), "say in `reason`"),
        (with(r#""replaces":["xy"],"reason":"so""#), "no built-in rule `xy` to replace"),
        (with(&format!(r#"{rest},"reason":"so""#)), "name the rule in `replaces`"),
        (with(&format!(r#""replaces":["fr"],"reason":"{long}""#)), "reason is longer than 500"),
        (with(r#""caps":[]"#), "the rule asks for nothing"),
        (with(&format!(r#"{rest},"hour":{{}}"#)), "unknown field `hour`"),
    ] {
        let error = own(&json).expect_err(&json);
        assert!(error.contains(part), "{error}");
    }
    let rule = own(&with(rest)).expect("a rule");
    let twice = Rulebook::with(&[rule.clone(), rule.clone()]).expect_err("the same id twice");
    assert_eq!(twice, RulebookError::SameId("own-x".to_owned()));
    let many = Rulebook::with(&vec![rule; MAX_OWN_RULES + 1]).expect_err("too many");
    assert_eq!(many, RulebookError::TooMany(MAX_OWN_RULES + 1));
}
