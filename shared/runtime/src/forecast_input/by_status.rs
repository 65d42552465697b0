//! How leads stand under the settings of a campaign.

use std::collections::{BTreeMap, HashMap};

use carillon_domain::base::ids::LeadId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::compliance::eligibility::{Question, Refusal};
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::active_attempt::DialCause;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::{DueClass, Lead, SkipReason};
use carillon_domain::records::workspace::Workspace;
use carillon_store::due_step;

use super::counting::Waiting;
use super::sample::Known;

/// By what leads are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) now: Timestamp,
    pub(super) campaign: &'a Campaign,
    pub(super) workspace: &'a Workspace,
    pub(super) rules: &'a Rulebook,
}

/// What the leads of a group share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) zone: Zone,
    pub(super) class: DueClass,
    pub(super) attempts: u32,
}

/// How leads stand of which a sample shows as many as there are of others like them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Skipped(SkipReason),
    Waits { key: Key, held_until: Option<Timestamp> },
}

impl Key {
    /// What a lead shares that waits in a class.
    pub(super) fn of(class: DueClass, lead: &Lead) -> Self {
        Self { zone: lead.zone.clone(), class, attempts: lead.attempts }
    }
}

impl Kind {
    /// Of a sample's many moments few remain.
    pub(super) fn rounded(self) -> Self {
        match self {
            Self::Waits { key, held_until } => Self::Waits { key, held_until: held_until.map(due_step) },
            Self::Skipped(reason) => Self::Skipped(reason),
        }
    }
}

impl View<'_> {
    /// How a lead stands that waits in a class.
    pub(super) fn kind_of(&self, class: DueClass, known: &Known) -> Kind {
        let Known { lead, records } = known;
        let question = Question {
            lead,
            campaign: self.campaign,
            workspace: self.workspace,
            rules: self.rules,
            records,
            cause: match class {
                DueClass::FirstSubmission => DialCause::FirstSubmission,
                DueClass::Callback => DialCause::Callback,
                DueClass::Retry | DueClass::Text => DialCause::Retry,
                DueClass::Fresh => DialCause::Fresh,
            },
        };
        if self.campaign.spec.requires_consent && lead.profile.consent.is_none() {
            return Kind::Skipped(SkipReason::NoConsent);
        }
        let mut held_until = None;
        for refusal in question.refusals(self.now) {
            match refusal {
                Refusal::DoNotCall(list) => return Kind::Skipped(SkipReason::of_list(&list)),
                Refusal::NumberClass(_) => return Kind::Skipped(SkipReason::NumberClass),
                Refusal::Capped(capped) if self.campaign.is_over(capped.until) => {
                    return Kind::Skipped(SkipReason::PeriodOver);
                }
                Refusal::Capped(capped) => held_until = Some(capped.until),
                // What the clock, the campaign or its attempts refuse is the forecast's to find.
                Refusal::CampaignNotRunning(_)
                | Refusal::PeriodNotBegun(_)
                | Refusal::PeriodOver
                | Refusal::Settled(_)
                | Refusal::Suspended
                | Refusal::InProgress
                | Refusal::NotDue(_)
                | Refusal::AttemptsUsedUp
                | Refusal::NoConsent
                | Refusal::TextFails(_)
                | Refusal::OutsideHours { .. } => {}
            }
        }
        Kind::Waits { key: Key::of(class, lead), held_until }
    }
}

/// When the leads of a place fall due without those of them that are known to be on a do-not-call list;
/// and these, each with whether it was found among the others.
pub(super) fn apart(
    now: Timestamp,
    waiting: &Waiting,
    listed: &[Lead],
) -> (BTreeMap<Timestamp, u64>, HashMap<LeadId, bool>) {
    let mut due = waiting.due.clone();
    let place = &waiting.place;
    let mut known = HashMap::new();
    for lead in listed {
        let Some((class, due_at)) = lead.due() else { continue };
        if class != place.class || place.zone.as_ref().is_some_and(|zone| *zone != lead.zone) {
            continue;
        }
        let own = due_step(due_at).max(now);
        let step = if due.get(&own).is_some_and(|leads| *leads > 0) {
            due.get_mut(&own)
        } else {
            due.values_mut().find(|leads| **leads > 0)
        };
        let is_found = step.is_some();
        if let Some(leads) = step {
            *leads -= 1;
        }
        known.insert(lead.id.clone(), is_found);
    }
    (due, known)
}
