//! `/interactions/{id}/recording`: a link to the recording of a call. The API may not read the keys of providers, so a
//! worker fetches what is not there yet.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{InteractionId, JobId, WorkspaceId};
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::job::{Job, JobKind, JobStatus};
use carillon_domain::records::recording::RecordingCopy;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::services::recordings::{self, Known, file_key};
use carillon_store::CommitError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::exports::LINK_SECS;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::jobs::begin;

/// How soon to ask again while a recording is fetched, in seconds.
const AGAIN_SECS: u16 = 2;
/// For how long a fetch that was given up is told of before another one begins, in milliseconds.
const GIVEN_UP_MS: i64 = MINUTE_MS;
/// How often a fetch is begun anew on what somebody else has begun meanwhile.
const TRIES: usize = 5;

/// A recording that is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingLink {
    status: Ready,
    /// Where to fetch it, with nothing but this; it takes `Range`.
    url: String,
    /// How long `url` leads there; ask for another one then.
    expires_at: Timestamp,
    #[schema(example = "audio/mpeg")]
    media_type: &'static str,
    size_bytes: u64,
}

/// A recording that is being fetched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingFetch {
    status: Fetching,
    /// The job that fetches it.
    job_id: JobId,
    /// What went wrong last, while it is tried again.
    error: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecordingReady)]
enum Ready {
    Ready,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecordingFetching)]
enum Fetching {
    Fetching,
}

/// Gives a link to the recording of a call, for a quarter of an hour and for whoever has it. Recordings are not public:
/// there is no other way to them.
///
/// They stay with the provider. One that we have no copy of is fetched, which is answered with 202: ask again, as
/// `Retry-After` says, until there is the link. A copy stays for a day, or as long as the campaign's
/// `recording_retention` says; whoever asks later has it fetched again. Where there is none, or the provider has removed
/// it, the answer is `no_recording`; where it could not be fetched it is `recording_not_fetched` with the reason, and a
/// minute later it is tried anew.
#[utoipa::path(get, path = "/interactions/{interaction_id}/recording", tag = "interactions",
    params(("interaction_id" = String, Path)),
    responses((status = 200, body = RecordingLink), (status = 202, body = RecordingFetch,
        headers(("Retry-After" = u16, description = "When to ask again, in seconds")))))]
pub(crate) async fn get_recording(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<InteractionId>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let call = context.store.interaction(ws, &id).await?;
    let call = call.ok_or_else(|| Problem::not_found("interaction", &id))?;
    match recordings::known(&context, ws, &id).await? {
        Known::Copied { copy, size_bytes } => {
            Ok(Json(link(&context, ws, &id, &copy, size_bytes).await?).into_response())
        }
        Known::Missing => Err(Problem::new(Code::NoRecording, "the provider has no recording of this call")),
        Known::Nothing => {
            check_recorded(&call)?;
            let job = fetch(&context, &principal, &id).await?;
            let body = RecordingFetch { status: Fetching::Fetching, job_id: job.id, error: job.error };
            Ok((StatusCode::ACCEPTED, [(header::RETRY_AFTER, AGAIN_SECS)], Json(body)).into_response())
        }
    }
}

/// Refuses what can't have a recording.
fn check_recorded(call: &Interaction) -> Result<(), Problem> {
    let why = if call.channel == Channel::Sms {
        "it is a text; only calls have recordings"
    } else if call.ended_at.is_none() {
        "the call is not over; ask again then"
    } else if !call.has_recording {
        "the provider has recorded nothing of this call"
    } else if call.provider_record.is_none() {
        "the call ended before we noted where its provider keeps recordings"
    } else {
        return Ok(());
    };
    Err(Problem::new(Code::NoRecording, why))
}

/// A link to a copy, as long as that stays.
async fn link(
    context: &Context,
    ws: &WorkspaceId,
    id: &InteractionId,
    copy: &RecordingCopy,
    size_bytes: u64,
) -> Result<RecordingLink, Problem> {
    let now = context.now();
    let left_secs = copy.stays_until().since_ms(now) / SECOND_MS;
    let secs = u32::try_from(left_secs).unwrap_or(LINK_SECS).clamp(1, LINK_SECS);
    let url = context.files.presign_get(&file_key(ws, id, copy), secs).await?;
    let expires_at = now.plus_ms(i64::from(secs) * SECOND_MS);
    Ok(RecordingLink {
        status: Ready::Ready,
        url,
        expires_at,
        media_type: copy.format.media_type(),
        size_bytes,
    })
}

/// The job that fetches a recording, of which there is one: it is begun, anew if it has ended, or under way.
async fn fetch(context: &Context, principal: &Principal, id: &InteractionId) -> Result<Job, Problem> {
    let (ws, job) = (&principal.workspace, JobId::of_recording(id));
    for _ in 0..TRIES {
        let (asked, now) = (principal.act.clone(), context.now());
        let (job, write): (Job, fn(Job) -> Write) = match context.store.job(ws, &job).await? {
            None => {
                let kind = JobKind::FetchRecording { interaction: id.clone() };
                (Job::queued(job.clone(), kind, None, asked, now), Write::CreateJob)
            }
            Some(under_way) if under_way.status.is_open() => return Ok(under_way),
            Some(over) => {
                check_rested(&over, now)?;
                (over.again(asked, now), Write::AdvanceJob)
            }
        };
        match context.store.commit(ws, &Transaction::of(write(job.clone()))).await {
            Ok(()) => {
                begin(context, ws, &job.id).await;
                return Ok(job);
            }
            // Somebody else has asked in this moment.
            Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::contended())
}

/// Tells of a fetch that was given up a moment ago, instead of beginning another one.
fn check_rested(over: &Job, now: Timestamp) -> Result<(), Problem> {
    let rests_until = over.finished_at.map(|at| at.plus_ms(GIVEN_UP_MS));
    match &over.error {
        Some(error) if over.status == JobStatus::Failed && rests_until.is_some_and(|until| now < until) => {
            Err(Problem::new(Code::RecordingNotFetched, error))
        }
        _ => Ok(()),
    }
}
