//! Countries, as far as they have telephone numbers.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use phonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The countries of libphonenumber 9.x, sorted; spelled out so that reading a country does not
/// load the numbering plans.
const KNOWN: &str = "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN \
    BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC \
    EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT \
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT \
    LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO \
    NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK \
    SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC \
    VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Country codes there could be: up to three digits, none of which begins with another.
pub(super) const CODES: usize = 1_000;
/// Most digits of a country code.
pub(super) const CODE_DIGITS: usize = 3;

/// The country of each country code; none if it is several countries' or nobody's.
static SOLE: LazyLock<[Option<Country>; CODES]> = LazyLock::new(|| {
    let mut countries: [Vec<Country>; CODES] = std::array::from_fn(|_| Vec::new());
    for country in Country::all() {
        if let Some(sharing) = country.code().and_then(|code| countries.get_mut(usize::try_from(code).ok()?))
        {
            sharing.push(country);
        }
    }
    countries.map(|sharing| if let [country] = sharing[..] { Some(country) } else { None })
});

/// The countries in which a number is written with a trunk prefix in front.
static WITH_TRUNK_PREFIX: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let writes_prefix = |country: &Country| {
        let example = PHONE_NUMBER_UTIL.get_example_number(country.region()?).ok()?;
        let written = PHONE_NUMBER_UTIL.format(&example, PhoneNumberFormat::National);
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        Some(digits != example.get_national_significant_number())
    };
    Country::all().filter(|country| writes_prefix(country) == Some(true)).collect()
});

/// A country with telephone numbers, as its two capital letters (ISO 3166-1 alpha-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

impl Country {
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.split_ascii_whitespace().map(Self)
    }

    pub(super) fn of(region: Region) -> Option<Self> {
        region.to_string().parse().ok()
    }

    /// The country of a country code such as 49; of one that several share, the one whose numbers all of them
    /// are written like.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::of(PHONE_NUMBER_UTIL.get_region_for_country_code(code.parse().ok()?)?)
    }

    /// The country that alone has the country code with which the digits begin.
    pub(super) fn sole(digits: &str) -> Option<Self> {
        let codes = (1..=CODE_DIGITS).filter_map(|len| digits.get(..len)?.parse::<usize>().ok());
        codes.filter_map(|code| SOLE.get(code).copied().flatten()).next()
    }

    /// Its country code.
    pub(super) fn code(self) -> Option<i32> {
        PHONE_NUMBER_UTIL.get_country_code_for_region(self.region()?)
    }

    /// Whether its people write a trunk prefix, such as 0, in front of a whole number.
    pub(super) fn writes_trunk_prefix(self) -> bool {
        WITH_TRUNK_PREFIX.contains(&self)
    }

    pub(super) fn region(self) -> Option<Region> {
        self.0.parse().ok()
    }
}

/// The text is no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a country with telephone numbers, in two capital letters such as DE")]
pub struct CountryError(String);

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, CountryError> {
        Self::all().find(|country| country.0 == text).ok_or_else(|| CountryError(text.to_owned()))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
