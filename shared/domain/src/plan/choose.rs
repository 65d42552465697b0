//! Turning due leads into claims.

use std::collections::HashSet;

use super::{CampaignScene, MAX_CLAIMS, Scene};
use crate::assistant::CallerNumber;
use crate::flight::{CallRequest, DialCause, Flight, FlightState};
use crate::ids::{AttemptId, CallerNumberId, Entropy, LeadId};
use crate::lead::{DueClass, Lead};
use crate::pacing::{HORIZON_MS, Paces};
use crate::phone::E164;
use crate::time::Timestamp;

/// A dial that is decided: it only has to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The flight to be.
    pub flight: Flight,
    /// The request that it fulfils, on a call by hand.
    pub request: Option<AttemptId>,
}

/// What came of choosing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Who is dialled, in order; at most [`MAX_CLAIMS`].
    pub claims: Vec<Claim>,
    /// The paces once these are claimed.
    pub paces: Paces,
    /// Leads that wait but have no attempt left: a stricter retry policy settles them.
    pub exhausted: Vec<LeadId>,
    /// The first slot beyond the horizon that somebody could use.
    pub next_slot_at: Option<Timestamp>,
}

/// Chooses who is dialled: requests first, then the leads in the order in which they were found,
/// one campaign after the other in turn.
///
/// `leads` were read just now and strongly; the index that named them may have been stale.
/// `draw` gives the random bits of each new attempt's id.
pub fn choose(scene: &Scene, leads: &[Lead], draw: &mut dyn FnMut() -> Entropy) -> Plan {
    let mut chooser = Chooser::new(scene);
    for request in &scene.requests {
        if let Some(lead) = leads.iter().find(|lead| lead.id == request.lead) {
            chooser.take_request(request, lead);
        }
    }
    for lead in in_turns(scene, leads) {
        chooser.take_due(lead, draw);
    }
    chooser.plan
}

/// The leads, one of each campaign in turn; the campaign that waited longest begins.
fn in_turns<'a>(scene: &Scene, leads: &'a [Lead]) -> Vec<&'a Lead> {
    let mut campaigns: Vec<_> = scene.campaigns.iter().collect();
    campaigns
        .sort_by_key(|campaign| scene.paces.campaigns.get(&campaign.campaign.id).map(|pace| pace.last_at));
    let mut queues: Vec<Vec<&Lead>> = campaigns
        .into_iter()
        .map(|campaign| {
            let of_campaign = |lead: &&Lead| lead.id.campaign() == campaign.campaign.id;
            leads.iter().filter(of_campaign).rev().collect()
        })
        .collect();
    let mut order = Vec::with_capacity(leads.len());
    while queues.iter().any(|queue| !queue.is_empty()) {
        order.extend(queues.iter_mut().filter_map(Vec::pop));
    }
    order
}

struct Chooser<'a> {
    scene: &'a Scene,
    plan: Plan,
    /// Every number of everybody who is in flight or chosen.
    taken: HashSet<E164>,
    leads_taken: HashSet<LeadId>,
}

impl<'a> Chooser<'a> {
    fn new(scene: &'a Scene) -> Self {
        Self {
            scene,
            plan: Plan { paces: scene.paces.clone(), ..Plan::default() },
            taken: scene.flights.iter().flat_map(|flight| flight.person.iter().cloned()).collect(),
            leads_taken: scene.flights.iter().map(|flight| flight.lead.clone()).collect(),
        }
    }

    fn take_request(&mut self, request: &CallRequest, lead: &Lead) {
        let Some(campaign) = self.scene.campaign(&lead.id.campaign()) else { return };
        let cause = DialCause::Manual;
        if self.has_room(campaign) && self.is_free(lead) {
            let chosen = request.caller_number.as_ref();
            self.claim(campaign, lead, cause, chosen, request.attempt.clone(), Some(request));
        }
    }

    fn take_due(&mut self, lead: &Lead, draw: &mut dyn FnMut() -> Entropy) {
        let Some(campaign) = self.scene.campaign(&lead.id.campaign()) else { return };
        let Some((class, _)) = lead.due().filter(|_| lead.is_due(self.scene.now)) else { return };
        if !campaign.campaign.status.is_running() || !self.is_free(lead) {
            return;
        }
        if lead.attempts >= campaign.campaign.spec.retry.max_attempts {
            self.plan.exhausted.push(lead.id.clone());
        } else if self.has_room(campaign) {
            let cause = match class {
                DueClass::Retry => DialCause::Retry,
                DueClass::Fresh => DialCause::Fresh,
            };
            let attempt = AttemptId::new(self.scene.now, draw());
            self.claim(campaign, lead, cause, None, attempt, None);
        }
    }

    /// Whether nobody with one of the lead's numbers is in flight or chosen.
    fn is_free(&self, lead: &Lead) -> bool {
        !self.leads_taken.contains(&lead.id) && lead.numbers.iter().all(|number| !self.taken.contains(number))
    }

    fn has_room(&self, campaign: &CampaignScene) -> bool {
        let id = &campaign.campaign.id;
        let claimed = self.plan.claims.len();
        let of_campaign = self.plan.claims.iter().filter(|claim| claim.flight.campaign == *id).count();
        claimed < MAX_CLAIMS
            && claimed < self.scene.free_slots()
            && of_campaign < self.scene.free_slots_of(campaign)
    }

    fn claim(
        &mut self,
        campaign: &CampaignScene,
        lead: &Lead,
        cause: DialCause,
        caller: Option<&CallerNumberId>,
        attempt: AttemptId,
        request: Option<&CallRequest>,
    ) {
        let mut paces = self.plan.paces.clone();
        let slot = match next_slot(self.scene.now, campaign, caller, &mut paces) {
            Ok(slot) => slot,
            Err(beyond) => {
                self.note_slot(beyond);
                return;
            }
        };
        let until = slot.at.plus_ms(campaign.window_ms());
        let hours = campaign.campaign.hours_in(&lead.zone);
        let closes_at = match cause {
            DialCause::Manual => hours.lawfully_closes_after(slot.at, until),
            DialCause::Retry | DialCause::Fresh => hours.closes_after(slot.at, until),
        };
        if closes_at.is_none() {
            return;
        }
        self.plan.paces = paces;
        self.taken.extend(lead.numbers.iter().cloned());
        self.leads_taken.insert(lead.id.clone());
        self.plan.claims.push(Claim {
            request: request.map(|request| request.attempt.clone()),
            flight: Flight {
                number: lead.next_number().clone(),
                attempt,
                campaign: campaign.campaign.id.clone(),
                lead: lead.id.clone(),
                assistant: campaign.campaign.spec.assistant_id.clone(),
                caller_number: slot.caller.id.clone(),
                line: slot.caller.line,
                cause,
                person: lead.numbers.clone(),
                instructions: request.and_then(|request| request.instructions.clone()),
                claimed_at: self.scene.now,
                state: FlightState::Claimed { slot_at: slot.at, until },
            },
        });
    }

    fn note_slot(&mut self, beyond: Option<Timestamp>) {
        let known = self.plan.next_slot_at;
        self.plan.next_slot_at = [known, beyond].into_iter().flatten().min();
    }
}

/// A slot and the number to use it with.
pub(super) struct Slot<'a> {
    pub(super) at: Timestamp,
    pub(super) caller: &'a CallerNumber,
}

/// The campaign's next slot: the number that is free first, and of these the one that rested
/// longest. Takes it from the paces, unless it lies beyond the horizon.
///
/// # Errors
/// The moment of the next slot if it lies beyond the horizon; none if there is no number.
pub(super) fn next_slot<'a>(
    now: Timestamp,
    campaign: &'a CampaignScene,
    caller: Option<&CallerNumberId>,
    paces: &mut Paces,
) -> Result<Slot<'a>, Option<Timestamp>> {
    let Some(caller) =
        campaign.numbers.iter().filter(|number| caller.is_none_or(|chosen| *chosen == number.id)).min_by_key(
            |number| {
                let pace = paces.numbers.get(&number.id).cloned().unwrap_or_default();
                (pace.slot(now), pace.last_at)
            },
        )
    else {
        return Err(None);
    };
    let of_number = paces.numbers.entry(caller.id.clone()).or_default();
    let of_campaign = paces.campaigns.entry(campaign.campaign.id.clone()).or_default();
    let at = of_number.slot(now).max(of_campaign.slot(now));
    if at > now.plus_ms(HORIZON_MS) {
        return Err(Some(at));
    }
    of_number.take(at, caller.rate_limit_per_minute);
    of_campaign.take(at, campaign.campaign.spec.rate_limit_per_minute);
    Ok(Slot { at, caller })
}
