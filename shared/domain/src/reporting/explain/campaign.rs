//! Why a campaign is not calling.

use super::{Capacity, Cause, Lasts, NumberNow, Reason, Use, no_capacity, sorted, status_reasons};
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::planning::{self, CampaignSnapshot, PlanningSnapshot};
use crate::policy::hours::Closed;
use crate::records::counters::{Counter, Counters};

/// Leads of a campaign that wait in one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// The zone; none for those who wait in one place: first submissions and call-backs.
    pub zone: Option<Zone>,
    pub due: usize,
    /// Whether there are more than were counted.
    pub is_more: bool,
    /// When the next of the others falls due.
    pub next_due_at: Option<Timestamp>,
}

/// Why a campaign is not calling, or that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignExplanation {
    /// Whether a plan that is made now could make a call of it.
    pub is_calling_now: bool,
    /// What keeps it from calling: what never ends by itself, then what holds longest.
    pub reasons: Vec<Reason>,
    /// When the first of its calls may be made: when every reason that ends at a known moment is
    /// over. None if something has to be changed first.
    pub next_possible_at: Option<Timestamp>,
    /// Calls at once of the campaign.
    pub slots: Use,
    /// Who holds the slots of the workspace.
    pub capacity: Capacity,
    /// The zones of its leads.
    pub zones: Vec<ZoneNow>,
    /// Leads that are due and wait in one place: first submissions and call-backs.
    pub due_anywhere: usize,
    /// The numbers that it calls from.
    pub numbers: Vec<NumberNow>,
    /// The first slot that its own rate leaves.
    pub next_slot_at: Timestamp,
}

/// A zone of the campaign's leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneNow {
    pub zone: Zone,
    /// Until when calls are allowed there, if they are.
    pub open_until: Option<Timestamp>,
    /// When calls are allowed there again, if they are not; none if no such moment is in sight.
    pub opens_at: Option<Timestamp>,
    pub closed: Option<Closed>,
    /// Leads that are due there.
    pub due: usize,
    /// Whether there are more than were counted.
    pub is_more: bool,
    /// When the next of the others falls due there.
    pub next_due_at: Option<Timestamp>,
}

/// Why a campaign is not calling; `crowds` are those who wait, `counters` its counters.
pub fn campaign(
    snapshot: &PlanningSnapshot,
    campaign: &CampaignSnapshot,
    counters: &Counters,
    crowds: &[Population],
) -> CampaignExplanation {
    let zones: Vec<ZoneNow> =
        campaign.zones.iter().map(|zone| ZoneNow::of(snapshot, campaign, zone, crowds)).collect();
    let anywhere: Vec<&Population> = crowds.iter().filter(|population| population.zone.is_none()).collect();
    let mut causes = standing_now(snapshot, campaign);
    causes.extend(nobody(counters, &zones, &anywhere));
    causes.extend(all_closed(&zones));
    let reasons: Vec<Reason> = causes.into_iter().map(Reason::from).collect();
    let is_calling_now = reasons.is_empty();
    let needs_change = reasons.iter().any(|reason| reason.lasts() == Lasts::UntilChanged);
    let over_at = reasons.iter().filter_map(Reason::until).fold(snapshot.now, Timestamp::max);
    let rate_state = snapshot.rate_states.campaigns.get(&campaign.campaign.id);
    CampaignExplanation {
        is_calling_now,
        reasons: sorted(reasons),
        next_possible_at: if needs_change { None } else { callable_at(snapshot, campaign, over_at) },
        slots: Use::of(snapshot, campaign),
        capacity: Capacity::of(snapshot),
        zones,
        due_anywhere: anywhere.iter().map(|population| population.due).sum(),
        numbers: NumberNow::of(snapshot, campaign),
        next_slot_at: rate_state.map_or(snapshot.now, |rate_state| rate_state.slot(snapshot.now)),
    }
}

impl ZoneNow {
    fn of(
        snapshot: &PlanningSnapshot,
        campaign: &CampaignSnapshot,
        zone: &Zone,
        crowds: &[Population],
    ) -> Self {
        let (now, hours) = (snapshot.now, campaign.campaign.hours_first(zone, &snapshot.rules));
        let channel = campaign.campaign.spec.cadence.channel(0);
        let open_until = campaign.closes_at(zone, &snapshot.rules, channel, now);
        let opens_at =
            if open_until.is_some() { None } else { hours.next_callable(now, campaign.window_ms()) };
        let there = || crowds.iter().filter(|population| population.zone.as_ref() == Some(zone));
        Self {
            zone: zone.clone(),
            open_until,
            opens_at,
            closed: hours.why_closed(now),
            due: there().map(|population| population.due).sum(),
            is_more: there().any(|population| population.is_more),
            next_due_at: there().filter_map(|population| population.next_due_at).min(),
        }
    }
}

/// What is in the way whoever waits.
fn standing_now(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Vec<Cause> {
    let now = snapshot.now;
    let mut causes = Vec::new();
    if !campaign.campaign.status.is_running() {
        causes.push(status_reasons::not_running(snapshot, campaign));
    }
    causes.extend(status_reasons::low_credits(snapshot, campaign));
    causes.extend(campaign.campaign.begins_at(now).map(Cause::PeriodNotBegun));
    if campaign.campaign.is_over(now) {
        causes.push(Cause::PeriodOver);
    }
    match planning::capacity_for(snapshot, campaign, None) {
        Err(no_capacity_now) if causes.is_empty() || no_capacity::is_lasting(no_capacity_now) => {
            causes.push(no_capacity::cause(snapshot, campaign, no_capacity_now));
        }
        Ok(_) | Err(_) => {}
    }
    causes
}

/// Nobody is due where calls are allowed.
fn nobody(counters: &Counters, zones: &[ZoneNow], anywhere: &[&Population]) -> Option<Cause> {
    if zones.iter().any(|zone| zone.due > 0) || anywhere.iter().any(|population| population.due > 0) {
        return None;
    }
    let leads = counters.all_leads();
    if leads <= 0 {
        return Some(Cause::NoLeads);
    }
    if counters.settled() + counters.get(Counter::TestLeadsAtRest) >= leads {
        return Some(Cause::AllSettled { leads });
    }
    let heads = zones.iter().filter_map(|zone| zone.next_due_at);
    let next_due_at = heads.chain(anywhere.iter().filter_map(|population| population.next_due_at)).min();
    Some(Cause::NobodyDue { next_due_at })
}

/// Everybody waits where no call is allowed now.
fn all_closed(zones: &[ZoneNow]) -> Option<Cause> {
    let is_open = |zone: &ZoneNow| zone.open_until.is_some();
    // Where nobody waits it does not matter, unless nobody waits anywhere.
    let is_anybody_due = zones.iter().any(|zone| zone.due > 0);
    let mut waiting = zones.iter().filter(|zone| !is_anybody_due || zone.due > 0).peekable();
    if waiting.peek().is_none() || waiting.clone().any(is_open) {
        return None;
    }
    Some(Cause::ZonesClosed { opens_at: waiting.filter_map(|zone| zone.opens_at).min() })
}

/// The first moment from `from` on at which one of its zones is open; that moment itself if it has none.
fn callable_at(
    snapshot: &PlanningSnapshot,
    campaign: &CampaignSnapshot,
    from: Timestamp,
) -> Option<Timestamp> {
    if campaign.zones.is_empty() {
        return Some(from);
    }
    let opens_at = campaign.zones.iter().filter_map(|zone| {
        campaign.campaign.hours_first(zone, &snapshot.rules).next_callable(from, campaign.window_ms())
    });
    opens_at.min().filter(|at| !campaign.campaign.is_over(*at))
}
