//! What an edit would change, lead by lead.

use std::collections::BTreeMap;

use serde::Serialize;

use super::projection::{Projection, fate};
use super::{Due, Note};
use crate::base::ids::LeadId;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::compliance::eligibility::Question;
use crate::planning::CampaignSnapshot;
use crate::policy::rules::Rulebook;
use crate::records::active_attempt::DialCause;
use crate::records::campaign::{Campaign, CampaignStatus};
use crate::records::lead::{DueClass, Hold, HoldCause, Lead, LeadState, SkipReason};
use crate::records::number_record::NumberRecord;
use crate::records::workspace::Workspace;

/// Most leads that are named for each kind of move.
pub const MAX_SAMPLES: usize = 20;

/// An edit that is thought about.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    pub now: Timestamp,
    /// The campaign as it is; whatever its status, it is looked at as if it ran.
    pub before: &'a CampaignSnapshot,
    /// The same as it would be.
    pub after: &'a CampaignSnapshot,
    pub workspace: &'a Workspace,
    /// The rules that hold in it.
    pub rules: &'a Rulebook,
    pub leads: &'a [Alike],
}

/// Leads that wait and are alike in all that an edit can touch but the moment at which they fall due.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// The one that stands for all of them.
    pub lead: Lead,
    /// What is known of its numbers.
    pub records: Vec<NumberRecord>,
    pub due: Vec<Due>,
    /// Others of them, to be named.
    pub others: Vec<Lead>,
}

/// How an edit moves a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LeadMove))]
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
    /// It will not be called: no moment is allowed.
    Never,
    /// It will be skipped: the period is over before it may be called.
    PeriodOver,
    /// It will be settled: its attempts are used up.
    Exhausted,
    /// It will be skipped: consent is asked for, and there is none.
    NoConsent,
    /// It will be skipped: one of its numbers is on a do-not-call list that counts.
    DoNotCall,
}

/// What an edit would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    pub groups: Vec<Moved>,
    /// How many leads move how, in all.
    pub moves: BTreeMap<Move, u64>,
    /// How many are skipped for want of consent or by a do-not-call list with the edit as without it,
    /// by reason as it would be; they are in no group and move nowhere.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Some leads that move so, at most [`MAX_SAMPLES`] of each kind.
    pub samples: BTreeMap<Move, Vec<LeadId>>,
    /// What else has to be known.
    pub notes: Vec<Note>,
}

/// How an edit moves the leads of a zone that wait in one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub zone: Zone,
    pub class: DueClass,
    pub leads: u64,
    /// When the first of them may be called, as it is.
    pub next_before: Option<Timestamp>,
    /// When the first of them may be called, as it would be.
    pub next_after: Option<Timestamp>,
    pub moves: BTreeMap<Move, u64>,
}

/// What an edit would change: for the hours, days, retries, period, consent, lists and gap. Limits and
/// rates only make calls faster or slower; a [`super::forecast`] shows that.
pub fn preview(change: &Change<'_>) -> Preview {
    let (before, after) = (&Side::of(change.before), &Side::of(change.after));
    let mut groups = BTreeMap::<(Zone, DueClass), Moved>::new();
    let mut preview = Preview {
        groups: Vec::new(),
        moves: BTreeMap::new(),
        skipped: BTreeMap::new(),
        samples: BTreeMap::new(),
        notes: notes(change),
    };
    for alike in change.leads {
        let Some((class, _)) = alike.lead.due() else { continue };
        let mut fates = Fates { change, before, after, alike, known: BTreeMap::new() };
        for due in alike.due.iter().filter(|due| due.leads > 0) {
            let both = fates.at(due.at);
            match moved(both) {
                Ok(kind) => {
                    let key = (alike.lead.zone.clone(), class);
                    let group = groups.entry(key).or_insert_with(|| Moved::none(&alike.lead.zone, class));
                    group.add(kind, both, due.leads);
                    *preview.moves.entry(kind).or_default() += due.leads;
                }
                Err(reason) => *preview.skipped.entry(reason).or_default() += due.leads,
            }
        }
        for lead in std::iter::once(&alike.lead).chain(&alike.others) {
            let kind = lead.due().and_then(|(_, due_at)| moved(fates.at(due_at)).ok());
            let named = kind.map(|kind| preview.samples.entry(kind).or_default());
            if let Some(named) = named.filter(|named| named.len() < MAX_SAMPLES) {
                named.push(lead.id.clone());
            }
        }
    }
    preview.groups = groups.into_values().collect();
    preview
}

/// What becomes of leads that are alike, by the moment at which they fall due: as it is, and as it would
/// be.
struct Fates<'a> {
    change: &'a Change<'a>,
    before: &'a Side,
    after: &'a Side,
    alike: &'a Alike,
    known: BTreeMap<Timestamp, (Projection, Projection)>,
}

impl Fates<'_> {
    fn at(&mut self, at: Timestamp) -> (Projection, Projection) {
        let (change, Alike { lead, records, .. }) = (self.change, self.alike);
        let at = at.max(change.now);
        *self.known.entry(at).or_insert_with(|| {
            let own = lead.due().filter(|(_, own_at)| at != change.now.max(*own_at));
            let recast = own.map(|(class, _)| due_at(lead, class, at));
            let lead = recast.as_ref().unwrap_or(lead);
            (self.before.fate(change, lead, records), self.after.fate(change, lead, records))
        })
    }
}

/// A campaign under some settings, as it runs.
struct Side {
    campaign: Campaign,
    window_ms: i64,
}

impl Side {
    fn of(snapshot: &CampaignSnapshot) -> Self {
        let campaign = Campaign { status: CampaignStatus::Running, ..snapshot.campaign.clone() };
        Self { campaign, window_ms: snapshot.window_ms() }
    }

    fn fate(&self, change: &Change<'_>, lead: &Lead, records: &[NumberRecord]) -> Projection {
        let question = Question {
            lead,
            campaign: &self.campaign,
            workspace: change.workspace,
            rules: change.rules,
            records,
            // Any cause by which the campaign makes the call.
            cause: DialCause::Fresh,
        };
        fate(&question, change.now, self.window_ms)
    }
}

/// The lead, had it waited in its class for this moment.
fn due_at(lead: &Lead, class: DueClass, at: Timestamp) -> Lead {
    let held = Some(Hold { until: at, cause: HoldCause::Hours });
    let (state, hold) = match class {
        DueClass::FirstSubmission | DueClass::Fresh => (LeadState::Pending, held),
        DueClass::Callback => (LeadState::CallbackScheduled { due_at: at }, None),
        DueClass::Retry | DueClass::Text => (LeadState::RetryScheduled { due_at: at }, None),
    };
    Lead { state, hold, ..lead.clone() }
}

/// How an edit moves a lead; the reason if it is skipped with the edit as without it.
fn moved((before, after): (Projection, Projection)) -> Result<Move, SkipReason> {
    let is_refused = |fate| matches!(fate, Projection::Skipped(reason) if reason != SkipReason::PeriodOver);
    match (before, after) {
        (_, Projection::Skipped(reason)) if is_refused(before) && is_refused(after) => Err(reason),
        // What a campaign says has no part in it.
        (_, Projection::Skipped(reason @ SkipReason::NumberClass)) => Err(reason),
        _ if before == after => Ok(Move::Stays),
        (Projection::At(before), Projection::At(after)) if after < before => Ok(Move::Earlier),
        (Projection::At(_), Projection::At(_)) => Ok(Move::Later),
        (_, Projection::At(_)) => Ok(Move::NewlyPossible),
        (_, Projection::Never) => Ok(Move::Never),
        (_, Projection::Exhausted) => Ok(Move::Exhausted),
        (_, Projection::Skipped(SkipReason::PeriodOver)) => Ok(Move::PeriodOver),
        (_, Projection::Skipped(SkipReason::NoConsent)) => Ok(Move::NoConsent),
        (_, Projection::Skipped(SkipReason::DoNotCall | SkipReason::UnclearWish)) => Ok(Move::DoNotCall),
    }
}

impl Moved {
    fn none(zone: &Zone, class: DueClass) -> Self {
        let (zone, moves) = (zone.clone(), BTreeMap::new());
        Self { zone, class, leads: 0, next_before: None, next_after: None, moves }
    }

    fn add(&mut self, kind: Move, (before, after): (Projection, Projection), leads: u64) {
        self.leads += leads;
        self.next_before = earliest(self.next_before, before);
        self.next_after = earliest(self.next_after, after);
        *self.moves.entry(kind).or_default() += leads;
    }
}

fn earliest(known: Option<Timestamp>, other: Projection) -> Option<Timestamp> {
    match other {
        Projection::At(at) => Some(known.map_or(at, |known| known.min(at))),
        Projection::Never | Projection::Exhausted | Projection::Skipped(_) => known,
    }
}

fn notes(change: &Change<'_>) -> Vec<Note> {
    let (before, after) = (&change.before.campaign.spec, &change.after.campaign.spec);
    let is_retried_otherwise = before.retry != after.retry;
    let is_paced_otherwise = before.concurrent_limit != after.concurrent_limit
        || before.rate_limit_per_minute != after.rate_limit_per_minute
        || before.sms_rate_limit_per_minute != after.sms_rate_limit_per_minute
        || before.ramp_up_minutes != after.ramp_up_minutes
        || before.caller_number_ids != after.caller_number_ids;
    let notes = [
        is_retried_otherwise.then_some(Note::ScheduledRetriesStay),
        is_paced_otherwise.then_some(Note::OnlyPaceChanges),
    ];
    notes.into_iter().flatten().collect()
}
