use super::*;
use crate::compliance::eligibility::Refusal;
use crate::fixtures::{self, NOW};
use crate::records::active_attempt::DialCause;
use crate::records::campaign::StatusName;
use crate::records::interaction::StartedBy;
use crate::records::lead::{LeadState, LeadStatus};

struct Case {
    active_attempt: ActiveAttempt,
    lead: Lead,
    campaign: Campaign,
}

fn case() -> Case {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    Case { active_attempt: fixtures::claimed(&lead, NOW), lead, campaign }
}

fn decide_at(case: &Case, now: Timestamp) -> DialDecision {
    decide_about(&case.active_attempt.attempt, case, now)
}

fn decide_about(attempt: &AttemptId, case: &Case, now: Timestamp) -> DialDecision {
    decide(&DialContext {
        now,
        attempt,
        run: "run",
        active_attempt: Some(&case.active_attempt),
        lead: Some(&case.lead),
        campaign: Some(&case.campaign),
        workspace: Some(&fixtures::workspace()),
        rules: Rulebook::builtin(),
        records: &[],
        interaction: None,
    })
}

fn refusal(case: &Case) -> Option<DialRefusal> {
    match decide_at(case, NOW) {
        DialDecision::Refuse { reason, .. } => Some(reason),
        DialDecision::Dial { .. } | DialDecision::Wait { .. } | DialDecision::Stale => None,
    }
}

#[test]
fn a_due_lead_is_dialled_in_one_transaction() {
    let case = case();
    let DialDecision::Dial { transaction, active_attempt } = decide_at(&case, NOW) else {
        panic!("a due lead inside its hours is dialled");
    };
    assert_eq!(active_attempt.dialled_at(), Some(NOW));
    let [Write::Dial(_), Write::UpdateLead { after: lead, .. }, Write::OpenInteraction(_)] =
        transaction.0.as_slice()
    else {
        panic!("active attempt, lead and interaction: {transaction:?}");
    };
    assert_eq!((lead.attempts, lead.version), (1, case.lead.version + 1));
}

#[test]
fn whatever_changed_since_the_claim_is_seen() {
    let mut settled = case();
    settled.lead.state = LeadState::Completed;
    assert_eq!(refusal(&settled), Some(Refusal::Settled(LeadStatus::Completed).into()));

    let mut paused = case();
    paused.campaign = paused
        .campaign
        .apply(crate::records::campaign::Command::Cancel, NOW)
        .expect("a running campaign can be cancelled");
    assert_eq!(refusal(&paused), Some(Refusal::CampaignNotRunning(StatusName::Cancelled).into()));

    let mut used_up = case();
    used_up.lead.attempts = 3;
    assert_eq!(refusal(&used_up), Some(Refusal::AttemptsUsedUp.into()));

    let mut corrected = case();
    corrected.lead.numbers = vec![fixtures::number(99)];
    assert_eq!(refusal(&corrected), Some(DialRefusal::NumbersChanged));
}

#[test]
fn another_attempts_message_changes_nothing() {
    let case = case();
    let other = fixtures::attempt(77);
    let decision = decide_about(&other, &case, NOW);
    assert_eq!(decision, DialDecision::Stale);
}

#[test]
fn a_slot_is_waited_for_and_not_used_late() {
    let case = case();
    assert_eq!(decide_at(&case, NOW.plus_ms(-5)), DialDecision::Wait { dial_at: NOW });
    assert!(matches!(
        decide_at(&case, NOW.plus_ms(2_001)),
        DialDecision::Refuse { reason: DialRefusal::SlotOver, .. }
    ));
}

#[test]
fn a_call_by_hand_whose_slot_was_over_waits_again() {
    let case = case();
    let active_attempt = ActiveAttempt { cause: DialCause::Manual, ..case.active_attempt.clone() };
    let requested =
        Interaction::opened(&active_attempt.attempt, &active_attempt.lead, StartedBy::Manual, NOW);
    let decision = decide(&DialContext {
        now: NOW.plus_ms(2_001),
        attempt: &active_attempt.attempt,
        run: "run",
        active_attempt: Some(&active_attempt),
        lead: Some(&case.lead),
        campaign: Some(&case.campaign),
        workspace: Some(&fixtures::workspace()),
        rules: Rulebook::builtin(),
        records: &[],
        interaction: Some(&requested),
    });
    let transaction = Transaction::release_claim(&active_attempt);
    assert!(matches!(transaction.0.as_slice(), [Write::RemoveActiveAttempt { .. }, Write::PutRequest(_)]));
    assert_eq!(decision, DialDecision::Refuse { transaction, reason: DialRefusal::SlotOver });
}
