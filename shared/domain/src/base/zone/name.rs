//! The names of time zones, as people write them.

use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The zone of this name, whatever its case, with spaces or underscores. Abbreviations are none:
/// `EST` has no summer time, and who writes it for New York would be called an hour off.
pub fn timezone(value: &str) -> Option<Tz> {
    let is_zone = |name: &str| name.contains('/') || matches!(name, "UTC" | "GMT");
    let name = value.replace(' ', "_");
    let similar = || TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(&name));
    name.parse().ok().or_else(similar).filter(|zone: &Tz| is_zone(zone.name()))
}

/// Reads a name by the rules of [`timezone`].
pub(crate) fn deserialize_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    timezone(&text).ok_or_else(|| D::Error::custom("it is not a time zone such as Europe/Berlin or UTC"))
}
