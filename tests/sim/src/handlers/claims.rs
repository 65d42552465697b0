//! As `functions/planner`: committing what was chosen, and telling the diallers.

use carillon_domain::flight::Flight;
use carillon_domain::lead::{Lead, LeadState};
use carillon_domain::plan::{Plan, Scene};
use carillon_domain::tally::Tally;
use carillon_domain::write::{Transaction, Write};

use crate::bug::Bug;
use crate::job::DialTask;
use crate::store::CommitError;
use crate::world::{NoAnswer, World};

/// What came of committing claims.
pub(super) enum Claimed {
    /// These are ours, and the diallers know.
    Flights(Vec<Flight>),
    /// Another planner has taken over.
    Overtaken,
    /// Nobody knows, and a bug takes it for refused.
    TakenForLost,
}

/// Commits the claims of a plan in one transaction, conditional on the epoch.
pub(super) async fn commit(world: &World, ws: usize, epoch: u64, plan: &Plan) -> Result<Claimed, NoAnswer> {
    let mut writes = vec![Write::AdvancePlan { epoch, paces: plan.paces.clone() }];
    for claim in &plan.claims {
        writes.push(Write::Claim(claim.flight.clone()));
        writes.extend(claim.request.clone().map(Write::RemoveRequest));
    }
    let flights: Vec<Flight> = plan.claims.iter().map(|claim| claim.flight.clone()).collect();
    let won = match world.commit(ws, Transaction(writes)).await {
        Ok(()) => flights,
        Err(CommitError::Refused(places)) if places.contains(&0) => return Ok(Claimed::Overtaken),
        Err(_) if world.has(Bug::LostReplyTakenForLostRace) => return Ok(Claimed::TakenForLost),
        // A lost reply looks like a lost race: what carries our attempts is ours.
        Err(_) => {
            let (stored, _) = world.in_flight(ws).await?;
            flights.into_iter().filter(|flight| stored.contains(flight)).collect()
        }
    };
    world.send_dials(ws, DialTask::Place, &won).await?;
    Ok(Claimed::Flights(won))
}

/// Settles leads that a stricter retry policy left without an attempt.
pub(super) async fn exhaust(
    world: &World,
    ws: usize,
    scene: &Scene,
    leads: &[Lead],
    plan: &Plan,
) -> Result<(), NoAnswer> {
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
        match world.commit(ws, Transaction(vec![Write::UpdateLead(settled), count])).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    Ok(())
}
