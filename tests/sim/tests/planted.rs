//! A checker that finds nothing is not one: each planted bug is found, by the invariant that it breaks.
//!
//! The search begins at a seed that once found it. Whatever changes in the functions changes every run, so
//! it may then take a few seeds more.

#![expect(clippy::print_stdout, reason = "says how soon each was found")]

use std::collections::BTreeSet;

use carillon_domain::reporting::invariants::Invariant;
use carillon_sim::{Bug, run};

/// Seeds that are tried.
const SEEDS: u64 = 40;

/// Runs seeds with a bug until one of them breaks the invariant.
fn finds(bug: Bug, invariant: Invariant, first: u64) {
    let mut calls = 0;
    for seed in first..first + SEEDS {
        let report = run(seed, Some(bug));
        calls += report.calls;
        if let Some(breach) = report.breach.filter(|breach| breach.invariant == invariant) {
            println!("{bug}: found within {calls} calls, seed {seed} from {first}: {}", breach.what);
            assert!(!breach.story.is_empty(), "a breach has a story");
            return;
        }
    }
    panic!("{bug} did not break {invariant} in {SEEDS} seeds, {calls} calls");
}

macro_rules! planted {
    ($($name:ident: $bug:ident breaks $invariant:ident from $seed:literal;)*) => {
        $(
            #[test]
            fn $name() {
                finds(Bug::$bug, Invariant::$invariant, $seed);
            }
        )*

        #[test]
        fn every_bug_is_planted_and_every_invariant_can_break() {
            let planted = [$(Bug::$bug),*];
            assert!(Bug::ALL.iter().all(|bug| planted.contains(bug)));
            let broken: BTreeSet<_> = [$(Invariant::$invariant),*].into();
            assert_eq!(broken.len(), 10, "{broken:?}");
        }
    };
}

planted! {
    a_lead_is_written_over_another_version: NoVersionCheck breaks OneLiveAttempt from 6;
    a_call_is_placed_before_its_dial_is_committed: EffectBeforeWrite breaks NoForbiddenDial from 1;
    an_overtaken_planner_claims: NoEpochCheck breaks WithinLimits from 7;
    a_silent_dial_is_guessed_about: GuessWhenLeaseIsOver breaks WithinLimits from 1;
    a_report_ends_another_attempt: WebhookNotFenced breaks RecordIsTrue from 19;
    a_claim_is_dialled_unseen: DialDoesNotLook breaks EverybodySettles from 2;
    a_pause_is_acknowledged_too_soon: PauseBeforeRevoke breaks NoForbiddenDial from 22;
    slots_are_spaced_by_the_plain_rate: RateWithoutMargin breaks WithinLimits from 1;
    one_person_is_on_two_lines: OverlapAllowed breaks OneLiveAttempt from 19;
    a_lost_reply_is_taken_for_a_lost_race: LostReplyTakenForLostRace breaks WithinLimits from 67;
    a_lost_race_is_taken_for_a_lost_reply: LostRaceTakenForLostReply breaks PlacedOnce from 11;
    a_call_starts_whenever: StartsWhenever breaks InsideHours from 18;
    a_call_starts_after_its_slot: StartsAfterItsSlot breaks WithinLimits from 4;
    clocks_are_further_off_than_reckoned: ClocksOffByMore breaks InsideHours from 2;
    attempts_are_not_counted: AttemptsNotCounted breaks AttemptsBounded from 1;
    counters_are_written_apart: CountsApart breaks CountersAgree from 1;
    a_plan_does_not_look_again: DoesNotLookAgain breaks EverybodySettles from 1;
    a_requested_call_is_dropped: DropsRequestedCalls breaks EverybodySettles from 6;
    nobody_remembers_who_was_called: CapsIgnored breaks InsideHours from 1;
    a_number_is_written_over_another_version: NumberVersionNotChecked breaks NoForbiddenDial from 12;
    a_gap_is_not_kept: GapOfOwnCalls breaks InsideHours from 3;
    a_call_is_noted_on_one_number_only: NotesDialledNumberOnly breaks InsideHours from 22;
    a_wish_is_noted_on_one_number_only: ListsDialledNumberOnly breaks NoForbiddenDial from 10;
    an_opt_out_is_an_entry_that_nobody_reads: OptOutInListAlone breaks NoForbiddenDial from 7;
    a_run_disturbs_who_talks: RestartsWhoTalks breaks OneLiveAttempt from 11;
    a_run_begins_twice: RunBeginsTwice breaks AttemptsBounded from 3;
    a_walk_leaves_leads_out: WalkStopsShort breaks EverybodySettles from 1;
    a_missed_call_back_is_dropped: CallbackDropped breaks EverybodySettles from 1;
    a_late_report_is_charged_twice: ChargedTwice breaks CountersAgree from 6;
    a_day_is_one_of_another_place: DailyCapByUtc breaks WithinLimits from 4;
    urgent_calls_come_on_top_of_the_rate: ReservedLaneOnTop breaks WithinLimits from 4;
    a_number_has_too_many_calls: NumberLimitIgnored breaks WithinLimits from 1;
    a_campaign_does_not_ramp_up: RampIgnored breaks WithinLimits from 1;
    a_breaker_lets_two_probes_through: ProbesAreForgotten breaks WithinLimits from 1;
    one_campaign_too_many_runs: RunningCountedBefore breaks WithinLimits from 8;
    a_call_has_no_evidence: EvidenceLeftOut breaks RecordIsTrue from 1;
    a_call_has_no_record: RecordLeftOut breaks RecordIsTrue from 1;
    whoever_calls_us_is_dialled: InboundNotFenced breaks OneLiveAttempt from 21;
    a_call_that_came_in_has_no_end: InboundEndLost breaks CountersAgree from 1;
    a_campaigns_own_lists_do_not_count: ListsOfCampaignIgnored breaks NoForbiddenDial from 35;
    a_change_that_comes_again_counts_again: ToldAgainAsNew breaks CountersAgree from 4;
    a_day_is_folded_twice: FoldedUnfenced breaks CountersAgree from 9;
    a_broken_number_goes_on: NumberFailuresNotCounted breaks WithinLimits from 26;
    a_step_is_counted_twice: JobVersionNotChecked breaks DoneOnce from 2;
    results_are_kept_apart: ResultsApart breaks DoneOnce from 1;
    a_restart_by_hand_disturbs_who_talks: BulkRestartsWhoTalks breaks OneLiveAttempt from 5;
    a_text_is_sent_again: TextSentAgain breaks PlacedOnce from 1;
    nobody_understands_stop: StopNotUnderstood breaks NoForbiddenDial from 1;
}
