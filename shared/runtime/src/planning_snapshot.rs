//! Reading what a plan is made from; whoever wants to know why the planner does what it does reads
//! the same.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId, InteractionId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::planning::{CampaignSnapshot, PlanningSnapshot};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::records::workspace::Workspace;
use carillon_store::{PlanState, StoreError, WorkspaceState};

use crate::context::Context;

/// Everything in flight and every campaign that matters, strongly; those in `also` besides the ones
/// that the planner looks at.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn read(
    context: &Context,
    ws: &WorkspaceId,
    state: &PlanState,
    also: impl IntoIterator<Item = CampaignId>,
) -> Result<PlanningSnapshot, StoreError> {
    let (active_attempts, requests) = context.store.in_flight(ws).await?;
    let mut wanted: BTreeSet<_> = state.active.clone();
    wanted.extend(requests.iter().map(|request| request.lead.campaign()));
    wanted.extend(also);
    // Failures are counted in the transactions that end active attempts: read after the active attempts, so that a call
    // that flies no more has left its failure. The other way round a probe that failed between the two
    // reads would seem to have gone well.
    // Who calls now is mostly who calls next.
    let assistants = active_attempts.iter().map(|active_attempt| active_attempt.assistant.clone()).collect();
    let stored = context.store.workspace_and_campaigns(ws, &wanted, &assistants, &state.rate_states).await?;
    let probes_made = probes_made(context, ws, &state.rate_states, &active_attempts).await?;
    let voices = voices(context, ws, &stored).await?;
    let (assistants, numbers) = voices.unwrap_or((stored.assistants, stored.numbers));
    let WorkspaceState { workspace, empty_partitions, failures, campaigns, .. } = stored;
    let workspace = workspace.unwrap_or_else(|| Workspace::new(ws.clone(), String::new(), context.now()));
    let credits = match workspace.low_credits_micros {
        None => None,
        Some(_) => Some(context.store.credits(ws).await?),
    };
    let campaigns = campaigns
        .into_iter()
        .map(|(campaign, zones)| CampaignSnapshot {
            numbers: campaign
                .spec
                .callers(&assistants, &numbers)
                .map_or_else(|_| Vec::new(), |found| found.into_iter().cloned().collect()),
            campaign,
            zones,
        })
        .collect();
    Ok(PlanningSnapshot {
        now: context.now(),
        rules: workspace.rulebook(),
        credits,
        workspace,
        campaigns,
        active_attempts,
        requests,
        rate_states: state.rate_states.clone(),
        failures,
        probes_made,
        empty_partitions,
    })
}

/// All assistants and numbers of a workspace; none if its campaigns need no others than were read with them.
async fn voices(
    context: &Context,
    ws: &WorkspaceId,
    stored: &WorkspaceState,
) -> Result<Option<(Vec<Assistant>, Vec<CallerNumber>)>, StoreError> {
    let is_read = |id: &CallerNumberId| stored.numbers.iter().any(|number| number.id == *id);
    let suffices = |spec: &CampaignSpec| {
        let assistant = stored.assistants.iter().find(|assistant| assistant.id == spec.assistant_id);
        assistant.is_some_and(|assistant| spec.caller_ids(assistant).iter().all(is_read))
    };
    if stored.campaigns.iter().all(|(campaign, _)| suffices(&campaign.spec)) {
        return Ok(None);
    }
    context.store.voices(ws).await.map(Some)
}

/// The probes of breakers that were dialled and fly no more. Seldom any is asked about.
async fn probes_made(
    context: &Context,
    ws: &WorkspaceId,
    rate_states: &RateStates,
    active_attempts: &[ActiveAttempt],
) -> Result<BTreeSet<AttemptId>, StoreError> {
    let mut made = BTreeSet::new();
    for probe in PlanningSnapshot::vanished_probes(rate_states, active_attempts) {
        let record = context.store.interaction(ws, &InteractionId::of(&probe)).await?;
        if record.is_some_and(|record| record.outcome.is_some()) {
            made.insert(probe);
        }
    }
    Ok(made)
}

/// What is known of the numbers of these leads.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn records(
    context: &Context,
    ws: &WorkspaceId,
    leads: &[Lead],
) -> Result<HashMap<Subscriber, NumberRecord>, StoreError> {
    let numbers: BTreeSet<&E164> = leads.iter().flat_map(Lead::phones).collect();
    let numbers: Vec<E164> = numbers.into_iter().cloned().collect();
    let records = context.store.number_records(ws, &numbers).await?;
    Ok(records.into_iter().map(|record| (record.subscriber(), record)).collect())
}
