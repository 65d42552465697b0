//! The names of time zones, as people and programs write them.

use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer, de::Error as _};

/// `name|zone` a line: what Windows calls a zone; origin and licence are in `data/NOTICE`.
const WINDOWS: &str = include_str!("../../../data/windows_zones.txt");

/// Names that programs show in lists to choose from.
const CHOICES: [(&str, &str); 12] = [
    ("pacific time (us & canada)", "America/Los_Angeles"),
    ("mountain time (us & canada)", "America/Denver"),
    ("central time (us & canada)", "America/Chicago"),
    ("eastern time (us & canada)", "America/New_York"),
    ("atlantic time (canada)", "America/Halifax"),
    ("pacific time", "America/Los_Angeles"),
    ("mountain time", "America/Denver"),
    ("central time", "America/Chicago"),
    ("eastern time", "America/New_York"),
    ("hawaii", "Pacific/Honolulu"),
    ("alaska", "America/Anchorage"),
    ("arizona", "America/Phoenix"),
];

/// Abbreviations, and a place of those who use them. Others may mean another place by the same letters.
const ABBREVIATIONS: [(&str, &str); 24] = [
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("ET", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("CT", "America/Chicago"),
    ("MDT", "America/Denver"),
    ("MT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("PT", "America/Los_Angeles"),
    ("AKST", "America/Anchorage"),
    ("AKDT", "America/Anchorage"),
    ("BST", "Europe/London"),
    ("MEZ", "Europe/Berlin"),
    ("MESZ", "Europe/Berlin"),
    ("CEST", "Europe/Berlin"),
    ("EEST", "Europe/Helsinki"),
    ("MSK", "Europe/Moscow"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("SGT", "Asia/Singapore"),
    ("AEST", "Australia/Sydney"),
    ("AEDT", "Australia/Sydney"),
];

/// The text names no time zone. The messages say which name it may be meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZoneNameError {
    #[error("this is not a time zone such as Europe/Berlin or America/New_York")]
    Unknown,
    /// It is a city of one.
    #[error("this is not a time zone; if it is the place, write {0}")]
    Place(Tz),
    /// Several places call their clocks so, and in summer otherwise.
    #[error("an abbreviation has no summer time, or another one elsewhere; name a place such as {0}")]
    Abbreviation(Tz),
    #[error("an offset has no summer time; name a place such as Europe/Berlin or America/New_York")]
    Offset,
}

/// The zone of this name: every name of IANA's, whatever its case and with spaces or underscores, and those
/// of Windows and of the usual lists to choose from.
///
/// # Errors
/// [`ZoneNameError`] suggests a name. `EST` is refused though it is a name of IANA's: it has no summer time, and
/// who writes it for New York would be called an hour off.
pub fn timezone(value: &str) -> Result<Tz, ZoneNameError> {
    let value = value.trim();
    if let Some(place) = found(value, ABBREVIATIONS) {
        return Err(ZoneNameError::Abbreviation(place));
    }
    let name = value.replace(' ', "_");
    let is_named = |zone: &Tz| zone.name().eq_ignore_ascii_case(&name);
    let known = name.parse().ok().or_else(|| TZ_VARIANTS.into_iter().find(is_named));
    let windows = || found(value, WINDOWS.lines().filter_map(|line| line.split_once('|')));
    known.or_else(|| found(value, CHOICES)).or_else(windows).ok_or_else(|| {
        if is_offset(value) {
            return ZoneNameError::Offset;
        }
        let is_place = |zone: &Tz| {
            zone.name().rsplit_once('/').is_some_and(|(_, place)| place.eq_ignore_ascii_case(&name))
        };
        TZ_VARIANTS.into_iter().find(is_place).map_or(ZoneNameError::Unknown, ZoneNameError::Place)
    })
}

fn found<'a>(value: &str, names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Tz> {
    let named = names.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(value));
    named.and_then(|(_, zone)| zone.parse().ok())
}

/// `UTC-5`, `GMT+01:00`, `+05:30`, `-0800`.
fn is_offset(value: &str) -> bool {
    let value = value.to_ascii_uppercase();
    let offset = value.trim_start_matches("UTC").trim_start_matches("GMT").trim();
    offset.strip_prefix(['+', '-', '−']).is_some_and(|hours| {
        hours.starts_with(|c: char| c.is_ascii_digit())
            && hours.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    })
}

/// Reads a name by the rules of [`timezone`].
pub(crate) fn deserialize_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    timezone(&text).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_people_and_programs_write_is_taken() {
        for tz in TZ_VARIANTS.into_iter().filter(|tz| tz.name() != "EST") {
            assert_eq!(timezone(tz.name()), Ok(tz));
        }
        for (name, zone) in [
            ("America/New_York ", Tz::America__New_York),
            ("america/new york", Tz::America__New_York),
            ("US/Eastern", Tz::US__Eastern),
            ("Cuba", Tz::Cuba),
            ("gb", Tz::GB),
            ("EST5EDT", Tz::EST5EDT),
            ("Etc/GMT+5", Tz::Etc__GMTPlus5),
            ("Pacific Time (US & Canada)", Tz::America__Los_Angeles),
            ("Eastern Standard Time", Tz::America__New_York),
            ("W. Europe Standard Time", Tz::Europe__Berlin),
        ] {
            assert_eq!(timezone(name), Ok(zone), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_one_that_may_be_meant() {
        for (name, error) in [
            ("EST", ZoneNameError::Abbreviation(Tz::America__New_York)),
            ("pst", ZoneNameError::Abbreviation(Tz::America__Los_Angeles)),
            ("UTC-5", ZoneNameError::Offset),
            ("GMT+01:00", ZoneNameError::Offset),
            ("+05:30", ZoneNameError::Offset),
            ("Berlin", ZoneNameError::Place(Tz::Europe__Berlin)),
            ("Buenos Aires", ZoneNameError::Place(Tz::America__Argentina__Buenos_Aires)),
            ("Europe/Atlantis", ZoneNameError::Unknown),
            ("", ZoneNameError::Unknown),
        ] {
            assert_eq!(timezone(name), Err(error), "{name}");
        }
    }

    #[test]
    fn every_name_leads_to_a_zone() {
        let windows = WINDOWS.lines().filter_map(|line| line.split_once('|'));
        for (name, zone) in windows.chain(CHOICES).chain(ABBREVIATIONS) {
            assert!(zone.parse::<Tz>().is_ok(), "{name}: {zone}");
        }
    }
}
