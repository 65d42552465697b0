//! Whose telephone a number reaches, however the number is written.

use std::collections::BTreeSet;
use std::fmt;

use crate::base::numbering::renewed;
use crate::base::phone::E164;

/// One subscriber's line: the same for every international form of its number.
///
/// - Argentina: a mobile number is dialled with a 9 behind +54 from abroad, and carriers and lists also
///   have it without (ITU-T E.164 national plan of Argentina; ENACOM).
/// - Brazil: mobile numbers got a 9 in front until 2016 (Anatel), and lists have them without.
/// - Mexico and others: `renewed` knows the forms that have ended, in which carriers still tell callers.
///
/// What counts for a person counts by this: do-not-call lists, caps, calls in flight, who calls us. Which
/// form is dialled it does not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscriber(E164);

impl Subscriber {
    pub fn of(number: &E164) -> Self {
        let today = renewed(number.as_str()).and_then(|text| text.parse().ok());
        let today = today.as_ref().unwrap_or(number);
        let shorter = shorter(today.digits()).and_then(|digits| format!("+{digits}").parse().ok());
        Self(shorter.unwrap_or_else(|| today.clone()))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Those of some numbers.
    pub fn all<'a>(numbers: impl IntoIterator<Item = &'a E164>) -> BTreeSet<Self> {
        numbers.into_iter().map(Self::of).collect()
    }

    /// Whether some numbers and others reach one subscriber.
    pub fn in_common<'a>(some: &[E164], others: impl IntoIterator<Item = &'a E164>) -> bool {
        let is_among = |other| some.iter().any(|one| one == other || Self::of(one) == Self::of(other));
        others.into_iter().any(is_among)
    }

    /// One form of the number: none that has ended.
    pub fn spelling(&self) -> E164 {
        renewed(self.as_str()).and_then(|text| text.parse().ok()).unwrap_or_else(|| self.0.clone())
    }
}

impl fmt::Display for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The digits without what a longer form of the number adds.
fn shorter(digits: &str) -> Option<String> {
    let (code, national) = digits.split_at_checked(2)?;
    let own = match (code, national.len()) {
        ("54", 11) => national.strip_prefix('9')?.to_owned(),
        ("55", 11) => {
            let (area, own) = national.split_at_checked(2)?;
            let own = own.strip_prefix('9').filter(|own| is_brazilian_mobile(own))?;
            format!("{area}{own}")
        }
        _ => return None,
    };
    Some(format!("{code}{own}"))
}

/// Whether eight digits were a mobile number before they got a ninth; fixed lines begin with 2 to 5.
fn is_brazilian_mobile(own: &str) -> bool {
    own.starts_with(['6', '7', '8', '9'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(number: &str) -> Subscriber {
        Subscriber::of(&number.parse().expect("a number"))
    }

    #[test]
    fn every_form_of_a_number_is_one_subscriber() {
        for (one, other) in [
            ("+541155550123", "+5491155550123"),
            ("+525550123456", "+5215550123456"),
            ("+551195550123", "+5511995550123"),
            ("+2290190011234", "+22990011234"),
            ("+84701234567", "+841201234567"),
            ("+576012345678", "+5712345678"),
            ("+2250707123456", "+22507123456"),
        ] {
            assert_eq!(of(one), of(other), "{one}");
        }
    }

    #[test]
    fn others_stay_two() {
        for (one, other) in [
            ("+4930901820", "+49930901820"),
            ("+551133334444", "+5511933334444"), // a fixed line, and a mobile number
            ("+541155550123", "+541155550124"),
        ] {
            assert_ne!(of(one), of(other), "{one}");
        }
    }

    proptest! {
        #[test]
        fn a_form_of_a_subscriber_is_its_own(digits in "(54|52|55|57|84|225|229|49|1)[1-9][0-9]{7,10}") {
            let number: E164 = format!("+{digits}").parse().expect("a number");
            let subscriber = Subscriber::of(&number);
            prop_assert_eq!(Subscriber::of(&subscriber.spelling()), subscriber);
        }
    }
}
