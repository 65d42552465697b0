//! Copying the recording of a call from its provider into the bucket, piece by piece: for somebody who wants to hear it,
//! or because its campaign keeps recordings.

use carillon_adapters::provider::InquiryError;
use carillon_adapters::voice::Download;
use carillon_domain::base::ids::{InteractionId, WorkspaceId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::policy::recording_retention::RecordingClass;
use carillon_domain::records::job::{Job, JobCounts};
use carillon_domain::records::recording::{Recording, RecordingCopy, SETTLES_WITHIN_MS};
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, provider_key_name};
use carillon_runtime::messages::CopyRecording;
use carillon_runtime::services::recordings::{self, Known, file_key};

use crate::error::JobError;
use crate::{Step, end, give_up};

/// How often it is asked again for a recording that may not be put together yet, in milliseconds.
const NOT_YET_AGAIN_MS: i64 = MINUTE_MS;
/// How long a copy that nobody waits for rests after a failure, in milliseconds; and how often it is tried, for two hours
/// in all.
const COPY_AGAIN_MS: i64 = 15 * MINUTE_MS;
const COPY_TRIES: u32 = 8;

/// What the provider says is no outage: these are not worth another try.
const OUTAGES_AMONG_REFUSALS: [u16; 2] = [408, 429];

/// What came of fetching a recording.
enum Fetched {
    Copied,
    /// The provider may still be putting it together.
    NotYet,
    /// The provider has none.
    Missing,
    /// Another try would end the same.
    Impossible(String),
}

/// A recording that somebody has asked for.
pub(crate) async fn step(
    context: &Context,
    ws: &WorkspaceId,
    job: &Job,
    id: &InteractionId,
) -> Result<Step, JobError> {
    match fetch(context, ws, id).await? {
        Fetched::Copied => {
            let counts = JobCounts { done: 1, refused: 0, total: Some(1) };
            end(context, ws, &Job { counts, ..job.completed(context.now()) }).await
        }
        Fetched::NotYet => Ok(Step::Later { delay_ms: NOT_YET_AGAIN_MS }),
        Fetched::Missing => give_up(context, ws, job, "the provider has no recording of this call").await,
        Fetched::Impossible(why) => give_up(context, ws, job, &why).await,
    }
}

/// A recording that its campaign keeps. Nobody waits for it, and whoever wants to hear it has it fetched: so what fails
/// is tried again for a while, and then left.
pub(crate) async fn copy(context: &Context, message: CopyRecording) -> Result<(), JobError> {
    let CopyRecording { workspace: ws, copy_recording_of: id, tries } = &message;
    let why = match fetch(context, ws, id).await {
        Ok(Fetched::Copied | Fetched::Missing) => return Ok(()),
        Ok(Fetched::Impossible(why)) => {
            tracing::warn!(interaction = %id, why, "a recording is not copied");
            return Ok(());
        }
        Ok(Fetched::NotYet) => "the provider has none yet".to_owned(),
        Err(error) => Chain(&error).to_string(),
    };
    let tries = tries + 1;
    if tries >= COPY_TRIES {
        tracing::error!(interaction = %id, why, "a recording is not copied before somebody asks for it");
        return Ok(());
    }
    tracing::warn!(interaction = %id, why, "a recording is not copied yet");
    Ok(context.send_copy(&CopyRecording { tries, ..message.clone() }, COPY_AGAIN_MS).await?)
}

/// Sees to it that there is a copy. Two that do it at once write the same file.
async fn fetch(context: &Context, ws: &WorkspaceId, id: &InteractionId) -> Result<Fetched, JobError> {
    let impossible = |why: &str| Ok(Fetched::Impossible(why.to_owned()));
    let Some(call) = context.store.interaction(ws, id).await? else {
        return impossible("the call is deleted");
    };
    let (Some(record), Some(ended_at)) = (&call.provider_record, call.ended_at) else {
        return impossible("nobody knows where the provider has the call");
    };
    match recordings::known(context, ws, id).await? {
        Known::Copied { .. } => return Ok(Fetched::Copied),
        Known::Missing => return Ok(Fetched::Missing),
        Known::Nothing => {}
    }
    let Some(campaign) = context.store.campaign(ws, &call.campaign).await? else {
        return impossible("the campaign is deleted");
    };
    let provider = record.provider;
    let Some(key) = context.secrets.get(&provider_key_name(ws, provider)).await? else {
        return Ok(Fetched::Impossible(format!(
            "the API key of {provider} is not set (PUT /secrets/{provider})"
        )));
    };
    let copied_at = context.now();
    let class = RecordingClass::of(campaign.spec.recording_retention, ended_at, copied_at);
    let taken = match context.voice.recording(record, key.expose()).await {
        Ok(None) => None,
        Ok(Some(download)) => {
            let copy = RecordingCopy { class, format: download.format(), copied_at };
            take(context, &file_key(ws, id, &copy), download).await?.map(|taken| taken.map(|()| copy))
        }
        Err(error) => Some(Err(error)),
    };
    match taken {
        None => missing(context, ws, id, ended_at).await,
        Some(Ok(copy)) => keep(context, ws, id, copy).await,
        Some(Err(error)) if is_final(&error) => Ok(Fetched::Impossible(error.to_string())),
        Some(Err(error)) => Err(error.into()),
    }
}

/// Writes a recording as it comes; none if it is empty. What the provider breaks off is no file.
async fn take(
    context: &Context,
    key: &str,
    mut download: Download,
) -> Result<Option<Result<(), InquiryError>>, JobError> {
    let mut file = context.files.create(key).await?;
    let mut is_empty = true;
    loop {
        match download.chunk().await {
            Ok(Some(bytes)) => {
                is_empty &= bytes.is_empty();
                file.push(bytes).await?;
            }
            Ok(None) if is_empty => return Ok(None),
            Ok(None) => return Ok(Some(Ok(file.finish().await?))),
            Err(error) => return Ok(Some(Err(error))),
        }
    }
}

/// Notes that there is a copy. The campaign may have been deleted meanwhile, with all that was known of its recordings.
async fn keep(
    context: &Context,
    ws: &WorkspaceId,
    id: &InteractionId,
    copy: RecordingCopy,
) -> Result<Fetched, JobError> {
    let file = file_key(ws, id, &copy);
    context.store.keep_recording(ws, id, &Recording::Copied(copy)).await?;
    let call = context.store.interaction(ws, id).await?;
    if call.is_none_or(|call| call.provider_record.is_none()) {
        context.files.remove(&file).await?;
        return Ok(Fetched::Impossible("the campaign is deleted".to_owned()));
    }
    Ok(Fetched::Copied)
}

/// The provider has none: now, if the call has only just ended.
async fn missing(
    context: &Context,
    ws: &WorkspaceId,
    id: &InteractionId,
    ended_at: Timestamp,
) -> Result<Fetched, JobError> {
    let asked_at = context.now();
    if asked_at < ended_at.plus_ms(SETTLES_WITHIN_MS) {
        return Ok(Fetched::NotYet);
    }
    context.store.keep_recording(ws, id, &Recording::Missing { asked_at }).await?;
    Ok(Fetched::Missing)
}

/// Whether the same would be answered again.
fn is_final(error: &InquiryError) -> bool {
    match error {
        InquiryError::Refused { status, .. } => {
            (400..500).contains(status) && !OUTAGES_AMONG_REFUSALS.contains(status)
        }
        InquiryError::NoId
        | InquiryError::NobodyToAsk
        | InquiryError::NoRecording(_)
        | InquiryError::RecordingTooLarge
        | InquiryError::ForbiddenLink(_)
        | InquiryError::NoAgent
        | InquiryError::BadCredentials => true,
        InquiryError::Unanswered(_)
        | InquiryError::Unreadable(_)
        | InquiryError::TooLong
        | InquiryError::NoCursor
        | InquiryError::TooMany => false,
    }
}
