//! What an edit would change, lead by lead.

use std::collections::BTreeMap;

use serde::Serialize;

use super::gate::first_open;
use super::{Group, MAX_DAYS};
use crate::campaign::{Campaign, CampaignSpec};
use crate::ids::LeadId;
use crate::lead::{DueClass, Lead};
use crate::rules::Rulebook;
use crate::time::{DAY_MS, Timestamp};
use crate::zone::Zone;

/// Most leads that are named for each kind of move.
pub const MAX_SAMPLES: usize = 20;

/// An edit that is thought about.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The moment it is.
    pub now: Timestamp,
    /// The campaign as it is; whatever its status, it is looked at as if it ran.
    pub before: &'a Campaign,
    /// Its settings as they would be.
    pub after: &'a CampaignSpec,
    /// The rules that hold in the workspace.
    pub rules: &'a Rulebook,
    /// The leads that wait.
    pub groups: &'a [Group],
    /// Some of them, to be named.
    pub samples: &'a [Lead],
}

/// How an edit moves a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Its next allowed moment stays, or it has none before and after.
    Stays,
    /// Its next allowed moment comes earlier.
    Earlier,
    /// Its next allowed moment comes later.
    Later,
    /// It could not be called, and now can.
    NewlyPossible,
    /// It can no longer be called: no moment is allowed.
    Never,
    /// It can no longer be called: the period is over before; it will be skipped.
    PeriodOver,
    /// Its attempts are used up.
    Exhausted,
}

/// What an edit would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// By zone and class.
    pub groups: Vec<Moved>,
    /// How many leads move how, in all.
    pub moves: BTreeMap<Move, u64>,
    /// Some leads that move so, at most [`MAX_SAMPLES`] of each kind.
    pub samples: BTreeMap<Move, Vec<LeadId>>,
    /// What else has to be known.
    pub notes: Vec<&'static str>,
}

/// How an edit moves the leads of a zone that wait in one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The zone.
    pub zone: Zone,
    /// The class.
    pub class: DueClass,
    /// How many leads.
    pub leads: u64,
    /// When the first of them may be called, as it is.
    pub next_before: Option<Timestamp>,
    /// When the first of them may be called, as it would be.
    pub next_after: Option<Timestamp>,
    /// How many move how.
    pub moves: BTreeMap<Move, u64>,
}

/// When a lead may be called next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    At(Timestamp),
    Never,
    PeriodOver,
    Exhausted,
}

/// What an edit would change: for the hours, days, retries and period. Limits and rates only make
/// calls faster or slower; a [`super::forecast`] shows that.
pub fn preview(change: &Change<'_>) -> Preview {
    let after = Campaign { spec: change.after.clone(), ..change.before.clone() };
    let mut groups = BTreeMap::<(Zone, DueClass), Moved>::new();
    let mut total = BTreeMap::<Move, u64>::new();
    for group in change.groups {
        let moved = groups.entry((group.zone.clone(), group.class)).or_insert_with(|| Moved {
            zone: group.zone.clone(),
            class: group.class,
            leads: 0,
            next_before: None,
            next_after: None,
            moves: BTreeMap::new(),
        });
        for due in group.due.iter().filter(|due| due.leads > 0) {
            let ask = |campaign| chance(change, campaign, &group.zone, (group.class, due.at), group.attempts);
            let (before, after) = (ask(change.before), ask(&after));
            let kind = compare(before, after);
            moved.leads += due.leads;
            moved.next_before = earliest(moved.next_before, before);
            moved.next_after = earliest(moved.next_after, after);
            *moved.moves.entry(kind).or_default() += due.leads;
            *total.entry(kind).or_default() += due.leads;
        }
    }
    let groups = groups.into_values().collect();
    Preview { groups, moves: total, samples: samples(change, &after), notes: notes(change) }
}

fn samples(change: &Change<'_>, after: &Campaign) -> BTreeMap<Move, Vec<LeadId>> {
    let mut samples = BTreeMap::<Move, Vec<LeadId>>::new();
    for lead in change.samples {
        let Some(due) = lead.due() else { continue };
        let ask = |campaign| chance(change, campaign, &lead.zone, due, lead.attempts);
        let kind = compare(ask(change.before), ask(after));
        let named = samples.entry(kind).or_default();
        if named.len() < MAX_SAMPLES {
            named.push(lead.id.clone());
        }
    }
    samples
}

fn chance(
    change: &Change<'_>,
    campaign: &Campaign,
    zone: &Zone,
    (class, due_at): (DueClass, Timestamp),
    attempts: u32,
) -> Chance {
    // A call-back that was wished for may exceed the attempts by one.
    if class != DueClass::Callback && attempts >= campaign.spec.retry.max_attempts {
        return Chance::Exhausted;
    }
    let from = change.now.max(due_at).max(campaign.begins_at(change.now).unwrap_or(change.now));
    let end = change.now.max(from).plus_ms(i64::from(MAX_DAYS) * DAY_MS);
    let hours = campaign.hours_in(zone, change.rules);
    match first_open(&hours, from, end) {
        _ if campaign.is_over(from) => Chance::PeriodOver,
        None => Chance::Never,
        Some(at) if campaign.is_over(at) => Chance::PeriodOver,
        Some(at) => Chance::At(at),
    }
}

fn compare(before: Chance, after: Chance) -> Move {
    match (before, after) {
        (Chance::At(before), Chance::At(after)) if after < before => Move::Earlier,
        (Chance::At(before), Chance::At(after)) if after > before => Move::Later,
        (Chance::At(_), Chance::At(_)) => Move::Stays,
        (_, Chance::At(_)) => Move::NewlyPossible,
        (Chance::At(_) | Chance::Never, Chance::PeriodOver) => Move::PeriodOver,
        (Chance::At(_) | Chance::Never | Chance::PeriodOver, Chance::Exhausted) => Move::Exhausted,
        (Chance::At(_), Chance::Never) => Move::Never,
        (Chance::Never | Chance::PeriodOver | Chance::Exhausted, _) => Move::Stays,
    }
}

fn earliest(known: Option<Timestamp>, other: Chance) -> Option<Timestamp> {
    match other {
        Chance::At(at) => Some(known.map_or(at, |known| known.min(at))),
        Chance::Never | Chance::PeriodOver | Chance::Exhausted => known,
    }
}

fn notes(change: &Change<'_>) -> Vec<&'static str> {
    let (before, after) = (&change.before.spec, change.after);
    let is_retried_otherwise = before.retry != after.retry;
    let is_paced_otherwise = before.concurrent_limit != after.concurrent_limit
        || before.rate_limit_per_minute != after.rate_limit_per_minute
        || before.ramp_up_minutes != after.ramp_up_minutes
        || before.caller_number_ids != after.caller_number_ids;
    let is_capped_otherwise = before.min_gap_minutes != after.min_gap_minutes
        || before.suppression_lists != after.suppression_lists
        || before.requires_consent != after.requires_consent;
    let notes = [
        (
            is_retried_otherwise,
            "retries that are scheduled keep their time; other delays hold for later misses",
        ),
        (
            is_paced_otherwise,
            "limits, rates and numbers make calls faster or slower; the forecast shows when all is done",
        ),
        (
            is_capped_otherwise,
            "whom the gap between calls, lists and consent hold back is found when they are due",
        ),
    ];
    notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect()
}
