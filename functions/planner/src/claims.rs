//! Committing what was chosen, and telling the dialers.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::bug::{Switch, planted};
use carillon_domain::planning::{Plan, Revision};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::messages::DialTask;
use carillon_store::CommitError;

use crate::error::PlanError;

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
    for claim in &plan.claims {
        writes.push(Write::Claim(claim.active_attempt.clone()));
        writes.extend(claim.request.clone().map(|attempt| {
            let lead = claim.active_attempt.lead.clone();
            Write::RemoveRequest { lead, attempt }
        }));
    }
    let active_attempts: Vec<ActiveAttempt> =
        plan.claims.iter().map(|claim| claim.active_attempt.clone()).collect();
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
