//! Reading one file from where it stands to its end, or to the deadline.

use std::collections::BTreeSet;

use carillon_adapters::files::FilesError;
use carillon_adapters::queue::Message;
use carillon_domain::base::ids::{ImportId, WorkspaceId};
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::importing::{ColumnMap, HeaderError, ImportDefaults, bare_digits, numbers_in_disguise};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::import::{Import, ImportOptions, ImportStatus, ImportTarget};
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, body};
use carillon_runtime::messages::ContinueImport;
use carillon_runtime::services::file_rows::{BegunFile, FileRows, beginning};
use carillon_runtime::services::mappings;
use carillon_sheets::{Beginning, Checkpoint, Record};

use crate::chunk::{self, ROWS_PER_CHUNK};
use crate::ending::{fail, finish, settle};
use crate::error::ImportError;
use crate::target;

/// How often in a row an import may be interrupted at the same row; the next time, some two and a half hours after the
/// first, it is given up.
const MAX_FAILURES: u32 = 20;
/// How long an interrupted import rests the first time; each further time twice as long.
const FIRST_REST_MS: i64 = 15 * SECOND_MS;
const LONGEST_REST_MS: i64 = 10 * MINUTE_MS;

/// Goes on with an import. What may pass is tried again, for some hours; what lasts ends the import with its reason,
/// and never holds its campaign open.
pub(crate) async fn run(
    context: &Context,
    message: &ContinueImport,
    deadline: Timestamp,
) -> Result<(), ImportError> {
    let ContinueImport { workspace: ws, target, import, .. } = message;
    let error = match go_on(context, ws, target, import, deadline).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    tracing::warn!(%import, failures = message.failures, error = %Chain(&error), "an import was interrupted");
    // Where the table does not answer this either, nothing is known of progress.
    let stored = context.store.import(ws, target, import).await.unwrap_or_default();
    let last_row = stored.as_ref().map_or(message.last_row, |stored| stored.progress.last_row);
    let failures = if last_row == message.last_row { message.failures } else { 0 };
    let is_lasting =
        matches!(error, ImportError::Files(FilesError::NotFound { .. }) | ImportError::Unreadable(_));
    let is_given_up = |import: &Import| !import.status.is_over() && (is_lasting || failures >= MAX_FAILURES);
    if let Some(import) = stored.filter(is_given_up) {
        let has_rows = import.status == ImportStatus::Running;
        match fail(context, ws, import, error.to_string(), has_rows).await {
            Ok(()) => return Ok(()),
            Err(error) => tracing::warn!(error = %Chain(&error), "an import could not be given up"),
        }
    }
    let again = ContinueImport { failures: failures.saturating_add(1), last_row, ..message.clone() };
    Ok(context.queues.import.send(&[Message::after(rest_ms(failures), body(&again))]).await?)
}

/// How long an import rests that was interrupted so often before.
fn rest_ms(failures: u32) -> i64 {
    2_i64.saturating_pow(failures).saturating_mul(FIRST_REST_MS).min(LONGEST_REST_MS)
}

async fn go_on(
    context: &Context,
    ws: &WorkspaceId,
    target: &ImportTarget,
    id: &ImportId,
    deadline: Timestamp,
) -> Result<(), ImportError> {
    let Some(import) = context.store.import(ws, target, id).await? else { return Ok(()) };
    let is_fresh = import.progress.rows == 0;
    let has_rows = import.status == ImportStatus::Running;
    let (mut import, beginning) = match import.status {
        ImportStatus::Completed => return target::close(context, ws, &import).await,
        ImportStatus::Failed => return settle(context, ws, import).await,
        ImportStatus::Running if is_fresh => {
            let beginning = begun(context, &import).await?;
            (import, Some(beginning))
        }
        ImportStatus::Running => (import, None),
        ImportStatus::AwaitingFile => {
            let columns = mappings::told(context, ws, &import.options).await?;
            let columns = columns.map_err(|none| ImportError::Unreadable(none.to_string()))?;
            let import = Import { options: ImportOptions { columns, ..import.options }, ..import };
            let beginning = begun(context, &import).await?;
            let Some(begun) = begin(context, ws, import, &beginning).await? else { return Ok(()) };
            (begun, Some(beginning))
        }
    };
    let terms = match target::open(context, ws, &import).await? {
        Ok(terms) => terms,
        Err(reason) => return fail(context, ws, import, reason, has_rows).await,
    };
    let Some(workspace) = context.store.workspace(ws).await? else { return Ok(()) };
    let defaults = ImportDefaults {
        default_country: import.options.default_country.or(terms.defaults.default_country),
        allowed: workspace.allowed_number_classes,
        now: context.now(),
        ..terms.defaults
    };
    let map = match ColumnMap::sketched(&import.headers, &import.options.columns) {
        Err(error) => return fail(context, ws, import, error.to_string(), has_rows).await,
        Ok(map) => map,
    };
    // The first run asks what digits without + are; those after it keep to the answer.
    if let Some(beginning) = &beginning {
        let cells = beginning.cells();
        let disguised = numbers_in_disguise(&map, &cells, defaults.default_country);
        let notices = map.notices().iter().chain(&disguised).map(ToString::to_string);
        import.notices = notices.chain(beginning.notices.iter().cloned()).collect();
        import.bare_digits = match bare_digits(&map, &cells, defaults.default_country) {
            Ok(digits) => digits,
            Err(question) => return fail(context, ws, import, question.to_string(), has_rows).await,
        };
    }
    if !map.has_phone() {
        let error = HeaderError::NoPhone { seen: import.headers.clone() };
        return fail(context, ws, import, error.to_string(), has_rows).await;
    }
    let map = map.with_bare_digits(&import.bare_digits);
    let on_duplicate = import.options.on_duplicate.unwrap_or(terms.on_duplicate);
    let reader = Reading { defaults, map, on_duplicate, lists: terms.lists };
    read_rows(context, ws, &reader, import, deadline).await
}

/// What its file begins with.
async fn begun(context: &Context, import: &Import) -> Result<Beginning, ImportError> {
    let ImportOptions { sheet, columns, .. } = &import.options;
    let file = (import.file_key.as_str(), import.file_name.as_str());
    Ok(beginning(context, file, sheet.as_deref(), columns.clone()).await?)
}

/// The rows that it has not read yet.
async fn rest(context: &Context, import: &Import) -> Result<FileRows, ImportError> {
    let file = BegunFile {
        key: &import.file_key,
        format: import.format,
        headers: &import.headers,
        sheet: import.options.sheet.as_deref(),
        size_bytes: import.size_bytes,
    };
    let from = Checkpoint { position: import.progress.position_bytes, row: import.progress.last_row + 1 };
    Ok(FileRows::open(context, file, from).await?)
}

/// Notes the import as running, with what its file begins with. None if another run was faster.
async fn begin(
    context: &Context,
    ws: &WorkspaceId,
    import: Import,
    beginning: &Beginning,
) -> Result<Option<Import>, ImportError> {
    let mut next = Import {
        version: import.version + 1,
        status: ImportStatus::Running,
        format: beginning.format,
        delimiter: beginning.delimiter,
        headers: beginning.headers.clone(),
        size_bytes: context.files.size(&import.file_key).await?,
        updated_at: context.now(),
        ..import
    };
    mappings::fill_in(context, ws, &mut next.options, &next.headers).await?;
    next.options.sheet = beginning.sheet.clone().or(next.options.sheet);
    next.progress.position_bytes = beginning.next.position;
    next.progress.last_row = beginning.next.row.saturating_sub(1);
    Ok(context.store.update_import(ws, &next).await?.then_some(next))
}

/// How the rows of a file are read.
pub(crate) struct Reading {
    defaults: ImportDefaults,
    map: ColumnMap,
    pub(crate) on_duplicate: OnDuplicate,
    /// The do-not-call lists that the campaign names.
    pub(crate) lists: BTreeSet<ListName>,
}

async fn read_rows(
    context: &Context,
    ws: &WorkspaceId,
    reading: &Reading,
    mut import: Import,
    deadline: Timestamp,
) -> Result<(), ImportError> {
    let mut source = rest(context, &import).await?;
    let mut rows: Vec<Record> = Vec::new();
    let mut zones = BTreeSet::new();
    loop {
        let more = source.next().await?;
        let is_end = more.is_none();
        rows.extend(more.unwrap_or_default());
        while rows.len() >= ROWS_PER_CHUNK || (is_end && !rows.is_empty()) {
            let taken: Vec<_> = rows.drain(..rows.len().min(ROWS_PER_CHUNK)).collect();
            let chunk = chunk::read(&import, &reading.map, &reading.defaults, &taken);
            import = match chunk::write(context, ws, import, chunk, reading, &mut zones).await? {
                Some(advanced) => advanced,
                // Another run of this import was faster, and goes on.
                None => return Ok(()),
            };
            if context.now() >= deadline && !(is_end && rows.is_empty()) {
                let later = ContinueImport {
                    workspace: ws.clone(),
                    target: import.target,
                    import: import.id,
                    failures: 0,
                    last_row: 0,
                };
                return Ok(context.queues.import.send(&[Message::now(body(&later))]).await?);
            }
        }
        if is_end {
            return finish(context, ws, import).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_to_the_longest() {
        let rests = [0, 1, 5, 6, MAX_FAILURES, u32::MAX].map(|failures| rest_ms(failures) / SECOND_MS);
        assert_eq!(rests, [15, 30, 480, 600, 600, 600]);
    }
}
