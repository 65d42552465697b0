//! Committing what was chosen, and telling the dialers.

use carillon_domain::flight::Flight;
use carillon_domain::ids::WorkspaceId;
use carillon_domain::plan::{Plan, Revision};
use carillon_domain::write::{Transaction, Write};
use carillon_runtime::messages::DialTask;
use carillon_runtime::world::World;
use carillon_store::CommitError;

use crate::PlanError;

/// What came of committing claims.
pub(crate) enum Claimed {
    /// These are ours, and the dialers know.
    Flights(Vec<Flight>),
    /// Another planner has taken over.
    Overtaken,
}

/// Commits the claims of a plan in one transaction, conditional on the epoch.
pub(crate) async fn commit(
    world: &World,
    ws: &WorkspaceId,
    epoch: u64,
    plan: &Plan,
) -> Result<Claimed, PlanError> {
    let mut writes = vec![Write::AdvancePlan { epoch, paces: plan.paces.clone() }];
    for claim in &plan.claims {
        writes.push(Write::Claim(claim.flight.clone()));
        writes.extend(claim.request.clone().map(|attempt| {
            let lead = claim.flight.lead.clone();
            Write::RemoveRequest { lead, attempt }
        }));
    }
    let flights: Vec<Flight> = plan.claims.iter().map(|claim| claim.flight.clone()).collect();
    let won = match world.store.commit(ws, &Transaction(writes)).await {
        Ok(()) => flights,
        Err(refused @ CommitError::Refused(_)) if refused.refuses(0) => return Ok(Claimed::Overtaken),
        // A lost reply looks like a lost race: what carries our attempts is ours.
        Err(_) => {
            let (stored, _) = world.store.in_flight(ws).await?;
            flights.into_iter().filter(|flight| stored.contains(flight)).collect()
        }
    };
    world.send_dials(ws, DialTask::Place, &won).await?;
    Ok(Claimed::Flights(won))
}

/// Writes down who is settled or put off instead of being called, and why.
pub(crate) async fn revise(world: &World, ws: &WorkspaceId, plan: &Plan) -> Result<(), PlanError> {
    for Revision { before, after, refusal } in &plan.revised {
        let mut transaction = Transaction(before.settle(after.clone()));
        transaction.push(Write::NoteRefusal(refusal.clone()));
        match world.store.commit(ws, &transaction).await {
            // Changed meanwhile: the next plan looks at it as it is then.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
