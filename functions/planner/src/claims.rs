//! Committing what was chosen, and telling the dialers.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::bug::{Switch, planted};
use carillon_domain::planning::{MAX_CLAIMS, Plan, Revision};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::messages::DialTask;
use carillon_store::table::MAX_TRANSACTION_WRITES;
use carillon_store::{CommitError, PlanState};

use crate::error::PlanError;

// Two writes for each claim, and the plan's own.
const _: () = assert!(2 * MAX_CLAIMS < MAX_TRANSACTION_WRITES);

/// What came of committing claims.
pub(crate) enum Claimed {
    /// These are ours, and the dialers know.
    ActiveAttempts(Vec<ActiveAttempt>),
    /// Another planner has taken over.
    Overtaken,
}

/// Commits the claims of a plan in one transaction, conditional on the epoch.
pub(crate) async fn commit(
    context: &Context,
    ws: &WorkspaceId,
    epoch: u64,
    plan: &Plan,
) -> Result<Claimed, PlanError> {
    let mut writes = vec![Write::AdvancePlan { epoch, rate_states: plan.rate_states.clone() }];
    writes.extend(of_claims(plan));
    let active_attempts: Vec<ActiveAttempt> = plan.active_attempts().cloned().collect();
    let won = match context.store.commit(ws, &Transaction(writes)).await {
        Ok(()) => active_attempts,
        Err(error) if error.refuses(|write| matches!(write, Write::AdvancePlan { .. })) => {
            return Ok(Claimed::Overtaken);
        }
        Err(_) if planted(Switch::LostReplyTakenForLostRace) => Vec::new(),
        // A lost reply looks like a lost race: what carries our attempts is ours.
        Err(_) => {
            let (stored, _) = context.store.in_flight(ws).await?;
            active_attempts.into_iter().filter(|active_attempt| stored.contains(active_attempt)).collect()
        }
    };
    context.send_dials(ws, DialTask::Place, &won).await?;
    Ok(Claimed::ActiveAttempts(won))
}

/// Commits the last claims of a plan and gives the lease back, all in one transaction. Says whether it was done:
/// if not, something changed meanwhile, or the reply is lost.
pub(crate) async fn commit_last(
    context: &Context,
    ws: &WorkspaceId,
    learnt: &PlanState,
    plan: &Plan,
) -> Result<bool, PlanError> {
    let claims = Transaction(of_claims(plan).collect());
    let is_done = context.store.release_with(ws, learnt, &claims).await.unwrap_or(false);
    if is_done {
        let active_attempts: Vec<ActiveAttempt> = plan.active_attempts().cloned().collect();
        context.send_dials(ws, DialTask::Place, &active_attempts).await?;
    }
    Ok(is_done)
}

/// The writes that make the claims of a plan.
fn of_claims(plan: &Plan) -> impl Iterator<Item = Write> {
    plan.claims.iter().flat_map(|claim| {
        let request = claim.request.clone().map(|attempt| {
            let lead = claim.active_attempt.lead.clone();
            Write::RemoveRequest { lead, attempt }
        });
        [Some(Write::Claim(claim.active_attempt.clone())), request].into_iter().flatten()
    })
}

/// Writes down who is settled or put off instead of being called, and why.
pub(crate) async fn revise(context: &Context, ws: &WorkspaceId, plan: &Plan) -> Result<(), PlanError> {
    for Revision { before, after, refusal } in &plan.revised {
        let mut transaction = Transaction::change_lead(before, after.clone());
        transaction.push(Write::NoteRefusal(refusal.clone()));
        match context.store.commit(ws, &transaction).await {
            // Changed meanwhile: the next plan looks at it as it is then.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
