//! As `functions/planner`: committing what was chosen, and telling the dialers.

use carillon_domain::planning::{Plan, Revision};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::transaction::{Transaction, Write};

use crate::bug::Bug;
use crate::job::DialTask;
use crate::store::CommitError;
use crate::world::{NoAnswer, World};

/// What came of committing claims.
pub(super) enum Claimed {
    /// These are ours, and the dialers know.
    ActiveAttempts(Vec<ActiveAttempt>),
    /// Another planner has taken over.
    Overtaken,
    /// Nobody knows, and a bug takes it for refused.
    TakenForLost,
}

/// Commits the claims of a plan in one transaction, conditional on the epoch.
pub(super) async fn commit(world: &World, ws: usize, epoch: u64, plan: &Plan) -> Result<Claimed, NoAnswer> {
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
    let won = match world.commit(ws, Transaction(writes)).await {
        Ok(()) => active_attempts,
        Err(CommitError::Refused(places)) if places.contains(&0) => return Ok(Claimed::Overtaken),
        Err(_) if world.has(Bug::LostReplyTakenForLostRace) => return Ok(Claimed::TakenForLost),
        // A lost reply looks like a lost race: what carries our attempts is ours.
        Err(_) => {
            let (stored, _) = world.in_flight(ws).await?;
            active_attempts.into_iter().filter(|active_attempt| stored.contains(active_attempt)).collect()
        }
    };
    world.send_dials(ws, DialTask::Place, &won).await?;
    Ok(Claimed::ActiveAttempts(won))
}

/// Writes down who is settled or put off instead of being called, and why.
pub(super) async fn revise(world: &World, ws: usize, plan: &Plan) -> Result<(), NoAnswer> {
    for Revision { before, after, refusal } in &plan.revised {
        let mut transaction = Transaction::change_lead(before, after.clone());
        transaction.push(Write::NoteRefusal(refusal.clone()));
        match world.commit(ws, transaction).await {
            // Changed meanwhile: the next plan looks at it as it is then.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    Ok(())
}
