//! What somebody does to a lead by hand: one decision, whether for one lead or for many.

use crate::base::channel::Channel;
use crate::base::time::Timestamp;
use crate::bug::{Switch, planted};
use crate::compliance::eligibility::{Question, settling};
use crate::importing;
use crate::policy::rules::Rulebook;
use crate::records::active_attempt::DialCause;
use crate::records::campaign::Campaign;
use crate::records::job::LeadOutcome;
use crate::records::lead::{ActionRefusal, Lead, LeadAction, LeadState, Profile, SkipReason};
use crate::records::number_record::NumberRecord;
use crate::records::workspace::Workspace;

/// What is known of a lead to which something is done.
#[derive(Debug, Clone, Copy)]
pub struct ActionContext<'a> {
    pub now: Timestamp,
    pub lead: &'a Lead,
    pub campaign: &'a Campaign,
    pub workspace: &'a Workspace,
    pub rules: &'a Rulebook,
    /// What is known of its numbers; read only where [`LeadAction::needs_records`] says so.
    pub records: &'a [NumberRecord],
    /// Whether its row was counted; asked only where [`LeadAction::needs_counting`] says so.
    pub is_counted: bool,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// It is so already.
    Unchanged,
    Become(Box<Lead>),
    Removed,
}

/// Decides what an action makes of a lead.
///
/// # Errors
/// [`ActionRefusal`] says why nothing is done.
pub fn decide(facts: &ActionContext<'_>, action: &LeadAction) -> Result<Acted, ActionRefusal> {
    let ActionContext { lead, now, .. } = facts;
    let after = match action {
        LeadAction::Restart { reason } => restarted(facts, reason.as_deref())?,
        LeadAction::Reschedule { at } => rescheduled(facts, *at)?,
        LeadAction::Complete => lead.completed_by_hand(*now)?,
        LeadAction::Suspend => lead.suspended(*now)?,
        LeadAction::Resume => lead.let_go_on(*now)?,
        LeadAction::Remove if !facts.is_counted => return Err(ActionRefusal::BeingImported),
        LeadAction::Remove if is_called(lead) => lead.leaving(*now),
        LeadAction::Remove => return Ok(Acted::Removed),
        LeadAction::SetTags { tags } => tagged(facts, tags.clone())?,
        LeadAction::AddTags { tags } => {
            let own = &lead.profile.tags;
            let new = tags.iter().filter(|tag| !own.contains(tag));
            tagged(facts, own.iter().chain(new).cloned().collect())?
        }
        LeadAction::RemoveTags { tags } => {
            let kept = lead.profile.tags.iter().filter(|tag| !tags.contains(tag));
            tagged(facts, kept.cloned().collect())?
        }
        LeadAction::SetConsent { consent } => {
            profiled(facts, Profile { consent: Some(consent.clone()), ..lead.profile.clone() })?
        }
    };
    Ok(if after == **lead { Acted::Unchanged } else { Acted::Become(Box::new(after)) })
}

impl Acted {
    /// What is told of the lead that was so before.
    pub fn outcome(&self, before: &Lead) -> LeadOutcome {
        LeadOutcome::Done(match self {
            Self::Unchanged => Some(before.state.status()),
            Self::Become(after) => Some(after.state.status()),
            Self::Removed => None,
        })
    }
}

const fn is_called(lead: &Lead) -> bool {
    matches!(lead.state, LeadState::InProgress { .. })
}

/// A settled lead that begins anew, unless it would only be settled again.
fn restarted(facts: &ActionContext<'_>, reason: Option<&str>) -> Result<Lead, ActionRefusal> {
    if !facts.lead.state.is_settled() && !planted(Switch::BulkRestartsWhoTalks) {
        return Err(ActionRefusal::NotSettled(facts.lead.state.status()));
    }
    let lead = facts.lead.restarted_by_hand(reason, facts.now);
    check_turn(facts, &lead, facts.now)?;
    if matches!(facts.lead.state, LeadState::Skipped { reason: SkipReason::DoNotCall }) && reason.is_none() {
        return Err(ActionRefusal::NeedsReason);
    }
    Ok(lead)
}

fn rescheduled(facts: &ActionContext<'_>, at: Timestamp) -> Result<Lead, ActionRefusal> {
    if is_called(facts.lead) {
        return Err(ActionRefusal::LiveCall);
    }
    let at = at.max(facts.now);
    // Who is to be texted is texted then.
    let lead = match facts.campaign.channel_of(facts.lead) {
        Channel::Call => facts.lead.rescheduled(at, facts.now),
        Channel::Sms => facts.lead.postponed(at, facts.now),
    };
    check_turn(facts, &lead, at)?;
    Ok(lead)
}

/// Asks what the planner would ask when the lead's turn comes.
fn check_turn(facts: &ActionContext<'_>, lead: &Lead, at: Timestamp) -> Result<(), ActionRefusal> {
    let ActionContext { campaign, workspace, rules, records, .. } = *facts;
    let cause = lead.dial_cause(at).unwrap_or(DialCause::Fresh);
    let question = Question { lead, campaign, workspace, rules, records, cause };
    settling(&question, at).map_or(Ok(()), |refusal| Err(ActionRefusal::WouldSettle(refusal)))
}

fn tagged(facts: &ActionContext<'_>, tags: Vec<String>) -> Result<Lead, ActionRefusal> {
    profiled(facts, Profile { tags, ..facts.lead.profile.clone() })
}

fn profiled(facts: &ActionContext<'_>, profile: Profile) -> Result<Lead, ActionRefusal> {
    if let Some(fault) = importing::fault_of(&profile) {
        return Err(ActionRefusal::TooMuch(fault.to_string()));
    }
    Ok(facts.lead.with_profile(profile, facts.now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::MINUTE_MS;
    use crate::fixtures::{self, NOW};
    use crate::policy::cadence::{Cadence, Step};
    use crate::policy::do_not_call::{ListName, Listing};
    use crate::records::lead::LeadStatus;
    use crate::records::refusal::Refusal;

    fn decided(lead: &Lead, records: &[NumberRecord], action: &LeadAction) -> Result<Acted, ActionRefusal> {
        let (campaign, workspace) = (fixtures::campaign(), fixtures::workspace());
        let rules = workspace.rulebook();
        let facts = ActionContext {
            now: NOW,
            lead,
            campaign: &campaign,
            workspace: &workspace,
            rules: &rules,
            records,
            is_counted: true,
        };
        decide(&facts, action)
    }

    #[test]
    fn a_restart_never_disturbs_a_call_and_never_lifts_do_not_call() {
        let lead = fixtures::lead(1);
        let restart = LeadAction::Restart { reason: None };
        let settled = Lead { state: LeadState::Exhausted, attempts: 3, ..lead.clone() };
        let Ok(Acted::Become(anew)) = decided(&settled, &[], &restart) else { panic!("settled") };
        assert_eq!((&anew.state, anew.attempts), (&LeadState::Pending, 0));
        let talking = settled.dialled(&fixtures::claimed(&settled, NOW), NOW);
        for busy in [&lead, &talking] {
            let refusal = decided(busy, &[], &restart);
            assert_eq!(refusal, Err(ActionRefusal::NotSettled(busy.state.status())));
        }
        let listing = Listing { at: NOW, source: "api".into(), reason: None };
        let listed = NumberRecord::unknown(fixtures::number(1)).listed(ListName::do_not_call(), listing);
        let refusal = ActionRefusal::WouldSettle(Refusal::DoNotCall(ListName::do_not_call()));
        assert_eq!(decided(&settled, std::slice::from_ref(&listed), &restart), Err(refusal.clone()));
        assert_eq!(decided(&lead, &[listed], &LeadAction::Reschedule { at: NOW }), Err(refusal));
    }

    #[test]
    fn who_is_to_be_texted_is_texted_at_the_time_that_is_set_and_not_called() {
        let (lead, workspace) = (fixtures::lead(1), fixtures::workspace());
        let mut campaign = fixtures::campaign();
        let texts = Step { channel: Channel::Sms, delay_minutes: 0, after: [].into() };
        campaign.spec.cadence = Cadence::try_from(vec![texts]).expect("a cadence");
        let (rules, at) = (workspace.rulebook(), NOW.plus_ms(MINUTE_MS));
        let facts = ActionContext {
            now: NOW,
            lead: &lead,
            campaign: &campaign,
            workspace: &workspace,
            rules: &rules,
            records: &[],
            is_counted: true,
        };
        let Ok(Acted::Become(after)) = decide(&facts, &LeadAction::Reschedule { at }) else {
            panic!("it may")
        };
        assert_eq!(after.state, LeadState::RetryScheduled { due_at: at });
        assert_eq!(campaign.channel_of(&after), Channel::Sms);
    }

    #[test]
    fn who_did_not_want_to_be_called_is_restarted_for_a_reason_that_stays_with_them() {
        let state = LeadState::Skipped { reason: SkipReason::DoNotCall };
        let skipped = Lead { state, ..fixtures::lead(1) };
        let restart = |reason: Option<&str>| LeadAction::Restart { reason: reason.map(ToOwned::to_owned) };
        assert_eq!(decided(&skipped, &[], &restart(None)), Err(ActionRefusal::NeedsReason));
        let Ok(Acted::Become(anew)) = decided(&skipped, &[], &restart(Some("asked us"))) else {
            panic!("it may")
        };
        assert_eq!(anew.restart_reason.as_deref(), Some("asked us"));
        let exhausted = Lead { state: LeadState::Exhausted, ..*anew };
        let Ok(Acted::Become(again)) = decided(&exhausted, &[], &restart(None)) else { panic!("it may") };
        assert_eq!(again.restart_reason, None, "of another time");
    }

    #[test]
    fn a_lead_with_a_call_leaves_when_that_has_ended() {
        let lead = fixtures::lead(1);
        assert_eq!(decided(&lead, &[], &LeadAction::Remove), Ok(Acted::Removed));
        let talking = lead.dialled(&fixtures::claimed(&lead, NOW), NOW);
        let Ok(Acted::Become(leaving)) = decided(&talking, &[], &LeadAction::Remove) else {
            panic!("it talks")
        };
        assert!(leaving.is_leaving && leaving.state == talking.state);
        assert_eq!(decided(&leaving, &[], &LeadAction::Remove), Ok(Acted::Unchanged));
    }

    #[test]
    fn tags_are_set_added_and_taken_off_and_what_is_so_stays() {
        let tags = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut lead = fixtures::lead(1);
        lead.profile.tags = tags(&["a", "b"]);
        for (action, expected) in [
            (LeadAction::SetTags { tags: tags(&["c"]) }, Some(tags(&["c"]))),
            (LeadAction::AddTags { tags: tags(&["b", "c"]) }, Some(tags(&["a", "b", "c"]))),
            (LeadAction::RemoveTags { tags: tags(&["a", "x"]) }, Some(tags(&["b"]))),
            (LeadAction::AddTags { tags: tags(&["a"]) }, None),
            (LeadAction::RemoveTags { tags: tags(&["x"]) }, None),
        ] {
            let after = match decided(&lead, &[], &action).expect("few tags") {
                Acted::Become(after) => Some(after.profile.tags),
                Acted::Unchanged | Acted::Removed => None,
            };
            assert_eq!(after, expected, "{action:?}");
        }
        let many: Vec<String> = (0..importing::MAX_TAGS).map(|n| n.to_string()).collect();
        assert!(matches!(
            decided(&lead, &[], &LeadAction::AddTags { tags: many }),
            Err(ActionRefusal::TooMuch(why)) if why.contains("tags")
        ));
    }

    #[test]
    fn what_is_told_is_where_the_lead_stands_then() {
        let lead = fixtures::lead(1);
        let told = |action| decided(&lead, &[], &action).map(|acted| acted.outcome(&lead));
        assert_eq!(told(LeadAction::Suspend), Ok(LeadOutcome::Done(Some(LeadStatus::Suspended))));
        assert_eq!(told(LeadAction::Remove), Ok(LeadOutcome::Done(None)));
    }
}
