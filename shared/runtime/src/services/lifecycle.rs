//! Changes of a campaign that start or forbid dials.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::records::audit::Act;
use carillon_domain::records::campaign::{Campaign, CampaignStatus, Command, NotAllowed};
use carillon_domain::records::credits::LowCredits;
use carillon_domain::records::job::Job;
use carillon_domain::transaction::{Running, Transaction, Write};
use carillon_store::{CommitError, StoreError};
use serde_json::Value;

use crate::context::Context;

/// How often a change is made anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// A campaign was not changed.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// There is no such campaign.
    #[error("there is no campaign {0}")]
    NotFound(CampaignId),
    /// Its state does not allow it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// Too many campaigns of the workspace run.
    #[error("{running} campaigns run, and no more than {limit} may in this workspace; pause or cancel one")]
    TooManyRunning { running: usize, limit: u32 },
    /// The workspace's credits are under its threshold.
    #[error("the credits are at {} millionths of a US dollar, and {} are asked for", .0.balance_micros, .0.threshold_micros)]
    LowCredits(LowCredits),
    /// Whoever was faster has taken the turn, or it has passed.
    #[error("the campaign has changed meanwhile; try again")]
    NotDue,
    #[error("the campaign is being changed by others; try again")]
    Contended,
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies a command to a campaign.
///
/// Once this returns from a command that forbids dials, nothing that was claimed is dialled any
/// more; calls that are up end by themselves.
///
/// # Errors
/// [`LifecycleError::NotAllowed`] says what the campaign's state allows.
pub async fn apply(
    context: &Context,
    ws: &WorkspaceId,
    id: &CampaignId,
    command: Command,
) -> Result<Campaign, LifecycleError> {
    change(context, ws, id, None, |campaign| Ok(campaign.apply(command, context.now())?)).await
}

/// Applies the command that `due` gives for a campaign as it is stored, where its state and its
/// workspace's limits allow it; says whether it did.
///
/// # Errors
/// [`LifecycleError`], but never that it is not due or allowed, or that a limit is reached.
pub async fn follow(
    context: &Context,
    ws: &WorkspaceId,
    id: &CampaignId,
    due: impl Fn(&Campaign) -> Option<Command>,
) -> Result<bool, LifecycleError> {
    let edit = |stored: &Campaign| -> Result<Campaign, LifecycleError> {
        let command = due(stored).ok_or(LifecycleError::NotDue)?;
        Ok(stored.apply(command, context.now())?)
    };
    match change(context, ws, id, None, edit).await {
        Ok(_) => Ok(true),
        Err(
            LifecycleError::NotDue
            | LifecycleError::NotAllowed(_)
            | LifecycleError::TooManyRunning { .. }
            | LifecycleError::LowCredits(_),
        ) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lets new leads into a campaign, with another change if there is one: it is opened again if it had
/// completed, or waits for room if as many campaigns run as may.
///
/// # Errors
/// [`LifecycleError::NotAllowed`] if it is cancelled.
pub async fn feed(
    context: &Context,
    ws: &WorkspaceId,
    id: &CampaignId,
    act: Option<&Act>,
    with: impl Fn(&mut Campaign),
) -> Result<Campaign, LifecycleError> {
    let fed = |campaign: &Campaign, if_ended: Command| {
        let mut next = campaign.fed(if_ended, context.now())?;
        with(&mut next);
        Ok::<_, LifecycleError>(next)
    };
    match change(context, ws, id, act, |campaign| fed(campaign, Command::Reopen)).await {
        Err(LifecycleError::TooManyRunning { .. }) => {
            let since = context.now();
            change(context, ws, id, act, |campaign| fed(campaign, Command::AwaitRoom { since })).await
        }
        fed => fed,
    }
}

/// Changes a campaign by `edit`, anew if somebody else was faster; takes back what was claimed
/// under its old form. What somebody does goes into the audit log.
///
/// # Errors
/// Whatever `edit` refuses, or [`LifecycleError`].
pub async fn change<E: From<LifecycleError>>(
    context: &Context,
    ws: &WorkspaceId,
    id: &CampaignId,
    act: Option<&Act>,
    mut edit: impl FnMut(&Campaign) -> Result<Campaign, E>,
) -> Result<Campaign, E> {
    for _ in 0..TRIES {
        let stored = context.store.campaign(ws, id).await.map_err(LifecycleError::Store)?;
        let stored = stored.ok_or_else(|| LifecycleError::NotFound(id.clone()))?;
        let next = edit(&stored)?;
        if save(context, ws, act, &stored, &next, None).await? {
            return Ok(next);
        }
    }
    Err(LifecycleError::Contended.into())
}

/// Closes a campaign for good, and creates the job that removes it, in one transaction: from then on it is gone
/// for everybody else.
///
/// # Errors
/// Whatever `check` refuses, or [`LifecycleError`].
pub async fn close<E: From<LifecycleError>>(
    context: &Context,
    ws: &WorkspaceId,
    id: &CampaignId,
    job: &Job,
    mut check: impl FnMut(&Campaign) -> Result<(), E>,
) -> Result<(), E> {
    for _ in 0..TRIES {
        let stored = context.store.campaign(ws, id).await.map_err(LifecycleError::Store)?;
        let stored = stored.ok_or_else(|| LifecycleError::NotFound(id.clone()))?;
        check(&stored)?;
        let closed = stored.closed(context.now()).map_err(LifecycleError::NotAllowed)?;
        let create = Write::CreateJob(job.clone());
        if save(context, ws, Some(&job.asked), &stored, &closed, Some(create)).await? {
            return Ok(());
        }
    }
    Err(LifecycleError::Contended.into())
}

/// Has a campaign looked at in which leads wait again. It is read after they are stored: whoever completes it
/// either counts them or is undone here.
///
/// # Errors
/// [`LifecycleError`], but never that its state does not allow it: then nobody of it is called.
pub async fn put_to_work(
    context: &Context,
    ws: &WorkspaceId,
    id: &CampaignId,
    act: Option<&Act>,
) -> Result<(), LifecycleError> {
    let stored = context.store.campaign(ws, id).await?;
    let status = stored.ok_or_else(|| LifecycleError::NotFound(id.clone()))?.status;
    if let CampaignStatus::Completing | CampaignStatus::Completed = status {
        match feed(context, ws, id, act, |_| {}).await {
            // It was cancelled in this very moment.
            Ok(_) | Err(LifecycleError::NotAllowed(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if !matches!(status, CampaignStatus::Draft | CampaignStatus::Paused { .. }) {
        announce(context, ws).await?;
    }
    Ok(())
}

/// Tells the planner that there is something new to plan from.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn announce(context: &Context, ws: &WorkspaceId) -> Result<(), StoreError> {
    context.store.add_work(ws, context.now()).await?;
    context.hint_or_warn(ws).await;
    Ok(())
}

/// Stores a changed campaign with what comes beside it, and takes back what was claimed under its old form. Says
/// whether nobody else was faster.
async fn save(
    context: &Context,
    ws: &WorkspaceId,
    act: Option<&Act>,
    stored: &Campaign,
    next: &Campaign,
    beside: Option<Write>,
) -> Result<bool, LifecycleError> {
    let id = &stored.id;
    let running = running(context, ws, stored, next).await?;
    let mut transaction = Transaction::change_campaign(stored, next.clone(), running, context.now());
    transaction.extend(beside);
    let after = if next.is_closed { Value::Null } else { next.for_audit() };
    let store = context.noting(ws, act, id, &stored.for_audit(), &after)?;
    match store.commit(ws, &transaction).await {
        Ok(()) => {}
        Err(error) if error.refuses_only(|write| matches!(write, Write::InvalidatePlan { .. })) => {
            let Running::IfFewerThan(limit) = running else { return Ok(false) };
            return Err(too_many(context, ws, limit).await?);
        }
        Err(CommitError::Refused(_)) => return Ok(false),
        Err(CommitError::Store(error)) => {
            // The reply may have been lost: what is stored tells.
            let is_ours = if next.is_closed {
                context.store.closed_campaign(ws, id).await?.as_ref() == Some(next)
            } else {
                context.store.campaign(ws, id).await?.as_ref() == Some(next)
            };
            if !is_ours {
                return Err(error.into());
            }
        }
    }
    if stored.voids_claims(next) {
        revoke(context, ws, id).await?;
    }
    // Its slots are others' now, or it has work itself.
    context.hint_or_warn(ws).await;
    Ok(true)
}

/// Whether a changed campaign counts among those that run.
async fn running(
    context: &Context,
    ws: &WorkspaceId,
    stored: &Campaign,
    next: &Campaign,
) -> Result<Running, LifecycleError> {
    let begins = Running::begins(stored, next);
    let (workspace, credits) =
        if begins { context.store.workspace_and_credits(ws).await? } else { Default::default() };
    Running::of(stored, next, workspace.as_ref(), credits).map_err(LifecycleError::LowCredits)
}

/// The refusal of one more running campaign.
async fn too_many(context: &Context, ws: &WorkspaceId, limit: u32) -> Result<LifecycleError, StoreError> {
    let running = context.store.plan_state(ws).await?.map_or(0, |state| state.running.len());
    // One may have stopped since.
    let running = running.max(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(LifecycleError::TooManyRunning { running, limit })
}

/// Takes away whatever is claimed in a campaign's turn and not dialled yet.
async fn revoke(context: &Context, ws: &WorkspaceId, id: &CampaignId) -> Result<(), StoreError> {
    let (mut active_attempts, _) = context.store.in_flight(ws).await?;
    active_attempts
        .retain(|active_attempt| active_attempt.campaign == *id && active_attempt.is_revoked_by_campaign());
    for active_attempt in &active_attempts {
        match context.store.commit(ws, &Transaction::withdraw_claim(active_attempt)).await {
            // Dialled in this very moment, before our word: that call goes on.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}
