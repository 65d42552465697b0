//! Verdicts of the carrier on who answered.

use super::*;

/// What the record and the lead become of a call that the carrier takes for a machine, whichever is told first.
fn with_verdict(is_fax: bool, talk_secs: u32, is_verdict_first: bool) -> (Outcome, &'static str) {
    let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
    let report = CallReport { duration_secs: talk_secs, ..CallReport::bare(Outcome::Completed, "") };
    let verdict = CallUpdate::MachineDetected { is_fax };
    let updates = if is_verdict_first {
        [verdict, CallUpdate::Ended(&report)]
    } else {
        [CallUpdate::Ended(&report), verdict]
    };
    let (active_attempt, mut lead) = dialled(&lead);
    let mut record = Interaction::dialled(&active_attempt, NOW);
    let mut live = Some(&active_attempt);
    for update in updates {
        let facts = OutcomeContext {
            now: NOW,
            attempt: &active_attempt.attempt,
            active_attempt: live,
            lead: Some(&lead),
            campaign: Some(&campaign),
            interaction: Some(&record),
            records: &[],
        };
        let settlement = decide(&facts, update);
        if matches!(update, CallUpdate::Ended(_)) {
            live = None;
        }
        for write in settlement.transaction.0 {
            match write {
                Write::UpdateLead { after, .. } => lead = after,
                Write::UpdateInteraction { after, .. } => record = after,
                _ => {}
            }
        }
    }
    let Some(AttemptOutcome::Call(outcome)) = record.outcome else { panic!("no call: {record:?}") };
    assert_eq!(lead.last.and_then(|last| last.outcome), Some(outcome.into()), "they never disagree");
    (outcome, lead.state.name())
}

#[test]
fn a_verdict_of_a_machine_undoes_no_long_talk_and_a_fax_is_not_called_again() {
    for is_verdict_first in [true, false] {
        assert_eq!(with_verdict(false, 180, is_verdict_first), (Outcome::Completed, "completed"));
        assert_eq!(with_verdict(true, 180, is_verdict_first), (Outcome::Completed, "completed"));
    }
    assert_eq!(with_verdict(false, 10, true), (Outcome::Voicemail, "retry_scheduled"));
    assert_eq!(with_verdict(false, 10, false), (Outcome::Completed, "completed"));
    assert_eq!(with_verdict(true, 10, true), (Outcome::InvalidNumber, "failed"));
}
