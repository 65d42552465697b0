//! What must never happen, by name.
//!
//! The simulation and the system tests panic on a broken invariant. Each check takes the facts of one
//! moment or one call and answers with the invariant that is broken.

use std::collections::HashSet;
use std::fmt;

use chrono_tz::Tz;

use crate::base::outcome::AttemptOutcome;
use crate::base::subscriber::Subscriber;
use crate::base::time::{MINUTE_MS, Timestamp};
use crate::base::timing::START_WITHIN_MS;
use crate::policy::hours::CallingHours;
use crate::records::active_attempt::ActiveAttempt;
use crate::records::counters::{Counter, Counters};
use crate::records::interaction::Interaction;
use crate::records::job::Job;
use crate::records::lead::Lead;
use crate::reporting::breakdown::Breakdown;

/// An invariant of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// V1: never two live attempts to one person in a workspace.
    OneLiveAttempt,
    /// V2: an attempt is placed at most once.
    PlacedOnce,
    /// V3: attempts never exceed the campaign's.
    AttemptsBounded,
    /// V4: no dial outside what every candidate zone and every rule allows.
    InsideHours,
    /// V5: in flight never exceeds a limit; no minute holds more than a rate.
    WithinLimits,
    /// V6: no dial commits after what forbids it; a call starts soon after its commit.
    NoForbiddenDial,
    /// V7: every lead settles once faults stop.
    EverybodySettles,
    /// V8: our record equals the provider's truth.
    RecordIsTrue,
    /// V9: counters equal the record.
    CountersAgree,
    /// V10: what a job does it does once, and says so once.
    DoneOnce,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneLiveAttempt => "V1 one live attempt per person",
            Self::PlacedOnce => "V2 an attempt is placed at most once",
            Self::AttemptsBounded => "V3 attempts stay within the campaign's",
            Self::InsideHours => "V4 no dial outside the hours",
            Self::WithinLimits => "V5 limits and rates hold",
            Self::NoForbiddenDial => "V6 no dial after what forbids it",
            Self::EverybodySettles => "V7 every lead settles",
            Self::RecordIsTrue => "V8 our record equals the provider's",
            Self::CountersAgree => "V9 counters equal the record",
            Self::DoneOnce => "V10 what a job does it does once",
        })
    }
}

/// V1 on the active attempts of a workspace: no number, in whatever form, belongs to two of them.
pub fn one_live_attempt<'a>(
    active_attempts: impl IntoIterator<Item = &'a ActiveAttempt>,
) -> Result<(), Invariant> {
    let mut seen: HashSet<Subscriber> = HashSet::new();
    let disjoint = active_attempts
        .into_iter()
        .flat_map(|active_attempt| Subscriber::all(&active_attempt.person))
        .all(|subscriber| seen.insert(subscriber));
    holds(disjoint, Invariant::OneLiveAttempt)
}

/// V3 on a lead.
pub fn attempts_bounded(lead: &Lead, max_attempts: u32, manual_attempts: u32) -> Result<(), Invariant> {
    holds(lead.attempts <= max_attempts + manual_attempts, Invariant::AttemptsBounded)
}

/// V4 on a call that is being placed.
pub fn inside_hours(hours: &CallingHours<'_>, placed_at: Timestamp) -> Result<(), Invariant> {
    holds(hours.is_open(placed_at), Invariant::InsideHours)
}

/// V5 on a number of things at once.
pub fn within_limit(in_flight: usize, limit: usize) -> Result<(), Invariant> {
    holds(in_flight <= limit, Invariant::WithinLimits)
}

/// V5 on the moments at which calls were placed, in time order: no 60 seconds hold more than the
/// rate.
pub fn within_rate(placed_at: &[Timestamp], rate_per_minute: usize) -> Result<(), Invariant> {
    let crowded = placed_at
        .windows(rate_per_minute + 1)
        .any(|calls| calls[rate_per_minute].since_ms(calls[0]) < MINUTE_MS);
    holds(!crowded, Invariant::WithinLimits)
}

/// V6 on a call: it starts soon after its dial was committed, or not at all.
pub fn starts_soon(committed_at: Timestamp, started_at: Timestamp) -> Result<(), Invariant> {
    holds(started_at.since_ms(committed_at) <= START_WITHIN_MS, Invariant::NoForbiddenDial)
}

/// V8 on an ended interaction: what we recorded against what happened.
pub fn record_is_true(interaction: &Interaction, truth: impl Into<AttemptOutcome>) -> Result<(), Invariant> {
    holds(
        interaction.outcome == Some(interaction.judged(truth, interaction.duration_secs)),
        Invariant::RecordIsTrue,
    )
}

/// V9 on a campaign: its counters against a count of its leads. While a call is up, its lead counts
/// as what it came from.
pub fn counters_agree<'a>(
    counters: &Counters,
    leads: impl IntoIterator<Item = &'a Lead>,
) -> Result<(), Invariant> {
    let mut counted = Counters::default();
    for lead in leads {
        counted.merge(&Counters::of_lead(lead));
    }
    agree(counters, &counted, |counter| !counter.is_of_attempts())
}

/// V9 on a campaign: its counters against a count of its interactions.
pub fn ends_agree<'a>(
    counters: &Counters,
    interactions: impl IntoIterator<Item = &'a Interaction>,
) -> Result<(), Invariant> {
    let mut counted = Counters::default();
    for interaction in interactions {
        counted.merge(&Counters::of_end(interaction));
    }
    agree(counters, &counted, Counter::is_of_attempts)
}

/// V9 on a campaign: its sums by day, hour and caller number against those of its interactions.
pub fn breakdown_agrees<'a>(
    breakdown: &Breakdown,
    interactions: impl IntoIterator<Item = &'a Interaction>,
    campaign_tz: Tz,
) -> Result<(), Invariant> {
    holds(*breakdown == Breakdown::of(interactions, campaign_tz), Invariant::CountersAgree)
}

/// V10 on a step of a job: it comes after the one before, and counts what it tells of.
pub fn done_once(before: Option<&Job>, after: &Job, results: usize) -> Result<(), Invariant> {
    let told = |job: &Job| job.counts.done + job.counts.refused;
    let known = before.map_or(0, told);
    let is_next = before.map_or(0, |before| before.version) + 1 == after.version;
    holds(is_next && told(after) == known + results as u64, Invariant::DoneOnce)
}

fn agree(one: &Counters, other: &Counters, counts: impl Fn(Counter) -> bool) -> Result<(), Invariant> {
    let mut counters = Counter::all().filter(|counter| counts(*counter));
    holds(counters.all(|counter| one.get(counter) == other.get(counter)), Invariant::CountersAgree)
}

fn holds(is_true: bool, invariant: Invariant) -> Result<(), Invariant> {
    if is_true { Ok(()) } else { Err(invariant) }
}
