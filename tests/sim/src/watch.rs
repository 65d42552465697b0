//! Who looks for broken invariants: what is true, whatever the table says.

mod caps;
mod claims;
mod dials;
mod runs;

use std::rc::Rc;

use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::{ActiveAttempt, DialCause};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::reporting::invariants::Invariant;
use carillon_domain::transaction::{Transaction, Write};

use crate::map::{Map, Set};
use crate::table::Workspace;
use caps::Calls;
use claims::{Day, Probes};

#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) invariant: Invariant,
    pub(crate) what: String,
    /// What the story is to be about, as it is spelt in it.
    pub(crate) subjects: Vec<String>,
}

impl Alarm {
    pub(crate) fn new(invariant: Invariant, what: impl Into<String>, subjects: &[&dyn ToString]) -> Self {
        let subjects = subjects.iter().map(|subject| subject.to_string()).collect();
        Self { invariant, what: what.into(), subjects }
    }
}

/// Makes an alarm of a broken invariant.
fn about(active_attempt: &ActiveAttempt, what: impl Into<String>) -> impl FnOnce(Invariant) -> Alarm {
    let what = what.into();
    move |invariant| {
        let what = format!("{what}: {} to {}", active_attempt.attempt, active_attempt.number);
        Alarm::new(invariant, what, &[&active_attempt.attempt, &active_attempt.lead, &active_attempt.number])
    }
}

/// One round over the steps of one lead.
type Round = (LeadId, u32, u8);

/// What is true, whatever the table says.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// All numbers of whoever has this one, whether a campaign knows them or not.
    persons: Map<E164, Rc<[E164]>>,
    /// When the latest call ends with somebody who is known to have this number.
    busy_until: Map<E164, Timestamp>,
    /// When the latest call with a lead ends.
    talks_until: Map<LeadId, Timestamp>,
    /// When the calls that a campaign has up in its turn end.
    up: Map<CampaignId, Vec<Timestamp>>,
    /// The same for a caller number, whatever its calls are due to.
    up_from: Map<CallerNumberId, Vec<Timestamp>>,
    /// When calls were placed from a number; the latest of them.
    from_number: Map<CallerNumberId, Vec<Timestamp>>,
    /// The same for a campaign, with the rate that it then had.
    of_campaign: Map<CampaignId, (u32, Vec<Timestamp>)>,
    /// Where a caller number's days are counted; dials on its latest day, which is given as text.
    days: Map<CallerNumberId, Day>,
    dialled: Map<AttemptId, Dialled>,
    arrived: Set<AttemptId>,
    /// Attempts in the campaign's turn that counted, as the provider knows them.
    spent: Map<Round, u32>,
    by_hand: Map<Round, u32>,
    /// Wishes to be called back.
    called_back: Map<Round, u32>,
    calls: Calls,
    probes: Probes,
    /// Campaigns whose pause or cancellation was acknowledged.
    stopped: Set<CampaignId>,
    /// Numbers whose opt-out was acknowledged, with the list that they are on.
    opted_out: Set<(ListName, E164)>,
    /// Campaigns as clients know them.
    acknowledged: Map<CampaignId, Rc<Campaign>>,
    /// Most calls at once that a campaign ever might have.
    limits: Map<CampaignId, u32>,
}

#[derive(Debug)]
struct Dialled {
    at: Timestamp,
    round: Round,
    /// The campaign as it was stored then.
    stored: Rc<Campaign>,
    /// The campaign as clients knew it then.
    known: Rc<Campaign>,
    /// Attempts in its turn that the lead might have.
    allowed: u32,
    /// Whether the person or a client had wished for it.
    is_wished: bool,
}

impl Dialled {
    /// Whether something holds by the campaign's terms. Those that were known count, and those that
    /// were stored just before they could be known.
    fn permits(&self, holds: impl Fn(&Campaign) -> bool) -> bool {
        holds(&self.stored) || holds(&self.known)
    }
}

impl Watch {
    pub(crate) fn meet(&mut self, numbers: &[E164]) {
        let all: Rc<[E164]> = numbers.into();
        self.persons.extend(numbers.iter().map(|number| (number.clone(), Rc::clone(&all))));
    }

    /// All numbers of whoever has this one.
    pub(crate) fn numbers_of(&self, number: &E164) -> Rc<[E164]> {
        self.persons.get(number).cloned().unwrap_or_default()
    }

    /// Calls that were placed so far.
    pub(crate) fn calls(&self) -> usize {
        self.arrived.len()
    }

    /// This is what clients know of a campaign.
    pub(crate) fn acknowledged(&mut self, campaign: &Campaign, is_stop: bool) {
        self.acknowledged.insert(campaign.id.clone(), Rc::new(campaign.clone()));
        self.widen(campaign);
        if is_stop {
            self.stopped.insert(campaign.id.clone());
        }
    }

    /// An opt-out is acknowledged, if it still stands.
    pub(crate) fn opted_out(&mut self, workspace: &Workspace, list: &ListName, number: &E164) {
        let entry = (list.clone(), number.clone());
        if workspace.listed.contains(&entry) {
            self.opted_out.insert(entry);
        }
    }

    /// A transaction is about to be written.
    pub(crate) fn committing(
        &mut self,
        workspace: &Workspace,
        transaction: &Transaction,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        for write in &transaction.0 {
            match write {
                Write::Dial(active_attempt) => self.dialling(workspace, transaction, active_attempt, now)?,
                Write::UpdateLead { after: lead, .. } => {
                    self.learn(lead, now);
                    self.changing(workspace, transaction, lead)?;
                }
                Write::UpdateCampaign { after: campaign, .. } => {
                    self.widen(campaign);
                    if campaign.status.is_running() {
                        self.stopped.remove(&campaign.id);
                    }
                    runs::changing(workspace, campaign, now)?;
                }
                Write::InvalidatePlan { campaign, running, .. } => {
                    runs::superseding(workspace, transaction, campaign, *running)?;
                }
                Write::RemoveFromDnc { list, number } => {
                    self.opted_out.remove(&(list.clone(), number.clone()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn widen(&mut self, campaign: &Campaign) {
        let limit = self.limits.entry(campaign.id.clone()).or_default();
        *limit = campaign.spec.concurrent_limit.max(*limit);
    }
}

/// Whether the campaign makes the call in its turn.
fn is_in_turn(active_attempt: &ActiveAttempt) -> bool {
    active_attempt.cause != DialCause::Manual
}
