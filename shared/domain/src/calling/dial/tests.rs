use proptest::prelude::*;

use super::*;
use crate::base::call::Line;
use crate::base::channel::Channel;
use crate::compliance::eligibility::Refusal;
use crate::fixtures::{self, NOW};
use crate::records::active_attempt::DialCause;
use crate::records::campaign::{PauseReason, StatusName};
use crate::records::interaction::StartedBy;
use crate::records::lead::{LeadNumber, LeadState, LeadStatus};

struct Case {
    active_attempt: ActiveAttempt,
    lead: Lead,
    campaign: Campaign,
    workspace: Workspace,
    assistant: Assistant,
    caller_number: CallerNumber,
}

fn case() -> Case {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    Case {
        active_attempt: fixtures::claimed(&lead, NOW),
        lead,
        campaign,
        workspace: fixtures::workspace(),
        assistant: fixtures::assistant(),
        caller_number: fixtures::caller_number(1),
    }
}

fn decide_at(case: &Case, now: Timestamp) -> DialDecision {
    decide_about(&case.active_attempt.attempt, case, now)
}

fn decide_about(attempt: &AttemptId, case: &Case, now: Timestamp) -> DialDecision {
    decide(&facts(attempt, case, now))
}

fn facts<'a>(attempt: &'a AttemptId, case: &'a Case, now: Timestamp) -> DialContext<'a> {
    DialContext {
        now,
        attempt,
        run: "run",
        active_attempt: Some(&case.active_attempt),
        lead: Some(&case.lead),
        campaign: Some(&case.campaign),
        workspace: Some(&case.workspace),
        rules: Rulebook::builtin(),
        assistant: Some(&case.assistant),
        caller_number: Some(&case.caller_number),
        records: &[],
        interaction: None,
    }
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
    let DialDecision::Dial { transaction, active_attempt, .. } = decide_at(&case, NOW) else {
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
    corrected.lead.numbers = vec![LeadNumber::new(fixtures::number(99))];
    assert_eq!(refusal(&corrected), Some(DialRefusal::NumbersChanged));

    let mut at_another_step = case();
    at_another_step.active_attempt.channel = Channel::Sms;
    assert_eq!(refusal(&at_another_step), Some(DialRefusal::StepChanged));
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
        assistant: Some(&case.assistant),
        caller_number: Some(&fixtures::caller_number(1)),
        records: &[],
        interaction: Some(&requested),
    });
    let transaction = Transaction::release_claim(&active_attempt);
    assert!(matches!(transaction.0.as_slice(), [Write::RemoveActiveAttempt { .. }, Write::PutRequest(_)]));
    assert_eq!(decision, DialDecision::Refuse { transaction, reason: DialRefusal::SlotOver });
}

/// The lead as a refusal leaves it; none if it is not touched.
fn left_as(case: &Case) -> Option<LeadState> {
    let DialDecision::Refuse { transaction, .. } = decide_at(case, NOW) else { panic!("it is refused") };
    let lead = transaction.0.iter().find_map(|write| match write {
        Write::UpdateLead { after, .. } => Some(after.state.clone()),
        _ => None,
    });
    let is_of_the_lead = |write: &Write| {
        matches!(
            write,
            Write::RemoveActiveAttempt { .. }
                | Write::UpdateLead { .. }
                | Write::Count { .. }
                | Write::NoteRefusal(_)
        )
    };
    assert!(transaction.0.iter().all(is_of_the_lead), "nothing else is touched: {transaction:?}");
    lead
}

/// A case whose welcome message fails with what the lead has, and with nothing else.
fn unspeakable() -> Case {
    let mut case = case();
    case.campaign.spec.welcome_message_template = Some("Hi,\nyou owe {{ amount | int }}".to_owned());
    case.lead.profile.variables.insert("amount".to_owned(), "n/a".to_owned());
    case
}

#[test]
fn each_fault_has_its_consequence() {
    let failing = unspeakable();
    let Some(DialRefusal::Refused(Refusal::TextFails(fault))) = refusal(&failing) else {
        panic!("a text fails");
    };
    assert!(fault.to_string().starts_with("welcome message, line 2, column "), "{fault}");
    assert_eq!(
        (left_as(&failing), DialRefusal::from(Refusal::TextFails(fault)).pauses()),
        (Some(LeadState::Failed), None)
    );

    // Too long for any provider: the lead's fault, too.
    let mut long = case();
    long.campaign.spec.welcome_message_template = Some("{{ a }}".repeat(40));
    long.lead.profile.variables.insert("a".to_owned(), "a".repeat(4_000));
    assert_eq!(left_as(&long), Some(LeadState::Failed));

    // Faults of the settings leave every lead as it is, and pause the campaign.
    let case = case();
    let gone = |assistant, caller_number| {
        decide(&DialContext { assistant, caller_number, ..facts(&case.active_attempt.attempt, &case, NOW) })
    };
    let number = fixtures::caller_number(1);
    // It came to the assistant after the campaign, which has machines listened for, was started.
    let deaf = CallerNumber { line: Line::SipTrunk, ..number.clone() };
    let mut listening = self::case();
    listening.campaign.spec.machine_detection = true;
    let unfit = decide(&DialContext {
        caller_number: Some(&deaf),
        ..facts(&listening.active_attempt.attempt, &listening, NOW)
    });
    for decision in [gone(None, Some(&number)), gone(Some(&case.assistant), None), unfit] {
        let DialDecision::Refuse { transaction, reason } = decision else { panic!("it is refused") };
        assert_eq!(reason, DialRefusal::AssistantUnusable);
        assert!(matches!(transaction.0.as_slice(), [Write::RemoveActiveAttempt { .. }]), "{transaction:?}");
        assert_eq!(reason.pauses(), Some(PauseReason::AssistantUnusable));
    }
    let attempt = &case.active_attempt.attempt;
    let decision = turn_down(&facts(attempt, &case, NOW), DialRefusal::NoProviderKey);
    assert!(matches!(decision, DialDecision::Refuse { transaction, .. } if transaction.0.len() == 1));
}

proptest! {
    #[test]
    fn whatever_stands_in_a_lead_s_fields_it_is_dialled_or_settled(
        name in proptest::option::of(".{0,40}"),
        company in proptest::option::of("[{}%#a-z _|.()]{0,40}"),
        amount in "(.{0,20}|[0-9]{1,25}|-?[0-9]{1,3}[.,][0-9]{1,3})",
    ) {
        let mut case = case();
        let template = "{{ name.split(' ')[0] | title }}, {{ company | truncate(9) }}: {{ amount | int + 1 }} \
                        {% if amount > 3 %}{{ name[:2] }}{% endif %}";
        case.campaign.spec.welcome_message_template = Some(template.to_owned());
        (case.lead.profile.name, case.lead.profile.company) = (name, company);
        case.lead.profile.variables.insert("amount".to_owned(), amount);
        match decide_at(&case, NOW) {
            DialDecision::Dial { order, .. } => {
                let Order::Call(order) = order else { panic!("a call") };
                let said = order.first_message.unwrap_or_default();
                prop_assert!(!said.contains("{{") && !said.contains("}}"), "{said}");
            }
            DialDecision::Refuse { .. } => {
                prop_assert_eq!(left_as(&case), Some(LeadState::Failed));
            }
            DialDecision::Wait { .. } | DialDecision::Stale => prop_assert!(false, "it is due"),
        }
    }
}
