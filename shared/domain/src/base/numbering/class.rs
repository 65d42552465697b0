//! Classes of numbers that are nobody's telephone, or that cost whoever calls them.

use std::fmt;
use std::str::FromStr;

use phonenumber::{PHONE_NUMBER_UTIL, PhoneNumberType};
use serde::{Deserialize, Serialize};

use crate::base::phone::E164;

/// A class of numbers that is only called where the workspace allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NumberClass {
    /// The caller pays for a service: 0900, +1 900, +979.
    PremiumRate,
    /// The caller pays a part of a service: 0180.
    SharedCost,
    /// By satellite: Inmarsat, Iridium, Globalstar and networks of no country.
    Satellite,
    /// Follows a person, at a price that the caller pays: +44 70, +49 700, +1 500.
    Personal,
    /// A company under one number everywhere: +800, universal access numbers.
    Universal,
    Pager,
    /// The voicemail of a number.
    Voicemail,
}

impl NumberClass {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PremiumRate,
        Self::SharedCost,
        Self::Satellite,
        Self::Personal,
        Self::Universal,
        Self::Pager,
        Self::Voicemail,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::PremiumRate => "premium_rate",
            Self::SharedCost => "shared_cost",
            Self::Satellite => "satellite",
            Self::Personal => "personal",
            Self::Universal => "universal",
            Self::Pager => "pager",
            Self::Voicemail => "voicemail",
        }
    }

    /// The class of a number; none if it is a telephone like others.
    pub fn of(number: &E164) -> Option<Self> {
        let kind = PHONE_NUMBER_UTIL.parse(number.as_str(), None).map(|parsed| parsed.get_type());
        Self::of_kind(number, kind.unwrap_or(PhoneNumberType::Unknown))
    }

    /// The class of a number that is of a kind by its plan.
    pub(super) fn of_kind(number: &E164, kind: PhoneNumberType) -> Option<Self> {
        Self::of_no_country(number.digits()).or(match kind {
            PhoneNumberType::PremiumRate => Some(Self::PremiumRate),
            PhoneNumberType::SharedCost => Some(Self::SharedCost),
            PhoneNumberType::PersonalNumber => Some(Self::Personal),
            PhoneNumberType::UAN => Some(Self::Universal),
            PhoneNumberType::Pager => Some(Self::Pager),
            PhoneNumberType::VoiceMail => Some(Self::Voicemail),
            PhoneNumberType::FixedLine
            | PhoneNumberType::Mobile
            | PhoneNumberType::FixedLineOrMobile
            | PhoneNumberType::TollFree
            | PhoneNumberType::VoIP
            | PhoneNumberType::Unknown => None,
        })
    }

    /// The class by a code of no country (ITU-T, List of E.164 assigned country codes, 2016-11-15).
    pub(super) fn of_no_country(digits: &str) -> Option<Self> {
        Some(match digits.get(..3)? {
            "800" => Self::Universal,
            "808" => Self::SharedCost,
            "870" | "871" | "872" | "873" | "874" | "881" | "882" | "883" | "888" => Self::Satellite,
            "878" => Self::Personal,
            "979" => Self::PremiumRate,
            _ => return None,
        })
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for NumberClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no class of numbers such as premium_rate")]
pub struct UnknownClass(String);

impl FromStr for NumberClass {
    type Err = UnknownClass;

    fn from_str(text: &str) -> Result<Self, UnknownClass> {
        Self::ALL.into_iter().find(|class| class.name() == text).ok_or_else(|| UnknownClass(text.to_owned()))
    }
}

/// Classes that a workspace allows; none unless it says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<NumberClass>", into = "Vec<NumberClass>")]
pub struct NumberClasses(u8);

impl NumberClasses {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(u8::MAX >> (8 - NumberClass::ALL.len()));

    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    pub const fn contains(self, class: NumberClass) -> bool {
        self.0 & class.bit() != 0
    }

    /// Why the number may not be called: its class, if that is not among these.
    pub fn refusal_of(self, number: &E164) -> Option<NumberClass> {
        if self == Self::ALL {
            return None;
        }
        NumberClass::of(number).filter(|class| !self.contains(*class))
    }
}

impl FromIterator<NumberClass> for NumberClasses {
    fn from_iter<I: IntoIterator<Item = NumberClass>>(classes: I) -> Self {
        Self(classes.into_iter().fold(0, |bits, class| bits | class.bit()))
    }
}

impl From<Vec<NumberClass>> for NumberClasses {
    fn from(classes: Vec<NumberClass>) -> Self {
        classes.into_iter().collect()
    }
}

impl From<NumberClasses> for Vec<NumberClass> {
    fn from(classes: NumberClasses) -> Self {
        NumberClass::ALL.into_iter().filter(|class| classes.contains(*class)).collect()
    }
}
