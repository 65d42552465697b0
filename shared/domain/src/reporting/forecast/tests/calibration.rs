//! Against another way to forecast.

use super::super::run::{Variation, run};
use super::naive::Naive;
use super::*;
use crate::base::time::MINUTE_MS;

/// [`NOW`] in minutes from Monday, midnight UTC.
const FROM: usize = 11 * 60;

struct Case {
    leads: [u64; 2],
    lines: u32,
    rate: Option<u32>,
    settling: f64,
    attempts: u32,
}

/// The last call in Berlin and in New York, in minutes, and the calls: as forecast and as the other way
/// has it.
fn both(case: &Case) -> [(f64, f64, f64); 2] {
    let Case { leads, lines, rate, settling, attempts } = *case;
    let mut snapshot = snapshot(lines);
    let spec = &mut snapshot.campaigns[0].campaign.spec;
    (spec.rate_limit_per_minute, spec.retry.max_attempts) = (rate, attempts);
    let parts = [(Outcome::Completed, settling), (Outcome::NoAnswer, 1.0 - settling)];
    let call_statistics = CallStatistics::with(parts);
    let call_secs =
        settling * (call_statistics.talk_secs + call_statistics.ringing_secs) + (1.0 - settling) * 40.0;
    let zones = [Tz::Europe__Berlin, Tz::America__New_York];
    let groups = zones.into_iter().zip(leads).map(|(tz, leads)| fresh(tz.into(), leads)).collect();
    let told = told(&snapshot, population(groups, call_statistics));
    let naive = Naive {
        zones: vec![(leads[0] as f64, 60), (leads[1] as f64, -300)],
        from: FROM,
        lines: f64::from(lines),
        // Slots are a little farther apart than the rate, so that it holds wherever calls are placed.
        rate: rate.map_or(f64::INFINITY, |rate| f64::from(rate) * 60.0 / 62.0),
        settling,
        call_minutes: call_secs / 60.0,
        attempts: usize::try_from(attempts).expect("small"),
        delay: 30,
    };
    let other = naive.run(30 * 24 * 60);
    let minutes =
        |zone: &ZoneForecast| zone.last_call_at.expect("a call").since_ms(NOW) as f64 / MINUTE_MS as f64;
    let told_last = [minutes(&told.zones[0]), minutes(&told.zones[1])];
    let other_last = [0, 1].map(|zone| (other.done[zone] - FROM) as f64);
    [(told_last[0], told_last[1], told.calls as f64), (other_last[0], other_last[1], other.calls)]
}

#[test]
fn a_forecast_agrees_with_a_loop_by_the_minute() {
    let cases = [
        Case { leads: [3_000, 3_000], lines: 20, rate: None, settling: 0.4, attempts: 3 },
        Case { leads: [4_000, 1_000], lines: 50, rate: None, settling: 0.3, attempts: 5 },
        Case { leads: [2_000, 2_000], lines: 100, rate: Some(12), settling: 0.5, attempts: 2 },
        Case { leads: [20_000, 10_000], lines: 200, rate: None, settling: 0.35, attempts: 3 },
    ];
    for case in cases {
        let [told, other] = both(&case);
        let is_near = |told: f64, other: f64, part: f64| (told - other).abs() <= other * part;
        let context = format!("{:?}, {} lines: {told:?} against {other:?}", case.leads, case.lines);
        assert!(is_near(told.0, other.0, 0.03), "{context}");
        assert!(is_near(told.1, other.1, 0.03), "{context}");
        assert!(is_near(told.2, other.2, 0.02), "{context}");
    }
}

#[test]
fn the_spread_is_wider_the_less_is_known() {
    let width_ms = |calls: u64| {
        let groups = vec![fresh(berlin(), 400)];
        let call_statistics = CallStatistics {
            calls,
            ..CallStatistics::with([(Outcome::Completed, 0.5), (Outcome::NoAnswer, 0.5)])
        };
        let finish = told(&snapshot(2), population(groups, call_statistics)).finish;
        let [p10, p50, p90] = [finish.p10, finish.p50, finish.p90].map(|at| at.expect("an end"));
        assert!(p10 <= p50 && p50 <= p90);
        p90.since_ms(p10)
    };
    assert!(width_ms(1_000) < width_ms(10), "{} {}", width_ms(1_000), width_ms(10));
}

#[test]
fn a_sample_goes_as_fast_as_the_whole_beside_a_lane_for_calls_by_hand() {
    const ONE_IN: u64 = 15;
    // A smaller rate is a whole number too: 50 of 60 calls a minute become 3 of 4.
    const TOLERANCE_PERCENT: i64 = 12;
    for (rate, reserved) in [(60, None), (60, Some(10)), (60, Some(30)), (60, Some(59)), (150, Some(15))] {
        let mut snapshot = snapshot(600);
        snapshot.workspace.concurrent_limit = 600;
        let number = &mut snapshot.campaigns[0].numbers[0];
        (number.rate_limit_per_minute, number.reserved_per_minute) = (Some(rate), reserved);
        let ordinary = u64::from(rate - reserved.unwrap_or(0));
        // Two hours' calls.
        let leads = population(vec![fresh(berlin(), ordinary * 120)], ended(Outcome::Completed));
        let (campaign, crowds) =
            (&fixtures::campaign_id(), BTreeMap::from([(fixtures::campaign_id(), leads)]));
        let outlook = Outlook { snapshot: &snapshot, campaign, crowds: &crowds, days: 5, seed: 1 };
        let last_call_ms = |variation| {
            let log = run(&outlook, variation);
            log.zones[0].1.last_call_at.expect("a call").since_ms(NOW)
        };
        let whole = last_call_ms(None);
        let sampled = last_call_ms(Some(Variation { number: 1, one_in: ONE_IN }));
        // Where one call a minute is left of the whole, less than one can't be left of the sample.
        let is_near = (whole - sampled).abs() * 100 <= whole * TOLERANCE_PERCENT;
        let is_one = ordinary < ONE_IN;
        assert!(is_near || is_one && sampled > 0, "{rate} {reserved:?}: {whole} {sampled}");
    }
}
