//! What is queued for numbers that must not be called: claims, requested calls, leads that wait.
//!
//! What the planner claims in this very moment is left to the dialer, which refuses it.

use std::collections::BTreeSet;

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
    skip_all(context, ws, SkipReason::of_list(list), leads_of(&queued, &campaigns, &numbers)).await?;
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
    leads.retain(|lead| is_theirs(&lead.numbers));
    requests.retain(|request| leads.iter().any(|lead| lead.id == request.lead));
    Ok(Queued { active_attempts, requests })
}

/// The leads to look at: those of what is queued, and whoever may have one of the numbers, in any form, as
/// their first. Whoever has it as a further one is settled when it is their turn.
fn leads_of(queued: &Queued, campaigns: &[Campaign], numbers: &BTreeSet<E164>) -> BTreeSet<LeadId> {
    let claimed = queued.active_attempts.iter().map(|active_attempt| active_attempt.lead.clone());
    let asked = queued.requests.iter().map(|request| request.lead.clone());
    let open = campaigns.iter().filter(|campaign| !campaign.status.is_ended());
    let forms: BTreeSet<E164> = Subscriber::all(numbers).iter().flat_map(Subscriber::numbers).collect();
    let first = open.flat_map(|campaign| forms.iter().map(|number| LeadId::derive(&campaign.id, number)));
    claimed.chain(asked).chain(first).collect()
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
    let forms: BTreeSet<E164> = Subscriber::all(numbers).iter().flat_map(Subscriber::numbers).collect();
    let ids: Vec<LeadId> = campaigns
        .iter()
        .flat_map(|campaign| forms.iter().map(|number| LeadId::derive(&campaign.id, number)))
        .collect();
    let mut waiting = BTreeSet::new();
    for chunk in ids.chunks(LEADS_PER_READ) {
        for lead in context.store.leads(ws, chunk).await? {
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
    }
    Ok(waiting)
}

/// Skips those of the leads that are there and wait for a call.
async fn skip_all(
    context: &Context,
    ws: &WorkspaceId,
    reason: SkipReason,
    leads: BTreeSet<LeadId>,
) -> Result<(), StoreError> {
    let leads = Vec::from_iter(leads);
    let skips: Vec<_> = leads
        .chunks(LEADS_PER_READ)
        .map(|chunk| skip_some(ws.clone(), reason, chunk.to_vec(), context.clone()))
        .collect();
    in_parallel(PARALLEL_READS, skips).await.map(drop)
}

async fn skip_some(
    ws: WorkspaceId,
    reason: SkipReason,
    ids: Vec<LeadId>,
    context: Context,
) -> Result<(), StoreError> {
    for lead in context.store.leads(&ws, &ids).await? {
        skip(&context, &ws, reason, lead).await?;
    }
    Ok(())
}

async fn skip(
    context: &Context,
    ws: &WorkspaceId,
    reason: SkipReason,
    mut lead: Lead,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        if lead.state.is_settled() || matches!(lead.state, LeadState::InProgress { .. }) {
            return Ok(());
        }
        let skip = Transaction::change_lead(&lead, lead.skipped(reason, context.now()));
        match context.store.commit(ws, &skip).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
        match context.store.lead(ws, &lead.id).await? {
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
