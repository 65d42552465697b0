//! Calls that come in: whose they are, and the attempt under which they are known.

use carillon_domain::assistant::{Assistant, CallerNumber};
use carillon_domain::call::{IncomingCall, ProviderCallId};
use carillon_domain::campaign::Campaign;
use carillon_domain::flight::{DialCause, Flight};
use carillon_domain::ids::{AssistantId, AttemptId, Entropy, WorkspaceId};
use carillon_domain::inbound::{self, Inbound, InboundScene};
use carillon_domain::lead::Lead;
use carillon_domain::phone::E164;
use carillon_domain::plan;
use carillon_domain::script::{self, Script};
use carillon_domain::time::{MINUTE_MS, Timestamp};
use carillon_domain::workspace::Workspace;
use carillon_runtime::world::World;
use carillon_store::{CommitError, ProviderCall, StoreError};
use sha2::{Digest, Sha256};

/// How often a call is opened anew on what somebody else has stored meanwhile.
const TRIES: usize = 4;
/// How far the beginning of a call, as the provider tells it at the end, may lie from the moment at which
/// it asked about it, in milliseconds: the end is told once the call has been analysed.
const BEGINS_WITHIN_MS: i64 = 2 * MINUTE_MS;

/// Whose a call is, and what goes with it.
struct Link {
    caller: E164,
    called: CallerNumber,
    lead: Lead,
    campaign: Campaign,
    /// The assistant that speaks: the campaign's, or the one that it is paired with.
    assistant: Option<Assistant>,
    is_paired: bool,
    workspace: Workspace,
}

/// Answers a call that comes in: opens it, and says what its conversation begins with. None if the
/// caller is nobody whom we called: then nothing is recorded.
///
/// # Errors
/// [`CommitError`] if the table does not answer.
pub(crate) async fn answer(
    world: &World,
    ws: &WorkspaceId,
    call: &IncomingCall,
) -> Result<Option<(AttemptId, Script)>, CommitError> {
    let Some(link) = find(world, ws, call).await? else { return Ok(None) };
    // Asked again, the same call is the same attempt, though the first question may not be answered yet.
    let attempt = match &call.carrier_call {
        Some(id) => attempt_of(id),
        None => AttemptId::new(world.now(), world.random.draw()),
    };
    open(world, ws, &link, &attempt).await?;
    note(world, ws, &link, &attempt, call.carrier_call.as_ref()).await?;
    Ok(Some((attempt, script_of(&link))))
}

/// The attempt of a call that came in and is over, where the provider did not name it.
///
/// # Errors
/// [`CommitError`] if the table does not answer.
pub(crate) async fn ended(
    world: &World,
    ws: &WorkspaceId,
    call: &IncomingCall,
    id: &ProviderCallId,
    began_at: Timestamp,
) -> Result<Option<ProviderCall>, CommitError> {
    if let Some(carrier_call) = &call.carrier_call
        && let Some(known) = world.store.call_trail(ws, carrier_call).await?.call
    {
        return Ok(Some(known));
    }
    let Some(link) = find(world, ws, call).await? else { return Ok(None) };
    let flight = world.store.flight(ws, &link.caller).await?;
    if let Some(flight) = flight.filter(|flight| is_of(flight, began_at)) {
        return Ok(Some(ProviderCall { attempt: flight.attempt, lead: flight.lead, number: flight.number }));
    }
    // Nobody asked us when it began. The same event again is the same attempt.
    let attempt = match &call.carrier_call {
        Some(carrier_call) => attempt_of(carrier_call),
        None => AttemptId::new(began_at, entropy_of(id)),
    };
    match world.store.commit(ws, &inbound::record(&scene(&link, &attempt, began_at, &[]))).await {
        Ok(()) | Err(CommitError::Refused(_)) => {}
        Err(error) => return Err(error),
    }
    note(world, ws, &link, &attempt, Some(id)).await?;
    Ok(Some(ProviderCall { attempt, lead: link.lead.id, number: link.caller }))
}

/// Whether a flight is that of a call that came in at this moment: the caller may have called before, and
/// that call's end may not be known yet.
fn is_of(flight: &Flight, began_at: Timestamp) -> bool {
    let apart_ms = flight.dialled_at().map(|at| at.since_ms(began_at).abs());
    flight.cause == DialCause::Inbound && apart_ms.is_some_and(|apart_ms| apart_ms <= BEGINS_WITHIN_MS)
}

/// Whose a call is: that of the lead for whom its number was dialled last, if it came to a number of
/// this workspace's.
async fn find(world: &World, ws: &WorkspaceId, call: &IncomingCall) -> Result<Option<Link>, StoreError> {
    let (Some(caller), Some(called)) = (&call.caller, &call.called) else { return Ok(None) };
    let records = world.store.number_records(ws, std::slice::from_ref(caller)).await?;
    let Some(latest) = records.into_iter().find_map(|record| record.latest) else { return Ok(None) };
    let (assistants, numbers) = world.store.voices(ws).await?;
    let Some(called) = numbers.into_iter().find(|number| number.number == *called) else { return Ok(None) };
    let lead = world.store.lead(ws, &latest.lead).await?;
    let campaign = world.store.campaign(ws, &latest.lead.campaign()).await?;
    let workspace = world.store.workspace(ws).await?;
    let (Some(lead), Some(campaign), Some(workspace)) = (lead, campaign, workspace) else { return Ok(None) };
    let of = |id: &AssistantId| assistants.iter().find(|assistant| assistant.id == *id);
    let own = of(&campaign.spec.assistant_id);
    let paired = own.and_then(|own| own.paired_assistant_id.as_ref()).and_then(of);
    let is_paired = paired.is_some();
    let assistant = paired.or(own).cloned();
    Ok(Some(Link { caller: caller.clone(), called, lead, campaign, assistant, is_paired, workspace }))
}

/// Opens a call: from now on nobody dials its person.
async fn open(world: &World, ws: &WorkspaceId, link: &Link, attempt: &AttemptId) -> Result<(), CommitError> {
    for _ in 0..TRIES {
        let flights = flights(world, ws, link).await?;
        let transaction = match inbound::answer(&scene(link, attempt, world.now(), &flights)) {
            Inbound::Known => return Ok(()),
            Inbound::TakeBack(claimed) => {
                release(world, ws, &claimed).await?;
                continue;
            }
            Inbound::Open(transaction) | Inbound::Join(transaction) => transaction,
        };
        match world.store.commit(ws, &transaction).await {
            Ok(()) => return keep_planners_off(world, ws, link).await,
            // Its record is there: the same question was answered before.
            Err(error) if error.refuses(transaction.0.len() - 1) => return Ok(()),
            // Somebody claimed the number in this moment.
            Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(CommitError::Refused(Vec::new()))
}

/// A planner under way may not have seen the call: what it chose under another number of the person
/// is taken back, and it can choose no more. The next plan sees to the call's lease.
async fn keep_planners_off(world: &World, ws: &WorkspaceId, link: &Link) -> Result<(), CommitError> {
    if inbound::person(&link.lead, &link.caller).len() > 1 {
        world.store.update_paces(ws, world.now(), |_| {}).await?;
        let flights = flights(world, ws, link).await?;
        release(world, ws, &inbound::claimed(&flights)).await?;
    }
    if let Err(error) = world.hint(ws, 0).await {
        tracing::warn!(%error, "a hint was lost; the next tick makes up for it");
    }
    Ok(())
}

/// The flights of the person's numbers.
async fn flights(world: &World, ws: &WorkspaceId, link: &Link) -> Result<Vec<Flight>, StoreError> {
    let mut flights = Vec::new();
    for number in inbound::person(&link.lead, &link.caller) {
        flights.extend(world.store.flight(ws, &number).await?);
    }
    Ok(flights)
}

async fn release(world: &World, ws: &WorkspaceId, claimed: &[Flight]) -> Result<(), CommitError> {
    for flight in claimed {
        match world.store.commit(ws, &plan::release(flight)).await {
            // Dialled in this very moment: that call goes on.
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn note(
    world: &World,
    ws: &WorkspaceId,
    link: &Link,
    attempt: &AttemptId,
    id: Option<&ProviderCallId>,
) -> Result<(), StoreError> {
    let Some(id) = id else { return Ok(()) };
    let (lead, number) = (link.lead.id.clone(), link.caller.clone());
    let call = ProviderCall { attempt: attempt.clone(), lead, number };
    world.store.note_provider_call(ws, id, &call, world.now()).await
}

fn scene<'a>(
    link: &'a Link,
    attempt: &'a AttemptId,
    at: Timestamp,
    flights: &'a [Flight],
) -> InboundScene<'a> {
    InboundScene {
        at,
        attempt,
        caller: &link.caller,
        called: &link.called,
        lead: &link.lead,
        campaign: &link.campaign,
        flights,
        is_charged: link.workspace.low_credits_micros.is_some(),
    }
}

/// What the conversation begins with. A template that can't be rendered must not cost the caller
/// their call: then the assistant has the values alone.
fn script_of(link: &Link) -> Script {
    let Link { lead, campaign, workspace, .. } = link;
    let Some(assistant) = &link.assistant else { return Script::default() };
    let mut script = Script::write(lead, campaign, assistant, &workspace.name).unwrap_or_else(|error| {
        tracing::warn!(campaign = %campaign.id, %error, "a call that came in goes without its texts");
        let variables = script::variables(lead, campaign, assistant, &workspace.name);
        Script { variables, ..Script::default() }
    });
    if link.is_paired {
        // The welcome message is for calls that we make.
        script.first_message = None;
    }
    script
}

/// The attempt of a call that came in, by the carrier's id of it. Its time says nothing.
fn attempt_of(carrier_call: &ProviderCallId) -> AttemptId {
    AttemptId::new(Timestamp::default(), entropy_of(carrier_call))
}

fn entropy_of(id: &ProviderCallId) -> Entropy {
    let mut entropy = Entropy::default();
    entropy.iter_mut().zip(Sha256::digest(&id.0)).for_each(|(into, from)| *into = from);
    entropy
}
