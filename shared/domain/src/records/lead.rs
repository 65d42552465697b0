//! Leads: a person's place in one campaign.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::ids::{AttemptId, CallerNumberId, ContactId, ImportId, LeadId};
use crate::base::interaction_status::Qualification;
use crate::base::is_default::is_default;
use crate::base::outcome::{AttemptOutcome, MessageOutcome};
use crate::base::phone::E164;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::base::zone::{Zone, ZoneSource};
use crate::policy::cadence::Cadence;
use crate::policy::caps::CapSource;
use crate::records::analysis::JudgedCall;
use crate::records::text_fault::TextFault;

mod action;
mod block;
mod by_hand;
mod edit;
mod filter;
mod number;
mod state;
mod transitions;

pub use action::{ActionRefusal, LeadAction};
pub use block::LeadBlock;
pub use filter::{LeadFilter, Searchable, StatusFilter, TextSearch};
pub use number::{LeadNumber, NumberAttempt, NumberStatus};
pub use state::{DueClass, FailReason, LeadState, LeadStatus, SkipReason};

/// A person's place in one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Derived from the campaign and the number that it came with.
    pub id: LeadId,
    pub version: u64,
    pub profile: Profile,
    /// Their numbers, the primary first; never empty.
    pub numbers: Vec<LeadNumber>,
    /// Where and under which clock they may be called.
    pub zone: Zone,
    pub zone_source: ZoneSource,
    pub state: LeadState,
    /// Where it goes on if it turns out that the person wants nothing: while what they want is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood: Option<Box<LeadState>>,
    /// What could not be said to them, while they are failed for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Box<TextFault>>,
    pub attempts: u32,
    /// Attempts that failed and were taken back.
    pub failed: u32,
    /// Attempts that the provider found wrong and were taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejected>,
    pub last: Option<LastAttempt>,
    /// Which of the numbers is dialled next, if it can be; else the one after it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub next_number_index: u8,
    /// Why the lead waits beyond the moment at which it fell due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The step of the campaign's cadence that it is at.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub step: u8,
    /// How that step reaches the person, once the lead has had an attempt of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub channel: Channel,
    /// The campaign's run in which it was last begun anew.
    #[serde(default, skip_serializing_if = "is_first")]
    pub run: u32,
    /// Whether an attempt of this run counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_attempted: bool,
    /// Whether it is to be removed once the call that is up has ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_leaving: bool,
    /// Whether it came one by one and is to be called before the others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_first_submission: bool,
    /// Whether it is there to try things out: it speaks with the campaign's test assistant and is in no statistics.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_test: bool,
    /// What an assistant noted of the person, in the latest call in which it noted anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<Qualification>,
    /// Its latest call that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<JudgedCall>,
    /// Why somebody began it anew, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_reason: Option<String>,
    /// Their place in the file order.
    pub order: FileOrder,
    /// The file that they came from.
    pub origin: Option<Origin>,
    /// The contact that they came from; it may be gone since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Tz>,
    /// That they agreed to be called, as far as we know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Words to find them by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Values of the assistant's variables that hold for this lead, whatever else says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overwrites: BTreeMap<String, String>,
}

/// A lead's place in the order of its campaign: earlier files first, then rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileOrder {
    /// When the file, or the lead itself, arrived.
    pub at: Timestamp,
    /// The row in the file; 0 for a lead that came alone.
    pub row: u64,
}

/// The row of a file that a lead came from; tells a lost reply from a duplicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub import: ImportId,
    /// The row, as a spreadsheet counts: the header is row 1.
    pub row: u64,
}

/// Attempts of a lead that the provider found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    pub times: u32,
    /// When the first of them was. Those before its campaign was let go on count no more.
    pub since: Timestamp,
}

/// The latest attempt of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAttempt {
    /// Its id; later reports about other attempts don't touch the lead.
    pub attempt: AttemptId,
    pub dialled_at: Timestamp,
    /// The number that was dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<E164>,
    /// The number that it was dialled from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_number: Option<CallerNumberId>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub channel: Channel,
    /// The step of the campaign's cadence that it was made in.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub step: u8,
    /// How it ended, once it has.
    pub outcome: Option<AttemptOutcome>,
    /// How long it took, in seconds, once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_secs: Option<u32>,
}

/// Why a due lead waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// When it is looked at again.
    pub until: Timestamp,
    pub cause: HoldCause,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldCause {
    /// The person was called often enough for now.
    Cap(CapSource),
    /// No call is allowed where they are.
    Hours,
}

/// That a person agreed to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consent {
    /// Where the agreement was given.
    #[cfg_attr(feature = "openapi", schema(example = "order form"))]
    pub source: String,
    /// When it was given; not in the future.
    pub at: Timestamp,
    /// How: `web`, `paper`, `call`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// What proves that it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_first(run: &u32) -> bool {
    *run == 0
}

impl Lead {
    /// The class in which the lead waits and when it falls due; none if it does not wait.
    pub fn due(&self) -> Option<(DueClass, Timestamp)> {
        let (class, due_at) = match &self.state {
            LeadState::Pending if self.is_first_submission => (DueClass::FirstSubmission, self.order.at),
            LeadState::Pending => (DueClass::Fresh, self.order.at),
            LeadState::RetryScheduled { due_at } if self.channel == Channel::Sms => (DueClass::Text, *due_at),
            LeadState::RetryScheduled { due_at } => (DueClass::Retry, *due_at),
            LeadState::CallbackScheduled { due_at } => (DueClass::Callback, *due_at),
            LeadState::InProgress { .. }
            | LeadState::Suspended { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed => return None,
        };
        Some((class, self.hold.as_ref().map_or(due_at, |hold| due_at.max(hold.until))))
    }

    /// Why it failed, where more is known than that its calls can't be made.
    pub fn fail_reason(&self) -> Option<FailReason> {
        self.fault.as_ref().map(|_| FailReason::Template)
    }

    /// The moment before which the lead is not called again, if one is set.
    pub fn next_attempt_at(&self) -> Option<Timestamp> {
        match self.state {
            LeadState::RetryScheduled { .. } | LeadState::CallbackScheduled { .. } => {
                self.due().map(|(_, due_at)| due_at)
            }
            _ => self.hold.as_ref().map(|hold| hold.until),
        }
    }

    /// Whether the lead waits for a call that may be made now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        // A fresh lead is due whenever its file says that it came.
        let waits_since = |(class, due_at): (DueClass, Timestamp)| match (class, &self.hold) {
            (DueClass::Fresh | DueClass::FirstSubmission, None) => true,
            _ => due_at <= now,
        };
        self.due().is_some_and(waits_since)
    }

    /// The number that the next attempt dials: in order and round again, past those that can't be
    /// reached; a call-back goes to the number at which it was asked for.
    pub fn next_number(&self) -> &E164 {
        let last = self.last.as_ref().and_then(|last| last.number.as_ref());
        if let (LeadState::CallbackScheduled { .. }, Some(number)) = (&self.state, last)
            && self.is_usable(number)
        {
            return number;
        }
        let from = usize::from(self.next_number_index) % self.numbers.len().max(1);
        let mut round = self.numbers.iter().cycle().skip(from).take(self.numbers.len());
        let usable = round.find(|number| number.status.is_usable());
        &usable.unwrap_or(&self.numbers[from]).number
    }

    /// The lead in the zone of the number that is dialled next: each is called at hours and under rules
    /// of its own.
    pub(crate) fn where_next_number_is(self) -> Self {
        if self.numbers.len() < 2 {
            return self;
        }
        let (zone, zone_source) = Zone::of(self.profile.timezone, self.next_number());
        Self { zone, zone_source, ..self }
    }

    /// The zones of all its numbers: it waits in one of them.
    pub fn zones(&self) -> BTreeSet<Zone> {
        let zone = |number| Zone::of(self.profile.timezone, number).0;
        self.phones().map(zone).collect()
    }

    /// Its numbers, the primary first.
    pub fn phones(&self) -> impl Iterator<Item = &E164> {
        self.numbers.iter().map(|one| &one.number)
    }

    /// The same as active attempts hold them.
    pub fn person(&self) -> Vec<E164> {
        self.phones().cloned().collect()
    }

    /// What is known of one of its numbers, in whatever form.
    pub fn number(&self, number: &E164) -> Option<&LeadNumber> {
        self.numbers.iter().find(|one| Subscriber::in_common(std::slice::from_ref(number), [&one.number]))
    }

    /// Whether a number of the lead's may be dialled, as far as is known.
    fn is_usable(&self, number: &E164) -> bool {
        self.number(number).is_some_and(|one| one.status.is_usable())
    }

    /// Its latest attempt, if that is a text which arrived and for whose reply the step waited that comes now.
    pub fn unanswered_text(&self, cadence: &Cadence) -> Option<&LastAttempt> {
        let arrived = |last: &&LastAttempt| last.outcome == Some(MessageOutcome::Delivered.into());
        self.last
            .as_ref()
            .filter(arrived)
            .filter(|last| last.step < self.step && cadence.follows_silence(self.step))
    }

    /// Whether the lead can be reached under another number than this one.
    pub fn has_other_number(&self, number: &E164) -> bool {
        self.numbers.iter().any(|other| other.number != *number && other.status.is_usable())
    }
}
