//! Calls that come in: whose they are, and the attempt under which they are known.

use carillon_domain::base::call::{IncomingCall, ProviderCallId};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{AssistantId, AttemptId, Entropy, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::calling::inbound::{self, Inbound, InboundContext};
use carillon_domain::calling::outcome::Settlement;
use carillon_domain::calling::personalization::Script;
use carillon_domain::calling::values::Conversation;
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::policy::tariff::price_micros;
use carillon_domain::records::active_attempt::{ActiveAttempt, DialCause};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::workspace::Workspace;
use carillon_domain::transaction::Write;
use carillon_store::{CommitError, ProviderCall, StoreError};
use sha2::{Digest, Sha256};

use crate::context::Context;
use crate::services::effects::{self, EffectError};

/// How often a call is opened anew on what somebody else has stored meanwhile.
const TRIES: usize = 4;
/// How far the beginning of a call, as the provider tells it at the end, may lie from the moment at which
/// it asked about it, in milliseconds: the end is told once the call has been analysed.
const BEGINS_WITHIN_MS: i64 = 2 * MINUTE_MS;

/// The time in the id of an attempt that the carrier's id of its call gives.
const NO_TIME: Timestamp = Timestamp::from_millis(0);

/// A call that came in was not opened.
#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Effect(#[from] EffectError),
}

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
/// [`InboundError`] if the table does not answer.
pub async fn answer(
    context: &Context,
    ws: &WorkspaceId,
    call: &IncomingCall,
) -> Result<Option<(AttemptId, Script)>, InboundError> {
    let Some(link) = find(context, ws, call).await? else { return Ok(None) };
    // Asked again, the same call is the same attempt, though the first question may not be answered yet.
    let attempt = match &call.carrier_call {
        Some(id) => attempt_of(id),
        None => AttemptId::new(context.now(), context.random.draw()),
    };
    if open(context, ws, &link, &attempt).await? {
        note(context, ws, &link, &attempt, call.carrier_call.as_ref()).await?;
    }
    Ok(Some((attempt, script_of(&link))))
}

/// A call that came in and is over.
pub(crate) struct Over {
    pub(crate) call: ProviderCall,
    /// Its record as it began, if none may be stored.
    pub(crate) begun: Option<Interaction>,
}

impl Over {
    const fn known(call: ProviderCall) -> Self {
        Self { call, begun: None }
    }
}

/// The attempt of a call that came in and is over, where nothing is known of it by the provider's id, or by the
/// attempt that it names.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub(crate) async fn ended(
    context: &Context,
    ws: &WorkspaceId,
    call: &IncomingCall,
    (id, named): (&ProviderCallId, Option<&AttemptId>),
    began_at: Timestamp,
) -> Result<Option<Over>, StoreError> {
    if let Some(carrier_call) = &call.carrier_call
        && let Some(known) = context.store.call_trail(ws, carrier_call).await?.call
    {
        return Ok(Some(Over::known(known)));
    }
    let Some(link) = find(context, ws, call).await? else { return Ok(None) };
    let active_attempt = match named {
        // Had it a record it would be known: it joined another call.
        Some(_) => None,
        None => context.store.active_attempt(ws, &link.caller).await?,
    };
    if let Some(active_attempt) =
        active_attempt.filter(|active_attempt| is_of(active_attempt, call, began_at))
    {
        return Ok(Some(Over::known(ProviderCall {
            attempt: active_attempt.attempt,
            lead: active_attempt.lead,
            number: active_attempt.number,
        })));
    }
    // Nobody asked us when it began, or it joined another. The same event again is the same attempt.
    let attempt = match (named, &call.carrier_call) {
        (Some(named), _) => named.clone(),
        (None, Some(carrier_call)) => attempt_of(carrier_call),
        (None, None) => AttemptId::new(began_at, entropy_of(id)),
    };
    let begun = Some(inbound::record(&facts(&link, &attempt, began_at, &[])));
    Ok(Some(Over { call: ProviderCall { attempt, lead: link.lead.id, number: link.caller }, begun }))
}

/// Whether an active attempt is that of a call that came in at this moment. The caller may have called before,
/// or be one of several who share a number.
fn is_of(active_attempt: &ActiveAttempt, call: &IncomingCall, began_at: Timestamp) -> bool {
    let apart_ms = active_attempt.dialled_at().map(|at| at.since_ms(began_at).abs());
    let is_another = call.carrier_call.as_ref().is_some_and(|id| {
        active_attempt.attempt.made_at() == NO_TIME && active_attempt.attempt != attempt_of(id)
    });
    active_attempt.cause == DialCause::Inbound
        && !is_another
        && apart_ms.is_some_and(|apart_ms| apart_ms <= BEGINS_WITHIN_MS)
}

/// Whose a call is: that of the lead for whom its number was dialled last, if it came to a number of
/// this workspace's.
async fn find(context: &Context, ws: &WorkspaceId, call: &IncomingCall) -> Result<Option<Link>, StoreError> {
    let (Some(caller), Some(called)) = (&call.caller, &call.called) else { return Ok(None) };
    let records = context.store.number_records(ws, std::slice::from_ref(caller)).await?;
    let Some(latest) = records.into_iter().find_map(|record| record.latest) else { return Ok(None) };
    let (assistants, numbers) = context.store.voices(ws).await?;
    let Some(called) = numbers.into_iter().find(|number| number.number == *called) else { return Ok(None) };
    let lead = context.store.lead(ws, &latest.lead).await?;
    let campaign = context.store.campaign(ws, &latest.lead.campaign()).await?;
    let workspace = context.store.workspace(ws).await?;
    let (Some(lead), Some(campaign), Some(workspace)) = (lead, campaign, workspace) else { return Ok(None) };
    let of = |id: &AssistantId| assistants.iter().find(|assistant| assistant.id == *id);
    let own = of(&campaign.spec.assistant_id);
    let paired = own.and_then(|own| own.paired_assistant_id.as_ref()).and_then(of);
    let is_paired = paired.is_some();
    let assistant = paired.or(own).cloned();
    Ok(Some(Link { caller: caller.clone(), called, lead, campaign, assistant, is_paired, workspace }))
}

/// Opens a call: from now on nobody dials its person. Says whether there is a record of it.
async fn open(
    context: &Context,
    ws: &WorkspaceId,
    link: &Link,
    attempt: &AttemptId,
) -> Result<bool, InboundError> {
    let mut refused = Ok(false);
    for _ in 0..TRIES {
        let person = inbound::person(&link.lead, &link.caller);
        let active_attempts = effects::active_attempts_of(context, ws, &person).await?;
        let Settlement { transaction, effects } =
            match inbound::answer(&facts(link, attempt, context.now(), &active_attempts)) {
                Inbound::Known => return Ok(true),
                Inbound::Join => return Ok(false),
                Inbound::TakeBack(claimed) => {
                    effects::release_claims(context, ws, &claimed).await?;
                    continue;
                }
                Inbound::Open(opened) => opened,
            };
        match context.store.commit(ws, &transaction).await {
            Ok(()) => {
                effects::perform_all(context, ws, effects).await?;
                return Ok(true);
            }
            // Its record is there: the same question was answered before.
            Err(error) if error.refuses(|write| matches!(write, Write::OpenInteraction(_))) => {
                return Ok(true);
            }
            // Somebody claimed the number in this moment.
            Err(error @ CommitError::Refused(_)) => refused = Err(error.into()),
            Err(error) => return Err(error.into()),
        }
    }
    refused
}

async fn note(
    context: &Context,
    ws: &WorkspaceId,
    link: &Link,
    attempt: &AttemptId,
    id: Option<&ProviderCallId>,
) -> Result<(), StoreError> {
    let Some(id) = id else { return Ok(()) };
    let (lead, number) = (link.lead.id.clone(), link.caller.clone());
    let call = ProviderCall { attempt: attempt.clone(), lead, number };
    context.store.note_provider_call(ws, id, &call, context.now()).await.map(drop)
}

fn facts<'a>(
    link: &'a Link,
    attempt: &'a AttemptId,
    at: Timestamp,
    active_attempts: &'a [ActiveAttempt],
) -> InboundContext<'a> {
    InboundContext {
        at,
        attempt,
        caller: &link.caller,
        called: &link.called,
        lead: &link.lead,
        campaign: &link.campaign,
        active_attempts,
        price_micros: price_micros(&link.workspace.tariffs, Channel::Call, &link.caller),
    }
}

/// What the conversation begins with. A template that can't be rendered must not cost the caller
/// their call: then the assistant has the values alone.
fn script_of(link: &Link) -> Script {
    let Link { lead, campaign, workspace, .. } = link;
    let Some(assistant) = &link.assistant else { return Script::default() };
    let conversation = Conversation {
        lead,
        number: &link.caller,
        campaign: &campaign.spec,
        assistant,
        workspace_name: &workspace.name,
        instructions: None,
    };
    let mut script = Script::write(&conversation).unwrap_or_else(|error| {
        tracing::warn!(campaign = %campaign.id, %error, "a call that came in goes without its texts");
        Script::without_texts(&conversation)
    });
    if link.is_paired {
        // The welcome message is for calls that we make.
        script.first_message = None;
    }
    script
}

/// The attempt of a call that came in, by the carrier's id of it.
fn attempt_of(carrier_call: &ProviderCallId) -> AttemptId {
    AttemptId::new(NO_TIME, entropy_of(carrier_call))
}

fn entropy_of(id: &ProviderCallId) -> Entropy {
    let mut entropy = Entropy::default();
    entropy.iter_mut().zip(Sha256::digest(&id.0)).for_each(|(into, from)| *into = from);
    entropy
}
