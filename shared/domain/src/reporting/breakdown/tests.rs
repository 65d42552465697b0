use proptest::prelude::*;

use super::*;
use crate::base::call::{CallReport, Outcome};
use crate::base::outcome::{MessageOutcome, MessageReport};
use crate::base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::base::zone::{Zone, ZoneSource};
use crate::fixtures::{self, NOW};
use crate::records::counters::Counter;
use crate::records::evidence::Evidence;
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

fn evidence(zone: Zone) -> Evidence {
    Evidence {
        rules: Vec::new(),
        zone,
        time_zones: String::new(),
        zone_source: ZoneSource::Lead,
        open_until: None,
        caps: Vec::new(),
        lists: Vec::new(),
        consent: None,
        restart_reason: None,
    }
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
fn a_day_is_one_of_the_campaign() {
    // NOW is 2026-11-23T11:00Z.
    let day = |started_ms: i64, tz| {
        let rows = Breakdown::of([&ended(&opened(started_ms), Outcome::Busy, 0)], tz).rows(By::Day);
        rows.into_keys().next().flatten().expect("a day")
    };
    let late = 12 * HOUR_MS + 30 * MINUTE_MS;
    assert_eq!((day(0, Tz::UTC), day(0, BERLIN)), ("2026-11-23".into(), "2026-11-23".into()));
    assert_eq!((day(late, Tz::UTC), day(late, BERLIN)), ("2026-11-23".into(), "2026-11-24".into()));
}

#[test]
fn where_no_zone_is_known_the_hour_is_the_campaigns_and_of_their_calls_none() {
    let hours = |zone: Option<&str>| {
        let mut call = ended(&opened(0), Outcome::Busy, 0);
        call.evidence = zone.map(|zone| evidence(zone.parse().expect("a zone")));
        Breakdown::of([&call], BERLIN).rows(By::Hour).into_keys().next().expect("a row")
    };
    assert_eq!(hours(Some("Asia/Tokyo@JP")), Some("20".to_owned()));
    assert_eq!(hours(Some("campaign")), Some("12".to_owned()));
    assert_eq!(hours(None), None);
}

#[test]
fn channels_are_told_apart_as_the_counters_tell_them() {
    let call = ended(&opened(0), Outcome::Completed, 40);
    let text = Interaction { channel: Channel::Sms, ..opened(0) };
    let outcome = MessageOutcome::Replied;
    let report = MessageReport { outcome, end_reason: String::new(), cost_micros: Some(70), request: None };
    let text = text.ended(&report, NOW);
    let mut all = Counters::of_end(&call);
    all.merge(&Counters::of_end(&text));
    let rows = Breakdown::of([&call, &text], BERLIN).rows(By::Channel);
    for (channel, cost_micros) in [(Channel::Call, 1_000), (Channel::Sms, 70)] {
        let row = &rows[&Some(channel.name().to_owned())];
        assert_eq!(row, &all.of_channel(channel));
        assert_eq!(row.get(Counter::CostMicros), cost_micros);
    }
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
