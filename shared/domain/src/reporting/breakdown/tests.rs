use proptest::prelude::*;

use super::*;
use crate::base::call::{CallReport, Outcome};
use crate::base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::fixtures::{self, NOW};
use crate::records::counters::Counter;
use crate::reporting::invariants;

const BERLIN: Tz = Tz::Europe__Berlin;

fn opened(started_ms: i64) -> Interaction {
    let claimed = fixtures::claimed(&fixtures::lead(1), NOW);
    Interaction::dialled(&claimed, NOW.plus_ms(started_ms))
}

fn ended(interaction: &Interaction, outcome: Outcome, duration_secs: u32) -> Interaction {
    let report = CallReport { duration_secs, cost_micros: Some(1_000), ..CallReport::bare(outcome, "") };
    interaction.ended(&report, interaction.started_at.plus_ms(MINUTE_MS))
}

fn change(before: &Interaction, after: &Interaction) -> Vec<Correction> {
    Correction::of(&Change::Interaction { before: Some(before.clone()), after: after.clone() })
}

#[test]
fn an_end_counts_once_and_a_correction_the_difference() {
    let open = opened(0);
    assert_eq!(Correction::of(&Change::Interaction { before: None, after: open.clone() }), []);
    let missed = ended(&open, Outcome::NoAnswer, 0);
    let reached = ended(&missed, Outcome::Completed, 40);
    let mut sums = Breakdown::default();
    for (before, after) in [(&open, &missed), (&missed, &reached), (&reached, &reached)] {
        change(before, after).iter().for_each(|correction| sums.correct(correction, BERLIN));
    }
    assert_eq!(sums, Breakdown::of([&reached], BERLIN));
    let by_channel = sums.rows(By::Channel);
    let calls = &by_channel[&Some("call".to_owned())];
    assert_eq!(calls, &Counters::of_end(&reached));
    assert_eq!((calls.get(Counter::Answered), calls.get(Counter::TalkSecs)), (1, 40));
}

#[test]
fn a_day_is_one_of_the_campaign_and_its_hour_the_campaigns_where_no_zone_is_known() {
    // NOW is 2026-11-21T09:10Z.
    let day = |at: i64, tz| {
        let keys = Breakdown::of([&ended(&opened(at), Outcome::Busy, 0)], tz).rows(By::Day);
        keys.into_keys().next().flatten().expect("a day")
    };
    let until_midnight = 15 * HOUR_MS;
    assert_eq!(day(0, Tz::UTC), "2026-11-21");
    assert_eq!(day(until_midnight - 11 * MINUTE_MS, BERLIN), "2026-11-22");
    assert_eq!(day(until_midnight - 11 * MINUTE_MS, Tz::UTC), "2026-11-21");
}

#[test]
fn sums_are_read_back_as_they_were_stored() {
    let calls = [ended(&opened(0), Outcome::Completed, 90), ended(&opened(HOUR_MS), Outcome::Voicemail, 9)];
    let Breakdown(days) = Breakdown::of(&calls, BERLIN);
    for sums in days.into_values() {
        let text = serde_json::to_string(&sums).expect("JSON");
        assert_eq!(serde_json::from_str::<DaySums>(&text).expect("sums"), sums);
    }
}

proptest! {
    /// In whatever order changes are heard of, the sums are those of the record; and every breakdown has the
    /// sums of the campaign's own counters.
    #[test]
    fn the_order_of_changes_does_not_matter(
        calls in prop::collection::vec((0..20 * DAY_MS, 0..13_usize, 0..200_u32, any::<bool>()), 1..40),
        seed in any::<u64>(),
    ) {
        let mut corrections = Vec::new();
        let mut record = Vec::new();
        for (started_ms, outcome, secs, is_raised) in calls {
            let open = opened(started_ms);
            let first = ended(&open, Outcome::ALL[outcome], secs);
            corrections.extend(change(&open, &first));
            let last = if is_raised { ended(&first, Outcome::Completed, secs + 1) } else { first.clone() };
            corrections.extend(change(&first, &last));
            record.push(last);
        }
        let turn = usize::try_from(seed % 40).expect("small") % corrections.len();
        corrections.rotate_left(turn);
        let mut sums = Breakdown::default();
        corrections.iter().for_each(|correction| sums.correct(correction, BERLIN));
        prop_assert_eq!(invariants::breakdown_agrees(&sums, &record, BERLIN), Ok(()));

        for by in [By::Day, By::Hour, By::CallerNumber, By::Channel] {
            let mut all = Counters::default();
            sums.rows(by).values().for_each(|row| all.merge(row));
            prop_assert_eq!(invariants::ends_agree(&all, &record), Ok(()));
        }
    }
}
