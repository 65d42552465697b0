//! The credits of a workspace: what it has paid in, less what its calls have cost.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::ids::TopUpId;
use crate::base::time::Timestamp;
use crate::records::workspace::Workspace;

/// Millionths of a US dollar in a dollar.
pub const MICROS_PER_USD: i64 = 1_000_000;
/// Most that one top-up adds, in millionths of a US dollar: a million dollars.
pub const MAX_TOP_UP_MICROS: i64 = 1_000_000 * MICROS_PER_USD;
/// Highest threshold that a workspace may set, in millionths of a US dollar: a million dollars.
pub const MAX_THRESHOLD_MICROS: i64 = 1_000_000 * MICROS_PER_USD;

/// The sums of a workspace's ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Credits {
    /// All top-ups, in millionths of a US dollar.
    pub topped_up_micros: i64,
    /// What its interactions have cost, in millionths of a US dollar.
    pub spent_micros: i64,
}

/// An entry of the ledger: somebody has paid in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUp {
    /// Its id; the same entry again is booked once.
    pub id: TopUpId,
    pub at: Timestamp,
    /// How much, in millionths of a US dollar: 1 to [`MAX_TOP_UP_MICROS`].
    pub micros: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The credits are under the workspace's threshold: no campaign may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowCredits {
    /// What is left, in millionths of a US dollar.
    pub balance_micros: i64,
    /// The threshold, in millionths of a US dollar.
    pub threshold_micros: i64,
}

/// Millionths of a US dollar, written as dollars with six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usd(pub i64);

impl Credits {
    /// What is left, in millionths of a US dollar; below zero if more was spent than paid in.
    pub const fn balance_micros(&self) -> i64 {
        self.topped_up_micros.saturating_sub(self.spent_micros)
    }

    /// Whether less is left than this.
    pub const fn is_low(&self, threshold_micros: i64) -> bool {
        self.balance_micros() < threshold_micros
    }

    /// Whether campaigns of the workspace may run on them; always if it has none.
    ///
    /// # Errors
    /// [`LowCredits`] if they are under its threshold.
    pub const fn check(&self, workspace: &Workspace) -> Result<(), LowCredits> {
        match workspace.low_credits_micros {
            Some(threshold_micros) if self.is_low(threshold_micros) => {
                Err(LowCredits { balance_micros: self.balance_micros(), threshold_micros })
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (micros, scale) = (self.0.unsigned_abs(), MICROS_PER_USD.unsigned_abs());
        write!(f, "{sign}{}.{:06}", micros / scale, micros % scale)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures;

    fn credits(topped_up_micros: i64, spent_micros: i64) -> Credits {
        Credits { topped_up_micros, spent_micros }
    }

    #[test]
    fn credits_are_low_under_the_threshold_and_not_at_it() {
        let workspace = |low_credits_micros| Workspace { low_credits_micros, ..fixtures::workspace() };
        for (left, threshold, is_low) in [(5, 5, false), (4, 5, true), (0, 0, false), (-1, 0, true)] {
            let credits = credits(100, 100 - left);
            assert_eq!(credits.is_low(threshold), is_low, "{left} {threshold}");
            let refusal = LowCredits { balance_micros: left, threshold_micros: threshold };
            let expected = if is_low { Err(refusal) } else { Ok(()) };
            assert_eq!(credits.check(&workspace(Some(threshold))), expected, "{left} {threshold}");
            assert_eq!(credits.check(&workspace(None)), Ok(()), "no ledger, no threshold");
        }
    }

    proptest! {
        #[test]
        fn dollars_are_written_to_the_millionth(micros in any::<i64>()) {
            let text = Usd(micros).to_string();
            let (whole, decimals) = text.split_once('.').expect("decimals");
            prop_assert_eq!(decimals.len(), 6);
            // Without the point it is the millionths again.
            prop_assert_eq!(format!("{whole}{decimals}").parse::<i64>(), Ok(micros));
        }
    }
}
