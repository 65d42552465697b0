//! A checker that finds nothing is not one: each planted bug is found, by the invariant that it
//! breaks, within a number of seeds.

#![expect(clippy::print_stdout, reason = "says how soon each was found")]

use std::collections::BTreeSet;

use carillon_domain::invariants::Invariant;
use carillon_sim::{Bug, Survey};

/// Runs seeds with a bug until one of them breaks the invariant.
fn finds(bug: Bug, invariant: Invariant, seeds: u64) {
    let breaks = |survey: &Survey| survey.breaches.iter().position(|breach| breach.invariant == invariant);
    let survey = Survey::of(1..seeds + 1, Some(bug), |survey| breaks(survey).is_some());
    let found = breaks(&survey).unwrap_or_else(|| panic!("{bug} did not break {invariant} in {seeds} seeds"));
    let breach = &survey.breaches[found];
    println!("{bug}: seed {} of {seeds}, {} calls: {}", breach.seed, survey.calls, breach.what);
    assert!(!breach.story.is_empty(), "a breach has a story");
}

macro_rules! planted {
    ($($name:ident: $bug:ident breaks $invariant:ident within $seeds:literal;)*) => {
        $(
            #[test]
            fn $name() {
                finds(Bug::$bug, Invariant::$invariant, $seeds);
            }
        )*

        #[test]
        fn every_bug_is_planted_and_every_invariant_can_break() {
            let planted = [$(Bug::$bug),*];
            assert!(Bug::ALL.iter().all(|bug| planted.contains(bug)));
            let broken: BTreeSet<_> = [$(Invariant::$invariant),*].into();
            assert_eq!(broken.len(), 9, "{broken:?}");
        }
    };
}

planted! {
    a_lead_is_written_over_another_version: NoVersionCheck breaks NoForbiddenDial within 60;
    a_call_is_placed_before_its_dial_is_committed: EffectBeforeWrite breaks NoForbiddenDial within 3;
    an_overtaken_planner_claims: NoEpochCheck breaks WithinLimits within 20;
    a_silent_dial_is_guessed_about: GuessWhenLeaseIsOver breaks WithinLimits within 5;
    a_report_ends_another_attempt: WebhookNotFenced breaks RecordIsTrue within 50;
    a_claim_is_dialled_unseen: DialDoesNotLook breaks NoForbiddenDial within 20;
    a_pause_is_acknowledged_too_soon: PauseBeforeRevoke breaks NoForbiddenDial within 20;
    slots_are_spaced_by_the_plain_rate: RateWithoutMargin breaks WithinLimits within 20;
    one_person_is_on_two_lines: OverlapAllowed breaks OneLiveAttempt within 60;
    a_lost_reply_is_taken_for_a_lost_race: LostReplyTakenForLostRace breaks WithinLimits within 80;
    a_lost_race_is_taken_for_a_lost_reply: LostRaceTakenForLostReply breaks PlacedOnce within 20;
    a_call_starts_whenever: StartsWhenever breaks NoForbiddenDial within 20;
    a_call_starts_after_its_slot: StartsAfterItsSlot breaks WithinLimits within 60;
    clocks_are_further_off_than_reckoned: ClocksOffByMore breaks InsideHours within 80;
    attempts_are_not_counted: AttemptsNotCounted breaks AttemptsBounded within 5;
    counters_are_written_apart: CountsApart breaks CountersAgree within 5;
    a_plan_does_not_look_again: DoesNotLookAgain breaks EverybodySettles within 60;
    a_requested_call_is_dropped: DropsRequestedCalls breaks EverybodySettles within 20;
}
