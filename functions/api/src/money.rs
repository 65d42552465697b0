//! Money: clients see US dollars as numbers, we count in millionths.

use std::ops::RangeInclusive;

use carillon_domain::records::credits::{MICROS_PER_USD, Usd};

use crate::http::validation::FieldErrors;

/// How far a number of millionths may be from a whole one: what reading a decimal fraction into a
/// binary one adds, for amounts up to some millions.
const ROUNDING: f64 = 0.001;

/// Millionths of a US dollar as dollars.
#[expect(clippy::cast_precision_loss, reason = "amounts stay below 2^53 millionths, 9 billion dollars")]
pub(crate) const fn usd(micros: i64) -> f64 {
    micros as f64 / MICROS_PER_USD as f64
}

/// Dollars as millionths, where they are within the range and have at most six decimals; else the
/// fault is noted.
#[expect(clippy::cast_possible_truncation, reason = "what is beyond an integer is beyond every range")]
#[expect(clippy::cast_precision_loss, reason = "a million is a number in any form")]
pub(crate) fn micros(errors: &mut FieldErrors, field: &str, usd: f64, allowed: RangeInclusive<i64>) -> i64 {
    let exact = usd * MICROS_PER_USD as f64;
    let micros = exact.round();
    let whole = micros as i64;
    if !allowed.contains(&whole) {
        let (from, to) = allowed.into_inner();
        errors.push(field, format_args!("{usd} is not from {} to {}", Usd(from), Usd(to)));
    } else if (exact - micros).abs() > ROUNDING {
        errors.push(field, format_args!("{usd} has more than six decimals"));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_of_up_to_six_decimals_come_back_as_they_were_sent() {
        for (sent, expected) in [
            (0.000_001, 1),
            (0.1, 100_000),
            (0.07, 70_000),
            (1.005, 1_005_000),
            (4.35, 4_350_000),
            (19.99, 19_990_000),
            (999_999.999_999, 999_999_999_999),
            (-2.5, -2_500_000),
        ] {
            let mut errors = FieldErrors::default();
            let micros = micros(&mut errors, "x", sent, -3_000_000..=1_000_000_000_000);
            assert_eq!(micros, expected, "{sent}");
            assert!((usd(micros) - sent).abs() < f64::EPSILON, "{sent}");
            errors.into_result().expect("no fault");
        }
    }

    #[test]
    fn what_is_finer_or_out_of_range_is_a_fault() {
        for sent in [0.000_000_4, 0.123_456_7, -0.01, 0.0, 11.0, 1e300, -1e300] {
            let mut errors = FieldErrors::default();
            micros(&mut errors, "x", sent, 1..=10_000_000);
            errors.into_result().expect_err(&sent.to_string());
        }
    }
}
