//! Why a lead is not being called.

use std::collections::BTreeSet;

use super::{Details, Lasts, Reason, next, refused, room, sorted, standing};
use crate::campaign::Campaign;
use crate::eligibility::{Question, Refusal};
use crate::flight::{DialCause, Flight, FlightState};
use crate::ids::CampaignId;
use crate::lead::{Lead, LeadState};
use crate::number_record::NumberRecord;
use crate::plan::{self, CampaignScene, Scene};
use crate::share::Contender;
use crate::time::Timestamp;

/// What is known about a lead and all around it.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What a plan would be made from.
    pub scene: &'a Scene,
    /// The lead's campaign, which need not be among those of the scene.
    pub campaign: &'a CampaignScene,
    /// The lead.
    pub lead: &'a Lead,
    /// What is known of the person's numbers.
    pub records: &'a [NumberRecord],
}

/// What is known of the line in which the lead stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Leads that are due, are of its class and zone, and stand before it.
    pub before: usize,
    /// Whether there are more than were counted.
    pub is_more: bool,
    /// When somebody last added work to the workspace.
    pub work_added_at: Timestamp,
}

/// Why a lead is not being called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether a plan that is made now could choose it; who is before it is chosen first.
    pub is_callable_now: bool,
    /// What keeps it from being called: what never ends by itself, then what holds longest.
    pub reasons: Vec<Reason>,
    /// The first moment at which it may be called: when every reason that ends at a known moment is
    /// over, and nothing else forbids it. None if something has to be changed first.
    pub next_possible_at: Option<Timestamp>,
    /// Who is before it.
    pub ahead: Ahead,
}

/// Who is called before a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ahead {
    /// Calls of the workspace that somebody asked for and that wait.
    pub requests: usize,
    /// Campaigns of higher priority that could use a call now.
    pub campaigns: Vec<CampaignId>,
    /// The campaign whose turn it is next, if one could use a call.
    pub turn: Option<CampaignId>,
    /// Leads that are due, are of its class and zone, and stand before it.
    pub leads: Option<usize>,
    /// Whether there are more leads than were counted.
    pub is_more: bool,
}

impl<'a> Case<'a> {
    /// The question that the planner asks.
    pub(super) fn question(&self) -> Question<'a> {
        self.question_of(self.lead, &self.campaign.campaign)
    }

    /// The same about the lead and the campaign as they will be.
    pub(super) fn question_of<'b>(&self, lead: &'b Lead, campaign: &'b Campaign) -> Question<'b>
    where
        'a: 'b,
    {
        Question {
            lead,
            campaign,
            workspace: &self.scene.workspace,
            rules: &self.scene.rules,
            records: self.records,
            cause: lead.dial_cause(self.scene.now).unwrap_or(DialCause::Fresh),
        }
    }
}

/// Why a lead is not being called, and when it may be; `line` is what is known of who waits with it.
pub fn lead(case: &Case<'_>, line: Option<Line>) -> Explanation {
    let mut reasons = standing_now(case);
    let is_callable_now = reasons.is_empty();
    let next_possible_at = next::possible(case, &mut reasons);
    Explanation { is_callable_now, reasons: sorted(reasons), next_possible_at, ahead: ahead(case, line) }
}

/// What keeps it from being called at this moment.
fn standing_now(case: &Case<'_>) -> Vec<Reason> {
    let (now, question) = (case.scene.now, case.question());
    let mut refusals = question.refusals(now);
    // That somebody settled so asked not to be called is said once.
    let is_listed = case.records.iter().any(|record| !record.lists.is_empty());
    refusals.retain(|refusal| is_listed || !matches!(refusal, Refusal::DoNotCall(_)));
    let told = |refusal: &Refusal| refused::reason(case, &question, refusal, now);
    let mut reasons: Vec<Reason> = refusals.iter().map(told).collect();
    reasons.extend(standing::low_credits(case.scene, case.campaign));
    if refusals.iter().any(|refusal| matches!(refusal, Refusal::Settled(_) | Refusal::InProgress)) {
        return reasons;
    }
    reasons.extend(busy(case));
    match plan::room_for(case.scene, case.campaign, Some(case.lead)) {
        Err(no_room) if reasons.is_empty() || room::is_lasting(no_room) => {
            reasons.push(room::reason(case.scene, case.campaign, no_room));
        }
        Ok(pick) if reasons.is_empty() => {
            let until = pick.slot.at.plus_ms(case.campaign.window_ms());
            let refusal = question.answer(pick.slot.at, until).err();
            reasons.extend(refusal.map(|refusal| refused::reason(case, &question, &refusal, now)));
        }
        // What is full now has long changed when the other reasons are over.
        Ok(_) | Err(_) => {}
    }
    reasons
}

/// The call that somebody with one of the lead's numbers is in, or is about to be.
fn busy(case: &Case<'_>) -> Option<Reason> {
    let lead = case.lead;
    let is_theirs = |flight: &&Flight| {
        flight.lead == lead.id || flight.person.iter().any(|number| lead.numbers.contains(number))
    };
    let flight = case.scene.flights.iter().find(is_theirs)?;
    let details = Details {
        number: Some(flight.number.clone()),
        campaign: Some(flight.campaign.clone()),
        lead: Some(flight.lead.clone()),
        ..Details::default()
    };
    let reason = match &flight.state {
        FlightState::Claimed { slot_at, until } if flight.lead == lead.id => {
            let words = format!("it is chosen: its call is about to be placed, from {slot_at}");
            Reason::new("claimed", Lasts::Until(*until), words)
        }
        FlightState::Claimed { .. } | FlightState::Dialling { .. } => {
            let whose = case.scene.campaign(&flight.campaign).map_or_else(
                || "a campaign".to_owned(),
                |scene| format!("the campaign \"{}\"", scene.campaign.spec.name),
            );
            let words = format!(
                "the person is in a call of {whose}, or about to be; this one comes when that has ended"
            );
            Reason::new("person_busy", Lasts::UntilFree, words)
        }
    };
    Some(reason.with(details))
}

fn ahead(case: &Case<'_>, line: Option<Line>) -> Ahead {
    let scene = case.scene;
    let Some(line) = line else { return Ahead { requests: scene.requests.len(), ..Ahead::default() } };
    let contending = plan::openings(scene, line.work_added_at, &BTreeSet::new()).contending;
    let contending: Vec<_> = contending.iter().filter_map(|id| scene.campaign(id)).collect();
    let contenders: Vec<Contender<'_>> = contending.iter().map(|campaign| campaign.contender()).collect();
    let priority = case.campaign.campaign.spec.priority;
    let higher = contending.iter().filter(|campaign| campaign.campaign.spec.priority > priority);
    let is_waiting = !matches!(case.lead.state, LeadState::InProgress { .. }) && case.lead.due().is_some();
    Ahead {
        requests: scene.requests.len(),
        campaigns: higher.map(|campaign| campaign.campaign.id.clone()).collect(),
        turn: scene.paces.shares.next(&contenders).cloned(),
        leads: is_waiting.then_some(line.before),
        is_more: is_waiting && line.is_more,
    }
}
