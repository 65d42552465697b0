//! Changes of campaigns.

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::HOUR_MS;
use carillon_domain::policy::schedule::{Period, local_date};
use carillon_domain::records::campaign::{Campaign, CampaignSpec, Command};

use super::super::lifecycle::{self, LifecycleError};
use crate::job::{Change, Delivery, Errand, Job};
use crate::world::{NoAnswer, World};

/// How soon a client whose workspace has no room for another running campaign asks again, in
/// milliseconds.
const NO_ROOM_MS: i64 = 2 * HOUR_MS;
/// Longest gap that an edit sets, in minutes.
const MAX_GAP_MINUTES: u32 = 240;

pub(super) async fn command(
    world: &World,
    ws: usize,
    id: &CampaignId,
    command: Command,
) -> Result<(), NoAnswer> {
    let errand = || Errand::Command(id.clone(), command);
    change(world, ws, id, errand, &|campaign| campaign.apply(command, world.now()).ok()).await
}

pub(super) async fn edit(world: &World, ws: usize, id: &CampaignId, wanted: Change) -> Result<(), NoAnswer> {
    let errand = || Errand::Edit(id.clone(), wanted);
    let edited = |campaign: &Campaign| {
        let now = world.now();
        campaign.edited(changed(campaign, wanted, world), now).ok()
    };
    change(world, ws, id, errand, &edited).await
}

async fn change(
    world: &World,
    ws: usize,
    id: &CampaignId,
    errand: impl Fn() -> Errand,
    edit: lifecycle::Edit<'_>,
) -> Result<(), NoAnswer> {
    match lifecycle::change(world, ws, id, edit).await {
        Ok(campaign) => {
            let is_stop = matches!(errand(), Errand::Command(_, Command::Pause { .. } | Command::Cancel));
            world.acknowledge(ws, &campaign, is_stop);
        }
        Err(LifecycleError::NotAllowed) => {}
        Err(LifecycleError::NoCapacity) => {
            let errand = errand();
            // One that rests is looked after anyway.
            if !matches!(errand, Errand::Command(_, Command::Resume)) {
                world.begin(Delivery::first(Job::Errand { ws, errand }), NO_ROOM_MS);
            }
        }
        Err(LifecycleError::NoAnswer) => return Err(NoAnswer),
    }
    Ok(())
}

fn changed(campaign: &Campaign, change: Change, world: &World) -> CampaignSpec {
    let mut spec = campaign.spec.clone();
    let today = local_date(spec.time_zone, world.now());
    match change {
        Change::FewerAttempts => spec.retry.max_attempts = (spec.retry.max_attempts - 1).max(1),
        Change::LongerGap => {
            spec.min_gap_minutes =
                (spec.min_gap_minutes * 2 + 10).clamp(spec.min_gap_minutes, MAX_GAP_MINUTES);
        }
        Change::NotToday => drop(spec.except_dates.insert(today)),
        Change::Share { priority, weight } => (spec.priority, spec.weight) = (priority, weight),
        Change::Rate(rate) => spec.rate_limit_per_minute = Some(rate),
        Change::Limit(limit) => spec.concurrent_limit = limit,
        Change::LastDay => {
            let start = spec.period.start().filter(|start| *start <= today);
            spec.period = Period::new(start, Some(today)).unwrap_or(spec.period);
        }
    }
    spec
}
