//! What must hold of any forecast.

use proptest::prelude::*;

use super::*;
use crate::base::time::HOUR_MS;

fn leads() -> Population {
    let groups = vec![fresh(berlin(), 200), fresh(Tz::America__New_York.into(), 100)];
    population(groups, CallStatistics::default())
}

/// The last call of a campaign that has all the time it needs.
fn last_call(snapshot: &PlanningSnapshot, population: Population) -> Timestamp {
    let told = told(snapshot, population);
    assert_eq!(told.beyond_horizon, 0);
    told.zones.iter().filter_map(|zone| zone.last_call_at).max().expect("a call")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_rate_is_ever_exceeded(of_campaign in 1_u32..20, of_number in 1_u32..20, lines in 1_u32..40) {
        let mut snapshot = snapshot(lines);
        snapshot.campaigns[0].campaign.spec.rate_limit_per_minute = Some(of_campaign);
        snapshot.campaigns[0].numbers[0].rate_limit_per_minute = Some(of_number);
        let told = told(&snapshot, leads());
        let most = u64::from(of_campaign.min(of_number)) * 60;
        prop_assert!(told.busiest_hour_calls <= most, "{} in an hour, of {most}", told.busiest_hour_calls);
        // Nor are there more calls than the lines can make, each of five seconds or more.
        prop_assert!(told.busiest_hour_calls <= u64::from(lines) * 720);
    }

    #[test]
    fn a_daily_cap_holds(cap in 1_u32..100) {
        let mut snapshot = snapshot(20);
        snapshot.campaigns[0].numbers[0].daily_cap = Some(cap);
        let told = told(&snapshot, population(vec![fresh(berlin(), 200)], ended(Outcome::Completed)));
        let mut days = BTreeMap::<i64, u64>::new();
        for hour in told.calls_over_time.iter().filter(|hour| hour.hours == 1) {
            *days.entry((hour.from.as_millis() + HOUR_MS) / crate::base::time::DAY_MS).or_default() += hour.calls;
        }
        prop_assert!(days.values().all(|calls| *calls <= u64::from(cap)), "{days:?}");
        prop_assert_eq!(told.calls + told.beyond_horizon, 200);
    }

    #[test]
    fn every_lead_is_counted_once(lines in 1_u32..50, days in 1_u32..4, seed in any::<u64>()) {
        let (snapshot, campaign) = (snapshot(lines), &fixtures::campaign_id());
        let crowds = &BTreeMap::from([(campaign.clone(), leads())]);
        let outlook = Outlook { snapshot: &snapshot, campaign, crowds, days, seed };
        let told = forecast(&outlook).expect("a forecast");
        prop_assert_eq!(&told, &forecast(&outlook).expect("the same again"));
        let settled: u64 = told.zones.iter().map(|zone| zone.reached + zone.exhausted + zone.failed).sum();
        prop_assert_eq!(settled + told.beyond_horizon, told.leads);
        let calls: u64 = told.calls_over_time.iter().map(|hour| hour.calls).sum();
        prop_assert_eq!((calls, calls), (told.calls, told.zones.iter().map(|zone| zone.calls).sum()));
        let Finish { p10, p50, p90 } = told.finish;
        prop_assert!(p50.is_none_or(|p50| p10.is_some_and(|p10| p10 <= p50)));
        prop_assert!(p90.is_none_or(|p90| p50.is_some_and(|p50| p50 <= p90)));
    }

    #[test]
    fn more_lines_never_finish_later(few in 1_u32..30, more in 1_u32..30) {
        let by = |lines| last_call(&snapshot(lines), population(vec![fresh(berlin(), 200)], ended(Outcome::NoAnswer)));
        prop_assert!(by(few + more) <= by(few));
        // By chance another lead may be the one that is missed last: by a retry and its delay.
        let by = |lines| last_call(&snapshot(lines), leads());
        let slack_ms = HOUR_MS;
        prop_assert!(by(few + more) <= by(few).plus_ms(slack_ms));
    }
}
