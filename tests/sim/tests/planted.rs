//! A checker that finds nothing is not one: each planted bug is found, by the invariant that it
//! breaks, within a number of seeds.

#![expect(clippy::print_stdout, reason = "says how soon each was found")]

use std::collections::BTreeSet;

use carillon_domain::reporting::invariants::Invariant;
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
    a_lead_is_written_over_another_version: NoVersionCheck breaks OneLiveAttempt within 40;
    a_call_is_placed_before_its_dial_is_committed: EffectBeforeWrite breaks NoForbiddenDial within 3;
    an_overtaken_planner_claims: NoEpochCheck breaks WithinLimits within 30;
    a_silent_dial_is_guessed_about: GuessWhenLeaseIsOver breaks WithinLimits within 10;
    a_report_ends_another_attempt: WebhookNotFenced breaks RecordIsTrue within 30;
    a_claim_is_dialled_unseen: DialDoesNotLook breaks NoForbiddenDial within 40;
    a_pause_is_acknowledged_too_soon: PauseBeforeRevoke breaks NoForbiddenDial within 20;
    slots_are_spaced_by_the_plain_rate: RateWithoutMargin breaks WithinLimits within 20;
    one_person_is_on_two_lines: OverlapAllowed breaks OneLiveAttempt within 60;
    a_lost_reply_is_taken_for_a_lost_race: LostReplyTakenForLostRace breaks WithinLimits within 30;
    a_lost_race_is_taken_for_a_lost_reply: LostRaceTakenForLostReply breaks PlacedOnce within 60;
    a_call_starts_whenever: StartsWhenever breaks NoForbiddenDial within 20;
    a_call_starts_after_its_slot: StartsAfterItsSlot breaks WithinLimits within 60;
    clocks_are_further_off_than_reckoned: ClocksOffByMore breaks InsideHours within 60;
    attempts_are_not_counted: AttemptsNotCounted breaks AttemptsBounded within 10;
    counters_are_written_apart: CountsApart breaks CountersAgree within 10;
    a_plan_does_not_look_again: DoesNotLookAgain breaks EverybodySettles within 10;
    a_requested_call_is_dropped: DropsRequestedCalls breaks EverybodySettles within 20;
    nobody_remembers_who_was_called: CapsIgnored breaks InsideHours within 10;
    a_number_is_written_over_another_version: NumberVersionNotChecked breaks NoForbiddenDial within 40;
    a_gap_is_not_kept: GapOfOwnCalls breaks InsideHours within 10;
    a_call_is_noted_on_one_number_only: NotesDialledNumberOnly breaks InsideHours within 20;
    a_wish_is_noted_on_one_number_only: ListsDialledNumberOnly breaks NoForbiddenDial within 30;
    an_opt_out_is_an_entry_that_nobody_reads: OptOutInListAlone breaks NoForbiddenDial within 10;
    a_run_disturbs_who_talks: RestartsWhoTalks breaks OneLiveAttempt within 60;
    a_run_begins_twice: RunBeginsTwice breaks AttemptsBounded within 20;
    a_walk_leaves_leads_out: WalkStopsShort breaks EverybodySettles within 20;
    a_missed_call_back_is_dropped: CallbackDropped breaks EverybodySettles within 20;
    a_late_report_is_charged_twice: ChargedTwice breaks CountersAgree within 20;
    a_day_is_one_of_another_place: DailyCapByUtc breaks WithinLimits within 30;
    urgent_calls_come_on_top_of_the_rate: ReservedLaneOnTop breaks WithinLimits within 60;
    a_number_has_too_many_calls: NumberLimitIgnored breaks WithinLimits within 10;
    a_campaign_does_not_ramp_up: RampIgnored breaks WithinLimits within 10;
    a_breaker_lets_two_probes_through: ProbesAreForgotten breaks WithinLimits within 30;
    one_campaign_too_many_runs: RunningCountedBefore breaks WithinLimits within 20;
    a_call_has_no_evidence: EvidenceLeftOut breaks RecordIsTrue within 10;
}
