//! What a client is shown of an edit that is thought about.

use std::collections::BTreeMap;

use carillon_domain::base::ids::LeadId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::{Jurisdiction, Zone};
use carillon_domain::records::campaign::ScheduleNote;
use carillon_domain::records::lead::{DueClass, SkipReason};
use carillon_domain::reporting::forecast::{Move, Moved, Note, Preview};
use serde::Serialize;
use utoipa::ToSchema;

use crate::reasons::Explained;

/// What an edit would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EditPreview)]
pub(crate) struct PreviewView {
    /// How many of the leads that wait move how.
    #[schema(example = json!({"stays": 310, "earlier": 14}))]
    moves: BTreeMap<Move, u64>,
    /// The same by zone and class.
    groups: Vec<MovedView>,
    /// Some leads that move so, at most twenty of each kind.
    samples: BTreeMap<Move, Vec<LeadId>>,
    /// Leads that wait and will be skipped with the edit as without it, for want of consent or by a
    /// do-not-call list, by reason as it would be; they are in no group and move nowhere.
    #[schema(example = json!({"do_not_call": 12}))]
    skipped: BTreeMap<SkipReason, u64>,
    /// What its recurrence would leave out, or do at another time than it says, within a year.
    schedule_notes: Vec<Explained<ScheduleNote>>,
    /// What else has to be known.
    notes: Vec<Explained<Note>>,
}

/// How an edit moves the leads of a zone that wait in one class.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MovedLeads)]
struct MovedView {
    /// On whose clocks they may be called.
    zone: Zone,
    /// Whose rules their numbers are under.
    jurisdiction: Option<Jurisdiction>,
    /// What they wait for.
    class: DueClass,
    /// How many they are.
    leads: u64,
    /// When the first of them may be called, as it is; null if none may be.
    next_before: Option<Timestamp>,
    /// When the first of them may be called, as it would be.
    next_after: Option<Timestamp>,
    /// How many move how.
    moves: BTreeMap<Move, u64>,
}

impl PreviewView {
    pub(super) fn new(preview: Preview, schedule_notes: Vec<ScheduleNote>, notes: Vec<Note>) -> Self {
        let notes = preview.notes.into_iter().chain(notes);
        Self {
            moves: preview.moves,
            groups: preview.groups.into_iter().map(MovedView::from).collect(),
            samples: preview.samples,
            skipped: preview.skipped,
            schedule_notes: schedule_notes.into_iter().map(Explained::from).collect(),
            notes: notes.map(Explained::from).collect(),
        }
    }
}

impl From<Moved> for MovedView {
    fn from(moved: Moved) -> Self {
        Self {
            jurisdiction: moved.zone.jurisdiction(),
            zone: moved.zone.without_jurisdiction(),
            class: moved.class,
            leads: moved.leads,
            next_before: moved.next_before,
            next_after: moved.next_after,
            moves: moved.moves,
        }
    }
}
