//! Reads what a file begins with.

use std::collections::BTreeMap;

use carillon_adapters::files::FilesError;
use carillon_sheets::json::KeyScan;
use carillon_sheets::workbook::{MAX_WORKBOOK_BYTES, Workbook, WorkbookError};
use carillon_sheets::{Beginning, FileKind, HEAD_BYTES};
use tokio::task::spawn_blocking;

use super::FileRowsError;
use crate::context::Context;

/// What a file begins with; `columns` says what some of them mean. Of JSON it takes a look at the whole file: any
/// object may have a key that no other has.
///
/// # Errors
/// [`FileRowsError::Unreadable`] if it is no file of rows.
pub async fn beginning(
    context: &Context,
    (key, name): (&str, &str),
    sheet: Option<&str>,
    columns: BTreeMap<String, String>,
) -> Result<Beginning, FileRowsError> {
    let head = head(context, key).await?;
    let is_whole = head.len() < HEAD_BYTES;
    let kind = FileKind::of(&head, name);
    Ok(match kind.map_err(|foreign| FileRowsError::Unreadable(foreign.to_string()))? {
        FileKind::Csv(dialect) => Beginning::of_csv(dialect, &head, is_whole)?,
        FileKind::Json => Beginning::of_json(keys(context, key).await?, &head, is_whole)?,
        FileKind::Workbook | FileKind::OldWorkbook => {
            let mut workbook = open_workbook(context, key).await?;
            let sheet = sheet.map(ToOwned::to_owned);
            let begin = move || Beginning::of_workbook(&mut workbook, sheet.as_deref(), &columns);
            spawn_blocking(begin).await.map_err(|_| broke_off())??
        }
    })
}

/// The first bytes of a file: enough to tell what it is, and to hold a header.
pub(super) async fn head(context: &Context, key: &str) -> Result<Vec<u8>, FilesError> {
    let mut reader = context.files.open(key, 0).await?;
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES
        && let Some(bytes) = reader.chunk().await?
    {
        head.extend(bytes);
    }
    Ok(head)
}

/// The keys of all objects of a file.
async fn keys(context: &Context, key: &str) -> Result<Vec<String>, FileRowsError> {
    let mut reader = context.files.open(key, 0).await?;
    let mut scan = KeyScan::default();
    while let Some(bytes) = reader.chunk().await? {
        scan.push(&bytes, false);
    }
    scan.push(&[], true);
    Ok(scan.headers().map_err(carillon_sheets::Unreadable::from)?)
}

/// A workbook, the whole of it.
///
/// # Errors
/// [`FileRowsError::Unreadable`] above [`MAX_WORKBOOK_BYTES`].
pub(super) async fn open_workbook(context: &Context, key: &str) -> Result<Workbook, FileRowsError> {
    let bytes = context.files.size(key).await?;
    if bytes > MAX_WORKBOOK_BYTES {
        return Err(WorkbookError::TooLarge { bytes, limit_bytes: MAX_WORKBOOK_BYTES }.into());
    }
    let mut reader = context.files.open(key, 0).await?;
    let mut whole = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    while let Some(bytes) = reader.chunk().await? {
        whole.extend(bytes);
    }
    Ok(spawn_blocking(move || Workbook::open(whole)).await.map_err(|_| broke_off())??)
}

/// The reader of workbooks met something that it does not expect.
pub(super) fn broke_off() -> FileRowsError {
    WorkbookError::Damaged("something unexpected is in it".to_owned()).into()
}
