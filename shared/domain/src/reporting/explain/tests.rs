//! Explanations, with the planner itself as the oracle.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::base::ids::CampaignId;
use crate::base::reason::ReasonCode;
use crate::base::time::{DAY_MS, HOUR_MS, MAX_SKEW_MS, MINUTE_MS, Timestamp};
use crate::base::zone::Zone;
use crate::fixtures::{self, NOW, snapshot};
use crate::planning::{self, Candidates, PlanningSnapshot, choose, due_queries};
use crate::policy::do_not_call::{ListName, Listing};
use crate::policy::rate_limit::RateStates;
use crate::policy::schedule::Period;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use crate::records::campaign::{CampaignStatus, PauseReason};
use crate::records::counters::{Counter, Counters};
use crate::records::credits::Credits;
use crate::records::lead::{DueClass, Hold, HoldCause, Lead, LeadState, SkipReason};
use crate::records::number_record::{LatestAttempt, NumberRecord};
use crate::records::workspace::ContactBudget;

mod agreement;
mod campaigns;
mod held;
mod leads;

fn listed(list: &ListName) -> NumberRecord {
    let listing = Listing { at: NOW, source: "api".into(), reason: None };
    NumberRecord::unknown(fixtures::number(1)).listed(list.clone(), listing)
}

fn called(at: Timestamp) -> NumberRecord {
    let latest = LatestAttempt { attempt: fixtures::attempt(1), lead: fixtures::lead(1).id };
    NumberRecord::unknown(fixtures::number(1)).called(latest, at)
}

fn talking(lead: &Lead) -> ActiveAttempt {
    let state = ActiveAttemptState::Dialling {
        dialled_at: NOW,
        by: "run".into(),
        start_by: NOW.plus_ms(5_000),
        lease_until: NOW.plus_ms(2 * MINUTE_MS),
    };
    ActiveAttempt { state, ..fixtures::claimed(lead, NOW) }
}

fn explained(snapshot: &PlanningSnapshot, lead: &Lead, records: &[NumberRecord]) -> Explanation {
    super::lead(&Case { snapshot, campaign: &snapshot.campaigns[0], lead, records }, None)
}

/// Whether one plan finds the lead and claims it.
fn claims(snapshot: &PlanningSnapshot, lead: &Lead, records: &[NumberRecord]) -> bool {
    let due_queries = due_queries(snapshot, snapshot.now, &BTreeSet::new());
    let is_looked_into = |(class, _): (DueClass, Timestamp)| {
        let zone = class.is_by_zone().then_some(&lead.zone);
        due_queries.places.iter().any(|place| (place.class, place.zone.as_ref()) == (class, zone))
    };
    let leads = if lead.due().is_some_and(is_looked_into) { vec![lead.clone()] } else { Vec::new() };
    let records = records.iter().map(|record| (record.subscriber(), record.clone())).collect();
    !choose(snapshot, &due_queries, &Candidates { leads, records }, &mut || [7; 10]).claims.is_empty()
}

fn at(snapshot: &PlanningSnapshot, now: Timestamp) -> PlanningSnapshot {
    PlanningSnapshot { now, ..snapshot.clone() }
}

fn codes(reasons: &[Reason]) -> Vec<ReasonCode> {
    reasons.iter().map(Reason::code).collect()
}

/// The one reason, and the next possible moment.
fn one(snapshot: &PlanningSnapshot, lead: &Lead, records: &[NumberRecord]) -> (Reason, Option<Timestamp>) {
    let Explanation { is_callable_now, mut reasons, next_possible_at, .. } =
        explained(snapshot, lead, records);
    assert!(!is_callable_now, "{reasons:?}");
    assert!(!claims(snapshot, lead, records), "the planner agrees");
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    (reasons.remove(0), next_possible_at)
}
