//! What will become of a campaign: who is called when, how often, and at what cost, and
//! what an edit would change.
//!
//! A forecast runs the planner itself on a virtual clock over the campaign's own leads: their hours,
//! retries and caps, the caller numbers' rates, the shares of the other campaigns. Only how calls end
//! is drawn, from the campaign's own experience. The same seed gives the same forecast.

mod calendar;
mod call_statistics;
mod lead_queue;
mod log;
mod note;
mod open_windows;
mod pass;
mod population;
mod preview;
mod projection;
mod report;
mod run;
mod scenario;
mod spread;
mod synthetic_lead;
#[cfg(test)]
mod tests;
mod text_statistics;

pub use call_statistics::{
    ASSUMED_COST_MICROS_PER_MINUTE, ASSUMED_RINGING_SECS, ASSUMED_SHARES, ASSUMED_TALK_SECS, CallStatistics,
    MIN_CALLS, SIGNAL_SECS,
};
pub use note::{Assumption, Note, SampledLeads};
pub use population::{Due, Group, Population};
pub use preview::{Alike, Change, MAX_SAMPLES, Move, Moved, Preview, preview};
pub use report::{Finish, Forecast, Hour, Never, NeverReason, ZoneForecast};
pub use run::MAX_DAYS;
pub use spread::{RUNS, SPREAD_LEADS};
pub use text_statistics::{MIN_TEXTS, TextStatistics};

use std::collections::BTreeMap;

use crate::base::ids::CampaignId;
use crate::planning::PlanningSnapshot;

/// What a forecast is made from.
#[derive(Debug, Clone)]
pub struct Outlook<'a> {
    /// The workspace as it stands, with the campaign in it, whatever its status: one that does not run
    /// is taken to start now, or when it is scheduled.
    pub snapshot: &'a PlanningSnapshot,
    pub campaign: &'a CampaignId,
    /// The leads of the campaign, and of the others as far as they are known.
    pub crowds: &'a BTreeMap<CampaignId, Population>,
    /// How many days it looks ahead: 1 to [`MAX_DAYS`].
    pub days: u32,
    pub seed: u64,
}

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoForecast {
    /// The campaign is not in the snapshot, or its leads are not given.
    #[error("the campaign {0} or its leads are not known")]
    Unknown(CampaignId),
    /// There are more leads than a forecast can hold.
    #[error("a campaign of the workspace has more leads than a forecast can hold")]
    TooMany,
}

/// What will become of a campaign.
///
/// Costs about as much as its calls: some microseconds each. A population of more than [`SPREAD_LEADS`] is
/// run once in full, and the spread of its end is that of smaller crowds with smaller limits.
///
/// # Errors
/// [`NoForecast`] if the campaign or its leads are not there.
pub fn forecast(outlook: &Outlook<'_>) -> Result<Forecast, NoForecast> {
    let unknown = || NoForecast::Unknown(outlook.campaign.clone());
    let campaign = outlook.snapshot.campaign(outlook.campaign).ok_or_else(unknown)?;
    let population = outlook.crowds.get(outlook.campaign).ok_or_else(unknown)?;
    if outlook.crowds.values().any(|population| u32::try_from(population.leads()).is_err()) {
        return Err(NoForecast::TooMany);
    }
    let log = run::run(outlook, None);
    let finishes = spread::finishes(outlook, &log);
    Ok(report::report(outlook, campaign, population, log, &finishes))
}
