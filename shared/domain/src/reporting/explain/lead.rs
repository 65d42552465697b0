//! Why a lead is not being called.

use std::collections::BTreeSet;

use super::{Attempt, Cause, Reason, next, no_capacity, refused, sorted, status_reasons};
use crate::base::ids::CampaignId;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::compliance::eligibility::{Question, Refusal};
use crate::planning::{self, CampaignSnapshot, PlanningSnapshot};
use crate::policy::fair_share::Contender;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use crate::records::campaign::Campaign;
use crate::records::lead::{Lead, LeadState};
use crate::records::number_record::NumberRecord;

/// What is known about a lead and all around it.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What a plan would be made from.
    pub snapshot: &'a PlanningSnapshot,
    /// The lead's campaign, which need not be among those of the snapshot.
    pub campaign: &'a CampaignSnapshot,
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
    pub ahead: QueuePosition,
}

/// Who is called before a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueuePosition {
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
            workspace: &self.snapshot.workspace,
            rules: &self.snapshot.rules,
            records: self.records,
            cause: lead.dial_cause(self.snapshot.now).unwrap_or(DialCause::Fresh),
        }
    }
}

/// Why a lead is not being called, and when it may be; `line` is what is known of who waits with it.
pub fn lead(case: &Case<'_>, line: Option<Line>) -> Explanation {
    let mut reasons: Vec<Reason> = standing_now(case).into_iter().map(Reason::from).collect();
    let is_callable_now = reasons.is_empty();
    let next_possible_at = next::possible(case, &mut reasons);
    Explanation { is_callable_now, reasons: sorted(reasons), next_possible_at, ahead: ahead(case, line) }
}

/// What keeps it from being called at this moment.
fn standing_now(case: &Case<'_>) -> Vec<Cause> {
    let (now, question) = (case.snapshot.now, case.question());
    let refusals = question.refusals(now);
    let told = |refusal: &Refusal| refused::cause(case, &question, refusal, now);
    let mut causes: Vec<Cause> = refusals.iter().map(told).collect();
    causes.extend(status_reasons::low_credits(case.snapshot, case.campaign));
    let is_answer =
        |refusal: &Refusal| matches!(refusal, Refusal::Settled(_) | Refusal::Suspended | Refusal::InProgress);
    if refusals.iter().any(is_answer) {
        return causes;
    }
    causes.extend(busy(case));
    match planning::capacity_for(case.snapshot, case.campaign, Some(case.lead)) {
        Err(no_capacity_now) if causes.is_empty() || no_capacity::is_lasting(no_capacity_now) => {
            causes.push(no_capacity::cause(case.snapshot, case.campaign, no_capacity_now));
        }
        Ok(pick) if causes.is_empty() => {
            let until = pick.slot.at.plus_ms(case.campaign.window_ms());
            let refusal = question.answer(pick.slot.at, until).err();
            causes.extend(refusal.map(|refusal| refused::cause(case, &question, &refusal, now)));
        }
        // What is full now has long changed when the other reasons are over.
        Ok(_) | Err(_) => {}
    }
    causes
}

/// The call that somebody with one of the lead's numbers is in, or is about to be.
fn busy(case: &Case<'_>) -> Option<Cause> {
    let lead = case.lead;
    let is_theirs = |active_attempt: &&ActiveAttempt| {
        active_attempt.lead == lead.id || Subscriber::in_common(&active_attempt.person, lead.phones())
    };
    let active_attempt = case.snapshot.active_attempts.iter().find(is_theirs)?;
    let campaign = case.snapshot.campaign(&active_attempt.campaign);
    let attempt = Attempt {
        number: active_attempt.number.clone(),
        lead: active_attempt.lead.clone(),
        campaign: active_attempt.campaign.clone(),
        campaign_name: campaign.map(|snapshot| snapshot.campaign.spec.name.clone()),
    };
    Some(match active_attempt.state {
        ActiveAttemptState::Claimed { dial_at, until } if active_attempt.lead == lead.id => {
            Cause::Claimed { attempt, dial_at, until }
        }
        ActiveAttemptState::Claimed { .. } | ActiveAttemptState::Dialling { .. } => {
            Cause::PersonBusy(attempt)
        }
    })
}

fn ahead(case: &Case<'_>, line: Option<Line>) -> QueuePosition {
    let snapshot = case.snapshot;
    let Some(line) = line else {
        return QueuePosition { requests: snapshot.requests.len(), ..QueuePosition::default() };
    };
    let contending = planning::due_queries(snapshot, line.work_added_at, &BTreeSet::new()).contending;
    let contending: Vec<_> = contending.iter().filter_map(|id| snapshot.campaign(id)).collect();
    let contenders: Vec<Contender<'_>> = contending.iter().map(|campaign| campaign.contender()).collect();
    let priority = case.campaign.campaign.spec.priority;
    let higher = contending.iter().filter(|campaign| campaign.campaign.spec.priority > priority);
    let is_waiting = !matches!(case.lead.state, LeadState::InProgress { .. }) && case.lead.due().is_some();
    QueuePosition {
        requests: snapshot.requests.len(),
        campaigns: higher.map(|campaign| campaign.campaign.id.clone()).collect(),
        turn: snapshot.rate_states.shares.next(&contenders).cloned(),
        leads: is_waiting.then_some(line.before),
        is_more: is_waiting && line.is_more,
    }
}
