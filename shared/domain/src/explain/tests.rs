//! Explanations, with the planner itself as the oracle.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::campaign::{CampaignStatus, PauseReason};
use crate::credits::Credits;
use crate::fixtures::{self, NOW, scene};
use crate::flight::{DialCause, Flight, FlightState};
use crate::ids::CampaignId;
use crate::lead::{DueClass, Hold, HoldCause, Lead, LeadState, SkipReason};
use crate::number_record::{LatestAttempt, ListName, Listing, NumberRecord};
use crate::pacing::Paces;
use crate::plan::{self, Candidates, Scene, choose, openings};
use crate::schedule::Period;
use crate::tally::{Counter, Tally};
use crate::time::{DAY_MS, HOUR_MS, MAX_SKEW_MS, MINUTE_MS, Timestamp};
use crate::workspace::ContactBudget;
use crate::zone::Zone;

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

fn talking(lead: &Lead) -> Flight {
    let state = FlightState::Dialling {
        dialled_at: NOW,
        by: "run".into(),
        start_by: NOW.plus_ms(5_000),
        lease_until: NOW.plus_ms(2 * MINUTE_MS),
    };
    Flight { state, ..fixtures::claimed(lead, NOW) }
}

fn explained(scene: &Scene, lead: &Lead, records: &[NumberRecord]) -> Explanation {
    super::lead(&Case { scene, campaign: &scene.campaigns[0], lead, records }, None)
}

/// Whether one plan finds the lead and claims it.
fn claims(scene: &Scene, lead: &Lead, records: &[NumberRecord]) -> bool {
    let openings = openings(scene, scene.now, &BTreeSet::new());
    let is_looked_into = |(class, _): (DueClass, Timestamp)| {
        let zone = class.is_by_zone().then_some(&lead.zone);
        openings.places.iter().any(|place| (place.class, place.zone.as_ref()) == (class, zone))
    };
    let leads = if lead.due().is_some_and(is_looked_into) { vec![lead.clone()] } else { Vec::new() };
    let records = records.iter().map(|record| (record.number.clone(), record.clone())).collect();
    !choose(scene, &openings, &Candidates { leads, records }, &mut || [7; 10]).claims.is_empty()
}

fn at(scene: &Scene, now: Timestamp) -> Scene {
    Scene { now, ..scene.clone() }
}

fn codes(reasons: &[Reason]) -> Vec<&'static str> {
    reasons.iter().map(|reason| reason.code).collect()
}

/// The one reason, and the next possible moment.
fn one(scene: &Scene, lead: &Lead, records: &[NumberRecord]) -> (Reason, Option<Timestamp>) {
    let Explanation { is_callable_now, mut reasons, next_possible_at, .. } = explained(scene, lead, records);
    assert!(!is_callable_now, "{reasons:?}");
    assert!(!claims(scene, lead, records), "the planner agrees");
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    (reasons.remove(0), next_possible_at)
}
