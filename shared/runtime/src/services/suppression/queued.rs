//! What is queued for numbers that must not be called: claims, requested calls, leads that wait.
//!
//! What the planner claims in this very moment is left to the dialer, which refuses it.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{AttemptId, CampaignId, InteractionId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::calling::wish::Wish;
use carillon_domain::compliance::eligibility::Refusal;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::{ActiveAttempt, CallRequest};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::{Lead, LeadState, SkipReason};
use carillon_domain::transaction::{Transaction, Write};
use carillon_store::{CommitError, StoreError, in_parallel};

use super::TRIES;
use crate::context::Context;

/// Leads that are read in one request (limit of the service).
const LEADS_PER_READ: usize = 100;
/// Reads that are under way at the same time.
const PARALLEL_READS: usize = 8;

/// What is queued and must not be called.
struct Queued {
    active_attempts: Vec<ActiveAttempt>,
    requests: Vec<CallRequest>,
}

/// Takes away what is queued for these numbers, where the list counts: leads are skipped, claims
/// released, requested calls refused.
///
/// # Errors
/// [`StoreError`] if the table does not answer; the same may be asked for again.
pub async fn withdraw_queued(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    numbers: BTreeSet<E164>,
) -> Result<(), StoreError> {
    let mut campaigns = context.store.campaigns(ws).await?;
    campaigns.retain(|campaign| list.counts_where(&campaign.spec.suppression_lists));
    if numbers.is_empty() || campaigns.is_empty() {
        return Ok(());
    }
    let queued = find(context, ws, &campaigns, &numbers).await?;
    let open = campaigns.iter().filter(|campaign| !campaign.status.is_ended());
    let mut leads = leads_with(context, ws, open, &numbers).await?;
    leads.extend(context.store.leads(ws, &leads_of(&queued)).await?);
    let listed = Subscriber::all(&numbers);
    let skips =
        leads.into_iter().map(|lead| skip(context.clone(), ws.clone(), (list.clone(), listed.clone()), lead));
    in_parallel(PARALLEL_READS, skips).await?;
    for request in queued.requests {
        refuse(context, ws, list, Transaction::withdraw_request(&request), &request.attempt).await?;
    }
    for active_attempt in queued.active_attempts {
        refuse(context, ws, list, Transaction::withdraw_claim(&active_attempt), &active_attempt.attempt)
            .await?;
    }
    // Slots are free now, and a campaign may have nobody left to call.
    context.store.add_work(ws, context.now()).await?;
    context.hint_or_warn(ws).await;
    Ok(())
}

/// Claims and requested calls of people with one of these numbers.
async fn find(
    context: &Context,
    ws: &WorkspaceId,
    campaigns: &[Campaign],
    numbers: &BTreeSet<E164>,
) -> Result<Queued, StoreError> {
    let counts = |id: &CampaignId| campaigns.iter().any(|campaign| campaign.id == *id);
    let subscribers = Subscriber::all(numbers);
    let is_theirs =
        |person: &[E164]| person.iter().any(|number| subscribers.contains(&Subscriber::of(number)));
    let (mut active_attempts, mut requests) = context.store.in_flight(ws).await?;
    active_attempts.retain(|active_attempt| {
        active_attempt.is_claimed() && is_theirs(&active_attempt.person) && counts(&active_attempt.campaign)
    });
    requests.retain(|request| counts(&request.lead.campaign()));
    let asked: BTreeSet<_> = requests.iter().map(|request| request.lead.clone()).collect();
    let mut leads = context.store.leads(ws, &Vec::from_iter(asked)).await?;
    leads.retain(|lead| is_theirs(&lead.person()));
    requests.retain(|request| leads.iter().any(|lead| lead.id == request.lead));
    Ok(Queued { active_attempts, requests })
}

/// The leads of what is queued.
fn leads_of(queued: &Queued) -> Vec<LeadId> {
    let claimed = queued.active_attempts.iter().map(|active_attempt| &active_attempt.lead);
    let all: BTreeSet<_> = claimed.chain(queued.requests.iter().map(|request| &request.lead)).collect();
    all.into_iter().cloned().collect()
}

/// Whoever has one of the numbers, in any form, in these campaigns.
async fn leads_with<'a>(
    context: &Context,
    ws: &WorkspaceId,
    campaigns: impl Iterator<Item = &'a Campaign>,
    numbers: impl IntoIterator<Item = &E164>,
) -> Result<Vec<Lead>, StoreError> {
    let numbers: Vec<E164> = Subscriber::all(numbers).iter().map(Subscriber::spelling).collect();
    let wanted =
        |campaign: &'a Campaign| numbers.iter().map(move |number| (campaign.id.clone(), number.clone()));
    let wanted: Vec<(CampaignId, E164)> = campaigns.flat_map(wanted).collect();
    let reads = wanted.chunks(LEADS_PER_READ).map(|chunk| {
        let (context, ws, chunk) = (context.clone(), ws.clone(), chunk.to_vec());
        async move { context.store.holders(&ws, &chunk).await }
    });
    let found = in_parallel(PARALLEL_READS, reads.collect::<Vec<_>>()).await?;
    let leads: BTreeMap<LeadId, Lead> = found.into_iter().flat_map(|(_, leads)| leads).collect();
    Ok(leads.into_values().collect())
}

/// Brings on whoever rests because of these numbers, in any campaign, now that it is known what their person wants: a
/// call-back was asked of one campaign, and the others go on where they stood. Answers with the campaigns whose
/// leads wait again.
///
/// # Errors
/// [`StoreError`] if the table does not answer; who still rests is settled for themselves.
pub async fn bring_on(
    context: &Context,
    ws: &WorkspaceId,
    numbers: &[E164],
    wish: Wish,
) -> Result<BTreeSet<CampaignId>, StoreError> {
    let wish = if wish == Wish::DoNotCall { wish } else { Wish::Nothing };
    let campaigns = context.store.campaigns(ws).await?;
    let mut waiting = BTreeSet::new();
    for lead in leads_with(context, ws, campaigns.iter(), numbers).await? {
        let after = lead.settled_as(wish, context.now()).filter(|_| lead.state.is_at_rest());
        let Some(after) = after else { continue };
        let is_waiting = after.state.is_waiting();
        match context.store.commit(ws, &Transaction::change_lead(&lead, after)).await {
            Ok(()) if is_waiting => drop(waiting.insert(lead.id.campaign())),
            // Somebody has settled it in this moment.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(waiting)
}

/// Skips a lead, if it waits for a call.
async fn skip(
    context: Context,
    ws: WorkspaceId,
    (list, listed): (ListName, BTreeSet<Subscriber>),
    mut lead: Lead,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        if lead.state.is_settled() || matches!(lead.state, LeadState::InProgress { .. }) {
            return Ok(());
        }
        let skipped = lead.skipped(SkipReason::of_list(&list), context.now());
        let skipped = skipped.with_listed(&list, |number| listed.contains(&Subscriber::of(number)));
        let skip = Transaction::change_lead(&lead, skipped);
        match context.store.commit(&ws, &skip).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
        match context.store.lead(&ws, &lead.id).await? {
            Some(stored) => lead = stored,
            None => return Ok(()),
        }
    }
    // Others keep changing it; it is settled when it is its turn.
    Ok(())
}

/// Removes a claim or a request. The call's record, if there is one, ends with the reason.
async fn refuse(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    remove: Transaction,
    attempt: &AttemptId,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let mut transaction = remove.clone();
        if let Some(asked) = context.store.interaction(ws, &InteractionId::of(attempt)).await? {
            let after = asked.refused(Refusal::DoNotCall(list.clone()).into(), context.now());
            transaction.push(Write::UpdateInteraction { before: asked, after });
        }
        match context.store.commit(ws, &transaction).await {
            Ok(()) => return Ok(()),
            // Claimed in this very moment, so the dialer refuses it; or dialled before our word.
            Err(error) if error.refuses(|write| remove.0.contains(write)) => return Ok(()),
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}
