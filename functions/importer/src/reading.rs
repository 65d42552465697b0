//! Reading one file from where it stands to its end, or to the deadline.

use std::collections::BTreeSet;

use carillon_adapters::files::FilesError;
use carillon_adapters::queue::Message;
use carillon_domain::base::ids::{CampaignId, ImportId, WorkspaceId};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::importing::{ColumnMap, ImportDefaults, bare_digits, foreign_file};
use carillon_domain::records::campaign::{Campaign, OnDuplicate};
use carillon_domain::records::import::{Import, ImportStatus};
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, body};
use carillon_runtime::messages::ContinueImport;
use carillon_runtime::services::lifecycle::{self, LifecycleError};

use crate::chunk::{self, ROWS_PER_CHUNK};
use crate::csv::{Checkpoint, DETECT_BYTES, Dialect, Record, SheetParser};
use crate::error::ImportError;

/// How often in a row an import may be interrupted before it is given up.
const MAX_FAILURES: u32 = 20;
/// How long an interrupted import rests, in milliseconds.
const AFTER_FAILURE_MS: i64 = 15 * SECOND_MS;

/// Goes on with an import. What may pass is tried again soon, so often; what lasts ends the import
/// with its reason, and never holds its campaign open.
pub(crate) async fn run(
    context: &Context,
    message: &ContinueImport,
    deadline: Timestamp,
) -> Result<(), ImportError> {
    let ContinueImport { workspace, campaign, import, failures } = message;
    let error = match go_on(context, workspace, campaign, import, deadline).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    tracing::warn!(%import, failures, error = %Chain(&error), "an import was interrupted");
    let is_gone = matches!(error, ImportError::Files(FilesError::NotFound { .. }));
    if is_gone || *failures >= MAX_FAILURES {
        let Some(import) = context.store.import(workspace, campaign, import).await? else { return Ok(()) };
        return fail(context, workspace, import, error.to_string()).await;
    }
    let again = ContinueImport { failures: failures + 1, ..message.clone() };
    Ok(context.queues.import.send(&[Message::after(AFTER_FAILURE_MS, body(&again))]).await?)
}

async fn go_on(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    id: &ImportId,
    deadline: Timestamp,
) -> Result<(), ImportError> {
    let Some(import) = context.store.import(ws, campaign, id).await? else { return Ok(()) };
    let mut import = match import.status {
        ImportStatus::Completed | ImportStatus::Failed => return close(context, ws, &import).await,
        ImportStatus::AwaitingFile => match begin(context, ws, import).await? {
            Some(begun) => begun,
            None => return Ok(()),
        },
        ImportStatus::Running => import,
    };
    if let Some(reason) = import.error.clone() {
        return fail(context, ws, import, reason).await;
    }
    let opened = open(context, ws, &import).await?;
    let campaign = match opened {
        Ok(campaign) => campaign,
        Err(reason) => return fail(context, ws, import, reason).await,
    };
    let Some(workspace) = context.store.workspace(ws).await? else { return Ok(()) };
    let defaults = ImportDefaults {
        default_country: campaign.spec.default_country,
        allowed: workspace.allowed_number_classes,
        time_zone: campaign.spec.time_zone,
        now: context.now(),
    };
    let map = match ColumnMap::mapped(&import.headers, &import.columns) {
        Err(error) => return fail(context, ws, import, error.to_string()).await,
        Ok(map) => map,
    };
    // The first run asks what digits without + are; those after it keep to the answer.
    if import.progress.rows == 0 {
        let sample = sample(context, &import).await?;
        import.bare_digits = match bare_digits(&map, &sample, defaults.default_country) {
            Ok(digits) => digits,
            Err(question) => return fail(context, ws, import, question.to_string()).await,
        };
        import.notices = map.notices().iter().map(ToString::to_string).collect();
    }
    let map = map.with_bare_digits(&import.bare_digits);
    let on_duplicate = import.on_duplicate.unwrap_or(campaign.spec.on_duplicate);
    let reader = Reading { defaults, map, on_duplicate };
    read_rows(context, ws, &reader, import, deadline).await
}

/// Reads the header, and notes the import as running. None if another run was faster.
async fn begin(context: &Context, ws: &WorkspaceId, import: Import) -> Result<Option<Import>, ImportError> {
    let head = read_head(context, &import.file_key).await?;
    let dialect = Dialect::detect(&head);
    let mut parser = SheetParser::new(dialect);
    let first = parser.push(&head, head.len() < DETECT_BYTES).into_iter().next();
    let mut next = Import {
        version: import.version + 1,
        status: ImportStatus::Running,
        delimiter: char::from(dialect.delimiter),
        size_bytes: context.files.size(&import.file_key).await?,
        updated_at: context.now(),
        ..import
    };
    if let Some(foreign) = foreign_file(&head) {
        next.error = Some(foreign.to_string());
    } else if let Some(header) = first {
        next.error = header
            .fields
            .as_ref()
            .err()
            .map(|malformed| format!("the header can't be read: {}", malformed.fault));
        next.headers = header.text().to_vec();
        next.progress.position_bytes = header.next.position;
        next.progress.last_row = header.next.row.saturating_sub(1);
    }
    Ok(context.store.update_import(ws, &next).await?.then_some(next))
}

/// The first rows of a file behind its header.
async fn sample(context: &Context, import: &Import) -> Result<Vec<Vec<String>>, FilesError> {
    let head = read_head(context, &import.file_key).await?;
    let rows = SheetParser::new(Dialect::detect(&head)).push(&head, head.len() < DETECT_BYTES);
    Ok(rows.into_iter().skip(1).filter_map(|row| row.fields.ok()).collect())
}

/// The first bytes of a file: enough to tell its dialect and to hold its header.
async fn read_head(context: &Context, key: &str) -> Result<Vec<u8>, FilesError> {
    let mut reader = context.files.open(key, 0).await?;
    let mut head = Vec::new();
    while head.len() < DETECT_BYTES
        && let Some(bytes) = reader.chunk().await?
    {
        head.extend(bytes);
    }
    Ok(head)
}

/// Marks the campaign as being fed, which reopens it if it had completed. Answers with the reason
/// if it takes no leads any more.
async fn open(
    context: &Context,
    ws: &WorkspaceId,
    import: &Import,
) -> Result<Result<Campaign, String>, ImportError> {
    let mark = |campaign: &mut Campaign| {
        campaign.open_imports.insert(import.id.clone());
    };
    match lifecycle::feed(context, ws, &import.campaign, None, mark).await {
        Ok(campaign) => Ok(Ok(campaign)),
        Err(LifecycleError::NotFound(id)) => Ok(Err(format!("there is no campaign {id}"))),
        Err(LifecycleError::NotAllowed(refusal)) => {
            Ok(Err(format!("the campaign takes no leads any more: {refusal}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// How the rows of a file are read.
struct Reading {
    defaults: ImportDefaults,
    map: ColumnMap,
    on_duplicate: OnDuplicate,
}

async fn read_rows(
    context: &Context,
    ws: &WorkspaceId,
    Reading { defaults, map, on_duplicate }: &Reading,
    mut import: Import,
    deadline: Timestamp,
) -> Result<(), ImportError> {
    let head = read_head(context, &import.file_key).await?;
    let from = Checkpoint { position: import.progress.position_bytes, row: import.progress.last_row + 1 };
    let mut parser = SheetParser::resume(Dialect::detect(&head), from);
    let mut reader = context.files.open(&import.file_key, from.position).await?;
    let mut rows: Vec<Record> = Vec::new();
    let mut zones = BTreeSet::new();
    loop {
        let bytes = reader.chunk().await?;
        let is_end = bytes.is_none();
        rows.extend(parser.push(&bytes.unwrap_or_default(), is_end));
        while rows.len() >= ROWS_PER_CHUNK || (is_end && !rows.is_empty()) {
            let taken: Vec<_> = rows.drain(..rows.len().min(ROWS_PER_CHUNK)).collect();
            let chunk = chunk::read(&import, map, defaults, &taken, context.now());
            import = match chunk::write(context, ws, import, chunk, *on_duplicate, &mut zones).await? {
                Some(advanced) => advanced,
                // Another run of this import was faster, and goes on.
                None => return Ok(()),
            };
            if context.now() >= deadline && !(is_end && rows.is_empty()) {
                let later = ContinueImport {
                    workspace: ws.clone(),
                    campaign: import.campaign,
                    import: import.id,
                    failures: 0,
                };
                return Ok(context.queues.import.send(&[Message::now(body(&later))]).await?);
            }
        }
        if is_end {
            return finish(context, ws, import).await;
        }
    }
}

async fn finish(context: &Context, ws: &WorkspaceId, import: Import) -> Result<(), ImportError> {
    let now = context.now();
    let done = Import {
        version: import.version + 1,
        status: ImportStatus::Completed,
        updated_at: now,
        finished_at: Some(now),
        ..import
    };
    context.store.update_import(ws, &done).await?;
    close(context, ws, &done).await
}

async fn fail(
    context: &Context,
    ws: &WorkspaceId,
    import: Import,
    reason: String,
) -> Result<(), ImportError> {
    let now = context.now();
    let failed = Import {
        version: import.version + 1,
        status: ImportStatus::Failed,
        error: Some(reason),
        updated_at: now,
        finished_at: Some(now),
        ..import
    };
    context.store.update_import(ws, &failed).await?;
    close(context, ws, &failed).await
}

/// Marks the campaign as not being fed by this import any more.
async fn close(context: &Context, ws: &WorkspaceId, import: &Import) -> Result<(), ImportError> {
    let Some(campaign) = context.store.campaign(ws, &import.campaign).await? else { return Ok(()) };
    if !campaign.open_imports.contains(&import.id) {
        return Ok(());
    }
    lifecycle::change(context, ws, &import.campaign, None, |campaign| {
        let mut next = Campaign { version: campaign.version + 1, ..campaign.clone() };
        next.open_imports.remove(&import.id);
        Ok::<_, LifecycleError>(next)
    })
    .await?;
    Ok(())
}
