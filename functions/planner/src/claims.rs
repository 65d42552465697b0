//! Committing what was chosen, and telling the diallers.

use carillon_domain::flight::Flight;
use carillon_domain::ids::WorkspaceId;
use carillon_domain::lead::Lead;
use carillon_domain::lead::LeadState;
use carillon_domain::plan::{Plan, Scene};
use carillon_domain::tally::Tally;
use carillon_domain::write::{Transaction, Write};
use carillon_runtime::messages::DialTask;
use carillon_runtime::world::World;
use carillon_store::CommitError;

use crate::PlanError;

/// What came of committing claims.
pub(crate) enum Claimed {
    /// These are ours, and the diallers know.
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
        writes.extend(claim.request.clone().map(Write::RemoveRequest));
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

/// Settles leads that a stricter retry policy left without an attempt.
pub(crate) async fn exhaust(
    world: &World,
    ws: &WorkspaceId,
    scene: &Scene,
    leads: &[Lead],
    plan: &Plan,
) -> Result<(), PlanError> {
    for lead in leads.iter().filter(|lead| plan.exhausted.contains(&lead.id)) {
        let settled = Lead {
            version: lead.version + 1,
            state: LeadState::Exhausted,
            updated_at: scene.now,
            ..lead.clone()
        };
        let mut tally = Tally::default();
        tally.move_lead(&lead.state, &settled.state);
        let count = Write::Count { campaign: lead.id.campaign(), lead: lead.id.clone(), tally };
        match world.store.commit(ws, &Transaction(vec![Write::UpdateLead(settled), count])).await {
            // Changed meanwhile: the next plan looks at it as it is then.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
