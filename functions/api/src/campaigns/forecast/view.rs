//! What a client is shown of a forecast.

use std::collections::BTreeMap;

use carillon_domain::base::call::Outcome;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::{Jurisdiction, Zone};
use carillon_domain::policy::hours::Closed;
use carillon_domain::records::lead::SkipReason;
use carillon_domain::reporting::forecast::{
    Assumption, CallStatistics, Finish, Forecast, Hour, Never, NeverReason, Note, ZoneForecast,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::money::usd;
use crate::reasons::{Explained, Message};

/// What will become of a campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignForecast)]
pub(crate) struct ForecastView {
    /// What will become of it, with the `changes` if there are any.
    forecast: OutcomeView,
    /// The same without them; null if there are none.
    as_is: Option<OutcomeView>,
}

/// What will become of a campaign under some settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Forecast)]
struct OutcomeView {
    /// From when it looks ahead.
    from: Timestamp,
    /// How far.
    horizon: Timestamp,
    /// Leads that wait to be called; those in `skipped` that are known now are not among them.
    leads: u64,
    /// Leads that are settled already.
    settled: u64,
    /// When everybody who can be called is settled; at the end of the period at the latest, when who is
    /// left is skipped.
    finish: Finish,
    /// What happens in each zone.
    zones: Vec<ZoneView>,
    /// Calls in all.
    calls: u64,
    /// Texts in all.
    texts: u64,
    /// Calls over time: hours of two weeks, then days; those without any are left out.
    calls_over_time: Vec<Hour>,
    /// Most calls in one hour.
    busiest_hour_calls: u64,
    /// Minutes of conversation in all.
    talk_minutes: u64,
    /// What the calls and texts cost, in US dollars.
    cost_usd: f64,
    /// Leads that will be skipped, by reason: `do_not_call`, `no_consent`, `number_class`, and `period_over` for those that
    /// are left at the end of the period.
    #[schema(example = json!({"do_not_call": 12}))]
    skipped: BTreeMap<SkipReason, u64>,
    /// Leads for whom no moment is allowed before the horizon.
    never: Vec<NeverView>,
    /// Leads that can be called and are not settled by the horizon.
    beyond_horizon: u64,
    /// How calls are taken to go.
    call_statistics: ExperienceView,
    /// What else is taken for granted.
    assumptions: Vec<Explained<Assumption>>,
    /// What was not counted exactly.
    notes: Vec<Explained<Note>>,
}

/// What happens in one zone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForecastZone)]
struct ZoneView {
    /// On whose clocks its leads may be called: one time zone, several with `&` between them, of which every
    /// one must allow it, or `campaign`.
    zone: Zone,
    /// Whose rules their numbers are under.
    jurisdiction: Option<Jurisdiction>,
    /// Its leads that wait to be called.
    leads: u64,
    /// Those that will be reached.
    reached: u64,
    /// Those whose attempts will be used up.
    exhausted: u64,
    /// Those whose numbers turn out to be dead.
    failed: u64,
    /// Calls there.
    calls: u64,
    /// Texts there.
    texts: u64,
    /// The first call.
    first_call_at: Option<Timestamp>,
    /// The last call.
    last_call_at: Option<Timestamp>,
    /// When everybody there is settled; at the end of the period at the latest.
    finish: Finish,
}

/// Leads that can't be called before the horizon.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForecastNever)]
struct NeverView {
    /// On whose clocks.
    zone: Zone,
    /// Whose rules their numbers are under.
    jurisdiction: Option<Jurisdiction>,
    /// How many.
    leads: u64,
    /// Why.
    code: NeverReason,
    /// The same for people.
    message: String,
    /// What keeps the zone closed now.
    closed: Option<Closed>,
}

/// How calls are taken to go.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForecastExperience)]
struct ExperienceView {
    /// Calls of the campaign's own that it is made from; 0 if all of it is assumed.
    calls: u64,
    /// The part of the calls that ends so.
    outcomes: BTreeMap<Outcome, f64>,
    /// Mean length of the calls that are answered, in seconds.
    talk_secs: f64,
    /// Mean length of ringing before somebody picks up or declines, in seconds.
    ringing_secs: f64,
    /// Price of a minute of conversation, in US dollars.
    cost_per_minute_usd: f64,
}

impl ForecastView {
    pub(super) fn new(forecast: (Forecast, Vec<Note>), as_is: Option<(Forecast, Vec<Note>)>) -> Self {
        Self { forecast: forecast.into(), as_is: as_is.map(OutcomeView::from) }
    }
}

impl From<(Forecast, Vec<Note>)> for OutcomeView {
    fn from((forecast, notes): (Forecast, Vec<Note>)) -> Self {
        Self {
            from: forecast.from,
            horizon: forecast.horizon,
            leads: forecast.leads,
            settled: forecast.settled,
            finish: forecast.finish,
            zones: forecast.zones.into_iter().map(ZoneView::from).collect(),
            calls: forecast.calls,
            texts: forecast.texts,
            calls_over_time: forecast.calls_over_time,
            busiest_hour_calls: forecast.busiest_hour_calls,
            talk_minutes: forecast.talk_minutes,
            cost_usd: dollars(forecast.cost_micros),
            skipped: forecast.skipped,
            never: forecast.never.into_iter().map(NeverView::from).collect(),
            beyond_horizon: forecast.beyond_horizon,
            call_statistics: (&forecast.call_statistics).into(),
            assumptions: forecast.assumptions.into_iter().map(Explained::from).collect(),
            notes: notes.into_iter().map(Explained::from).collect(),
        }
    }
}

impl From<ZoneForecast> for ZoneView {
    fn from(zone: ZoneForecast) -> Self {
        Self {
            jurisdiction: zone.zone.jurisdiction(),
            zone: zone.zone.without_jurisdiction(),
            leads: zone.leads,
            reached: zone.reached,
            exhausted: zone.exhausted,
            failed: zone.failed,
            calls: zone.calls,
            texts: zone.texts,
            first_call_at: zone.first_call_at,
            last_call_at: zone.last_call_at,
            finish: zone.finish,
        }
    }
}

impl From<Never> for NeverView {
    fn from(never: Never) -> Self {
        Self {
            message: never.message(),
            jurisdiction: never.zone.jurisdiction(),
            zone: never.zone.without_jurisdiction(),
            leads: never.leads,
            code: never.reason,
            closed: never.closed,
        }
    }
}

impl From<&CallStatistics> for ExperienceView {
    fn from(call_statistics: &CallStatistics) -> Self {
        let shares = Outcome::ALL.into_iter().map(|outcome| (outcome, call_statistics.share(outcome)));
        Self {
            calls: call_statistics.calls,
            outcomes: shares.filter(|(_, share)| *share > 0.0).collect(),
            talk_secs: call_statistics.talk_secs,
            ringing_secs: call_statistics.ringing_secs,
            cost_per_minute_usd: dollars(call_statistics.cost_micros_per_minute),
        }
    }
}

/// Millionths of a US dollar as dollars.
fn dollars(micros: u64) -> f64 {
    usd(i64::try_from(micros).unwrap_or(i64::MAX))
}
