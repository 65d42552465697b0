//! Do-not-call lists.

use carillon_domain::base::phone::E164;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::records::active_attempt::ActiveAttemptState;
use carillon_domain::records::lead::SkipReason;
use carillon_domain::transaction::{Transaction, Write};

use crate::bug::Bug;
use crate::store::CommitError;
use crate::world::{NoAnswer, World};

/// Puts a number on a list: first in its record, which every dial reads and depends on; then claims
/// are taken away and leads settled.
pub(super) async fn opt_out(
    world: &World,
    ws: usize,
    list: &ListName,
    number: &E164,
) -> Result<(), NoAnswer> {
    enlist(world, ws, list, number).await?;
    if *list == ListName::do_not_call() && !world.has(Bug::OptOutInListAlone) {
        revoke(world, ws, number).await?;
        settle_owners(world, ws, number).await?;
    }
    world.watch.borrow_mut().opted_out(&world.table.borrow().workspaces[ws], list, number);
    world.tell(|| format!("acknowledged: {number} is not to be called"));
    Ok(())
}

async fn enlist(world: &World, ws: usize, list: &ListName, number: &E164) -> Result<(), NoAnswer> {
    let [record] = &world.records(ws, std::slice::from_ref(number)).await?[..] else { return Err(NoAnswer) };
    if record.lists.contains_key(list) {
        return Ok(());
    }
    let listing = Listing { at: world.now(), source: "api".to_owned(), reason: None };
    let mut writes =
        vec![Write::AddToDnc { list: list.clone(), number: number.clone(), listing: listing.clone() }];
    if !world.has(Bug::OptOutInListAlone) {
        writes.push(Write::UpdateNumber(record.listed(list.clone(), listing)));
    }
    // Refused: the record has changed; the client asks again.
    Ok(world.commit(ws, Transaction(writes)).await?)
}

/// Takes away what is claimed for the person and not dialled yet.
async fn revoke(world: &World, ws: usize, number: &E164) -> Result<(), NoAnswer> {
    let (active_attempts, _) = world.in_flight(ws).await?;
    for active_attempt in
        active_attempts.iter().filter(|active_attempt| active_attempt.person.contains(number))
    {
        if matches!(active_attempt.state, ActiveAttemptState::Claimed { .. }) {
            match world.commit(ws, Transaction::release_claim(active_attempt)).await {
                Ok(()) | Err(CommitError::Refused(_)) => {}
                Err(CommitError::NoAnswer) => return Err(NoAnswer),
            }
        }
    }
    Ok(())
}

/// Settles the leads that the number belongs to. One that has changed meanwhile is found by the next
/// plan.
async fn settle_owners(world: &World, ws: usize, number: &E164) -> Result<(), NoAnswer> {
    for lead in world.owners(ws, number).await?.iter().filter(|lead| lead.state.is_waiting()) {
        let skipped = lead.skipped(SkipReason::DoNotCall, world.now());
        match world.commit(ws, Transaction::change_lead(lead, skipped)).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::NoAnswer) => return Err(NoAnswer),
        }
    }
    Ok(())
}

/// Takes a number off a list.
pub(super) async fn forgive(
    world: &World,
    ws: usize,
    list: &ListName,
    number: &E164,
) -> Result<(), NoAnswer> {
    let [record] = &world.records(ws, std::slice::from_ref(number)).await?[..] else { return Err(NoAnswer) };
    if !record.lists.contains_key(list) {
        return Ok(());
    }
    let writes = vec![
        Write::UpdateNumber(record.unlisted(list)),
        Write::RemoveFromDnc { list: list.clone(), number: number.clone() },
    ];
    Ok(world.commit(ws, Transaction(writes)).await?)
}
