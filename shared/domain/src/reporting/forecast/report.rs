//! A forecast as it is told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::lead_queue::REMEMBERED;
use super::log::Log;
use super::{Assumption, CallStatistics, MAX_DAYS, Outlook, Population, RUNS};
use crate::base::channel::Channel;
use crate::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::base::zone::Zone;
use crate::planning::CampaignSnapshot;
use crate::policy::hours::Closed;
use crate::records::lead::SkipReason;

/// As many hours are told one by one; later ones by the day.
const HOURLY: usize = 24 * 14;
const HOURS_PER_DAY: usize = 24;

/// What will become of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// From when it looks ahead.
    pub from: Timestamp,
    pub horizon: Timestamp,
    /// Leads that wait to be called.
    pub leads: u64,
    /// Leads that are settled already.
    pub settled: u64,
    /// When everybody who can be called is settled; at the end of the period at the latest, when who is
    /// left is skipped: see `skipped`.
    pub finish: Finish,
    /// What happens in each zone.
    pub zones: Vec<ZoneForecast>,
    pub calls: u64,
    pub texts: u64,
    /// Calls over time: hours of two weeks, then days; those without any are left out.
    pub calls_over_time: Vec<Hour>,
    /// Most calls in one hour.
    pub busiest_hour_calls: u64,
    /// Minutes of conversation in all.
    pub talk_minutes: u64,
    /// What the calls and texts cost, in millionths of a US dollar.
    pub cost_micros: u64,
    /// Leads that will be skipped, by reason; those left at the end of the period as `period_over`.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Leads that can never be called before the horizon.
    pub never: Vec<Never>,
    /// Leads that could be called but are not settled by then.
    pub beyond_horizon: u64,
    /// How calls are taken to go.
    pub call_statistics: CallStatistics,
    /// What else is taken for granted.
    pub assumptions: Vec<Assumption>,
}

/// When something will be done, in one of ten, in half and in nine of ten runs; null stands for not
/// before the horizon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ForecastFinish))]
pub struct Finish {
    /// When, in one of ten runs.
    pub p10: Option<Timestamp>,
    /// When, in half of the runs.
    pub p50: Option<Timestamp>,
    /// When, in nine of ten runs.
    pub p90: Option<Timestamp>,
}

/// What happens in one zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ZoneForecast {
    pub zone: Zone,
    /// Its leads that wait to be called.
    pub leads: u64,
    /// Those that will be reached.
    pub reached: u64,
    /// Those whose attempts will be used up.
    pub exhausted: u64,
    /// Those whose numbers turn out to be dead.
    pub failed: u64,
    pub calls: u64,
    pub texts: u64,
    pub first_call_at: Option<Timestamp>,
    pub last_call_at: Option<Timestamp>,
    /// When everybody there is settled; at the end of the period at the latest.
    pub finish: Finish,
}

/// Calls of an hour or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ForecastHour))]
pub struct Hour {
    /// Where the hour or day begins.
    pub from: Timestamp,
    /// How long it is, in hours: 1 or 24.
    pub hours: u32,
    /// Calls that begin in it.
    pub calls: u64,
}

/// Leads that can never be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Never {
    pub zone: Zone,
    pub leads: u64,
    /// What keeps the zone closed now.
    pub closed: Option<Closed>,
    pub reason: NeverReason,
}

/// Why leads can never be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ForecastNeverReason))]
#[serde(rename_all = "snake_case")]
pub enum NeverReason {
    /// The campaign's period is over.
    PeriodOver,
    /// The zone is closed, and does not open in time.
    Closed,
    /// It closes before a call can be made, and does not open again in time.
    ClosesTooSoon,
}

/// Tells what happened in a run, with the spread of its end.
pub(super) fn report(
    outlook: &Outlook<'_>,
    campaign: &CampaignSnapshot,
    population: &Population,
    log: Log,
    finishes: &[Finish],
) -> Forecast {
    let from = outlook.snapshot.now;
    let horizon = from.plus_ms(i64::from(outlook.days.clamp(1, MAX_DAYS)) * DAY_MS);
    let is_over = log.over_at.is_some();
    let left = log.zones.iter().filter(|(_, zone)| zone.is_ever_open).map(|(_, zone)| zone.left).sum();
    let mut skipped = population.skipped.clone();
    let in_run = log.skipped.iter().map(|(reason, leads)| (*reason, *leads));
    let over = Some((SkipReason::PeriodOver, left)).filter(|_| is_over && left > 0);
    for (reason, leads) in in_run.chain(over) {
        *skipped.entry(reason).or_default() += leads;
    }
    let never = log.zones.iter().filter(|(_, zone)| !zone.is_ever_open);
    let micros = i128::from(log.talk_ms) * i128::from(population.call_statistics.cost_micros_per_minute);
    Forecast {
        from,
        horizon,
        leads: population.leads(),
        settled: population.settled,
        finish: finishes.last().copied().unwrap_or_default(),
        calls: log.calls(),
        texts: log.texts(),
        calls_over_time: over_time(&log),
        busiest_hour_calls: log.hours.iter().max().copied().unwrap_or_default(),
        talk_minutes: u64::try_from(log.talk_ms / MINUTE_MS).unwrap_or_default(),
        cost_micros: u64::try_from(micros / i128::from(MINUTE_MS)).unwrap_or_default() + log.text_micros,
        skipped,
        never: never.map(|(zone, log)| never_open(outlook, campaign, zone, log.leads)).collect(),
        beyond_horizon: if is_over { 0 } else { left },
        call_statistics: population.call_statistics.clone(),
        assumptions: assumptions(outlook, campaign, population),
        zones: zones(log, finishes),
    }
}

fn zones(log: Log, finishes: &[Finish]) -> Vec<ZoneForecast> {
    let told = |((zone, log), finish): ((Zone, super::log::ZoneLog), &Finish)| ZoneForecast {
        zone,
        leads: log.leads,
        reached: log.reached,
        exhausted: log.exhausted,
        failed: log.failed,
        calls: log.calls,
        texts: log.texts,
        first_call_at: log.first_call_at,
        last_call_at: log.last_call_at,
        finish: *finish,
    };
    log.zones.into_iter().zip(finishes).map(told).collect()
}

fn over_time(log: &Log) -> Vec<Hour> {
    let at =
        |hour: usize| log.hours_from.plus_ms(i64::try_from(hour).unwrap_or_default().saturating_mul(HOUR_MS));
    let (hourly, later) = log.hours.split_at(log.hours.len().min(HOURLY));
    let hours =
        hourly.iter().enumerate().map(|(hour, calls)| Hour { from: at(hour), hours: 1, calls: *calls });
    let days = later.chunks(HOURS_PER_DAY).enumerate().map(|(day, calls)| Hour {
        from: at(HOURLY + day * HOURS_PER_DAY),
        hours: 24,
        calls: calls.iter().sum(),
    });
    hours.chain(days).filter(|hour| hour.calls > 0).collect()
}

fn never_open(outlook: &Outlook<'_>, campaign: &CampaignSnapshot, zone: &Zone, leads: u64) -> Never {
    let hours = campaign.campaign.hours_first(zone, &outlook.snapshot.rules);
    let closed = hours.why_closed(outlook.snapshot.now);
    let reason = match &closed {
        _ if campaign.campaign.is_over(outlook.snapshot.now) => NeverReason::PeriodOver,
        Some(_) => NeverReason::Closed,
        None => NeverReason::ClosesTooSoon,
    };
    Never { zone: zone.clone(), leads, closed, reason }
}

fn assumptions(
    outlook: &Outlook<'_>,
    campaign: &CampaignSnapshot,
    population: &Population,
) -> Vec<Assumption> {
    let CallStatistics { calls, talk_secs, ringing_secs, .. } = population.call_statistics;
    let (status, spec) = (&campaign.campaign.status, &campaign.campaign.spec);
    let is_unknown = |one: &&CampaignSnapshot| {
        one.campaign.status.is_active() && !outlook.crowds.contains_key(&one.campaign.id)
    };
    let campaigns = outlook.snapshot.campaigns.iter().filter(is_unknown).count();
    let said = [
        Some(if calls == 0 { Assumption::CallsAreAssumed } else { Assumption::CallsGoOn { calls } }),
        Some(Assumption::Lengths { talk_secs, ringing_secs }),
        Some(Assumption::Spread { runs: RUNS }),
        (!status.is_active()).then(|| Assumption::StartsNow { status: status.shown() }),
        (campaigns > 0).then_some(Assumption::OthersAreIdle { campaigns }),
        (!outlook.snapshot.active_attempts.is_empty()).then_some(Assumption::LiveCallsEnd),
        spec.cadence.uses(Channel::Sms).then_some(match population.text_statistics.texts {
            0 => Assumption::TextsAreDelivered,
            texts => Assumption::TextsGoOn { texts },
        }),
        spec.recurrence.is_some().then_some(Assumption::OneRun),
        Some(Assumption::CapsStartEmpty { calls: REMEMBERED }),
        Some(Assumption::NothingUnusual),
    ];
    said.into_iter().flatten().collect()
}
