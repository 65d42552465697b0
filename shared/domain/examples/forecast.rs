//! How long a forecast takes: `cargo run --release -p carillon-domain --example forecast`.
//!
//! Beside it stands a loop by the minute that knows no planner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use carillon_domain::base::call::{Line, Outcome, VoiceProvider};
use carillon_domain::base::ids::{AssistantId, CallerNumberId, CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::planning::{CampaignSnapshot, EmptyPartitions, Failures, PlanningSnapshot};
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::campaign::{Campaign, CampaignSpec};
use carillon_domain::records::lead::DueClass;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::reporting::forecast::{CallStatistics, Due, Group, Outlook, Population, forecast};
use chrono_tz::Tz;

#[path = "../src/reporting/forecast/tests/naive.rs"]
mod naive;

/// Monday 2026-11-23, 12:00 in Berlin.
const NOW: Timestamp = Timestamp::from_millis(1_795_431_600_000);
/// The same in minutes from Monday, midnight UTC.
const FROM: usize = 11 * 60;
/// Zones, with the minutes by which their clocks are ahead of UTC in that winter.
const ZONES: [(Tz, i64); 4] = [
    (Tz::Europe__Berlin, 60),
    (Tz::Europe__London, 0),
    (Tz::America__New_York, -300),
    (Tz::America__Chicago, -360),
];

fn campaign(lines: u32) -> Campaign {
    let spec = CampaignSpec {
        time_zone: Tz::Europe__Berlin,
        concurrent_limit: lines,
        ..CampaignSpec::new("Autumn", AssistantId::new(NOW, [2; 10]))
    };
    Campaign::draft(CampaignId::new(NOW, [1; 10]), spec, NOW)
}

fn snapshot(lines: u32, rate: Option<u32>) -> PlanningSnapshot {
    let number = CallerNumber {
        id: CallerNumberId::new(NOW, [3; 10]),
        version: 1,
        number: "+493023125099".parse().expect("a made-up number"),
        label: None,
        phone_number_id: "phnum_1".into(),
        provider: VoiceProvider::default(),
        line: Line::SipTrunk,
        rate_limit_per_minute: rate,
        reserved_per_minute: None,
        concurrent_limit: None,
        daily_cap: None,
        sms: None,
        created_at: NOW,
        updated_at: NOW,
    };
    PlanningSnapshot {
        now: NOW,
        workspace: Workspace::new(WorkspaceId::new(NOW, [7; 10]), "Acme".into(), NOW),
        rules: Arc::new(Rulebook::builtin().clone()),
        credits: None,
        campaigns: vec![CampaignSnapshot {
            campaign: campaign(lines),
            numbers: vec![number],
            zones: Vec::new(),
        }],
        active_attempts: Vec::new(),
        requests: Vec::new(),
        rate_states: RateStates::default(),
        failures: Failures::default(),
        probes_made: BTreeSet::new(),
        empty_partitions: EmptyPartitions::default(),
    }
}

fn population(leads: u64, law: Option<&str>) -> Population {
    let group = |(tz, _): (Tz, i64)| Group {
        zone: Zone::new(Some(tz.into()), law.and_then(|law| law.parse().ok())),
        class: DueClass::Fresh,
        attempts: 0,
        due: vec![Due { at: NOW, leads: leads / 4 }],
        sample: None,
    };
    Population {
        groups: ZONES.map(group).to_vec(),
        call_statistics: call_statistics(),
        ..Population::default()
    }
}

fn call_statistics() -> CallStatistics {
    CallStatistics::with([(Outcome::Completed, 0.4), (Outcome::NoAnswer, 0.6)])
}

fn naive(leads: u64, lines: u32, rate: Option<u32>) -> naive::Outcome {
    let settling = 0.4;
    let call_secs =
        settling * (call_statistics().talk_secs + call_statistics().ringing_secs) + (1.0 - settling) * 40.0;
    let naive = naive::Naive {
        zones: ZONES.map(|(_, ahead)| ((leads / 4) as f64, ahead)).to_vec(),
        from: FROM,
        lines: f64::from(lines),
        // Slots are 64.5 seconds apart for each call of a minute, less those of the reserved lane.
        rate: rate.map_or(f64::INFINITY, |rate| f64::from(rate - 1) * 60.0 / 64.5),
        settling,
        call_minutes: call_secs / 60.0,
        attempts: 3,
        delay: 30,
    };
    naive.run(90 * 24 * 60)
}

/// Seconds of processor time that this process has had.
#[expect(clippy::disallowed_methods, reason = "a measurement, outside of the domain")]
fn cpu_secs() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = text.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.unwrap_or(f64::NAN) / 1e9
}

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn main() {
    println!("leads    lines  law    rate  calls    naive    last call (naive)   CPU s (naive)  us/call");
    let cases = [
        (1_000, 10, None, None),
        (100_000, 200, None, None),
        (1_000_000, 200, None, None),
        (1_000_000, 1_000, None, None),
        // With caps, and hours of two rules.
        (1_000_000, 1_000, Some("US-FL"), None),
        // Until the horizon.
        (1_000_000, 20, None, Some(10)),
    ];
    for (leads, lines, law, rate) in cases {
        let snapshot = snapshot(lines, rate);
        let campaign = &snapshot.campaigns[0].campaign.id;
        let crowds = BTreeMap::from([(campaign.clone(), population(leads, law))]);
        let outlook = Outlook { snapshot: &snapshot, campaign, crowds: &crowds, days: 90, seed: 1 };
        let began = cpu_secs();
        let told = forecast(&outlook).expect("a forecast");
        let forecast_secs = cpu_secs() - began;
        let naive = naive(leads, lines, rate);
        let naive_secs = cpu_secs() - began - forecast_secs;
        let last = told.zones.iter().filter_map(|zone| zone.last_call_at).max().unwrap_or_default();
        let naive_last = naive.done.iter().max().copied().unwrap_or_default();
        println!(
            "{leads:<8} {lines:<6} {:<6} {:<5} {:<8} {:<8.0} day {:.3} ({:.3}) {forecast_secs:>8.2} ({naive_secs:.2})   {:.2}",
            law.unwrap_or("-"),
            rate.unwrap_or_default(),
            told.calls,
            naive.calls,
            last.since_ms(NOW) as f64 / 86_400_000.0,
            (naive_last - FROM) as f64 / 1_440.0,
            forecast_secs * 1e6 / told.calls as f64,
        );
    }
}
