//! V4 on how often a person is called: counted over again, call by call.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::schedule::local_date;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::reporting::invariants::Invariant;

use super::Workspace;
use super::{Alarm, Dialled, about, is_in_turn};

/// Every call that was made, under each number of its person.
#[derive(Debug, Default)]
pub(super) struct Calls(BTreeMap<E164, Vec<(Timestamp, AttemptId)>>);

impl Calls {
    /// V4 on a call that is made now: by law, by the workspace's budget and by the campaign's gap.
    pub(super) fn within_caps(
        &mut self,
        workspace: &Workspace,
        dialled: &Dialled,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let active = &dialled.active;
        // No cap counts tests.
        for number in active.person.iter().filter(|_| !active.is_test) {
            self.0.entry(number.clone()).or_default().push((now, active.attempt.clone()));
        }
        for (max, window_ms) in of_law(workspace, dialled) {
            self.keeps(active, max, window_ms, now, "the law")?;
        }
        if let Some(budget) = workspace.tenant.contact_budget {
            let window_ms = i64::from(budget.per_minutes) * MINUTE_MS;
            self.keeps(active, budget.max, window_ms, now, "the budget")?;
        }
        if is_in_turn(active) && !dialled.is_wished {
            let gap = |campaign: &super::Campaign| campaign.spec.min_gap_minutes;
            let window_ms = i64::from(gap(&dialled.stored).min(gap(&dialled.known))) * MINUTE_MS;
            self.keeps(active, 1, window_ms, now, "the gap")?;
        }
        Ok(())
    }

    fn keeps(
        &self,
        active: &ActiveAttempt,
        max: u32,
        window_ms: i64,
        now: Timestamp,
        by: &str,
    ) -> Result<(), Alarm> {
        let mut inside: BTreeSet<&AttemptId> = BTreeSet::default();
        for number in &active.person {
            let calls = self.0.get(number).into_iter().flatten().rev();
            let inside_window = calls.take_while(|(at, _)| now.since_ms(*at) < window_ms);
            inside.extend(inside_window.map(|(_, attempt)| attempt));
        }
        if u32::try_from(inside.len()).is_ok_and(|count| count <= max) {
            return Ok(());
        }
        let what = format!("{} calls by {by}, {max} are allowed", inside.len());
        Err(about(active, what)(Invariant::InsideHours))
    }
}

/// How often the law allows to call the person: so often in so many milliseconds.
fn of_law(workspace: &Workspace, dialled: &Dialled) -> Vec<(u32, i64)> {
    let Some(lead) = workspace.leads.get(&dialled.active.lead) else { return Vec::new() };
    let (zone, _) = Zone::of(lead.profile.timezone, &dialled.active.number);
    let tz = zone.places().first().copied().unwrap_or(dialled.stored.spec.time_zone);
    let rules = workspace.rules.at(zone.jurisdiction(), local_date(tz, dialled.at));
    let caps = rules.caps(dialled.active.channel);
    caps.map(|(_, cap)| (cap.max.get(), i64::from(cap.per_hours.get()) * HOUR_MS)).collect()
}
