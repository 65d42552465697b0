//! How sure the end of a forecast is.

use super::log::Log;
use super::run::{Variation, run};
use super::{Finish, Outlook};
use crate::base::time::Timestamp;

/// How many runs the spread is taken from.
pub const RUNS: u64 = 9;
/// A population with more leads than this is varied on a smaller scale.
pub const SPREAD_LEADS: u64 = 2_000;
/// Places of the tenth, fiftieth and ninetieth percentile among the runs.
const PERCENTILES: [usize; 3] = [1, 4, 7];

/// When each zone will be done, in the order of the log, and last the whole campaign.
///
/// Every variation draws anew, also the experience itself: as many calls as it is made from might have
/// gone otherwise. On a smaller scale, with limits and rates to match, the variations tell only by how
/// much the time until the end of the run in full may be longer or shorter.
pub(super) fn finishes(outlook: &Outlook<'_>, full: &Log) -> Vec<Finish> {
    let leads = outlook.crowds.values().map(super::Population::leads).max().unwrap_or_default();
    let one_in = leads.div_ceil(SPREAD_LEADS).max(1);
    let vary = |number| run(outlook, Some(Variation { number, one_in })).finishes();
    let variations: Vec<Vec<Option<Timestamp>>> = (1..=RUNS).map(vary).collect();
    let start = outlook.snapshot.now;
    let of = |(place, finish): (usize, Option<Timestamp>)| {
        let mut varied: Vec<_> = variations.iter().filter_map(|run| run.get(place).copied()).collect();
        // Those that never end come last.
        varied.sort_by_key(|at| (at.is_none(), *at));
        let [p10, p50, p90] = PERCENTILES.map(|place| varied.get(place).copied().flatten());
        if one_in == 1 {
            return Finish { p10, p50, p90 };
        }
        let stretched = |at: Option<Timestamp>| {
            let (at, middle, finish) = (at?, p50?, finish?);
            let middle_ms = middle.since_ms(start).max(1);
            let ms =
                i128::from(finish.since_ms(start)) * i128::from(at.since_ms(start)) / i128::from(middle_ms);
            let at = start.plus_ms(i64::try_from(ms).unwrap_or(i64::MAX));
            // What is left at the end of the period is skipped, however slow the calls are.
            Some(full.over_at.map_or(at, |over_at| at.min(over_at.max(finish))))
        };
        Finish { p10: stretched(p10).or(finish), p50: finish, p90: stretched(p90) }
    };
    full.finishes().into_iter().enumerate().map(of).collect()
}
