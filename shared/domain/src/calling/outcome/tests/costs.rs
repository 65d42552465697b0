//! What calls cost, and what is booked.

use super::*;
use crate::records::counters::Counter;

#[test]
fn a_call_is_charged_once_and_a_late_report_only_the_difference() {
    let lead = fixtures::lead(1);
    let (active_attempt, up) = dialled(&lead);
    let campaign = fixtures::campaign();
    let interaction = Interaction::dialled(&active_attempt, NOW);
    let facts = flying(&active_attempt, &up, &campaign, &interaction);
    let report = |outcome, cost| CallReport { cost_micros: Some(cost), ..CallReport::bare(outcome, "") };
    let charged = |settlement: &Settlement| {
        let micros = |write: &Write| match write {
            Write::Charge { micros, .. } => Some(*micros),
            _ => None,
        };
        settlement.transaction.0.iter().filter_map(micros).collect::<Vec<_>>()
    };
    assert_eq!(charged(&decide(&facts, CallUpdate::Ended(&report(Outcome::NoAnswer, 500)))), [500]);
    let recorded = interaction.ended(&report(Outcome::NoAnswer, 500), NOW);
    let late = OutcomeContext { active_attempt: None, interaction: Some(&recorded), ..facts };
    assert_eq!(charged(&decide(&late, CallUpdate::Ended(&report(Outcome::Completed, 700)))), [200]);
    assert_eq!(charged(&decide(&late, CallUpdate::Ended(&report(Outcome::NoAnswer, 700)))), [] as [i64; 0]);
}

#[test]
fn a_call_of_unknown_cost_is_charged_by_its_tariff_until_the_provider_says_more() {
    let lead = fixtures::lead(1);
    let (active_attempt, _) = dialled(&lead);
    let active_attempt = ActiveAttempt { price_micros: 120_000, ..active_attempt };
    let report = |outcome, duration_secs, cost_micros| CallReport {
        duration_secs,
        cost_micros,
        ..CallReport::bare(outcome, "")
    };
    let dialled = Interaction::dialled(&active_attempt, NOW);
    assert_eq!(dialled.ended(&report(Outcome::NoAnswer, 0, None), NOW).cost_micros, None);
    let ended = dialled.ended(&report(Outcome::Incomplete, 30, None), NOW);
    assert_eq!(ended.cost_micros, Some(60_000));
    let longer = ended.ended(&report(Outcome::Completed, 60, None), NOW);
    assert_eq!(longer.cost_micros, Some(120_000));
    let told = ended.ended(&report(Outcome::Completed, 60, Some(50_000)), NOW);
    assert_eq!(told.cost_micros, Some(50_000));
    assert_eq!(told.ended(&report(Outcome::Completed, 90, None), NOW).cost_micros, Some(50_000));
}

#[test]
fn a_test_is_charged_and_counted_apart() {
    let lead = Lead { is_test: true, ..fixtures::lead(1) };
    let (active_attempt, up) = dialled(&lead);
    let campaign = fixtures::campaign();
    let interaction = Interaction::dialled(&active_attempt, NOW);
    let facts = flying(&active_attempt, &up, &campaign, &interaction);
    // What the provider finds wrong of a test pauses nothing either.
    let rejected = decide(&facts, CallUpdate::Ended(&CallReport::bare(Outcome::RequestRejected, "422")));
    let touches_campaign =
        |write: &Write| matches!(write, Write::UpdateCampaign { .. } | Write::NoteFailure(_));
    assert!(!rejected.transaction.0.iter().any(touches_campaign));

    let report = CallReport { cost_micros: Some(500), ..CallReport::bare(Outcome::Completed, "") };
    let settlement = decide(&facts, CallUpdate::Ended(&report));
    let charged = settlement.transaction.0.iter().find_map(|write| match write {
        Write::Charge { micros, .. } => Some(*micros),
        _ => None,
    });
    assert_eq!(charged, Some(500));
    let counted = settlement.transaction.0.iter().find_map(|write| match write {
        Write::Count { counters, .. } => Some(counters.iter().collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(counted, Some(vec![(Counter::TestLeadsAtRest, 1), (Counter::TestCostMicros, 500)]));
}
