//! As `shared/runtime`: changes of a campaign that start or forbid dials.

use carillon_domain::campaign::{Campaign, Command, NotAllowed};
use carillon_domain::flight::{DialCause, FlightState};
use carillon_domain::ids::CampaignId;
use carillon_domain::write::{Stage, Transaction, Write};

use crate::bug::Bug;
use crate::store::CommitError;
use crate::world::{NoAnswer, World};

/// How often a change is made anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// A campaign was not changed.
#[derive(Debug)]
pub(super) enum LifecycleError {
    /// Its state does not allow it.
    NotAllowed,
    /// The table did not answer, or others kept changing it.
    NoAnswer,
}

impl From<NoAnswer> for LifecycleError {
    fn from(_: NoAnswer) -> Self {
        Self::NoAnswer
    }
}

impl From<NotAllowed> for LifecycleError {
    fn from(_: NotAllowed) -> Self {
        Self::NotAllowed
    }
}

/// Applies a command; says whether the campaign's state still allowed it.
pub(super) async fn follow(
    world: &World,
    ws: usize,
    id: &CampaignId,
    command: Command,
) -> Result<bool, NoAnswer> {
    match apply(world, ws, id, command).await {
        Ok(_) => Ok(true),
        Err(LifecycleError::NotAllowed) => Ok(false),
        Err(LifecycleError::NoAnswer) => Err(NoAnswer),
    }
}

/// Applies a command to a campaign. Once this returns from one that forbids dials, nothing that
/// was claimed is dialled any more.
pub(super) async fn apply(
    world: &World,
    ws: usize,
    id: &CampaignId,
    command: Command,
) -> Result<Campaign, LifecycleError> {
    change(world, ws, id, |campaign| campaign.apply(command, world.now())).await
}

/// Changes a campaign by `edit`, and takes back what was claimed under its old form.
pub(super) async fn change(
    world: &World,
    ws: usize,
    id: &CampaignId,
    edit: impl Fn(&Campaign) -> Result<Campaign, NotAllowed>,
) -> Result<Campaign, LifecycleError> {
    for _ in 0..TRIES {
        let stored = world.campaign(ws, id).await?.ok_or(LifecycleError::NotAllowed)?;
        let next = edit(&stored)?;
        let transaction = Transaction(vec![
            Write::UpdateCampaign(next.clone()),
            Write::Supersede { campaign: id.clone(), active: next.status.is_active(), at: world.now() },
        ]);
        match world.commit(ws, transaction).await {
            Ok(()) => {}
            Err(CommitError::Refused(_)) => continue,
            // The reply may have been lost: what is stored tells.
            Err(CommitError::NoAnswer) => {
                if world.campaign(ws, id).await?.as_deref() != Some(&next) {
                    return Err(LifecycleError::NoAnswer);
                }
            }
        }
        if world.has(Bug::PauseBeforeRevoke) {
            world.acknowledge(ws, &next);
        }
        // What was claimed under terms that hold no more is taken back.
        if stored.status.is_running() && (stored.status != next.status || stored.spec != next.spec) {
            revoke(world, ws, id).await?;
        }
        // A hint that is lost is made up for by the next tick.
        let _ = world.hint(ws, 0).await;
        return Ok(next);
    }
    Err(LifecycleError::NoAnswer)
}

/// Takes away whatever is claimed for a campaign and not dialled yet.
async fn revoke(world: &World, ws: usize, id: &CampaignId) -> Result<(), NoAnswer> {
    let (flights, _) = world.in_flight(ws).await?;
    for flight in flights.into_iter().filter(|flight| flight.campaign == *id) {
        // What somebody asked for is called in any state of the campaign.
        let is_asked_for = flight.cause == DialCause::Manual && !world.has(Bug::DropsRequestedCalls);
        if matches!(flight.state, FlightState::Claimed { .. }) && !is_asked_for {
            let remove =
                Write::RemoveFlight { number: flight.number, attempt: flight.attempt, stage: Stage::Claimed };
            match world.commit(ws, Transaction::of(remove)).await {
                Ok(()) | Err(CommitError::Refused(_)) => {}
                Err(CommitError::NoAnswer) => return Err(NoAnswer),
            }
        }
    }
    Ok(())
}
