//! As `shared/runtime`: changes of a campaign that start or forbid dials.

use carillon_domain::base::ids::CampaignId;
use carillon_domain::records::active_attempt::{ActiveAttemptState, DialCause};
use carillon_domain::records::campaign::{Campaign, Command, NotAllowed};
use carillon_domain::transaction::{Running, Stage, Transaction, Write};

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
    /// The workspace does not: too many campaigns run, or its credits are low.
    NoCapacity,
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

/// A change of a campaign; none if its state does not allow it.
pub(super) type Edit<'a> = &'a dyn Fn(&Campaign) -> Option<Campaign>;

/// Changes a campaign where its state and its workspace allow it; says whether it did.
pub(super) async fn follow(
    world: &World,
    ws: usize,
    id: &CampaignId,
    edit: Edit<'_>,
) -> Result<bool, NoAnswer> {
    match change(world, ws, id, edit).await {
        Ok(_) => Ok(true),
        Err(LifecycleError::NotAllowed | LifecycleError::NoCapacity) => Ok(false),
        Err(LifecycleError::NoAnswer) => Err(NoAnswer),
    }
}

/// Applies a command where a campaign's state and its workspace allow it; says whether it did.
pub(super) async fn command(
    world: &World,
    ws: usize,
    id: &CampaignId,
    command: Command,
) -> Result<bool, NoAnswer> {
    follow(world, ws, id, &|campaign| campaign.apply(command, world.now()).ok()).await
}

/// Changes a campaign by `edit`, and takes back what was claimed under its old form. Once this
/// returns from a change that forbids dials, nothing that was claimed is dialled any more.
pub(super) async fn change(
    world: &World,
    ws: usize,
    id: &CampaignId,
    edit: Edit<'_>,
) -> Result<Campaign, LifecycleError> {
    for _ in 0..TRIES {
        let stored = world.campaign(ws, id).await?.ok_or(LifecycleError::NotAllowed)?;
        let next = edit(&stored).ok_or(LifecycleError::NotAllowed)?;
        let running = running(world, ws, &stored, &next).await?;
        let (campaign, active, at) = (id.clone(), next.is_active(), world.now());
        let transaction = Transaction(vec![
            Write::UpdateCampaign { before: Campaign::clone(&stored), after: next.clone() },
            Write::InvalidatePlan { campaign, active, running, at },
        ]);
        match world.commit(ws, transaction).await {
            Ok(()) => {}
            Err(CommitError::Refused(places)) if places == [1] => return Err(LifecycleError::NoCapacity),
            Err(CommitError::Refused(_)) => continue,
            // The reply may have been lost: what is stored tells.
            Err(CommitError::NoAnswer) => {
                if world.campaign(ws, id).await?.as_deref() != Some(&next) {
                    return Err(LifecycleError::NoAnswer);
                }
            }
        }
        if world.has(Bug::PauseBeforeRevoke) {
            world.acknowledge(ws, &next, !next.status.is_running());
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

/// Whether a changed campaign counts among those that run. One that starts or goes on needs
/// credits; one that is reopened does not.
async fn running(
    world: &World,
    ws: usize,
    stored: &Campaign,
    next: &Campaign,
) -> Result<Running, LifecycleError> {
    match (stored.status.is_counted(), next.status.is_counted()) {
        (_, false) => Ok(Running::No),
        (true, true) => Ok(Running::Still),
        (false, true) => {
            let (tenant, _, credits) = world.tenant(ws).await?;
            let is_paid = credits.is_none_or(|credits| credits.check(&tenant).is_ok());
            if !stored.status.is_ended() && !is_paid {
                return Err(LifecycleError::NoCapacity);
            }
            if world.has(Bug::RunningCountedBefore) {
                return Ok(Running::Still);
            }
            Ok(Running::IfFewerThan(tenant.running_limit))
        }
    }
}

/// Takes away whatever is claimed in a campaign's turn and not dialled yet.
async fn revoke(world: &World, ws: usize, id: &CampaignId) -> Result<(), NoAnswer> {
    let (active_attempts, _) = world.in_flight(ws).await?;
    for active_attempt in active_attempts.into_iter().filter(|active_attempt| active_attempt.campaign == *id)
    {
        // What somebody asked for is called in any state of the campaign.
        let is_asked_for = active_attempt.cause == DialCause::Manual && !world.has(Bug::DropsRequestedCalls);
        if matches!(active_attempt.state, ActiveAttemptState::Claimed { .. }) && !is_asked_for {
            let remove = Write::RemoveActiveAttempt {
                number: active_attempt.number,
                attempt: active_attempt.attempt,
                stage: Stage::Claimed,
            };
            match world.commit(ws, Transaction::of(remove)).await {
                Ok(()) | Err(CommitError::Refused(_)) => {}
                Err(CommitError::NoAnswer) => return Err(NoAnswer),
            }
        }
    }
    Ok(())
}
