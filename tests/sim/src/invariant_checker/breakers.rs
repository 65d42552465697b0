//! V5 on a caller number that is broken: its circuit breaker stops its calls.

use std::collections::{BTreeMap, VecDeque};

use carillon_domain::base::call::Outcome;
use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::reporting::invariants::Invariant;

use super::{Alarm, Workspace};

/// How long a call is held against others of its number, in milliseconds: a breaker that opens again and
/// again lets some six probes through in this time.
const MEMORY_MS: i64 = 60 * MINUTE_MS;
/// Failures that open a breaker, and probes.
const FEW: usize = 20;

/// The latest orders from each caller number, and whether each went through.
#[derive(Debug, Default)]
pub(super) struct Failing(BTreeMap<CallerNumberId, VecDeque<(Timestamp, bool)>>);

impl Failing {
    /// A call went through.
    pub(super) fn went_through(&mut self, active: &ActiveAttempt, now: Timestamp) {
        self.note(active, now, true);
    }

    /// An order was refused at once. Once more have failed in a row than went through before and are
    /// under way, the breaker lets a probe a minute through.
    pub(super) fn refused(
        &mut self,
        workspace: &Workspace,
        active: &ActiveAttempt,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        if !outcome.is_technical_failure() {
            return Ok(());
        }
        let latest = self.note(active, now, false);
        let failed = latest.iter().rev().take_while(|(_, went_through)| !went_through).count();
        let before = latest.len() - failed;
        let under_way = usize::try_from(workspace.tenant.concurrent_limit).unwrap_or(usize::MAX);
        if failed <= before + under_way + FEW {
            return Ok(());
        }
        let what = format!("{failed} calls in a row failed from {}", active.caller_number);
        Err(Alarm::new(Invariant::WithinLimits, what, &[&active.caller_number]))
    }

    fn note(
        &mut self,
        active: &ActiveAttempt,
        now: Timestamp,
        went_through: bool,
    ) -> &VecDeque<(Timestamp, bool)> {
        let latest = self.0.entry(active.caller_number.clone()).or_default();
        latest.push_back((now, went_through));
        while latest.front().is_some_and(|(at, _)| now.since_ms(*at) > MEMORY_MS) {
            latest.pop_front();
        }
        latest
    }
}
