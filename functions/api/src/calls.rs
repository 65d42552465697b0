//! `/voice/calls/initiate`: a call by hand. Unlike all others it spells its fields in camel case.

mod test_call;

use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{AttemptId, CallerNumberId, InteractionId, LeadId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::compliance::eligibility::{Question, Refusal};
use carillon_domain::compliance::manual_call::{self, RequestRefusal};
use carillon_domain::records::active_attempt::{CallRequest, DialCause};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::evidence::RefusalRecord;
use carillon_domain::records::interaction::{Interaction, InteractionStatus, StartedBy};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_store::CommitError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::callers::{Voices, announce};
use crate::campaigns::load as load_campaign;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::problem::{Code, Problem};
use crate::http::validation::{FieldErrors, MAX_TEXT_CHARS, present};
use crate::reasons::Message;

pub(crate) use test_call::*;

/// A call to be made now. Fields may also be written in snake case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CallForm {
    /// Whom to call.
    #[serde(alias = "lead_id")]
    lead_id: LeadId,
    /// Always `outbound`.
    direction: CallDirection,
    /// What the assistant should do besides.
    #[serde(default, alias = "additional_instructions")]
    #[schema(max_length = 4000)]
    additional_instructions: Option<String>,
    /// The number to call from; one of the campaign's, any of them unless set.
    #[serde(default, alias = "caller_number_id")]
    caller_number_id: Option<CallerNumberId>,
}

/// Who calls whom.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CallDirection {
    Outbound,
}

/// A call that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitiatedCall {
    /// Its record; ask there what came of it.
    interaction_id: InteractionId,
    /// Where it stands.
    status: InteractionStatus,
}

/// Calls a lead now, before anybody else.
///
/// In any state of its campaign, and for settled leads too; but inside the law's hours, never
/// somebody who does not want to be called, and never while a call with this person is up. It
/// counts as an attempt.
#[utoipa::path(post, path = "/voice/calls/initiate", tag = "calls", params(IdempotencyHeader),
    request_body = CallForm, responses((status = 202, body = InitiatedCall)))]
pub(crate) async fn initiate_call(
    State(context): State<Context>,
    principal: Principal,
    creation: Creation<CallForm>,
) -> Result<Created, Problem> {
    let initiate = async |form: CallForm, birth: Birth| {
        let attempt = AttemptId::new(birth.at, birth.seed);
        if !birth.is_repeat
            || context.store.interaction(&principal.workspace, &InteractionId::of(&attempt)).await?.is_none()
        {
            let CallDirection::Outbound = form.direction;
            let wish = CallWish {
                lead: form.lead_id,
                caller_number: form.caller_number_id,
                instructions: form.additional_instructions,
                spelling: Spelling::CAMEL,
            };
            request_call(&context, &principal, wish, &attempt).await?;
        }
        announce(&context, &principal.workspace).await?;
        let interaction_id = InteractionId::of(&attempt);
        Ok(Tagged::fixed(InitiatedCall { interaction_id, status: InteractionStatus::InProgress }))
    };
    creation.once(&context, &principal.workspace, StatusCode::ACCEPTED, initiate).await
}

/// A call that somebody wants now.
struct CallWish {
    lead: LeadId,
    caller_number: Option<CallerNumberId>,
    instructions: Option<String>,
    spelling: Spelling,
}

/// What the fields are called where it was asked for.
#[derive(Debug, Clone, Copy)]
struct Spelling {
    lead: &'static str,
    caller_number: &'static str,
    instructions: &'static str,
}

impl Spelling {
    const CAMEL: Self =
        Self { lead: "leadId", caller_number: "callerNumberId", instructions: "additionalInstructions" };
    const SNAKE: Self =
        Self { lead: "lead_id", caller_number: "caller_number_id", instructions: "additional_instructions" };
}

/// Puts the request where the planner takes it up first.
async fn request_call(
    context: &Context,
    principal: &Principal,
    wish: CallWish,
    attempt: &AttemptId,
) -> Result<(), Problem> {
    let ws = &principal.workspace;
    let mut errors = FieldErrors::default();
    errors.check_optional_text(wish.spelling.instructions, wish.instructions.as_deref(), MAX_TEXT_CHARS);
    errors.into_result()?;
    let no_lead = || {
        let reason = format!("there is no lead {} in this workspace", wish.lead);
        Problem::of_field(Code::InvalidFields, wish.spelling.lead, reason)
    };
    let lead = context.store.lead(ws, &wish.lead).await?.ok_or_else(no_lead)?;
    let campaign = load_campaign(context, ws, &lead.id.campaign()).await?;
    check_caller(context, ws, &campaign, &wish).await?;
    let (active_attempts, requests) = context.store.in_flight(ws).await?;
    let now = context.now();
    let records = context.store.number_records(ws, &lead.person()).await?;
    let workspace = crate::workspace::load(context, ws).await?;
    let question = Question {
        lead: &lead,
        campaign: &campaign,
        workspace: &workspace,
        rules: &workspace.rulebook(),
        records: &records,
        cause: DialCause::Manual,
    };
    if let Err(refusal) = manual_call::check(&question, &active_attempts, &requests, now) {
        return Err(refuse(context, ws, &question, refusal, now).await?);
    }
    let instructions = present(wish.instructions);
    let interaction = Interaction {
        instructions: instructions.clone(),
        caller_number: wish.caller_number.clone(),
        is_test: lead.is_test,
        ..Interaction::opened(attempt, &lead.id, StartedBy::Manual, now)
    };
    let told =
        json!({ "lead_id": lead.id, "caller_number_id": wish.caller_number, "instructions": instructions });
    let store = principal.noting(context, &interaction.id, &(), &told)?;
    let request = CallRequest {
        attempt: attempt.clone(),
        person: lead.person(),
        lead: lead.id,
        caller_number: wish.caller_number,
        instructions,
        requested_at: now,
    };
    let transaction = Transaction(vec![Write::PutRequest(request), Write::OpenInteraction(interaction)]);
    match store.commit(ws, &transaction).await {
        Ok(()) => Ok(()),
        // The record's id is this request's alone, so it was written by a run that did not end.
        Err(error) if error.refuses(|write| matches!(write, Write::OpenInteraction(_))) => Ok(()),
        // Somebody else asked for it in this moment.
        Err(CommitError::Refused(_)) => Err(refused(RequestRefusal::AlreadyRequested)),
        Err(error) => Err(error.into()),
    }
}

/// Whether the campaign can call at all, and from the number that was chosen.
async fn check_caller(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
    wish: &CallWish,
) -> Result<(), Problem> {
    let voices = Voices::of(context, ws).await?;
    let callers = voices.callers_of(&campaign.spec)?;
    match &wish.caller_number {
        Some(id) if !callers.iter().any(|number| number.id == *id) => {
            let reason = format!("{id} is not a number that the campaign {} calls from", campaign.id);
            Err(Problem::of_field(Code::InvalidFields, wish.spelling.caller_number, reason))
        }
        _ => Ok(()),
    }
}

/// A refusal, noted as evidence if it rests on the person or the law.
async fn refuse(
    context: &Context,
    ws: &WorkspaceId,
    question: &Question<'_>,
    refusal: RequestRefusal,
    now: Timestamp,
) -> Result<Problem, Problem> {
    if let RequestRefusal::Refused(reason) = &refusal {
        let record = RefusalRecord::of(question, reason, None, now);
        context.store.commit(ws, &Transaction::of(Write::NoteRefusal(record))).await?;
    }
    Ok(refused(refusal))
}

fn refused(refusal: RequestRefusal) -> Problem {
    let code = match &refusal {
        RequestRefusal::LiveCall => Code::LiveCall,
        RequestRefusal::AlreadyRequested => Code::AlreadyRequested,
        RequestRefusal::Refused(Refusal::DoNotCall(_)) => Code::DoNotCall,
        RequestRefusal::Refused(Refusal::NumberClass(_)) => Code::NumberClassNotAllowed,
        RequestRefusal::Refused(Refusal::Capped(_)) => Code::CalledOftenEnough,
        RequestRefusal::Refused(_) => Code::OutsideHours,
    };
    Problem::new(code, refusal.message())
}
